"""What the probe saw: its checks, and what TensorFlow says of itself."""

import re
from collections.abc import Iterator

from kb.base.model import Capabilities
from kb.base.versions import agree, is_final, key, series
from kb.runs.run_file import CheckSeen
from verify.checking.contribution import Contribution, Rule
from verify.runner import probe

_PROBED = tuple(name for name, _ in probe.LIMITS_S)
_LIMITS: dict[str, int] = dict(probe.LIMITS_S)
_OFF = re.compile(r"off by ([0-9.e+-]{1,20}) of the largest; ([0-9.e+-]{1,20}) is allowed\Z")
_BY_CPU = re.compile(r"cpu-instead-of-gpu: computed by (\S+)")
_COUNTS_NONE = "TensorFlow finds no GPU"
_COMPUTED = frozenset(("product", "large-product", "elementwise", "convolution", "xla"))
_ALWAYS_OFFERED = _COMPUTED - {"xla"} | {"import", "gpus", "challenge"}
_MOST_PATCHES = 30  # that a Python has had: 3.8 ended at 3.8.20
_OPENED = ("libcublas.so", "libcudnn.so", "libcufft.so", "libcusolver.so", "libcusparse.so")
_OPENED_BEFORE = "2.23.0.dev0"  # what later releases open is not known
_GIT = re.compile(r"v([0-9]+\.[0-9]+)\.")
_CAPABILITY = re.compile(r"(sm|compute)_([0-9]{1,3})([0-9])[af]?")
_BUILD_INFO_SINCE = "2.3.0"  # from when on TensorFlow tells what it was built with
_SINCE = {"xla": "2.1.0", "memory-growth": "2.0.0", "keras": "1.4.0"}


def _checks(contribution: Contribution) -> Iterator[str]:
    checks = contribution.run.checks
    names = [check.name for check in checks]
    asked = _PROBED[:-1]  # the rules of challenges ask for the last one
    if names != list(_PROBED[: len(names)]):
        yield f"its checks are not the probe's: {', '.join(_PROBED)}"
    elif checks and checks[0].outcome == "ok" and len(names) < len(asked):
        if checks[-1].outcome == "ok":
            yield f"the probe ended after {names[-1]} without a reason"
        else:
            yield f"the probe goes on after {names[-1]}, and it tells of no check after that"
    elif len(names) > 1 and checks[0].outcome != "ok":
        yield "TensorFlow could not be imported, and it tells of checks after that"
    for check in checks:
        yield from _told(contribution, check)


def _told(contribution: Contribution, check: CheckSeen) -> Iterator[str]:
    """Hold the parts of a check against its outcome."""
    name, is_ok = check.name, check.outcome == "ok"
    if is_ok and (check.error is not None or check.signal is not None):
        yield f"{name}: is said to be ok, and tells of an error"
    if not is_ok and check.error is None:
        yield f"{name}: failed or was left out, and does not say why"
    if check.signal is not None and (check.outcome != "crash" or not 0 < check.signal < 65):
        yield f"{name}: tells of a signal, which ends a check as a crash"
    if (check.device is not None) != (is_ok and name in _COMPUTED):
        where = "no device" if check.device is None else "a device"
        yield f"{name}: {check.outcome}, and names {where}"
    if check.loaded and (name != "libraries" or not is_ok):
        yield f"{name}: names libraries, which `libraries` alone does where it is ok"
    yield from _offered(contribution, check)


def _offered(contribution: Contribution, check: CheckSeen) -> Iterator[str]:
    """Hold what is said to be missing in a release, or there, against what it has."""
    run, name = contribution.run, check.name
    left_out = check.outcome == "not-offered"
    if left_out and name in _ALWAYS_OFFERED:
        yield f"{name}: every release of TensorFlow offers this"
    since = _SINCE.get(name)
    has_it = since is not None and key(run.release) >= key(since)
    if since is not None and left_out == has_it and check.outcome in ("ok", "not-offered"):
        yield f"{name}: TensorFlow {run.release} {'offers' if has_it else 'does not offer'} this"
    if name == "libraries" and run.device == "cpu" and not left_out:
        yield "libraries: a CPU recipe brings none that could be loaded"
    if name == "libraries" and check.outcome == "ok":
        yield from _loaded(contribution, check.loaded)


def _loaded(contribution: Contribution, loaded: tuple[str, ...]) -> Iterator[str]:
    """Hold the libraries that were loaded against what TensorFlow's loader opens, and what the
    probe keeps of all that it sees.
    """
    starts = _OPENED if key(contribution.run.release) < key(_OPENED_BEFORE) else ()
    for start in (*starts, *(("libcuda.so.",) if contribution.by_gpu() else ())):
        if not any(name.startswith(start) for name in loaded):
            yield f"libraries: is said to be ok, and no {start.rstrip('.')} was loaded"
            return
    strange = [name for name in loaded if not name.startswith("libcu") or ".so" not in name]
    if strange or list(loaded) != sorted(set(loaded)):
        yield "libraries: are not those that the probe keeps, in its order"


