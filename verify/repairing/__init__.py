"""Finds the fewest pins that make a broken cell pass."""
