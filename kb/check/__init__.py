"""`check`: can what a project asks for work."""
