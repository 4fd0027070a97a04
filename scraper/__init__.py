"""Pulls what the sources say into the knowledge base's files; one module a source."""
