"""Contradictions between sources, brought together: those of many releases are told once."""

from collections.abc import Iterable, Iterator

from kb.facts.claims import Contradiction, Statement

_RELEASE = "\0"  # where a release stands in what a contradiction is about


def alike(found: Iterable[Contradiction]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield what each contradiction is about, and who says what; those that differ in nothing but
    the release are told once.
    """
    releases: dict[tuple[str, tuple[tuple[str, str], ...]], list[str]] = {}
    for contradiction in found:
        about = contradiction.about.replace(contradiction.release, _RELEASE, 1)
        claims = tuple(map(_claim_line, contradiction.claims))
        releases.setdefault((about, claims), []).append(contradiction.release)
    for (about, claims), of in releases.items():
        yield about.replace(_RELEASE, ", ".join(of), 1), list(claims)


def _claim_line(claim: Statement) -> tuple[str, str]:
    kind, _, name = claim.source.partition(":")
    where, _, path = name.partition("/")
    if kind == "amd" and path:
        # two of AMD's pages for one ROCm tell different things: name the table
        where = f"{where} {path.rpartition('/')[2].removesuffix('.html')}"
    return "page" if kind in ("official", "amd") else kind, f"{where} {claim.says}"
