"""Runs: one run's file, the folder that holds them, what a run proves."""
