"""`index.json`: all that `find` needs, worked out beforehand, for Python and for a browser alike.

`find` answers from it alone, so that each rule stands in one place: verdicts that need the
knowledge base are worked out here, and what is left is to look up, to compare dotted numbers and to
fill in words. Set-ups and checks are texts with places for the Python and the release, each kept
once: filled in, `{python}` and `{release}` give the very commands of the recipe. `setup_reasons`
tell, set-up by set-up, why it has a pin or a search path.

Rows are lists in the order of the fields that `fields` names. A GPU's name is looked up as
`kb.facts.gpu_names` does it: cut at `gpu_cut`, in lower case, with the patterns of `gpu_deleted`
taken out, it is a key in `gpus`, by compute capability. Nothing tells when the index was made.
"""

import json
from collections.abc import Mapping
from typing import Any

from kb.base.errors import DocumentError
from kb.base.model import Device, Line, Platform, Python, Trust, Url
from kb.base.record import Record
from kb.base.store import Store
from kb.base.versions import Kind
from kb.cells.rungs import Rung, Verdict
from kb.cells.sureness import MachineStanding, ToldBy, nowhere, on_machine


class CodeCounts(Record):
    """In how many objects of a wheel machine code serves a GPU, PTX has to be compiled, and nothing
    serves it; the first driver branch that compiles that PTX, and how many objects need it; and
    the same of objects of PTX alone, where theirs is newer.
    """

    native: int
    compiled: int
    without: int
    branch: str | None
    newest: int
    lone_branch: str | None
    lone: int

    @property
    def objects(self) -> int:
        """The number of all objects."""
        return self.native + self.compiled + self.without


class Code(Record):
    """Compute capabilities that a wheel has code for, and a verdict for each that there is.

    `counts` has what was counted in its objects, of which there are none where it was not read;
    `counted` tells for each capability, by a digit or a letter, the place in it.
    """

    native: tuple[str, ...]
    ptx: tuple[str, ...]
    verdicts: str
    objects: int
    counts: tuple[CodeCounts, ...]
    counted: str

    def counts_at(self, position: int) -> CodeCounts | None:
        """Return what was counted for the capability at a place in the list of those."""
        return self.counts[int(self.counted[position], 36)] if self.counted else None


class ToolkitFacts(Record):
    """A CUDA: the cuDNN beside it, whether recipes bring both, which CUDA on a machine serves in
    its place, the minimum drivers, the minimum compute capability that TensorFlow's page names, and
    a verdict for each compute capability. `patches` has those
    that ask for different drivers, the newest first: the patch, its drivers for Linux and Windows.
    """

    cuda: str | None
    cudnn: str | None
    brings: bool
    least: str | None
    below: str | None
    linux: str | None
    windows: str | None
    wsl2: str | None
    patches: tuple[tuple[str, str, str], ...]
    documented: str | None
    verdicts: str


class RocmFacts(Record):
    """The ROCm that a wheel needs, the targets that it has code for, and AMD's list of the GPUs for
    that ROCm; None where there is no list.
    """

    rocm: str | None
    targets: tuple[str, ...]
    supported: tuple[str, ...] | None
    deprecated: tuple[str, ...]
    unsupported: tuple[str, ...]


class PublishedFacts(Record):
    """A build that somebody publishes outside the package index; see `PublishedElsewhere`."""

    distribution: str
    release: str
    publisher: str
    platform: str
    systems: tuple[str, ...]
    device: str
    maker: str | None
    pythons: tuple[Python, ...]
    needs: str | None
    gpus: tuple[str, ...]
    only: bool
    command: str | None
    address: Url
    sources: tuple[Url, ...]
    reported: bool
    offered_to: tuple[str, ...]
    driver: str | None
    glibc: str | None


class KnownProblem(Record):
    """A problem that rejects releases; `first` and `last` are places in the list of releases.

    `helps` has the compute capabilities and the Pythons that each text of `instead` is for; all
    where there are none. `only_with` is the part of TensorFlow without which it does not hit.
    """

    title: Line
    first: int
    last: int
    platforms: tuple[str, ...]
    devices: tuple[str, ...]
    pythons: tuple[Python, ...]
    capabilities: tuple[str, ...]
    instead: tuple[Line, ...]
    sources: tuple[Url, ...]
    kinds: tuple[str, ...] = ()
    helps: tuple[tuple[tuple[str, ...], tuple[Python, ...]], ...] = ()
    only_with: str | None = None


