"""Small knowledge bases, written as YAML as the scraper and people write them.

Their releases, wheels and figures are made up: nothing here is said of a real TensorFlow.
"""

from hashlib import sha256
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement as PipRequirement
from packaging.specifiers import SpecifierSet

from kb.base.model import (
    Architecture,
    Bounds,
    Build,
    Capabilities,
    CodeFile,
    CudaFile,
    Driver,
    Extra,
    FirstToolkit,
    ForwardCompatibility,
    GpuModel,
    GpusFile,
    InstallPage,
    LastToolkit,
    LibraryCode,
    MaximumDriver,
    ObjectCode,
    OfficialRow,
    Pin,
    PinsFile,
    PluginFile,
    Problem,
    ProblemsFile,
    Ptx,
    PtxVersion,
    Release,
    Resolution,
    ResolutionsFile,
    SeriesFile,
    WayOut,
    Wheel,
    WheelCode,
    WheelFacts,
    WheelsFile,
    WheelText,
    Wsl2,
)
from kb.base.requirement import Requirement, Specifier
from kb.base.store import Store
from kb.base.writing import dump
from kb.facts import tags

PAGE_READ = "2026-01-01"
INDEX_READ = "2026-02-02"
RELEASED = "2023-03-03"
LINK = "https://example.com/source"

LINUX = "linux-x86_64"
ARM_LINUX = "linux-aarch64"
WINDOWS = "windows-x86_64"
INTEL_MAC = "macos-x86_64"
ARM_MAC = "macos-arm64"
_PLATFORM_TAGS = {
    LINUX: "manylinux_2_17_x86_64.manylinux2014_x86_64",
    ARM_LINUX: "manylinux_2_17_aarch64.manylinux2014_aarch64",
    WINDOWS: "win_amd64",
    INTEL_MAC: "macosx_10_15_x86_64",
    ARM_MAC: "macosx_12_0_arm64",
}


def requirement(text: str) -> Requirement:
    """Return a requirement from any text that pip takes."""
    return Requirement(str(PipRequirement(text)))


def specifier(text: str) -> Specifier:
    """Return bounds on a version from any text that pip takes."""
    return Specifier(str(SpecifierSet(text)))


def extra(name: str, *requires: str) -> Extra:
    """Return an extra and what it requires."""
    return Extra(name, tuple(map(requirement, requires)))


NVIDIA = ("nvidia-cublas-cu12==12.2.5.6", "nvidia-cudnn-cu12==8.9.4.25")
AND_CUDA = extra("and-cuda", *NVIDIA, "tensorrt==8.6.1.post1")
CUDA_12: dict[str, Any] = {
    "cuda_build": True,
    "rocm_build": False,
    "cuda": "12.2",
    "cudnn": "8",
    "compute_capabilities": Capabilities(("6.0", "7.0", "8.0"), ("8.0",)),
    "extras": (AND_CUDA,),
}
CUDA_11: dict[str, Any] = {
    "cuda_build": True,
    "rocm_build": False,
    "cuda": "11.2",
    "cudnn": "8",
    "compute_capabilities": Capabilities(("3.5", "7.0"), ("7.0",)),
}
CPU: dict[str, Any] = {"cuda_build": False, "rocm_build": False}


def shim_to(text: str) -> dict[str, Any]:
    """Return what a wheel says that has no code and requires another distribution."""
    return {"shim": text, "requires": (text,)}


def wheel_name(distribution: str, release: str, platform: str, python: str) -> str:
    """Return the name of a wheel."""
    interpreter = f"cp{python.replace('.', '')}" if "." in python else f"py{python}"
    name = distribution.replace("-", "_")
    return f"{name}-{release}-{interpreter}-none-{_PLATFORM_TAGS[platform]}.whl"


def sha256_of(file: str) -> str:
    """Return the sha256 that a wheel of this name has here."""
    return sha256(file.encode()).hexdigest()


def wheel(file: str, yanked: str | None = None) -> Wheel:
    """Return a wheel by its name, which tells its Pythons, platform and demands."""
    read = tags.read(file)
    return Wheel(
        file=file,
        python=read.python,
        size=1000,
        sha256=sha256_of(file),
        uploaded=RELEASED,
        glibc=read.glibc,
        macos=read.macos,
        yanked=yanked,
    )


def build(
    distribution: str,
    release: str,
    platform: str,
    pythons: str,
    yanked: str = "",
    **says: Any,
) -> Build:
    """Return a build with a wheel for each of its Pythons, some of them yanked."""
    wheels = tuple(
        wheel(
            wheel_name(distribution, release, platform, python),
            "it was broken" if python in yanked.split() else None,
        )
        for python in pythons.split()
    )
    return Build(
        platform=platform, read=INDEX_READ, wheels=wheels, says=facts(wheels[-1].file, **says)
    )


