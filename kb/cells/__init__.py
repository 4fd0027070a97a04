"""What can be set up: recipes and their checks, their text for a shell, how sure each cell is."""
