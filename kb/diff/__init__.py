"""`diff`: what changes for a user between two versions."""
