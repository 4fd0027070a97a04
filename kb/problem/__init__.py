"""`problem`: a known problem, message or note, told whole."""
