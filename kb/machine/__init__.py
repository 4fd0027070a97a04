"""What a machine and its environments are: looked at, never changed."""
