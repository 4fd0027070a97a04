"""What a wheel's own texts mean: METADATA's headers and build_info.py, read and never run.

Source of the spellings: TensorFlow's wheels, and its configure script, by which `sm_XY` asks for
machine code and `compute_XY` for machine code and PTX.
"""

import ast
import re
from functools import lru_cache
from typing import Any

from packaging import requirements, specifiers
from packaging.markers import Marker, UndefinedComparison, UndefinedEnvironmentName
from packaging.metadata import parse_email
from packaging.utils import canonicalize_name

from kb.base.model import Capabilities, Distribution, Extra, Platform, WheelFacts, WheelText
from kb.base.names import MARKERS, PLUGINS
from kb.base.record import Record
from kb.base.requirement import InvalidRequirement, Requirement, Specifier

MAX_TEXT = 256 * 1024
_WINDOWS_CUDA = re.compile(r"64_([0-9]{1,3})([0-9])")
_WINDOWS_CUDNN = re.compile(r"64_([0-9]{1,3})")
_DOTTED = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9}){0,5}")
_CAPABILITY = re.compile(r"(sm|compute)_([0-9]{1,3})([0-9])[af]?")
_EXTRA_CLAUSE = re.compile(r'(?:(.+) and )?extra == "([^"]+)"')


class UnreadableText(ValueError):
    """A text of a wheel that is not what such a text must be."""


class BuildInfo(Record):
    """What build_info.py states; None for what it leaves out."""

    cuda_build: bool | None = None
    rocm_build: bool | None = None
    cuda: str | None = None
    cudnn: str | None = None
    compute_capabilities: Capabilities | None = None


class Metadata(Record):
    """What METADATA's headers state."""

    requires_python: Specifier | None
    requires: tuple[Requirement, ...]
    extras: tuple[Extra, ...]


def says(
    text: WheelText, distribution: Distribution, platform: Platform, python: str
) -> WheelFacts:
    """Return what the texts of a wheel for this platform and Python say. Raises UnreadableText."""
    metadata = read_metadata(text.metadata)
    info = BuildInfo() if text.build_info is None else read_build_info(text.build_info)
    shim = None
    if text.build_info is None and distribution not in PLUGINS:
        shim = _shim(metadata.requires, platform, python)
    return WheelFacts(
        wheel=text.file,
        requires_python=metadata.requires_python,
        shim=shim,
        cuda_build=info.cuda_build,
        rocm_build=info.rocm_build,
        cuda=info.cuda,
        cudnn=info.cudnn,
        compute_capabilities=info.compute_capabilities,
        requires=metadata.requires,
        extras=metadata.extras,
    )


def headers(metadata: str) -> str:
    """Return METADATA up to the blank line that ends its headers."""
    return re.split(r"(?<=\n)\r?\n", metadata, maxsplit=1)[0]


def read_metadata(text: str) -> Metadata:
    """Read METADATA's headers. Raises UnreadableText."""
    if len(text) > MAX_TEXT:
        raise UnreadableText(f"METADATA has more than {MAX_TEXT} characters")
    raw, _ = parse_email(headers(text).replace("\r\n", "\n"))
    if "name" not in raw or "version" not in raw:
        raise UnreadableText("METADATA names no distribution and version")
    plain: list[Requirement] = []
    by_extra: dict[str, list[Requirement]] = {name: [] for name in raw.get("provides_extra", [])}
    for line in raw.get("requires_dist", []):
        extra, requirement = _requirement(line)
        (plain if extra is None else by_extra.setdefault(extra, [])).append(requirement)
    return Metadata(
        requires_python=python_bounds(raw.get("requires_python")),
        requires=tuple(sorted(plain)),
        extras=tuple(Extra(name, tuple(sorted(by_extra[name]))) for name in sorted(by_extra)),
    )


@lru_cache(maxsize=8192)  # a few thousand lines stand in some thirty thousand places
def _requirement(line: str) -> tuple[str | None, Requirement]:
    """Return the extra that a requirement stands under, if any, and the requirement."""
    try:
        read = requirements.Requirement(line)
        read.name = canonicalize_name(read.name)
        read.extras = set(map(canonicalize_name, read.extras))
        clause = _EXTRA_CLAUSE.fullmatch(str(read.marker or ""))
        if clause is None:
            return None, Requirement(str(read))
        read.marker = None
        return clause[2], Requirement(f"{read}; {clause[1]}" if clause[1] else str(read))
    except requirements.InvalidRequirement:
        raise UnreadableText(f"METADATA has a requirement that is none: {line[:80]!r}") from None
    except InvalidRequirement as error:
        raise UnreadableText(f"METADATA has a requirement that is not taken: {error}") from None


