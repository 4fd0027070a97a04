"""What can go wrong, as exceptions; the commands turn each into one line and an exit status."""


class SourceFailed(Exception):
    """A source that could not be read, or says what cannot be true; one line, with the remedy."""