class Pinned(Record):
    """A pin that holds below a compute capability, and the set-up with it: a recipe of its own,
    which stands on what is proven of it. `runners` and `machines` are as those of `CellGroup`.
    """

    below: str
    pin: str
    reason: str
    setup: int
    rung: Rung | None
    standing: Verdict
    rule: str | None
    as_of: str | None
    trust: Trust | None
    why: str | None
    runners: int
    machines: tuple[MachineStanding, ...]

    def on(self, wsl2: bool | None, capability: str | None) -> MachineStanding:
        """Return where the recipe stands for a machine; None is not told."""
        own = nowhere(self.rung, self.standing, self.as_of, self.trust, self.why, self.runners)
        return on_machine(self.machines, own, wsl2, capability)


class CellGroup(Record):
    """Cells of an offer that differ in their Python alone. `setup` and `check` are places in the
    lists of those. `as_of` is the day of what proves the rung, and `day` that of what speaks
    against it; `runners` tells how many independent ones agree. `machines` tell kinds of machines
    apart, the best first, where runs were on GPUs or on WSL2; there are none where they were not.
    """

    pythons: tuple[Python, ...]
    rung: Rung | None
    standing: Verdict
    rule: str | None
    day: str | None
    why: str | None
    glibc: str | None
    macos: str | None
    setup: int
    check: int
    pinned: tuple[Pinned, ...]
    as_of: str | None
    trust: Trust | None
    runners: int
    machines: tuple[MachineStanding, ...]

    def on(self, wsl2: bool | None, capability: str | None) -> MachineStanding:
        """Return where the cells stand for a machine; None is not told."""
        own = nowhere(self.rung, self.standing, self.as_of, self.trust, self.why, self.runners)
        return on_machine(self.machines, own, wsl2, capability)


class Offer(Record):
    """A build for one device; `release`, `code`, `toolkit` and `rocm` are places in their lists.
    `nightlies` are those of other projects that it requires, and whose files they write over.
    """

    distribution: str
    release: int
    platform: Platform
    device: Device
    code: int | None
    toolkit: int | None
    plugin: str | None
    told_by: ToldBy | None
    listed: tuple[Python, ...] | None
    least_python: Python | None
    rocm: int | None
    nightlies: tuple[tuple[str, str], ...]
    cells: tuple[CellGroup, ...]


class SeriesSpan(Record):
    """The first and the last series that have something, and the name of the last one's."""

    first: str
    last: str
    name: str


class Index(Record):
    """The content of `index.json`. `released`, `series` and `kinds` have the day, the series and
    the kind of each release, candidates among them; `platforms`, `devices` and `pythons` have spans
    of final releases by platform, platform/device and platform/device/Python. `offers` are those of
    final releases, `candidates` those of candidates. `candidate_pythons` has by platform the
    Pythons that no final release serves, and the candidate that does; `nightly` has those of the
    nightly, `nightly_release` and `nightly_day` its version and its day. By compute
    capability, `last` has the last CUDA that knows it, and `maximum_drivers` the last driver
    branch, the next one, and who says so. `compat` has NVIDIA's cuda-compat, the oldest first: its
    CUDA, the branch of its libraries, the branches on which they run, and who says so;
    `first_branches` the branch of the first CUDA that knows each compute capability, and
    `data_centre` the keys of the GPUs that it is for. GPUs of `arm_capabilities`, and those that
    `arm_words` name, sit beside an Arm processor. `container_glibc` is the glibc of the container
    that stands in for an old Linux. `change_costs` has what each kind of nearest change costs,
    `changes_apart` which do not go together; `asking_devices` ask for a maker's GPUs; a shell takes
    a `plain_word` as it stands, a `quotable_word` between double quotes.
    """

    words: Mapping[str, str]
    makers: Mapping[str, Mapping[str, tuple[str, ...]]]
    maker_words: Mapping[str, tuple[str, ...]]
    weak_maker_words: tuple[str, ...]
    arm_words: tuple[str, ...]
    arm_capabilities: tuple[str, ...]
    word_break: str
    capability_forms: tuple[str, ...]
    platform_of: Mapping[str, Mapping[str, str]]
    windows_driver: tuple[str, ...]
    own_devices: tuple[str, ...]
    platform_names: Mapping[str, str]
    device_names: Mapping[str, str]
    rungs: tuple[str, ...]
    least_proven: str
    distributions: tuple[str, ...]
    releases: tuple[str, ...]
    released: tuple[str, ...]
    series: tuple[str, ...]
    kinds: tuple[Kind, ...]
    capabilities: tuple[str, ...]
    knows: Mapping[str, str]
    served_by: Mapping[str, str]
    last: Mapping[str, str]
    maximum_drivers: Mapping[str, tuple[str, str, str]]
    compat: tuple[tuple[str, str, tuple[str, ...], str], ...]
    first_branches: Mapping[str, str]
    data_centre: tuple[str, ...]
    least_driver: str
    wsl2_least: str | None
    wsl2_branch: str | None
    platforms: Mapping[str, SeriesSpan]
    devices: Mapping[str, SeriesSpan]
    pythons: Mapping[str, SeriesSpan]
    candidate_pythons: Mapping[str, Mapping[Python, str]]
    nightly: Mapping[Platform, tuple[Python, ...]]
    nightly_release: str | None
    nightly_day: str | None
    elsewhere: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]
    without: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]
    supported_kinds: Mapping[str, Mapping[str, tuple[str, ...]]]
    rocm_on_wsl2: str | None
    container_glibc: str
    change_costs: Mapping[str, int]
    changes_apart: tuple[tuple[str, str], ...]
    asking_devices: Mapping[str, tuple[str, ...]]
    plain_word: str
    quotable_word: str
    gpus: Mapping[str, tuple[str, ...]]
    other_gpus: Mapping[str, Mapping[str, tuple[str, ...]]]
    other_gpu_deleted: tuple[str, ...]
    gpu_target: str
    gpu_board: str
    gpu_deleted: tuple[str, ...]
    gpu_cut: int
    codes: tuple[Code, ...]
    toolkits: tuple[ToolkitFacts, ...]
    rocms: tuple[RocmFacts, ...]
    published: tuple[PublishedFacts, ...]
    problems: tuple[KnownProblem, ...]
    checks: tuple[tuple[str, ...], ...]
    setups: tuple[tuple[str, ...], ...]
    setup_reasons: tuple[tuple[str, ...], ...]
    offers: tuple[Offer, ...]
    candidates: tuple[Offer, ...]

    def final_series(self) -> tuple[str, ...]:
        """Return the series that have a final release, oldest first."""
        final = (n for n, k in zip(self.series, self.kinds, strict=True) if k == "release")
        return tuple(dict.fromkeys(final))


