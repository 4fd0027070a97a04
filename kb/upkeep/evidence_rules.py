"""What must hold of the files that `python -m verify merge` and `attest` write."""

from collections.abc import Iterator

from kb.base.model import AttestationsFile, EvidenceFile, SeriesFile
from kb.base.versions import is_final, series
from kb.cells.standing import CONCLUSIVE

_MERGE = "run `python -m verify merge`"


def evidence_faults(name: str, file: EvidenceFile, known: SeriesFile | None) -> Iterator[str]:
    """Yield what is wrong with `evidence/<name>.yaml`, given the releases of that series.

    Candidates and nightlies come and go, and what was seen of them stays true.
    """
    builds = {
        (release.distribution, release.release, build.platform)
        for release in (known.releases if known else ())
        for build in release.builds
    }
    seen = set()
    for run in file.runs:
        where = f"evidence/{name}.yaml: {run.run}"
        if run.run in seen:
            yield f"{where}: stands twice; {_MERGE}"
        seen.add(run.run)
        if series(run.release) != name:
            yield f"{where}: is about no release of {name}; {_MERGE}"
        elif (
            known is not None
            and is_final(run.release)
            and (run.distribution, run.release, run.platform) not in builds
        ):
            yield f"{where}: is about no build that there is; {_MERGE}"
        if run.outcome not in CONCLUSIVE:
            yield f"{where}: {run.outcome} says nothing of the cell; {_MERGE}"
        if (run.outcome == "ok") != (run.proves is not None):
            yield f"{where}: is ok and proves no rung, or the other way round; {_MERGE}"


def attestations_faults(file: AttestationsFile) -> Iterator[str]:
    """Yield what is wrong with `attestations.yaml`."""
    runs = [attestation.run for attestation in file.attestations]
    if runs != sorted(set(runs)):
        yield "attestations.yaml: attestations: list each run once, sorted"
    for attestation in file.attestations:
        run = attestation.run
        if not run.endswith(f"-{attestation.sha256[:12]}"):
            yield f"attestations.yaml: {run}: is not the run with that sha256; remove it"
