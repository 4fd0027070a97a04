"""Proves cells by running them; so far it tells what a resolver finds."""
