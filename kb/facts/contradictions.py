"""Work out which claims about a series cannot both hold. Each names both sides."""

from collections.abc import Iterator

from kb.base.model import OfficialRow, Platform, SeriesFile
from kb.base.record import Record
from kb.base.versions import agree, spans
from kb.facts import official
from kb.facts.claims import Published, offered, published, row_source, toolkit


class Claim(Record):
    """What one source says, in words."""

    source: str
    says: str


class Contradiction(Record):
    """Claims about one thing, of one release and the platforms named, that cannot all hold."""

    release: str
    platforms: tuple[Platform, ...]
    about: str
    claims: tuple[Claim, ...]


def contradictions(series: SeriesFile) -> tuple[Contradiction, ...]:
    """Return every contradiction among the claims about a series, in the order of its files."""
    everything = tuple(published(series))
    found: dict[tuple[str, str], Contradiction] = {}
    for one in _all(series, everything):
        before = found.setdefault((one.release, one.about), one)
        more = tuple(claim for claim in one.claims if claim not in before.claims)
        found[one.release, one.about] = before._replace(claims=before.claims + more)
    return tuple(found.values())


def _all(series: SeriesFile, everything: tuple[Published, ...]) -> Iterator[Contradiction]:
    yield from _rows_that_differ(series)
    for row in series.official:
        yield from _against_index(series, everything, row)
    for one in everything:
        yield from _shim(one)
        yield from _extra(series, one)


def _rows_that_differ(series: SeriesFile) -> Iterator[Contradiction]:
    """Yield where the page lists a release twice and says two things of it."""
    first: dict[tuple[str, str], OfficialRow] = {}
    for row in series.official:
        other = first.setdefault((row.table, row.version), row)
        if other != row:
            yield Contradiction(
                official.release(row),
                official.platforms(row),
                f"{row.version} stands twice in the table {row.table}",
                tuple(
                    Claim(row_source(one).id, f"Python {one.python}, {one.build_tools}")
                    for one in (other, row)
                ),
            )


def _against_index(
    series: SeriesFile, everything: tuple[Published, ...], row: OfficialRow
) -> Iterator[Contradiction]:
    distribution, release = official.distribution(row), official.release(row)
    name = f"{distribution} {release}"
    says = row_source(row).id
    same = [
        one
        for one in everything
        if one.release.distribution == distribution and one.release.release == release
    ]
    here = [one for one in same if one.build.platform in official.platforms(row)]
    if not here:
        where = "" if not same else f" for {official.platforms(row)[0].partition('-')[0]}"
        yield Contradiction(
            release,
            official.platforms(row),
            f"whether {name} exists{where}",
            (
                Claim(says, f"lists it, table {row.table}"),
                Claim(f"index:{distribution}", f"has no wheel of it{where}"),
            ),
        )
        return
    yield from _pythons(row, here, name)
    if official.device(row) == "cuda":
        for one in here:
            yield from _cuda(series, one, row, name)


def _pythons(row: OfficialRow, here: list[Published], name: str) -> Iterator[Contradiction]:
    listed = official.pythons(row)
    shipped = {python for one in here for wheel in one.build.wheels for python in wheel.python}
    if "3" in shipped:
        return
    system = row.table.partition("-")[0]
    both = (
        Claim(row_source(row).id, f"lists Python {row.python}"),
        Claim(here[0].source().id, f"has wheels for Python {spans(sorted(shipped))}"),
    )
    if missing := [python for python in listed if python not in shipped]:
        about = f"{name} on {system}: Python {spans(missing)} has no wheel"
        yield Contradiction(official.release(row), official.platforms(row), about, both)
    if more := [python for python in shipped if python not in listed]:
        about = f"{name} on {system}: Python {spans(more)} is not listed"
        yield Contradiction(official.release(row), official.platforms(row), about, both)


def _cuda(
    series: SeriesFile, one: Published, row: OfficialRow, name: str
) -> Iterator[Contradiction]:
    page, wheel = row_source(row).id, one.source().id
    says = one.says()
    where = f"{name} on {one.build.platform}"
    if says.cuda_build is False:
        yield Contradiction(
            one.release.release,
            (one.build.platform,),
            f"{where}: whether it is a CUDA build",
            (
                Claim(page, f"lists it with CUDA {row.cuda}"),
                Claim(wheel, "says that it is no CUDA build"),
            ),
        )
        return
    tools = toolkit(series, one)
    for what, listed, built in (
        ("CUDA", row.cuda, tools.cuda_built),
        ("cuDNN", row.cudnn, tools.cudnn_built),
    ):
        if listed and built and not agree(listed, built):
            yield Contradiction(
                one.release.release,
                (one.build.platform,),
                f"{where}: which {what}",
                (
                    Claim(page, f"lists {what} {listed}"),
                    Claim(wheel, f"says that it was built with {what} {built}"),
                ),
            )


def _shim(one: Published) -> Iterator[Contradiction]:
    """Yield where a wheel without code offers what the wheel that it requires does not have."""
    shim = one.build.says.shim
    if shim is None:
        return
    own = set(offered(one.build))
    missing = sorted(own - set(one.pythons())) if one.code is not None else sorted(own)
    if missing:
        release = shim.specifier.exact
        yield Contradiction(
            one.release.release,
            (one.build.platform,),
            f"{one.release.distribution} {one.release.release} on {one.build.platform}: "
            f"Python {spans(missing)} gets no code",
            (
                Claim(one.source().id, f"has no code and requires {shim.name} {release}"),
                Claim(f"index:{shim.name}", f"has no wheel of {release} with code for them"),
            ),
        )


def _extra(series: SeriesFile, one: Published) -> Iterator[Contradiction]:
    """Yield where the extra and-cuda installs another cuDNN than the build was made with."""
    tools = toolkit(series, one)
    built, installed = tools.cudnn_built, tools.cudnn_installed
    if built and installed and not agree(built, installed):
        yield Contradiction(
            one.release.release,
            (one.build.platform,),
            f"{one.release.distribution} {one.release.release}: cuDNN of its extra and-cuda",
            (
                Claim(one.source().id, f"says that it was built with {built}"),
                Claim(one.source().id, f"requires {installed} under and-cuda"),
            ),
        )