def facts(file: str, **says: Any) -> WheelFacts:
    """Return what a wheel says; its requirements may be given as texts."""
    read: dict[str, Any] = dict(says)
    for field, reader in (("shim", requirement), ("requires_python", specifier)):
        if read.get(field) is not None:
            read[field] = reader(read[field])
    read["requires"] = tuple(map(requirement, says.get("requires", ())))
    return WheelFacts(wheel=file, **read)


def release(distribution: str, version: str, *builds: Build, released: str = RELEASED) -> Release:
    """Return a release of these builds."""
    return Release(distribution=distribution, release=version, released=released, builds=builds)


def placeholder(distribution: str, version: str) -> Release:
    """Return a release with nothing but an sdist."""
    return Release(
        distribution=distribution,
        release=version,
        released=RELEASED,
        builds=(),
        sdist=f"{distribution}-{version}.tar.gz",
    )


def one_build(distribution: str, version: str, platform: str, pythons: str, **says: Any) -> Release:
    """Return a release with a build for one platform."""
    return release(distribution, version, build(distribution, version, platform, pythons, **says))


def row(
    table: str,
    version: str,
    python: str,
    cuda: str | None = None,
    cudnn: str | None = None,
    build_tools: str = "Bazel 6.1.0",
) -> OfficialRow:
    """Return a row of the tested build configurations."""
    return OfficialRow(
        table=table,
        version=version,
        python=python,
        compiler="GCC 9",
        build_tools=build_tools,
        read=PAGE_READ,
        cudnn=cudnn,
        cuda=cuda,
    )


def series_file(
    name: str, releases: tuple[Release, ...] = (), official: tuple[OfficialRow, ...] = ()
) -> SeriesFile:
    """Return the file of a series."""
    return SeriesFile(format=1, series=name, official=official, releases=releases)


def install_page(**fields: Any) -> InstallPage:
    """Return what the page about installing says, with some of its fields changed."""
    page = InstallPage(
        read="2023-04-04",
        source=LINK,
        python="3.9-3.10",
        compute_capabilities=("6.0", "7.0", "8.0"),
        cuda="12.2",
        cudnn="8.9",
        driver_linux="525.60.13",
        ubuntu="16.04",
        macos="12.0",
        pip="19.3",
    )
    return page._replace(**fields)


def series_2_15() -> SeriesFile:
    """Return a series with a CUDA build, a build for the CPU alone, shims, and a last patch that
    has fewer Pythons than the one before.
    """
    return series_file(
        "2.15",
        (
            release(
                "tensorflow",
                "2.15.0",
                build("tensorflow", "2.15.0", LINUX, "3.9 3.10", **CUDA_12),
                build(
                    "tensorflow", "2.15.0", WINDOWS, "3.9", **shim_to("tensorflow-intel==2.15.0")
                ),
                build(
                    "tensorflow", "2.15.0", ARM_MAC, "3.9", **shim_to("tensorflow-macos==2.15.0")
                ),
            ),
            one_build("tensorflow", "2.15.0.post1", LINUX, "3.9 3.10", **CUDA_12),
            one_build("tensorflow", "2.15.1", LINUX, "3.10 3.11", **CUDA_12),
            one_build("tensorflow-cpu", "2.15.1", LINUX, "3.10 3.11", **CPU),
            one_build("tensorflow-intel", "2.15.0", WINDOWS, "3.9", **CPU),
        ),
        (
            row("linux-cpu", "tensorflow-2.15.0", "3.9-3.10"),
            row("linux-gpu", "tensorflow-2.15.0", "3.9-3.10", "12.2", "8.9"),
        ),
    )


def series_1_15() -> SeriesFile:
    """Return a series of the API 1.x, whose CUDA builds have a distribution of their own."""
    return series_file(
        "1.15",
        (
            one_build("tensorflow", "1.15.0", LINUX, "2.7 3.7", **CPU),
            one_build("tensorflow-gpu", "1.15.0", LINUX, "2.7 3.7", cuda_build=True, cuda="10.0"),
            one_build("tensorflow-rocm", "1.15.0", LINUX, "3.7", **(CPU | {"rocm_build": True})),
            one_build("tensorflow-directml", "1.15.0", WINDOWS, "3.7"),
        ),
        (row("linux-gpu", "tensorflow_gpu-1.15.0", "2.7, 3.7", "10.0", "7.4"),),
    )


