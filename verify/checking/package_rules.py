"""The wheel of a run and the packages that were installed with it."""

import re
from collections.abc import Iterator
from functools import lru_cache

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from kb.base.names import MARKERS
from kb.base.versions import is_final, key
from kb.facts.builds import and_cuda
from kb.runs.run_file import Run
from verify.checking.contribution import Contribution, Rule
from verify.checking.package_pythons import is_for, least_python

_INSTALLED = re.compile(r"^Successfully installed ([^\n]+)$", re.MULTILINE)
_NAMED_WHEEL = re.compile(
    r"(?<![A-Za-z0-9._-])([A-Za-z0-9._]+-[0-9][A-Za-z0-9.!+_]*(?:-[A-Za-z0-9_.]+){3,4}\.whl)"
)
_PIP_THERE = re.compile(r"^Requirement already [a-z-]+: pip in \S+ \(([^)\s]+)\)$", re.MULTILINE)
# What an environment has before a recipe installs anything.
_BROUGHT = frozenset(("pip", "setuptools", "wheel", "pkg-resources"))
_ALIKE_SINCE = "2.0.0"
_OFFLINE = "[wheels]"  # stands in the output of a pip that had a folder of wheels alone


def unreadable(run: Run) -> Iterator[str]:
    """Yield the packages whose version is none, which no rule could compare."""
    for package in run.packages:
        try:
            Version(package.partition("==")[2])
        except InvalidVersion:
            yield f"{package}: has no version that pip could have installed"


def _wheel(contribution: Contribution) -> Iterator[str]:
    run, used = contribution.run, contribution.run.wheel
    if used is None:
        if all(step.outcome == "ok" for step in run.steps):
            yield "it installed TensorFlow and does not name the wheel; run it again"
        return
    known = {wheel.file: wheel for wheel in contribution.offered.published.build.wheels}
    wheel = known.get(used.file)
    if wheel is None:
        yield f"the index lists no wheel {used.file} for this build"
    elif wheel.sha256 != used.sha256:
        yield f"the sha256 of {used.file} is not the index's"
    elif run.python not in wheel.python and run.python.partition(".")[0] not in wheel.python:
        yield f"{used.file} is not a wheel for Python {run.python}"
    elif wheel.glibc and run.runner.glibc and key(run.runner.glibc) < key(wheel.glibc):
        yield f"{used.file} needs glibc {wheel.glibc}, the runner has {run.runner.glibc}"


def _wheel_printed(contribution: Contribution) -> Iterator[str]:
    run, used = contribution.run, contribution.run.wheel
    prefix = run.distribution.replace("-", "_") + "-"
    for step in run.steps:
        for file in _NAMED_WHEEL.findall(step.output) if used else ():
            if file.startswith(prefix) and used and file != used.file:
                yield f"{step.name}: printed {file}, and {used.file} is said to be installed"
                return


def _list(contribution: Contribution) -> Iterator[str]:
    run = contribution.run
    if not run.checks:
        return
    packages = run.versions()
    if packages.get(run.distribution) != run.release:
        yield f"its packages do not hold {run.distribution}=={run.release}"
    if len(packages) != len(run.packages):
        yield "its packages name one of them twice"
    names = [package.partition("==")[0] for package in run.packages]
    if names not in (sorted(names, key=str.lower), sorted(names, key=canonicalize_name)):
        yield "its packages are not in the order in which pip lists them"
    if "pip" not in packages:
        yield "its packages do not hold pip, which lists them"


def _printed(contribution: Contribution) -> Iterator[str]:
    """Hold what pip printed that it installed against what it lists."""
    run, packages = contribution.run, contribution.run.versions()
    if not run.checks:
        return
    complete: set[str] = set()
    for step in run.steps:
        if step.name == "environment":  # which on 2.7 installs virtualenv beside the cell
            continue
        for line in _INSTALLED.findall(step.output):
            for word in line.split():
                name, _, version = word.rpartition("-")
                name = canonicalize_name(name)
                complete.add(name)
                if not _same(version, packages.get(name)):
                    held = packages.get(name)
                    listed = f"lists {name} {held}" if held else f"lists no {name}"
                    yield f"{step.name}: pip installed {word}, and {listed}"
                    return
    install = contribution.step("install")
    if install is None or not _INSTALLED.search(install.output):
        if install is not None and len(install.output) < 1000:
            yield "install: is said to be ok, and pip does not say what it installed"
        return
    for name in sorted(set(packages) - complete - _BROUGHT):
        yield f"it lists {name}, and pip did not install it"
        return


def _pip(contribution: Contribution) -> Iterator[str]:
    """Hold what pip says of itself against the list."""
    run, step = contribution.run, contribution.step("upgrade-pip")
    if step is None or step.outcome != "ok":
        return
    if not step.output.strip():
        yield "upgrade-pip: is said to be ok, and pip printed nothing"
    told = _PIP_THERE.search(step.output)
    upgraded = _INSTALLED.search(step.output) is not None
    own = run.versions().get("pip")
    if told and not upgraded and own is not None and not _same(told[1], own):
        yield f"upgrade-pip: pip {told[1]} was there already, and pip {own} is listed"


def _for_this_python(contribution: Contribution) -> Iterator[str]:
    python = contribution.run.python
    for name, version in contribution.run.versions().items():
        if not is_for(name, version, python):
            least = least_python(name, version)
            yield f"{name} {version} is for Python {least} and later, not {python}"


