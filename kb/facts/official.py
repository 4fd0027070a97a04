"""What a row of the tested build configurations means, and where it stands in public."""

from kb.base.model import Device, OfficialRow, Platform

_LINUX = "https://www.tensorflow.org/install/source#tested_build_configurations"
_WINDOWS = "https://www.tensorflow.org/install/source_windows#tested_build_configurations"
_PLATFORMS: dict[str, tuple[Platform, ...]] = {
    "linux": ("linux-x86_64",),
    "macos": ("macos-x86_64", "macos-arm64"),
    "windows": ("windows-x86_64",),
}


class InvalidRow(ValueError):
    """A row whose cells cannot all be meant."""


def release(row: OfficialRow) -> str:
    """Return the release that a row names: `2.10.0` for `tensorflow_gpu-2.10.0`."""
    return row.version.rpartition("-")[2]


def distribution(row: OfficialRow) -> str:
    """Return the distribution that a row names: `tensorflow-gpu` for `tensorflow_gpu-2.10.0`."""
    return row.version.rpartition("-")[0].replace("_", "-")


def platforms(row: OfficialRow) -> tuple[Platform, ...]:
    """Return the platforms that a row may be about: the tables of macOS do not tell which Macs."""
    return _PLATFORMS[row.table.partition("-")[0]]


def device(row: OfficialRow) -> Device:
    """Return the device that a row is about: `cpu` or `cuda`."""
    return "cuda" if row.table.endswith("gpu") else "cpu"


def source(row: OfficialRow) -> tuple[str, str]:
    """Return a row's source: its id and its public address."""
    address = _WINDOWS if row.table.startswith("windows") else _LINUX
    return f"official:{row.table}/{row.version}", address


def pythons(row: OfficialRow) -> tuple[str, ...]:
    """Return the Pythons that a row lists: `2.7, 3.5-3.7` is 2.7, 3.5, 3.6 and 3.7.

    Raises InvalidRow for a range that runs backwards or across major versions.
    """
    return pythons_in(row.python)


def pythons_in(text: str) -> tuple[str, ...]:
    """Return the Pythons that a list such as `2.7, 3.5-3.7` names; `3` names itself.

    Raises InvalidRow for a range that runs backwards or across major versions.
    """
    listed: list[str] = []
    for part in text.split(", "):
        if "." not in part:
            listed.append(part)
            continue
        first, _, last = part.partition("-")
        major, low = first.split(".")
        last_major, high = (last or first).split(".")
        if major != last_major or not int(low) <= int(high) <= 99:
            raise InvalidRow(f"{part!r} is no range of Pythons")
        listed += [f"{major}.{minor}" for minor in range(int(low), int(high) + 1)]
    return tuple(listed)
