"""Pulls what the sources say into the knowledge base's files; one module a source."""


class SourceFailed(Exception):
    """A source that could not be read, or says what cannot be true; one line, with the remedy."""
