"""The questions of the command line, asked from Python: `from kb import KnowledgeBase`."""

import os
from typing import TYPE_CHECKING

from kb.base.store import DATA, Store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb.answers.comparison import MachineQuestion
    from kb.answers.found import Found
    from kb.answers.messages import Explanation
    from kb.base.findings import Finding
    from kb.companion.answer import CompanionAnswer
    from kb.diff.answer import Diff
    from kb.index.gpus import NamedGpu
    from kb.list.answer import PreRelease, SeriesRow
    from kb.lookup.answer import Answer
    from kb.problem.records import ProblemAnswer


class KnowledgeBase:
    """A knowledge base and what it answers. Each method reads the files that it needs, anew.

    Every method raises `DocumentError` where the knowledge base cannot be read, and TypeError for
    a number where a text has to be.
    """

    def __init__(self, data: str | os.PathLike[str] | None = None) -> None:
        """Take the knowledge base in the folder `data`, or the one that comes with the package."""
        self._store = Store(DATA if data is None else data, "`KnowledgeBase(data)`")

    def series(self) -> tuple[str, ...]:
        """Return the series that have a release, oldest first: `("1.0", …, "2.21")`."""
        return self._store.released_names()

    def list(self, version: str | None = None) -> "tuple[SeriesRow, ...]":
        """Return the series of a major version (`"2"`) or all of them, the newest first: of each
        the newest release, its day, the Pythons, the CUDA, how sure we are. Raises `NothingFound`.
        """
        from kb.index.records import open_index
        from kb.list.answer import list_series

        _check_texts(version=version)
        return list_series(open_index(self._store), version).series

    def pre_releases(self) -> "tuple[PreRelease, ...]":
        """Return what the index has that is no release: the newest nightly, and the candidates."""
        from kb.index.records import open_index
        from kb.list.answer import pre_releases

        return tuple(pre_releases(open_index(self._store)))

    def lookup(
        self,
        version: str,
        platform: str | None = None,
        python: str | None = None,
        device: str | None = None,
    ) -> "Answer":
        """Return what was published of a version and how to set it up: a series (`"2.15"`), a
        release (`"2.15.1"`), `"latest"` or `"nightly"`, narrowed to a platform, a Python (`"3.11"`)
        and a device. Words are read as on the command line: `"tensorflow==2.15"`, `"mac"`, `"gpu"`.

        Raises `NothingFound`, a LookupError, whose `nearest` come closest; `WrongUsage` for a word
        that is none.
        """
        from kb.answers.releases import VersionQuestion
        from kb.base import vocabulary as words
        from kb.lookup.answer import lookup

        _check_texts(version=version, platform=platform, python=python, device=device)
        where = platform and words.read_platform(platform)
        kind = device and words.device_on(words.read_device(device), where or None)
        question = VersionQuestion(
            version=version,
            platform=where or None,
            python=words.read_python(python) if python else None,
            device=kind or None,
        )
        return lookup(self._store, question)

    def diff(self, before: str, after: str) -> "Diff":
        """Return what changes for a user between two versions, named as in `lookup`.

        Raises `NothingFound`.
        """
        from kb.diff.answer import diff

        _check_texts(before=before, after=after)
        return diff(self._store, before, after)

    def check(
        self,
        path: str | os.PathLike[str],
        platform: str | None = None,
        python: str | None = None,
    ) -> "tuple[Finding, ...]":
        """Return what cannot work of what a requirements file or a pyproject.toml asks for, in the
        order of its lines; only for a platform and a Python where they are given.

        Raises OSError, and `Unreadable` where Python 3.10 lacks `tomli`; `WrongUsage` and
        `NothingFound` as `lookup` does.
        """
        from kb.base import vocabulary as words
        from kb.check.answer import check

        _check_texts(platform=platform, python=python)
        where = words.read_platform(platform) if platform else None
        of_python = words.read_python(python) if python else None
        return check(self._store, path, where, of_python).findings

    def gpu(self, name: str) -> "NamedGpu":
        """Return the GPU that a name means, however it is written: who made it, and its name and
        compute capability where it is NVIDIA's. `8.6` and `sm_86` name a GPU as well.

        Raises `UnknownGpu` and `AmbiguousGpu`, LookupErrors that name the nearest
        and the choices.
        """
        from kb.index.gpus import named_gpu
        from kb.index.records import open_index

        _check_texts(name=name)
        return named_gpu(name, open_index(self._store), self._store)

    def question(
        self,
        gpu: "str | Sequence[str]" = (),
        compute_capability: "str | Sequence[str]" = (),
        **given: str,
    ) -> "MachineQuestion":
        """Return the question that words about a machine ask of `find`: `os`, `arch`, `python`,
        `device`, `gpu`, `compute_capability`, `driver`, `cuda`, `glibc`, `macos`; and `release`,
        where one release or series alone is asked about. Each is read as on the command line; of
        several GPUs the names, or the compute capabilities, are a list.

        Raises `WrongUsage` for a word that is none, `NothingFound` for a release that is not there,
        `UnknownGpu`, `AmbiguousGpu`, and TypeError.
        """
        from kb.find.asked import question_of, read_words
        from kb.index.records import open_index

        _check_texts(**given)
        capabilities = _texts("compute_capability", compute_capability)
        words = read_words(_texts("gpu", gpu), capabilities, **given)
        return question_of(words, open_index(self._store), self._store)

    def find(self, question: "MachineQuestion") -> "Found":
        """Return the newest release that fits a machine, the others that fit, and every reason
        against the rest; an answer of None where nothing fits. The maker and the compute capability
        of a GPU that the question names need not be told. A question with a `release` is about
        that release or series alone.

        Raises `UnknownGpu` and `AmbiguousGpu` as `gpu` does, `NothingFound` for a release that is
        not there, and `WrongUsage` for a nightly and for a driver that is none, such as the CUDA
        version that nvidia-smi prints.
        """
        from kb.answers.fits import find
        from kb.answers.gpu_asked import understood
        from kb.base.vocabulary import read_driver
        from kb.index.records import open_index

        if question.driver is not None:
            question = question._replace(driver=read_driver(question.driver))
        index = open_index(self._store)
        return find(index, understood(question, index, self._store))

    def explain(self, text: str) -> "Explanation":
        """Return what the error messages in a text mean, the likeliest cause first."""
        from kb.answers.messages import explain

        return explain(self._store, [text.encode("utf-8", "replace")])

    def problem(self, name: str) -> "ProblemAnswer":
        """Return what is known under the id of a problem, a message or a note of releases: whom it
        hits, its cause, the ways out, what it does not hit. Raises `NothingFound`.
        """
        from kb.index.records import open_index
        from kb.problem.answer import problem

        _check_texts(name=name)
        return problem(self._store, open_index(self._store), name)

    def companion(
        self,
        name: str,
        version: str | None = None,
        platform: str | None = None,
        python: str | None = None,
    ) -> "CompanionAnswer":
        """Return which releases of a companion (`"tensorflow-text"`) go with which TensorFlow, as
        far as they state it. Raises `NothingFound`, whose `nearest` come closest; `WrongUsage` for
        a word that is none.
        """
        from kb.base import vocabulary as words
        from kb.companion.answer import CompanionQuestion, companion

        _check_texts(name=name, version=version, platform=platform, python=python)
        where = platform and words.read_platform(platform)
        question = CompanionQuestion(
            companion=name,
            version=version,
            platform=where or None,
            python=words.read_python(python) if python else None,
        )
        return companion(self._store, question)

    def doctor(self, python: str | None = None) -> "tuple[Finding, ...]":
        """Return what is wrong with this machine and an environment, the gravest first: the one
        whose Python runs this, or that of the Python at the path `python`.

        Raises `Unanswered` where that Python does not answer.
        """
        from kb.doctor.answer import findings
        from kb.doctor.case import case_of
        from kb.machine.active_python import own_environment
        from kb.machine.inspection import Setting, inspect

        setting = Setting(variables=os.environ, python=python, started_in=own_environment())
        return findings(case_of(self._store, inspect(setting)))


def _texts(name: str, told: "str | Sequence[str]") -> tuple[str, ...]:
    """Return a text, or a list of them, as several. Raises TypeError for what is none."""
    several = tuple(told) if isinstance(told, list | tuple) else (told,)
    for text in several:
        _check_texts(**{name: text})
    return several


def _check_texts(**given: object) -> None:
    """Raise TypeError for what is no text: as a number, 2.10 is 2.1."""
    for name, value in given.items():
        if value is not None and not isinstance(value, str):
            raise TypeError(
                f'{name} has to be a text: write "{value}", not {value!r}; '
                "a number loses its last zero"
            )
