"""Make what a user or a file gave fit for a line on a terminal."""

_SHOWN = 60


def printable(text: str) -> str:
    """Return a text with a space for each letter that could steer a terminal or cannot be shown."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else " " for letter in text)


def one_line(text: str, limit: int = 200) -> str:
    """Return a foreign text as one line that can be printed, cut where it is long."""
    return " ".join(printable(text).split())[:limit]


def shown(text: str, longest: int = _SHOWN) -> str:
    """Return what somebody gave as a message shows it: printable, and cut where it is long."""
    letters = "".join(filter(str.isprintable, text[: 2 * longest]))
    return letters if len(letters) <= longest else f"{letters[:longest]}..."
