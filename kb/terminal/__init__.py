"""What every page for a terminal shares."""
