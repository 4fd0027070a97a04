"""`explain`: what an error message means, and what to do."""
