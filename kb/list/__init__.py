"""The question `list`: which series there are."""
