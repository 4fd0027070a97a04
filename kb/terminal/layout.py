"""Lay texts out for a terminal: wrapped lines, texts beside a label, lists, tables, counts."""

from collections.abc import Iterable, Sequence

from kb.terminal.style import Style

_MARGIN = 2


def wrapped(text: str, width: int, hanging: int = 0, torn: bool = False) -> list[str]:
    """Return a text as lines of at most `width` letters, the further ones indented by `hanging`.

    A word stays whole, to be copied, even where it is wider than a line; where `torn` is true,
    such a word is torn to fit.
    """
    if torn or "  " in text or text != text.strip() or not text.isprintable():
        from textwrap import wrap  # few texts need it, and it costs start-up

        return wrap(
            text,
            width,
            subsequent_indent=" " * hanging,
            break_long_words=torn,
            break_on_hyphens=False,
        )
    first, *rest = text.split(" ")
    lines = [first] if first else []
    for word in rest:
        if len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(" " * hanging + word)
    return lines


def indented(text: str, style: Style, indent: int = _MARGIN, torn: bool = False) -> list[str]:
    """Return a text as lines that are all indented."""
    return [" " * indent + line for line in wrapped(text, style.width - indent, torn=torn)]


def beside(head: str, text: str, column: int, style: Style, torn: bool = False) -> list[str]:
    """Return a text that starts in a column, behind a head which is as wide as that column."""
    first, *rest = wrapped(text, style.width - column, torn=torn) or [""]
    return [head + first, *(" " * column + line for line in rest)]


def field(label: str, text: str, column: int, style: Style, torn: bool = False) -> list[str]:
    """Return a text that starts in a column, behind its label."""
    padded = label.ljust(column - _MARGIN)
    head = " " * _MARGIN + (style.dim(padded) if label else padded)
    return beside(head, text, column, style, torn)


def fields(label: str, texts: Iterable[str], column: int, style: Style) -> list[str]:
    """Return texts below each other in a column, the label before the first of them."""
    lines: list[str] = []
    for text in texts:
        lines += field("" if lines else label, text, column, style)
    return lines


def table(rows: Sequence[Sequence[str]], style: Style) -> list[str]:
    """Return rows with their columns aligned; the first row names the columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [" " * _MARGIN + "  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    return [style.dim(lines[0]), *lines[1:]]


def counted(number: int, word: str) -> str:
    """Return a number of things in words: `1 error`, `2 errors`."""
    return f"{number} {word}{'' if number == 1 else 's'}"