def _errors(contribution: Contribution) -> Iterator[str]:
    """Hold what the probe says went wrong against what it calls wrong."""
    run = contribution.run
    for check in run.checks:
        error = check.error or ""
        off = _OFF.match(error)
        if off and not _number(off[1]) > _number(off[2]) == probe.TOLERANCE:
            yield f"{check.name}: off by {off[1]} is within what is allowed"
        if error.startswith(f"the product is {probe.PRODUCT}"):
            yield f"{check.name}: the product that it calls wrong is right"
        if _COUNTS_NONE in error and run.seen.gpus:
            yield f"{check.name}: TensorFlow finds no GPU, and lists {run.seen.gpus[0].name}"
        if told := _BY_CPU.match(error):
            if "GPU" in told[1] or run.device == "cpu":
                yield f"{check.name}: {told[0]}, which is what was asked for"
            elif any(step.outcome == "ok" for step in run.steps if step.name == "check-3"):
                yield f"{check.name}: {told[0]}, and a GPU computed the recipe's own check"
        if check.outcome == "timeout" and error != f"no end in {_LIMITS[check.name]} s":
            yield f"{check.name}: timed out, and does not say after how long"


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _seen(contribution: Contribution) -> Iterator[str]:
    """TensorFlow tells of itself once it is imported, and only then."""
    run, seen = contribution.run, contribution.run.seen
    if not contribution.imported():
        if any(seen):
            yield "TensorFlow was not imported, and it tells what TensorFlow said of itself"
        return
    if seen.tensorflow is None or seen.python is None or seen.built is None:
        yield "TensorFlow was imported, and it does not tell its version, or Python's"
    patch = re.fullmatch(rf"{re.escape(run.python)}\.([0-9]{{1,2}})\S*", seen.python or "")
    if seen.python and patch is None:
        yield f"Python called itself {seen.python}, not {run.python}"
    elif patch and int(patch[1]) > _MOST_PATCHES:
        yield f"there is no Python {seen.python}"
    tag = _GIT.match(seen.git_version or "")
    if tag and is_final(run.release) and tag[1] != series(run.release):
        yield f"TensorFlow {run.release} was not made from {seen.git_version}"
    elif contribution.commit is not None:
        told, known = seen.git_version or "no commit", contribution.commit
        if not told.startswith(known) and not known.startswith(told):  # git cuts them as it likes
            yield f"TensorFlow {run.release} was made from {known}, not {told}"


def _built(contribution: Contribution) -> Iterator[str]:
    """Hold what TensorFlow says it was built with against what its wheel says."""
    run, built = contribution.run, contribution.run.seen.built
    says = contribution.offered.published.says()
    if built is None:
        return
    if (
        None not in (says.cuda_build, built.is_cuda_build)
        and built.is_cuda_build != says.cuda_build
    ):
        was = "was" if says.cuda_build else "was not"
        yield f"the wheel says that it {was} built with CUDA, and TensorFlow says otherwise"
    told = (("CUDA", built.cuda_version, says.cuda), ("cuDNN", built.cudnn_version, says.cudnn))
    tells = key(run.release) >= key(_BUILD_INFO_SINCE)
    for name, own, of_wheel in told:
        if own and not built.is_cuda_build:
            yield f"TensorFlow says that it was built with {name}, and that it was not with CUDA"
        elif own and not tells:
            yield f"TensorFlow {run.release} does not tell the {name} that it was built with"
        elif own and of_wheel and not agree(own, of_wheel):
            yield f"TensorFlow says that it was built with {name} {own}, its wheel {of_wheel}"
        elif tells and of_wheel and not own:
            yield f"its wheel says {name} {of_wheel}, and TensorFlow is said to tell none"
    if says.compute_capabilities is not None and tells:
        own_code = _capabilities(built.cuda_compute_capabilities)
        if own_code != says.compute_capabilities:
            yield "TensorFlow tells other compute capabilities than its wheel"


def _capabilities(told: tuple[str, ...]) -> Capabilities | None:
    """Return what a list like `sm_80`, `compute_90` says, as a wheel's own list is read."""
    found = [_CAPABILITY.fullmatch(text) for text in told]
    parts = [(m[1], f"{int(m[2])}.{m[3]}") for m in found if m]
    native = sorted({capability for _, capability in parts}, key=key)
    ptx = sorted({capability for kind, capability in parts if kind == "compute"}, key=key)
    return Capabilities(tuple(native), tuple(ptx)) if len(parts) == len(told) else None


RULES: tuple[Rule, ...] = (_checks, _errors, _seen, _built)