def python_bounds(text: str | None) -> Specifier | None:
    """Read the Pythons that METADATA asks for, None where it names none. Raises UnreadableText."""
    try:
        return None if text is None else Specifier(str(specifiers.SpecifierSet(text)))
    except (specifiers.InvalidSpecifier, InvalidRequirement):
        raise UnreadableText(f"METADATA has a Python that is none: {text!r:.80}") from None


def _shim(requires: tuple[Requirement, ...], platform: Platform, python: str) -> Requirement | None:
    environment: dict[str, str] = {**MARKERS[platform]._asdict(), "python_version": python}
    for requirement in requires:
        if not requirement.name.startswith("tensorflow") or requirement.specifier.exact is None:
            continue
        try:
            applies = requirement.marker is None or Marker(requirement.marker).evaluate(environment)
        except (UndefinedComparison, UndefinedEnvironmentName):
            raise UnreadableText(
                f"METADATA has a marker without meaning: {requirement[:80]!r}"
            ) from None
        if applies:
            return Requirement(f"{requirement.name}{requirement.specifier}")
    return None


def read_build_info(text: str) -> BuildInfo:
    """Read build_info.py in any of its shapes, without running it. Raises UnreadableText."""
    facts = _literals(text)
    capabilities = facts.get("cuda_compute_capabilities")
    return BuildInfo(
        cuda_build=_flag(facts, "is_cuda_build"),
        rocm_build=_flag(facts, "is_rocm_build"),
        cuda=_version(facts, ("cuda_version", "cuda_version_number"), _WINDOWS_CUDA),
        cudnn=_version(facts, ("cudnn_version", "cudnn_version_number"), _WINDOWS_CUDNN),
        compute_capabilities=None if capabilities is None else _capabilities(capabilities),
    )


def _literals(text: str) -> dict[str, Any]:
    if len(text) > MAX_TEXT:
        raise UnreadableText(f"build_info.py has more than {MAX_TEXT} characters")
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        reason = getattr(error, "msg", None) or type(error).__name__
        raise UnreadableText(f"build_info.py is not Python: {reason}") from None
    facts: dict[str, Any] = {}
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            facts[statement.targets[0].id] = _literal(statement.value)
    nested = facts.pop("build_info", {})
    if not isinstance(nested, dict):
        raise UnreadableText("build_info.py's build_info is no mapping")
    return facts | nested


def _literal(node: ast.expr) -> Any:
    """Evaluate a literal, or the pairs given to OrderedDict, and nothing else."""
    try:
        if isinstance(node, ast.Call) and _called(node) == "OrderedDict" and len(node.args) == 1:
            return dict(ast.literal_eval(node.args[0]))
        return ast.literal_eval(node)
    except (ValueError, TypeError, RecursionError, MemoryError):
        line = getattr(node, "lineno", "?")
        raise UnreadableText(f"build_info.py is not literal at line {line}") from None


def _called(node: ast.Call) -> str:
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _shown(value: Any) -> str:
    try:
        return repr(str(value)[:40])
    except ValueError:  # a number too long to write
        return type(value).__name__


def _flag(facts: dict[str, Any], name: str) -> bool | None:
    value = facts.get(name)
    if value is not None and not isinstance(value, bool):
        raise UnreadableText(f"build_info.py's {name} is neither True nor False")
    return value


def _version(facts: dict[str, Any], names: tuple[str, ...], windows: re.Pattern[str]) -> str | None:
    value = next((facts[name] for name in names if facts.get(name)), None)
    if value is None:
        return None
    if isinstance(value, str) and (match := windows.fullmatch(value)):
        return ".".join(match.groups())
    if isinstance(value, str) and _DOTTED.fullmatch(value) and len(value) <= 20:
        return value
    raise UnreadableText(f"build_info.py's {names[0]} is no version: {_shown(value)}")


def _capabilities(value: Any) -> Capabilities:
    native, ptx = [], []
    for item in value if isinstance(value, list) else [None]:
        match = _CAPABILITY.fullmatch(item) if isinstance(item, str) else None
        if match is None:
            raise UnreadableText(f"build_info.py has an unknown compute capability: {_shown(item)}")
        capability = f"{match[2]}.{match[3]}"
        native.append(capability)
        if match[1] == "compute":
            ptx.append(capability)
    return Capabilities(tuple(native), tuple(ptx))
