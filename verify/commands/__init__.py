"""The commands of `python -m verify`."""