_ROWS: dict[str, Any] = {
    "codes": Code,
    "counts": CodeCounts,
    "toolkits": ToolkitFacts,
    "rocms": RocmFacts,
    "published": PublishedFacts,
    "problems": KnownProblem,
    "cells": CellGroup,
    "pinned": Pinned,
    "machines": MachineStanding,
    "offers": Offer,
    "candidates": Offer,
    "spans": SeriesSpan,
}


def document(index: Index) -> str:
    """Return the JSON text of an index: an entry of a list or of a mapping a line."""

    def short(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    parts = ['"format":1', f'"fields":{short({n: kind._fields for n, kind in _ROWS.items()})}']
    for name, value in index._asdict().items():
        if isinstance(value, tuple) and value and isinstance(value[0], tuple):
            lines = ",\n".join(map(short, value))
            parts.append(f'"{name}":[\n{lines}\n]')
        elif isinstance(value, dict):
            lines = ",\n".join(f"{short(key)}:{short(item)}" for key, item in value.items())
            parts.append(f'"{name}":{{\n{lines}\n}}')
        else:
            parts.append(f'"{name}":{short(value)}')
    return "{" + ",\n".join(parts) + "}\n"


def open_index(store: Store) -> Index:
    """Open the index of a knowledge base. Raises DocumentError, which tells what to run."""
    try:
        return parse(store.index_text())
    except (ValueError, TypeError, KeyError, AttributeError):
        where = store.index_path()
        raise DocumentError(f"{where}: is of another format; run `python -m kb index`") from None


def parse(text: str) -> Index:
    """Return the index that a JSON text holds. Raises ValueError, TypeError or KeyError."""
    content = json.loads(text)
    if content.pop("format") != 1 or content.pop("fields") != {
        name: list(kind._fields) for name, kind in _ROWS.items()
    }:
        raise ValueError("the index is of another format")
    for name in ("platforms", "devices", "pythons"):
        content[name] = {key: SeriesSpan._make(row) for key, row in content[name].items()}
    for name in ("toolkits", "rocms", "published", "problems"):
        content[name] = tuple(map(_ROWS[name]._make, content[name]))
    content["codes"] = tuple(map(_code, content["codes"]))
    for name in ("offers", "candidates"):
        content[name] = tuple(map(_offer, content[name]))
    return Index(**content)


def _code(row: list[Any]) -> Code:
    *fields, counts, counted = row
    return Code._make([*fields, tuple(map(CodeCounts._make, counts)), counted])


def _offer(row: list[Any]) -> Offer:
    """Return the offer in a row, which is used up: to copy all of them costs each `find` time."""
    nightlies, groups = row[-2:]
    for group in groups:
        pinned, machines = group[-5], group[-1]
        group[-5] = tuple(map(_pinned, pinned)) if pinned else ()
        group[-1] = tuple(map(MachineStanding._make, machines)) if machines else ()
    row[-2] = tuple(map(tuple, nightlies)) if nightlies else ()
    row[-1] = tuple(map(CellGroup._make, groups))
    return Offer._make(row)


def _pinned(row: list[Any]) -> Pinned:
    return Pinned._make([*row[:-1], tuple(map(MachineStanding._make, row[-1]))])