def series_2_16() -> SeriesFile:
    """Return a series of which there is only a nightly, and a placeholder."""
    return series_file(
        "2.16",
        (
            placeholder("tensorflow-gpu", "2.16.0"),
            one_build("tf-nightly", "2.16.0.dev20260101", LINUX, "3.11", **CPU),
        ),
    )


CUDA = CudaFile(
    format=1,
    drivers=(
        Driver(cuda="12.x", linux="525.60.13", windows="528.33", source=LINK, wsl2="528.33"),
        Driver(cuda="11.x", linux="450.80.02", windows="452.39", source=LINK),
        Driver(cuda="11.0.3", linux="450.51.06", windows="451.82", source=LINK),
        Driver(cuda="11.0.2", linux="450.51.05", windows="451.48", source=LINK),
        Driver(cuda="10.0", linux="410.48", windows="411.31", source=LINK),
        Driver(cuda="9.0", linux="384.81", windows="385.54", source=LINK),
    ),
    knows=(
        FirstToolkit(compute_capability="8.0", cuda="11.0", source=LINK),
        FirstToolkit(compute_capability="7.0", cuda="9.0", source=LINK),
    ),
    architectures=(
        Architecture("Ampere", ("8.0", "8.6"), LINK),
        Architecture("Volta", ("7.0", "7.2"), LINK),
        Architecture("Pascal", ("6.0", "6.1"), LINK),
        Architecture("Kepler", ("3.5",), LINK),
    ),
    wsl2=Wsl2(compute_capability="6.0", source=LINK, branch="495"),
    ptx=tuple(
        PtxVersion(version=version, cuda=cuda, branch=branch, source=LINK)
        for version, cuda, branch in (("8.5", "12.5", "555"), ("8.3", "12.3", "545"))
    ),
    maximum_drivers=(
        MaximumDriver(
            compute_capabilities=("6.0", "6.1", "7.0"), branch="580", before="590", source=LINK
        ),
        MaximumDriver(compute_capabilities=("3.5",), branch="470", before="495", source=LINK),
    ),
    last_toolkits=(
        LastToolkit(compute_capabilities=("6.0", "6.1", "7.0"), cuda="12.x", source=LINK),
        LastToolkit(compute_capabilities=("3.5",), cuda="11.x", source=LINK),
    ),
    forward_compatibility=(
        ForwardCompatibility(cuda="12.2", branch="535", on_branches=("470", "525"), source=LINK),
        ForwardCompatibility(cuda="11.2", branch="460", on_branches=("418",), source=LINK),
    ),
)
GPUS = GpusFile(
    1,
    (
        GpuModel(name="A100", compute_capability="8.0", source=LINK),
        GpuModel(name="V100", compute_capability="7.0", source=LINK, data_centre=True),
        GpuModel(name="GTX 1080", compute_capability="6.1", source=LINK),
    ),
)
EVERYWHERE = Bounds(None, None)


def pin(text: str, first: str | None, last: str | None, **fields: Any) -> Pin:
    """Return a pin on releases of `tensorflow`, which applies everywhere but for `fields`."""
    everywhere: dict[str, Any] = {
        "distributions": ("tensorflow",),
        "platforms": (),
        "devices": (),
        "pythons": (),
        "reason": "It was found broken without.",
        "source": LINK,
    }
    return Pin(pin=requirement(text), releases=Bounds(first, last), **{**everywhere, **fields})


def problem(name: str, first: str | None, last: str | None, **fields: Any) -> Problem:
    """Return a problem that hits everything but for `fields`."""
    everywhere: dict[str, Any] = {
        "title": f"The title of {name}",
        "platforms": (),
        "devices": (),
        "pythons": (),
        "compute_capabilities": (),
        "looks_like": ("an error",),
        "cause": "A cause.",
        "way_out": (WayOut("A way out."),),
        "sources": (LINK,),
    }
    return Problem(id=name, releases=Bounds(first, last), **{**everywhere, **fields})


def verdict(
    python: str, requirements: tuple[str, ...], resolves: bool, platform: str = LINUX
) -> Resolution:
    """Return what a resolver found for some requirements."""
    conflict = None if resolves else "tensorrt has no wheel"
    asked = tuple(map(requirement, requirements))
    return Resolution(
        python=python,
        platform=platform,
        requirements=asked,
        resolves=resolves,
        since="2026-03-03",
        conflict=conflict,
    )


