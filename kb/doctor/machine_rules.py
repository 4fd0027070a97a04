"""The doctor's rules on the machine and its Python, each a small function."""

from collections.abc import Iterator

from kb.base.findings import Finding
from kb.base.model import Platform, WayOut
from kb.base.names import PLATFORM_NAMES
from kb.base.printable import one_line
from kb.base.versions import InvalidVersion, key, series, spans, strictest
from kb.doctor.case import Checkup
from kb.doctor.fitting import newest_python
from kb.facts.processors import InstructionsUsed, instructions_used

_WITHOUT = {
    ("linux", "armv7l"): "linux-armv7l",
    ("win32", "arm64"): "windows-arm64",
}
_FIND = "python -m kb find --detect"
# https://github.com/pypa/manylinux: the oldest pip for each kind of tag; and the first series whose
# wheels for Linux on x86-64 bear it alone.
_PIPS = (("20.3", "manylinux_2_27", "2.21"), ("19.3", "manylinux2014", "2.9"))


def environment(case: Checkup) -> Iterator[Finding]:
    """Tell where the environment that the shell names cannot be used, or is not the one that is
    looked at.
    """
    active = case.seen.python.active
    if active is not None:
        yield Finding(
            rule="environment",
            severity="ok" if case.own else "warning",
            text=(
                "All of this is told of the environment whose Python runs this. The shell has "
                f"activated another one, {one_line(active)}."
            ),
            ways_out=(WayOut(command=f"python -m kb doctor --python {case.quoted(active)}"),),
        )
    for why in case.seen.python.passed_over:
        yield Finding(
            rule="environment",
            severity="warning",
            text=(
                f"The Python that the shell names does not answer ({why}). What follows is told of "
                "another one."
            ),
            ways_out=(
                WayOut(told="Activate the environment anew."),
                WayOut(command="python -m kb doctor --python PATH"),
            ),
        )


def platform(case: Checkup) -> Iterator[Finding]:
    """Ask for a platform that has wheels at all."""
    marks = case.seen.python.marks
    if case.seen.machine.platform is None:
        system = f"{marks['platform_system']} on {marks['platform_machine']}"
        yield Finding(
            rule="platform",
            severity="error",
            text=f"No TensorFlow was published for {system}: pip finds no wheel to install.",
            ways_out=tuple(WayOut(told=told) for told in _instead(case)),
        )


def _instead(case: Checkup) -> tuple[str, ...]:
    """Return what people use on the platform of the active Python."""
    marks = case.seen.python.marks
    name = _WITHOUT.get((marks["sys_platform"], marks["platform_machine"].lower()))
    told, _ = case.facts.without.get(name or "", ((), ()))
    return told or ("Use a machine, a container or WSL2 with Linux on x86-64 or 64-bit Arm.",)


def bits(case: Checkup) -> Iterator[Finding]:
    """Ask for a Python of 64 bits."""
    python = case.seen.python
    if python.bits != 64:
        yield Finding(
            rule="python-bits",
            severity="error",
            text=(
                f"Python {python.version} has {python.bits} bits. TensorFlow's wheels are for 64 "
                "bits only, so pip finds none."
            ),
            ways_out=(
                WayOut(told="Install Python for 64 bits, and make the environment anew with it."),
            ),
        )


def python(case: Checkup) -> Iterator[Finding]:
    """Ask for a Python that the installed release, or any release, has a wheel for."""
    minor, version = case.seen.python.minor, case.seen.python.version
    platform = case.seen.machine.platform
    if platform is None:
        return
    if case.own is not None and case.known.build is not None:
        yield _for_release(case)
        return
    span = case.facts.pythons.get(f"{platform}/cpu/{minor}")
    where = PLATFORM_NAMES[platform]
    if span is not None:
        text = f"Python {version}: series from {span.first} to {span.last} have a wheel for it."
        yield Finding(rule="python", severity="ok", text=text)
        return
    served = _served_on(case, platform)
    oldest, newest = min(served, key=key), max(served, key=key)
    age = "too new for" if key(minor) > key(newest) else "not served by"
    fitting = newest_python(case)
    ways_out = [WayOut(command=_FIND)]
    if fitting:
        venv, _ = _new_environment(case, fitting, "tensorflow")
        asked = f"{_FIND} --python {fitting}"
        ways_out = [venv, WayOut(told="What fits it, and its set-up", command=asked)]
    beside = ""
    if candidate := case.facts.candidate_pythons.get(platform, {}).get(minor):
        beside = f" The release candidate {candidate} has one."
        command = f"{_FIND} --python {minor}"
        ways_out.append(WayOut(told="Or take the candidate", command=command))
    elif minor in case.facts.nightly.get(platform, ()):
        beside = " tf-nightly alone has one."
    yield Finding(
        rule="python",
        severity="error",
        text=f"Python {version} is {age} TensorFlow: no release has a wheel for it on {where}; the "
        f"newest that one is served is {newest}, the oldest {oldest}.{beside}",
        ways_out=tuple(ways_out),
    )