def _asked(contribution: Contribution) -> Iterator[str]:
    """Yield what the recipe asks for that was not installed so."""
    run, packages = contribution.run, contribution.run.versions()
    recipe = contribution.recipe
    if not run.checks or recipe is None:
        return
    for text in recipe.requirements():
        yield from _against(packages, text, text, must_be_there=True)


def _required(contribution: Contribution) -> Iterator[str]:
    """Yield what the wheel requires that was not installed so. Of the wheels of a build one was
    read: those of other Pythons ask for the same in releases, but for packages that old ones need
    for one Python alone, and for other versions in candidates.
    """
    run, packages = contribution.run, contribution.run.versions()
    published, recipe = contribution.offered.published, contribution.recipe
    if not run.checks or recipe is None:
        return
    marks = MARKERS[run.platform]._asdict()
    environment = {
        **marks,
        "python_version": run.python,
        "python_full_version": run.seen.python or f"{run.python}.0",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "extra": "",
    }
    by_extra = any("[and-cuda]" in text for text in recipe.requirements())
    for says in dict.fromkeys((published.build.says, published.says())):
        was_read = run.wheel is not None and says.wheel == run.wheel.file
        if not was_read and not is_final(run.release):
            continue
        must = was_read or key(run.release) >= key(_ALIKE_SINCE)
        asked = (*says.requires, *(and_cuda(says) if by_extra else ()))
        for text in asked:
            if _applies(text, tuple(environment.items())):
                yield from _against(packages, text, f"{says.wheel} requires {text}", must)


@lru_cache(maxsize=4096)
def _read(text: str) -> Requirement:
    return Requirement(text)


@lru_cache(maxsize=8192)
def _applies(text: str, environment: tuple[tuple[str, str], ...]) -> bool:
    try:
        marker = _read(text).marker
        return marker is None or marker.evaluate(dict(environment))
    except (InvalidRequirement, UndefinedComparison, UndefinedEnvironmentName):
        return False


def _against(packages: dict[str, str], text: str, why: str, must_be_there: bool) -> Iterator[str]:
    """Yield where the packages do not meet a requirement."""
    requirement = _read(text)
    name = canonicalize_name(requirement.name)
    version = packages.get(name)
    if version is None:
        if must_be_there:
            yield f"it lists no {name}, against {why}"
    elif not requirement.specifier.contains(version, prereleases=True):
        yield f"it installed {name} {version}, against {why}"


def _nvidia(contribution: Contribution) -> Iterator[str]:
    """Hold NVIDIA's packages against what a resolver found: pip takes the newest that it may."""
    run, packages = contribution.run, contribution.run.versions()
    own = {name: version for name, version in packages.items() if name.startswith("nvidia-")}
    if run.device == "cpu" and own:
        yield f"nothing of a CPU recipe asks for {min(own)}, which it lists"
    installs, recipe = contribution.installs, contribution.recipe
    if not own or installs is None or recipe is None or run.device != "cuda":
        return
    if recipe.requirements() != contribution.offered.cell.recipe.requirements():
        return
    is_offline = any(_OFFLINE in step.output for step in run.steps)
    found = {package.name: package.specifier.exact for package in installs.packages}
    for name, version in sorted(own.items()):
        newest = found.get(name)
        if newest is None:
            yield f"it lists {name}, which a resolver does not find for this recipe"
        elif Version(version) > Version(newest) and run.started[:10] < installs.since:
            yield f"{name} {version} is newer than {newest}, the newest on {installs.since}"
        elif (
            Version(version) < Version(newest)
            and run.started[:10] >= installs.since
            and not is_offline
        ):
            yield f"it installed {name} {version}, and pip takes {newest} from {installs.since} on"
    for name in sorted(set(found) - set(own)):
        yield f"it lists no {name}, which a resolver finds for this recipe"


def _versions(contribution: Contribution) -> Iterator[str]:
    """Hold what modules call themselves against what is installed."""
    run, seen = contribution.run, contribution.run.seen
    if seen.tensorflow and not _same(seen.tensorflow, run.release):
        yield f"TensorFlow called itself {seen.tensorflow}, not {run.release}"
    if not run.checks:
        return
    packages = run.versions()
    own_keras = key(run.release) < key("2.6.0")  # before it, tf.keras had a number of its own
    named = [("numpy", seen.numpy), ("protobuf", seen.protobuf)]
    named += [] if own_keras else [("keras", seen.keras)]
    for name, reported in named:
        if reported and name in packages and not _same(reported, packages[name]):
            yield f"{name} called itself {reported}, and {packages[name]} was installed"
        elif reported and name in ("numpy", "protobuf") and name not in packages:
            yield f"{name} called itself {reported}, and was not installed"
        elif reported is None and name in packages and contribution.imported():
            yield f"{name} {packages[name]} is installed, and is said to have called itself nothing"


def _same(reported: str, version: str | None) -> bool:
    try:
        return version is not None and Version(reported) == Version(version)
    except InvalidVersion:
        return reported == version


RULES: tuple[Rule, ...] = (
    _wheel,
    _wheel_printed,
    _list,
    _printed,
    _pip,
    _for_this_python,
    _asked,
    _required,
    _nvidia,
    _versions,
)