def text_of(one: Build, distribution: str, version: str) -> WheelText:
    """Return the texts of the wheel that speaks for a build, saying what its `says` repeats."""
    says = one.says
    lines = ["Metadata-Version: 2.1", f"Name: {distribution}", f"Version: {version}"]
    lines += [f"Requires-Python: {says.requires_python}"] if says.requires_python else []
    lines += [f"Requires-Dist: {line}" for line in says.requires]
    for extra in says.extras:
        lines.append(f"Provides-Extra: {extra.name}")
        lines += [f"Requires-Dist: {line}; extra == '{extra.name}'" for line in extra.requires]
    return WheelText(
        file=says.wheel,
        sha256=sha256_of(says.wheel),
        read=INDEX_READ,
        metadata="\n".join(lines) + "\n",
        build_info=None if says.cuda_build is None else _build_info(says),
    )


def _build_info(says: WheelFacts) -> str:
    facts: dict[str, Any] = {
        "is_cuda_build": says.cuda_build,
        "is_rocm_build": says.rocm_build,
        "cuda_version": says.cuda,
        "cudnn_version": says.cudnn,
    }
    if says.compute_capabilities is not None:
        facts["cuda_compute_capabilities"] = [
            f"{'compute' if one in says.compute_capabilities.ptx else 'sm'}_{one.replace('.', '')}"
            for one in says.compute_capabilities.native
        ]
    return f"build_info = { ({k: v for k, v in facts.items() if v is not None})!r}\n"


def texts_of(releases: tuple[Release, ...]) -> WheelsFile:
    """Return the texts of the wheels that speak for releases; silent wheels have none."""
    return WheelsFile(
        1,
        tuple(
            text_of(one, release.distribution, release.release)
            for release in releases
            for one in release.builds
            if one.says != WheelFacts(wheel=one.says.wheel)
        ),
    )


def write_base(
    folder: Path,
    *series: SeriesFile,
    cuda: CudaFile = CUDA,
    gpus: GpusFile = GPUS,
    pins: tuple[Pin, ...] = (),
    problems: tuple[Problem, ...] = (),
    resolutions: dict[str, tuple[Resolution, ...]] | None = None,
    plugins: tuple[PluginFile, ...] = (),
    code: tuple[WheelCode, ...] = (),
) -> Store:
    """Write a knowledge base into a folder; return its store. Its code is of the first series."""
    files: dict[str, Any] = {
        "cuda.yaml": cuda,
        "gpus.yaml": gpus,
        "pins.yaml": PinsFile(1, pins),
        "problems.yaml": ProblemsFile(1, problems),
    }
    for one in series:
        files[f"releases/{one.series}.yaml"] = one
        files[f"wheels/{one.series}.yaml"] = texts_of(one.releases)
    for plugin in plugins:
        files[f"plugins/{plugin.plugin}.yaml"] = plugin
    if code:
        files[f"code/{series[0].series}.yaml"] = CodeFile(1, code)
    for name, verdicts in (resolutions or {}).items():
        files[f"resolutions/{name}.yaml"] = ResolutionsFile(1, verdicts)
    (folder / "releases").mkdir(parents=True, exist_ok=True)
    for name, record in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dump(record, "A small knowledge base."), encoding="utf-8")
    return Store(folder)


def code_of(release: Release, *objects: ObjectCode, opens: tuple[str, ...] = ()) -> WheelCode:
    """Return what was read in the wheel that speaks for a release's one build: all of it in one
    library.
    """
    (build,) = release.builds
    wheel = next(wheel for wheel in build.wheels if wheel.file == build.says.wheel)
    return WheelCode(
        file=wheel.file,
        sha256=wheel.sha256,
        read=INDEX_READ,
        libraries=(LibraryCode("tensorflow/libtensorflow_cc.so.2", objects),),
        opens=opens,
    )


def held(objects: int, native: str, ptx: str = "", version: str = "8.5") -> ObjectCode:
    """Return objects that hold machine code and PTX for these compute capabilities."""
    compiled = tuple(Ptx(capability, version) for capability in ptx.split())
    compiled = tuple(Ptx(capability, version) for capability in ptx.split())
    return ObjectCode(objects, tuple(native.split()), compiled)


def write_usual_base(folder: Path) -> Store:
    """Write the three series above, with a pin, a pin under a condition and a problem."""
    return write_base(
        folder,
        series_1_15(),
        series_2_15(),
        series_2_16(),
        pins=(
            pin("numpy<2", "2.15.0", "2.15.1"),
            pin("nvidia-cudnn-cu12<9.11", "2.15.1", None, compute_capability_below="7.5"),
        ),
        problems=(
            problem("hits-2-15", "2.15.0", "2.15.1"),
            problem("hits-placeholders", "2.16.0", "2.16.0"),
            problem("hits-windows-alone", "2.15.0", "2.15.0", platforms=(WINDOWS,)),
        ),
    )
