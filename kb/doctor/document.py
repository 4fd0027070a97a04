"""The JSON document that `python -m kb doctor --json` promises: its records, and how what was found
fills them. All of it is fit to paste into a public issue. Fields may be added; none may go, and
none may change its meaning.
"""

from kb.base.findings import Finding, Severity, WayOutDocument, way_out_document
from kb.base.json_values import json_text
from kb.base.model import Format, GfxTarget, Platform
from kb.base.record import Record
from kb.base.scrubbing import Scrubber
from kb.doctor.case import SHOWN_PACKAGES, Checkup
from kb.doctor.library_rules import asked_for
from kb.machine.detection import Gpu


class PythonDocument(Record):
    """The Python that was looked at, and who named it."""

    version: str
    bits: int
    musl: bool
    program: str
    chosen_by: str


class InstalledDocument(Record):
    """The TensorFlow that is installed."""

    distribution: str
    release: str


class LibraryDocument(Record):
    """A CUDA library that this TensorFlow asks for: where it was found, and by which part of the
    loader's search; null where it was not.
    """

    file: str
    folder: str | None
    by: str | None
    version: str | None


class MachineDocument(Record):
    """What was seen of the machine and the environment; what is unknown is null. `gpus` are those
    of NVIDIA, `rocm` has each ROCm that is installed.
    """

    os: str | None
    platform: Platform | None
    glibc: str | None
    macos: str | None
    wsl2: bool
    container: bool
    avx: bool | None
    avx2: bool | None
    gpus: tuple[Gpu, ...]
    amd_gpus: tuple[GfxTarget | None, ...]
    rocm: tuple[str, ...]
    jetson: str | None
    driver: str | None
    asked: str | None
    python: PythonDocument
    tensorflow: InstalledDocument | None
    packages: dict[str, str]
    cuda_libraries: tuple[LibraryDocument, ...]
    settings: dict[str, str]


class CheckupFindingDocument(Record):
    """One thing that was looked at; `fix` has each way out as one text."""

    rule: str
    severity: Severity
    text: str
    fix: tuple[str, ...]
    ways_out: tuple[WayOutDocument, ...]


class DoctorDocument(Record):
    """The machine, and what was found of it, the gravest first."""

    format: Format
    machine: MachineDocument
    findings: tuple[CheckupFindingDocument, ...]


def document(case: Checkup, found: tuple[Finding, ...], scrubber: Scrubber) -> str:
    """Return the JSON document."""
    return json_text(
        DoctorDocument(
            format=1,
            machine=scrubber.content(_machine(case)),
            findings=tuple(_finding(finding, scrubber) for finding in found),
        )
    )


def _finding(finding: Finding, scrubber: Scrubber) -> CheckupFindingDocument:
    return CheckupFindingDocument(
        rule=finding.rule,
        severity=finding.severity,
        text=scrubber.text(finding.text),
        fix=tuple(map(scrubber.text, finding.fix)),
        ways_out=tuple(scrubber.content(way_out_document(way)) for way in finding.ways_out),
    )


def _machine(case: Checkup) -> MachineDocument:
    machine, nvidia, python = case.seen.machine, case.seen.nvidia, case.seen.python
    installed = case.seen.environment.first
    return MachineDocument(
        os=machine.os,
        platform=machine.platform,
        glibc=machine.glibc,
        macos=machine.macos,
        wsl2=machine.wsl2,
        container=machine.container,
        avx=None if machine.instructions is None else "avx" in machine.instructions,
        avx2=None if machine.instructions is None else "avx2" in machine.instructions,
        gpus=case.gpus,
        amd_gpus=case.seen.others.amd,
        rocm=case.seen.others.rocm,
        jetson=case.seen.others.jetson,
        driver=nvidia.driver,
        asked=nvidia.asked,
        python=PythonDocument(
            version=python.version,
            bits=python.bits,
            musl=python.is_musl,
            program=python.program,
            chosen_by=python.chosen_by,
        ),
        tensorflow=InstalledDocument(case.own.name, case.own.version) if case.own else None,
        packages={
            name: package.version
            for name, package in sorted(installed.items())
            if name in SHOWN_PACKAGES
            or "tensor" in name
            or name == "pip"
            or name.startswith("nvidia-")
        },
        cuda_libraries=tuple(_library(case, file) for file in asked_for(case)),
        settings=case.seen.settings,
    )


def _library(case: Checkup, file: str) -> LibraryDocument:
    found = case.seen.search.first(file)
    if found is None:
        return LibraryDocument(file=file, folder=None, by=None, version=None)
    return LibraryDocument(file=file, folder=found.folder, by=found.by, version=found.version)
