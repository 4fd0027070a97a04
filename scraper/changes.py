"""Tell in words what a scrape changes, one line a change."""

from kb.base.model import InstallPage, OfficialRow, Release
from kb.base.record import Record
from scraper.merge import Known


class Changes(Record):
    """What a scrape adds, changes and removes, in words."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]

    def __bool__(self) -> bool:
        return any(self)

    def counted(self) -> str:
        """Return how many there are of each kind: `2 added, 1 changed, 0 removed`."""
        counts = zip(self, self._fields, strict=True)
        return ", ".join(f"{len(texts)} {verb}" for texts, verb in counts)


def between(before: Known, after: Known) -> Changes:
    """Compare two states of what the scraper writes."""
    old_rows, new_rows = _by_row(before), _by_row(after)
    old_releases, new_releases = _by_release(before), _by_release(after)
    added = [f"official {row}" for row in new_rows if row not in old_rows]
    added += [
        f"{name} ({_platforms(new_releases[name])})"
        for name in new_releases
        if name not in old_releases
    ]
    old_pages, new_pages = before.install_pages(), after.install_pages()
    added += [f"install page of {name}" for name in new_pages if name not in old_pages]
    removed = [f"official {row}" for row in old_rows if row not in new_rows]
    removed += [name for name in old_releases if name not in new_releases]
    changed = [
        f"official {name}: {_cells(old_rows[name], row)}"
        for name, row in new_rows.items()
        if name in old_rows and old_rows[name] != row
    ]
    changed += [
        f"{name}: {_parts(old_releases[name], release)}"
        for name, release in new_releases.items()
        if name in old_releases and old_releases[name] != release
    ]
    changed += [
        f"install page of {name}: {_cells(old_pages[name], page)}"
        for name, page in new_pages.items()
        if name in old_pages and old_pages[name] != page
    ]
    return Changes(tuple(added), tuple(changed), tuple(removed))


def _by_row(known: Known) -> dict[str, OfficialRow]:
    rows: dict[str, OfficialRow] = {}
    for row in known.rows():
        name = f"{row.table} {row.version}"
        rows[name if name not in rows else f"{name} (again)"] = row
    return rows


def _by_release(known: Known) -> dict[str, Release]:
    return {
        f"{release.distribution} {release.release}": release for release in known.all_releases()
    }


def _platforms(release: Release) -> str:
    return ", ".join(build.platform for build in release.builds) or "no wheel, only an sdist"


def _cells(old: OfficialRow | InstallPage, new: OfficialRow | InstallPage) -> str:
    return "; ".join(
        f"{name} {was or 'nothing'} is now {now or 'nothing'}"
        for name, was, now in zip(old._fields, old, new, strict=True)
        if was != now
    )


def _parts(old: Release, new: Release) -> str:
    parts = []
    before = {build.platform: build for build in old.builds}
    for build in new.builds:
        was = before.pop(build.platform, None)
        if was is None:
            parts.append(f"{build.platform} added")
            continue
        files = {wheel.file: wheel for wheel in was.wheels}
        for wheel in build.wheels:
            if wheel.file not in files:
                parts.append(f"wheel added {wheel.file}")
            elif files[wheel.file] != wheel:
                parts.append(f"wheel changed {wheel.file}")
        gone = set(files) - {wheel.file for wheel in build.wheels}
        parts += [f"wheel removed {file}" for file in sorted(gone)]
        if was.says != build.says:
            parts.append(f"{build.platform} read anew")
    parts += [f"{platform} removed" for platform in before]
    return "; ".join(parts) or "day or sdist"
