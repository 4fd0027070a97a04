"""Carry what a recipe installs to a machine without a network: fetch, pack, cut, join."""