def _for_release(case: Checkup) -> Finding:
    minor, pythons = case.seen.python.minor, case.known.pythons
    if minor in pythons:
        text = f"Python {case.seen.python.version}, 64-bit: {case.title()} has a wheel for it."
        return Finding(rule="python", severity="ok", text=text)
    newest = max(pythons, key=key)
    wanted = case.quoted(f"{case.own.name}=={case.own.version}") if case.own else "tensorflow"
    return Finding(
        rule="python",
        severity="error",
        text=(
            f"{case.title()} has no wheel for Python {minor}, only for {spans(list(pythons))}: "
            "what is installed was not built for this Python, or not by the TensorFlow team."
        ),
        ways_out=(
            *_new_environment(case, newest, wanted),
            WayOut(
                told=f"Or keep Python {minor}, and take a release that has a wheel for it",
                command=f"{_FIND} --python {minor}",
            ),
        ),
    )


def _new_environment(case: Checkup, python: str, wanted: str) -> tuple[WayOut, ...]:
    """Return how an environment with a Python is made, and what is wanted is installed there."""
    is_windows = (case.seen.machine.platform or "").startswith("windows")
    started = f"py -{python}" if is_windows else f"python{python}"
    inside = r"tf\Scripts\python" if is_windows else "tf/bin/python"
    return (
        WayOut(told=f"Make an environment with Python {python}", command=f"{started} -m venv tf"),
        WayOut(told="and install it there", command=f"{inside} -m pip install {wanted}"),
    )


def musl(case: Checkup) -> Iterator[Finding]:
    """Ask for glibc, for which the wheels are built."""
    if case.seen.python.is_musl:
        yield Finding(
            rule="musl",
            severity="error",
            text=(
                "This Python is built for musl, as on Alpine Linux. TensorFlow's wheels are for "
                "glibc only: pip finds none, and those of glibc do not load."
            ),
            ways_out=(
                WayOut(
                    told="In a container, start from an image with glibc",
                    command=f"FROM python:{_newest_anywhere(case)}-slim",
                    presupposes=("docker",),
                ),
            ),
        )


def _newest_anywhere(case: Checkup) -> str:
    """Return the newest Python for which a release has a wheel for glibc on such a processor."""
    return max(_served_on(case, case.seen.machine.platform or "linux-x86_64"), key=key)


def _served_on(case: Checkup, platform: Platform) -> list[str]:
    """Return the Pythons for which a release has a wheel on a platform."""
    served = (name.split("/") for name in case.facts.pythons)
    return [python for where, device, python in served if (where, device) == (platform, "cpu")]


def glibc(case: Checkup) -> Iterator[Finding]:
    """Ask for the glibc that the wheel's tag demands."""
    build, own = case.known.build, case.seen.machine.glibc
    if build is None or own is None:
        return
    minor = case.seen.python.minor
    wheels = [wheel for wheel in build.published.build.wheels if minor in wheel.python]
    minimum = strictest(wheel.glibc for wheel in wheels)
    if minimum is not None and key(own) < key(minimum):
        yield Finding(
            rule="glibc",
            severity="error",
            text=(
                f"{case.title()} needs glibc {minimum}, and this system has {own}: its libraries "
                "do not load."
            ),
            ways_out=(WayOut(command=f"python -m kb find --detect --glibc {own}"),),
        )


def pip(case: Checkup) -> Iterator[Finding]:
    """Ask for a pip that is there, and that sees today's wheels."""
    version = case.version("pip")
    if version is None:
        yield Finding(
            rule="pip",
            severity="warning",
            text="There is no pip in this environment, and what is proposed here uses it.",
            ways_out=(WayOut(command=f"{case.python()} -m ensurepip --upgrade"),),
        )
        return
    span = case.facts.pythons.get(f"linux-x86_64/cpu/{case.seen.python.minor}")
    if case.seen.machine.platform != "linux-x86_64" or span is None:
        return
    blind = [row for row in _PIPS if _is_older(version, row[0]) and key(span.last) >= key(row[2])]
    if not blind:
        return
    minimum, tag, since = blind[-1]
    sees_none = case.own is None and key(span.first) >= key(since)
    yield Finding(
        rule="pip",
        severity="error" if sees_none else "warning",
        text=(
            f"pip {version} is older than {minimum} and does not see wheels for {tag}, as "
            f"TensorFlow's are from {since} on: it offers "
            f"{'none' if sees_none else 'older releases'}."
        ),
        ways_out=(WayOut(command=f"{case.python()} -m pip install --upgrade pip"),),
    )


