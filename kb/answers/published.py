"""What others publish outside the package index, for a machine that is asked about."""

from kb.answers.comparison import MachineQuestion, older
from kb.base.record import Record
from kb.base.versions import key, series
from kb.index.records import Index, PublishedFacts
from kb.index.words import fill


class OutsideBuild(Record):
    """A build outside the index, what it needs first, and the command that installs it where its
    publisher gives one. `judged` is whether its publisher names the GPU for it; None where no GPU
    is told, or its publisher names none.
    """

    release: str
    distribution: str
    publisher: str
    device: str
    python: tuple[str, ...]
    needs: str | None
    command: str | None
    address: str
    judged: bool | None
    note: str | None
    sources: tuple[str, ...]


def published(
    index: Index, question: MachineQuestion, newest_fit: str | None, any_driver: bool = False
) -> tuple[OutsideBuild, ...]:
    """Return what is published for a machine and is newer than what fits: those for which its GPU
    is named first, then the newest; of the others those first that have a command. Where one
    release is asked about, those of its series; where several GPUs are, those for all of them.
    Where nothing fits, those that ask for a change are told too, after those that ask for none: for
    another Python, in WSL2, of another series where they are for such a GPU in particular, and with
    `any_driver` for a newer driver.
    """
    if newest_fit is None and question.os == "windows":
        question = question._replace(os="wsl2")
        return tuple(
            build._replace(
                note="; ".join(filter(None, (index.words["published-wsl2"], build.note)))
            )
            for build in published(index, question, newest_fit, any_driver)
        )
    alone = question.singly()
    found = []
    for row in index.published:
        misses = _misses(row, question)
        if not all(_is_for(row, one) for one in alone) or (newest_fit is not None and misses):
            continue
        if newest_fit is not None and not older(newest_fit, _plain(row.release)):
            continue
        if "release" in misses and not _is_special(row, question):
            continue
        if "driver" in misses and not any_driver:
            continue
        build = min((_published(index, one, row) for one in alone), key=_rank)
        found.append((-len(misses), build))
    found.sort(
        key=lambda item: (item[0], _rank(item[1]), key(_plain(item[1].release))), reverse=True
    )
    return tuple(build for _, build in found)


def _misses(row: PublishedFacts, question: MachineQuestion) -> tuple[str, ...]:
    """Return what has to change for a build: the Python, the driver, the release asked about."""
    told = {
        "python": _has_python(row, question),
        "driver": not _is_driver_older(row, question),
        "release": question.release is None or _is_of(row, question.release),
    }
    return tuple(name for name, fits in told.items() if not fits)


def _is_special(row: PublishedFacts, question: MachineQuestion) -> bool:
    """Tell whether a build names each GPU that is asked about."""
    told = [_gpu(one) for one in question.singly()]
    return all(gpu is not None and gpu in (*row.gpus, *row.offered_to) for gpu in told)


def _rank(build: OutsideBuild) -> int:
    if build.judged is not False:
        return 2
    return 0 if build.command is None else 1


def _is_for(row: PublishedFacts, question: MachineQuestion) -> bool:
    is_cpu = row.device == "cpu"
    told = _gpu(question)
    return (
        row.platform == question.platform()
        and question.os in row.systems
        and is_cpu == (question.device == "cpu")
        and (is_cpu or row.maker in (None, question.maker))
        and not (row.only and told is not None and told not in row.gpus)
        and (not row.offered_to or told in row.offered_to)
        and not (row.glibc and question.glibc and older(question.glibc, row.glibc))
    )


def _is_driver_older(row: PublishedFacts, question: MachineQuestion) -> bool:
    least, own = row.driver, question.driver
    return least is not None and own is not None and older(own, least)


def _has_python(row: PublishedFacts, question: MachineQuestion) -> bool:
    return not row.pythons or question.python in (None, *row.pythons)


def _is_of(row: PublishedFacts, release: str) -> bool:
    """Tell whether a build is of the series that a release, or a series, is of."""
    return series(_plain(row.release)) == series(release)


def _gpu(question: MachineQuestion) -> str | None:
    """Return what tells the GPU apart: its kind, or its compute capability."""
    return question.gpu_kind or question.compute_capability


def _plain(release: str) -> str:
    """Return a release without the sign of who built it: 2.7.0 of 2.7.0+nv22.1."""
    return release.partition("+")[0]


def _published(index: Index, question: MachineQuestion, row: PublishedFacts) -> OutsideBuild:
    told = _gpu(question)
    judged = told in row.gpus if told is not None and row.gpus else None
    note = None
    if judged is not None and not row.only:
        name = "reported" if row.reported else "published"
        template = index.words[f"{name}-for" if judged else f"{name}-unjudged"]
        words = {"publisher": row.publisher, "needs": row.needs or row.release, "gpu": told or ""}
        note = fill(template, named=", ".join(row.gpus), **words)
    elif told is not None and row.device != "cpu" and not row.gpus:
        note = fill(index.words["published-unnamed"], gpu=told)
    if _is_driver_older(row, question):
        old = fill(index.words["published-driver"], driver=question.driver or "")
        note = f"{old}; {note}" if note else old
    return OutsideBuild(
        release=row.release,
        distribution=row.distribution,
        publisher=row.publisher,
        device=row.device,
        python=tuple(row.pythons),
        needs=row.needs,
        command=row.command,
        address=row.address,
        judged=judged,
        note=note,
        sources=tuple(row.sources),
    )
