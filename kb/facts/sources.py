"""The sources of claims: a function each, and the list of them all.

A new source is one more such function in SOURCES, in a module of its own where it needs one.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from kb.base.model import (
    Capability,
    CellRun,
    Driver,
    GpuSupport,
    OfficialRow,
    Platform,
    SeriesFile,
    WheelCode,
    WheelFacts,
)
from kb.base.record import Record
from kb.base.versions import is_final, spans, within
from kb.facts import install_page as page
from kb.facts import official
from kb.facts.builds import and_cuda, devices, published, row_source
from kb.facts.claims import CUDA, TENSORFLOW, About, Claim, Claims, Source, Subject
from kb.facts.gpu_code import code_in, native_in, ptx_in

_WINDOWS: tuple[Platform, ...] = ("windows-x86_64",)
_LINUX: tuple[Platform, ...] = ("linux-x86_64", "linux-aarch64")
_GPU: tuple[Platform, ...] = ("linux-x86_64", "windows-x86_64")
# The names hold the version: `libcudart.so.10.0`, `cudart64_100.dll`; `libcudnn.so.7`.
_CUDART = r"(?:libcudart\.so\.|cudart64_)([0-9]{1,2}?)\.?([0-9])(?:\.dll)?"
_CUDNN = r"(?:libcudnn\.so\.|cudnn64_)([0-9]{1,2})(?:\.dll)?"


class Files(Record):
    """What the sources said, as the knowledge base has it: one series, the minimum drivers, the
    runs of the cells of the series, what the page about GPU support said, and the code that was
    read in its wheels, by their sha256.
    """

    series: SeriesFile
    drivers: tuple[Driver, ...] = ()
    runs: tuple[CellRun, ...] = ()
    gpu_support: tuple[GpuSupport, ...] = ()
    code: Mapping[str, WheelCode] = {}


def wheels(files: Files) -> Iterator[Claim]:
    """Yield what the wheel of each build says: whether it serves CUDA, with which it was made, and
    for which GPUs; and which cuDNN its extra installs. Where it names no CUDA, its extra does, by
    the major release whose libraries it requires.
    """
    for offer in published(files.series):
        says, source = offer.says(), offer.source()
        declared = says.compute_capabilities
        values: dict[About, str | None] = {
            "cuda build": {True: "yes", False: "no", None: None}[says.cuda_build],
            "cuda": says.cuda or _required_cuda(says),
            "cudnn": says.cudnn,
            "machine code": _listed(declared.native) if declared else None,
            "PTX": _listed(declared.ptx) if declared else None,
            "cudnn installed": _installed_cudnn(says),
        }
        for about, value in values.items():
            if value is not None:
                yield Claim(source, offer.subject(about), value)


def _required_cuda(says: WheelFacts) -> str | None:
    """Return the major release of the CUDA libraries that the extra requires: 12 of `-cu12`."""
    if not says.cuda_build:
        return None
    for required in and_cuda(says):
        name, _, major = required.name.rpartition("-cu")
        if name == "nvidia-cuda-runtime" and major.isdigit():
            return major
    return None


def _listed(capabilities: Iterable[Capability]) -> str:
    return ", ".join(capabilities) or "nothing"


def _installed_cudnn(says: WheelFacts) -> str | None:
    """Return the cuDNN that the extra installs; of a wheel that names none the major release, where
    the extra keeps to one.
    """
    for required in and_cuda(says):
        if not required.name.startswith("nvidia-cudnn-cu"):
            continue
        if required.specifier.exact:
            return required.specifier.exact
        bounds = {
            bound.operator: bound.version.partition(".")[0] for bound in required.specifier.bounds
        }
        least, below = bounds.get(">="), bounds.get("<")
        if says.cudnn is None and least and below and int(below) == int(least) + 1:
            return least
    return None


def code(files: Files) -> Iterator[Claim]:
    """Yield what the libraries of each CUDA build hold: the compute capabilities with machine code
    and with PTX, be it in some objects alone; and the CUDA whose library they name whole.
    """
    for offer in published(files.series):
        if "cuda" not in devices(files.series, offer):
            continue
        held = code_in(offer, files.code)
        if held is None or not held.objects:
            continue
        source = offer.source()
        yield Claim(source, offer.subject("machine code"), _listed(native_in(held)))
        yield Claim(source, offer.subject("PTX"), _listed(ptx_in(held)))
        for about, version in _opened(held.opens).items():
            yield Claim(source, offer.subject(about), version)


def _opened(names: Iterable[str]) -> dict[About, str]:
    """Return the CUDA and cuDNN whose libraries have these names: `8.0` of `libcudart.so.8.0`."""
    found: dict[About, str] = {}
    for name in names:
        runtime, cudnn = re.fullmatch(_CUDART, name), re.fullmatch(_CUDNN, name)
        if runtime is not None:
            found["cuda"] = ".".join(filter(None, runtime.groups()))
        elif cudnn is not None:
            found["cudnn"] = cudnn[1]
    return found


def index(files: Files) -> Iterator[Claim]:
    """Yield which builds the package index has, and for which Pythons, withdrawn ones included."""
    for offer in published(files.series):
        source = offer.source()
        pythons = {python for wheel in offer.build.wheels for python in wheel.python}
        yield Claim(source, offer.subject("exists"), "yes")
        yield Claim(source, offer.subject("python"), spans(sorted(pythons)))


def official_table(files: Files) -> Iterator[Claim]:
    """Yield what each row of the tested build configurations says of the release that it names.

    Its CUDA counts for all distributions of that release, and that of the newest row for what the
    series has no row for.
    """
    newest = {row.table: row for row in files.series.official}
    for row in files.series.official:
        name, release = official.distribution(row), official.release(row)
        yield _row_claim(row, name, release, "exists", f"table {row.table}")
        yield _row_claim(row, name, release, "python", row.python)
        if official.device(row) == "cuda":
            yield from _tested_with(row, name, release)
            yield from _tested_with(row, TENSORFLOW, release)
            if newest[row.table] is row:
                yield from _tested_with(row, TENSORFLOW, files.series.series)


def _tested_with(row: OfficialRow, name: str, release: str) -> Iterator[Claim]:
    if row.cuda is not None:
        yield _row_claim(row, name, release, "cuda", row.cuda)
    if row.cudnn is not None:
        yield _row_claim(row, name, release, "cudnn", row.cudnn)


def _row_claim(row: OfficialRow, name: str, release: str, about: About, value: str) -> Claim:
    subject = Subject(name=name, release=release, platforms=official.platforms(row), about=about)
    return Claim(row_source(row), subject, value)


def install_page(files: Files) -> Iterator[Claim]:
    """Yield what the page about installing with pip said while the series was the newest."""
    yield from page.claims(files.series)


def gpu_support(files: Files) -> Iterator[Claim]:
    """Yield what the page about GPU support said of each final release, and of the drivers."""
    for said in files.gpu_support:
        source = Source(id=f"official:gpu.md/{said.read}", url=said.source, read=said.read)
        values: tuple[tuple[About, str | None], ...] = (
            ("cuda", said.cuda),
            ("minimum compute capability", said.compute_capability),
        )
        for release in dict.fromkeys(release.release for release in files.series.releases):
            if is_final(release) and within(release, *said.releases):
                for about, value in values:
                    if value is not None:
                        yield Claim(source, Subject(TENSORFLOW, release, _GPU, about), value)
                subject = Subject(CUDA, said.cuda, _LINUX, "minimum driver")
                yield Claim(source, subject, said.driver)


def cuda_table(files: Files) -> Iterator[Claim]:
    """Yield the minimum drivers of each CUDA release, from the table that people keep."""
    for driver in files.drivers:
        source = Source(id=f"people:cuda/{driver.cuda}", url=driver.source, read=None)
        minimums: tuple[tuple[About, tuple[Platform, ...], str | None], ...] = (
            ("minimum driver", _LINUX, driver.linux),
            ("minimum driver", _WINDOWS, driver.windows),
            ("minimum driver on WSL2", _LINUX, driver.wsl2),
        )
        for about, platforms, minimum in minimums:
            if minimum is not None:
                subject = Subject(name=CUDA, release=driver.cuda, platforms=platforms, about=about)
                yield Claim(source, subject, minimum)


def runs(files: Files) -> Iterator[Claim]:
    """Yield what each run says of the cell whose recipe it carried out."""
    for run in files.runs:
        yield run_claim(run)


def run_claim(run: CellRun) -> Claim:
    """Return what a run says of its cell: the rung that it proves, or `broken`."""
    subject = Subject(
        name=run.distribution,
        release=run.release,
        platforms=(run.platform,),
        about="works",
        python=run.python,
        device=run.device,
    )
    return Claim(
        Source(id=f"run:{run.run}", url=None, read=run.day), subject, run.proves or "broken"
    )


# The first is preferred: where two disagree, the wheel's own word beats the page's.
SOURCES: tuple[Callable[[Files], Iterator[Claim]], ...] = (
    wheels,
    code,
    index,
    official_table,
    cuda_table,
    install_page,
    gpu_support,
    runs,
)


def claims_of(
    series: SeriesFile,
    drivers: tuple[Driver, ...] = (),
    runs: tuple[CellRun, ...] = (),
    gpu_support: tuple[GpuSupport, ...] = (),
    code: Mapping[str, WheelCode] | None = None,
) -> Claims:
    """Return what all sources say of a series, the preferred source first."""
    files = Files(series, drivers, runs, gpu_support, code or {})
    return Claims(
        claim._replace(claimant=source.__name__) for source in SOURCES for claim in source(files)
    )
