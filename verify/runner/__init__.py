"""Carries the recipe of one cell out, probes it, and says what was seen."""
