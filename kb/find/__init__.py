"""`find`: the newest release that fits a machine."""