def _is_older(version: str, minimum: str) -> bool:
    try:
        return key(version) < key(minimum)
    except InvalidVersion:
        return False


def instructions(case: Checkup) -> Iterator[Finding]:
    """Ask for the instructions that the installed release uses; without one, for AVX."""
    platform, has = case.seen.machine.platform, case.seen.machine.instructions
    if has is None or platform is None or not platform.endswith("x86_64"):
        return
    used = _instructions_used(case, platform)
    if used is None or used.flag in has:
        return
    if used.flag != "avx" and "avx" in has:
        yield _lacks_newer(case, used)
    else:
        yield _LACKS_AVX


def _instructions_used(case: Checkup, platform: Platform) -> InstructionsUsed | None:
    """Return what the installed release uses; where that is not known, what the newest use."""
    release = case.own.version.partition("+")[0] if case.own else None
    try:
        return instructions_used(release, platform)
    except InvalidVersion:
        return instructions_used(None, platform)


_VIRTUAL = WayOut(
    told="In a virtual machine, let the guest see the host's processor features.",
    presupposes=("virtual-machine",),
)
_LACKS_AVX = Finding(
    rule="avx",
    severity="error",
    text=(
        "The processor has no AVX, or a virtual machine hides it. From 1.6 on the wheels use "
        "it: importing TensorFlow ends with an illegal instruction."
    ),
    ways_out=(
        WayOut(command="grep -m1 -o -w avx /proc/cpuinfo", presupposes=("linux",)),
        _VIRTUAL,
        WayOut(told="Otherwise build TensorFlow from source without AVX, or use another machine."),
    ),
)


def _lacks_newer(case: Checkup, used: InstructionsUsed) -> Finding:
    """Return the finding for a processor that has AVX, and not what one release uses beyond it."""
    name, own = used.flag.upper(), series(used.releases.last or used.releases.first or "")
    others = f"{case.own.name if case.own else 'tensorflow'}=={own}.*,!={used.releases.last}"
    return Finding(
        rule=used.flag,
        severity="error",
        text=(
            f"The processor has AVX and no {name}, or a virtual machine hides it. The wheels of "
            f"{used.releases.last} alone use {name}: importing it ends with an illegal instruction."
        ),
        ways_out=(
            WayOut(told="Take another patch of the series", command=case.install(others)),
            WayOut(command=f"grep -m1 -o -w {used.flag} /proc/cpuinfo", presupposes=("linux",)),
            _VIRTUAL,
        ),
        sources=(used.source,),
    )


def wsl2(case: Checkup) -> Iterator[Finding]:
    """Tell that Windows shares no NVIDIA driver with WSL2."""
    if case.seen.machine.wsl2 and not case.seen.machine.wsl_driver:
        yield Finding(
            rule="wsl2",
            severity="warning",
            text=(
                "Windows shares no NVIDIA driver with WSL2: /usr/lib/wsl/lib has no libcuda.so.1, "
                "so TensorFlow sees no GPU."
            ),
            ways_out=(
                WayOut(
                    told="Install NVIDIA's driver in Windows, not in WSL2, then in Windows",
                    command="wsl --shutdown",
                    presupposes=("windows",),
                ),
                WayOut(
                    told="In Windows, bring WSL up to date",
                    command="wsl --update",
                    presupposes=("windows",),
                ),
            ),
        )


def container(case: Checkup) -> Iterator[Finding]:
    """Tell that a container was started without the GPU that its machine has."""
    machine, nvidia = case.seen.machine, case.seen.nvidia
    if not machine.container or machine.gpu_devices or machine.wsl2:
        return
    if nvidia.asked in ("NVML", "nvidia-smi"):
        return
    if nvidia.in_kernel is not None or case.gpus:
        yield Finding(
            rule="container",
            severity="warning",
            text=(
                "The machine has an NVIDIA GPU, and this container was started without it: there "
                "is no /dev/nvidiactl, so TensorFlow sees no GPU."
            ),
            ways_out=(WayOut(command="docker run --gpus all IMAGE", presupposes=("docker",)),),
        )


RULES = (platform, bits, python, musl, glibc, pip, instructions, wsl2, container)
