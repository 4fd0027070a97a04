"""What programs printed, held against the cell that it is said to be of."""

import re
from collections.abc import Iterator

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from kb.base.versions import key
from kb.facts.builds import and_cuda
from verify.checking.contribution import Contribution, Rule

_FOLDER_OF_PYTHON = re.compile(r"/python([23]\.[0-9]{1,2})/")
_FOLDER_OF_RELEASE = re.compile(r"(?<![A-Za-z0-9])tf-([0-9]+\.[0-9]+\.[0-9a-z]+)/")
_TAGGED = re.compile(r"-cp([23])([0-9]{1,2})-(cp[0-9]+[dmu]*|abi3|none)-[a-z0-9_.]+\.whl")
_WHEEL = re.compile(r"(?<![A-Za-z0-9._-])[A-Za-z0-9._]+-[0-9][A-Za-z0-9._+!-]{1,200}\.whl")
_MANYLINUX = re.compile(r"manylinux_([0-9])_([0-9]{1,3})_")
_OLD_TAGS = {"manylinux1": "2.5", "manylinux2010": "2.12", "manylinux2014": "2.17"}
# From 4.21 on: https://github.com/protocolbuffers/protobuf/issues/10051.
_DESCRIPTORS = re.compile(r"Descriptors cannot (?:not )?be created directly")
_NUMPY = re.compile(r"compiled using NumPy 1\.x cannot be run in\s+NumPy ([0-9.]+[0-9])")
_NO_MODULE = re.compile(r"No module named '?([a-z0-9_]+)'?$", re.MULTILINE)
_NOT_FOUND = re.compile(r"No matching distribution found for ([A-Za-z0-9._-]+)==([0-9A-Za-z.]+)")
_OFFERED = re.compile(r"\(from versions: ([^)\n]*)\)")
_DEPENDS = re.compile(
    r"^ *([A-Za-z0-9._-]+)(?:\[[a-z-]+\])? ([0-9][^ \n]*) depends on ([^\n]+)$", re.MULTILINE
)


def _python(contribution: Contribution) -> Iterator[str]:
    """Hold folders of Pythons and tags of wheels against the cell's Python."""
    run = contribution.run
    for name, text in contribution.texts():
        others = {*_FOLDER_OF_PYTHON.findall(text)} - {run.python}
        if others:
            yield f"{name}: printed a folder of Python {min(others)}, and the cell is {run.python}"
            return
        for major, minor, abi in _TAGGED.findall(text):
            made_for = f"{major}.{minor}"
            is_older = key(made_for) <= key(run.python)
            if made_for != run.python and not (abi in ("abi3", "none") and is_older):
                yield f"{name}: printed a wheel for Python {made_for}, and the cell is {run.python}"
                return


def _release(contribution: Contribution) -> Iterator[str]:
    run = contribution.run
    for name, text in contribution.texts():
        for release in _FOLDER_OF_RELEASE.findall(text):
            if release != run.release:
                yield f"{name}: printed the folder tf-{release}, and the cell is {run.release}"
                return


def _not_found(contribution: Contribution) -> Iterator[str]:
    """Refuse that pip finds nothing where the index lists a wheel: what lacks it is an index."""
    run = contribution.run
    for step in run.steps:
        missing = _NOT_FOUND.search(step.output)
        offered = _OFFERED.search(step.output)
        if missing and offered and missing[2] in offered[1].split(", "):
            yield f"{step.name}: pip finds no {missing[1]} {missing[2]}, and lists it"
    if run.outcome != "no-wheel":
        return
    glibc = run.runner.glibc
    for wheel in contribution.offered.published.build.wheels:
        fits = run.python in wheel.python and wheel.yanked is None and wheel.macos is None
        if fits and (wheel.glibc is None or (glibc and key(glibc) >= key(wheel.glibc))):
            yield (
                f"the index lists {wheel.file} for this cell: an index that lacks it says nothing "
                "of the cell"
            )
            return


def _conflict(contribution: Contribution) -> Iterator[str]:
    """Hold what pip says that TensorFlow depends on against what its wheel says."""
    run, published = contribution.run, contribution.offered.published
    says = published.says()
    asked: dict[str, list[SpecifierSet]] = {}
    for text in (*published.build.says.requires, *says.requires, *and_cuda(says)):
        requirement = Requirement(text)
        asked.setdefault(requirement.name, []).append(requirement.specifier)
    for step in run.steps:
        for name, version, told in _DEPENDS.findall(step.output):
            if (name, version) != (run.distribution, run.release):
                continue
            try:
                requirement = Requirement(told.partition(";")[0].replace(" and ", ","))
            except InvalidRequirement:
                yield f"{step.name}: pip does not write {told[:60]}"
                continue
            if requirement.specifier not in asked.get(requirement.name, []):
                yield f"{step.name}: the wheel does not depend on {requirement}"


def _glibc(contribution: Contribution) -> Iterator[str]:
    """Hold the C library that wheels need, by their tags, against the runner's."""
    own = contribution.run.runner.glibc
    if own is None:
        return
    for name, text in contribution.texts():
        for file in _WHEEL.findall(text):
            needs = [_OLD_TAGS[tag] for tag in _OLD_TAGS if f"{tag}_" in file]
            needs += [f"{major}.{minor}" for major, minor in _MANYLINUX.findall(file)]
            if needs and key(own) < key(min(needs, key=key)):
                yield f"{name}: printed {file}, and the runner has glibc {own}"
                return


def _failures(contribution: Contribution) -> Iterator[str]:
    """Hold what an error tells of packages against those that are listed."""
    packages = contribution.run.versions()
    if not packages:
        return
    for name, text in contribution.texts():
        protobuf, numpy = packages.get("protobuf", ""), packages.get("numpy", "")
        if _DESCRIPTORS.search(text) and protobuf.startswith(("2.", "3.")):
            yield f"{name}: protobuf {protobuf} does not fail so, from 4 on it does"
        told = _NUMPY.search(text)
        if told and told[1] != numpy:
            yield f"{name}: tells of NumPy {told[1]}, and {numpy or 'none'} is listed"
        for module in _NO_MODULE.findall(text):
            if canonicalize_name(module) in packages:
                yield f"{name}: found no module {module}, and its package is listed"


RULES: tuple[Rule, ...] = (_failures, _python, _glibc, _release, _not_found, _conflict)
