"""What several questions ask for: what a version offers, what fits, what a message means."""
