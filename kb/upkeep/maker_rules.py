"""What must hold of the tables about other makers' GPUs and about what stands elsewhere."""

from collections.abc import Collection, Iterator, Mapping
from typing import get_args

from kb.base.model import (
    ElsewhereFile,
    OtherGpusFile,
    Platform,
    RocmFile,
    SeriesFile,
)
from kb.base.vocabulary import Os
from kb.facts.other_gpu_names import other_key, target_in
from kb.index.words import Maker


def other_gpus_faults(file: OtherGpusFile) -> Iterator[str]:
    """Yield what is wrong with `other_gpus.yaml`."""
    seen: dict[tuple[str, str], str] = {}
    for gpu in file.gpus:
        where = f"other_gpus.yaml: {gpu.name}"
        if gpu.maker == "amd" and target_in(gpu.kind) != gpu.kind:
            yield f"{where}: kind {gpu.kind} is no target of AMD's; write it like gfx1100"
        name = (gpu.maker, other_key(gpu.name))
        if not name[1]:
            yield f"{where}: names nothing; give a model"
        if seen.setdefault(name, gpu.kind) != gpu.kind:
            yield f"{where}: is said to be {seen[name]} and {gpu.kind}; choose one"


def rocm_faults(file: RocmFile, series: Mapping[str, SeriesFile]) -> Iterator[str]:
    """Yield what is wrong with `rocm.yaml`, given all series."""
    wheels = {
        wheel.sha256: (release.release, wheel.file)
        for of_series in series.values()
        for release in of_series.releases
        if release.distribution == "tensorflow-rocm"
        for build in release.builds
        for wheel in build.wheels
    }
    for wheel in file.wheels:
        if wheels.get(wheel.sha256) != (wheel.release, wheel.wheel):
            yield f"rocm.yaml: {wheel.wheel}: the index has no such wheel of {wheel.release}"
    for row in file.hardware:
        targets = (*row.supported, *row.deprecated, *row.unsupported)
        if len(set(targets)) != len(targets):
            yield f"rocm.yaml: hardware: {row.rocm}: a target stands twice; choose one list"


def elsewhere_faults(file: ElsewhereFile) -> Iterator[str]:
    """Yield what is wrong with `elsewhere.yaml`."""
    for row in file.published:
        where = f"elsewhere.yaml: {row.distribution} {row.release}"
        yield from _unknown(where, "systems", row.systems, get_args(Os))
        if row.maker is not None:
            yield from _unknown(where, "maker", (row.maker,), get_args(Maker))
        if row.command is not None and "==" in row.command and row.release not in row.command:
            yield f"{where}: command: does not name the release"
        if not row.systems or not row.sources:
            yield f"{where}: systems or sources is empty; give at least one"
    for platform in file.platforms:
        where = f"elsewhere.yaml: {platform.platform}"
        if platform.platform in get_args(Platform):
            yield f"{where}: the index has wheels for it; drop the row"
        if not platform.instead or not platform.sources:
            yield f"{where}: instead or sources is empty; give at least one"


def _unknown(
    where: str, field: str, given: Collection[str], known: Collection[str]
) -> Iterator[str]:
    for name in given:
        if name not in known:
            yield f"{where}: {field}: {name} is none of {', '.join(known)}"
