"""The words of `find`: what each rule says, with a place for what it speaks of.

They are written to `index.json`, so that a browser fills in the same words.
"""

import re
from itertools import combinations
from typing import Literal, get_args

from kb.base.vocabulary import CUDA_NOT_DRIVER, PLATFORMS, WINDOWS_NUMBER, Arch, Os
from kb.cells.sureness import SURENESS_WORDS

Maker = Literal["nvidia", "amd", "intel", "apple"]

# The platform of each system and processor; that of Windows on Arm has no build.
PLATFORM_OF: dict[str, dict[str, str]] = {
    system: {
        processor: PLATFORMS.get(
            ("linux" if system == "wsl2" else system, processor), f"{system}-{processor}"
        )
        for processor in get_args(Arch)
    }
    for system in get_args(Os)
}
# The systems on which the driver is that of Windows.
WINDOWS_DRIVER: tuple[str, ...] = ("windows", "wsl2")
# The devices that TensorFlow's own wheels serve, without a plug-in.
OWN_DEVICES: tuple[str, ...] = ("cpu", "cuda")
# Which devices serve a maker's GPU on an operating system; the first is the usual one.
MAKERS: dict[str, dict[str, tuple[str, ...]]] = {
    "nvidia": {"linux": ("cuda",), "wsl2": ("cuda",), "windows": ("cuda",), "macos": ("cuda",)},
    "amd": {
        "linux": ("rocm",),
        "wsl2": ("directml", "rocm"),
        "windows": ("directml",),
        "macos": ("metal",),
    },
    "intel": {
        "linux": ("xpu",),
        "wsl2": ("xpu", "directml"),
        "windows": ("directml",),
        "macos": ("metal",),
    },
    "apple": dict.fromkeys(("linux", "wsl2", "windows", "macos"), ("metal",)),
}
# The glibc of Debian 12, which images of containers are made of:
# https://packages.debian.org/bookworm/libc6
CONTAINER_GLIBC = "2.36"
# What each kind of nearest change costs its user: another environment the least, another machine
# the most; a candidate besides, for it is less than a release.
CHANGE_COSTS: dict[str, int] = {
    "python": 1,
    "driver": 2,
    "cuda": 2,
    "wsl2": 3,
    "macos": 4,
    "candidate": 4,
    "glibc": 5,
    "gpu": 5,
    "release": 6,
    "newest": 6,
    "cpu": 7,
    "xla": 8,
    "container": 8,
    "arm64": 9,
    "linux": 20,
}
_SYSTEMS = ("wsl2", "container", "arm64", "linux")
# The kinds that do not go together: two systems, and what the one makes idle in the other.
CHANGES_APART: tuple[tuple[str, str], ...] = (
    *combinations(_SYSTEMS, 2),
    *((system, "macos") for system in _SYSTEMS),
    *(("cpu", idle) for idle in ("gpu", "driver", "cuda", "xla", "container")),
    ("container", "xla"),
    ("linux", "glibc"),
    ("release", "newest"),
)
# The devices that ask for a maker's GPUs where none is named, in the order of trying.
ASKING_DEVICES: dict[str, tuple[str, ...]] = {
    "amd": ("rocm", "directml"),
    "intel": ("xpu", "directml"),
}
# What every shell takes as it stands, and what it takes between double quotes.
PLAIN_WORD = r"[A-Za-z0-9._+:/@-]+"
QUOTABLE_WORD = r"[A-Za-z0-9._+:/@ ()\[\],|#&;<>~*?=-]+"
# What stands between the words of a GPU's name, in lower case.
WORD_BREAK = "[^a-z0-9]+"
# The words in a GPU's name that tell its maker.
MAKER_WORDS: dict[str, tuple[str, ...]] = {
    "nvidia": ("nvidia", "geforce", "tesla", "quadro", "rtx", "gtx", "jetson"),
    "amd": ("amd", "radeon", "instinct", "firepro", "ati", "rx", "vega", "navi"),
    "intel": ("intel", "arc", "iris", "uhd"),
    "apple": ("apple", "m1", "m2", "m3", "m4", "m5"),
}
# Those of them that may be part of another maker's model: there is a Tesla M4.
WEAK_MAKER_WORDS: tuple[str, ...] = ("rx", "vega", "navi", "m1", "m2", "m3", "m4", "m5")
# The words in a GPU's name that tell that it is soldered to an Arm processor.
ARM_WORDS: tuple[str, ...] = (
    "jetson",
    "orin",
    "xavier",
    "grace",
    "gh200",
    "gb10",
    "spark",
    "tegra",
    "thor",
    "t4g",
    "gb200",
    "gb300",
)

WORDS: dict[str, str] = {
    **SURENESS_WORDS,
    # python
    "python-first": "no wheel for Python {python}: the first series with one is {series}{aside}",
    "python-last": "no wheel for Python {python}: the last series with one is {series}{aside}",
    "python-between": (
        "no wheel for Python {python}: series between {first} and {last} have one{aside}"
    ),
    "python-release": ("no wheel for Python {python}: {release} of the same series has one{aside}"),
    "python-none": "no wheel for Python {python}: no series has one{aside}",
    "python-none-device": ("no wheel for Python {python} with {device}: no series has one{aside}"),
    "python-plugin-first": (
        "no {device} for Python {python}: the first series that has it by {plugin} is {series}"
    ),
    "python-plugin-last": (
        "no {device} for Python {python}: the last series that has it by {plugin} is {series}"
    ),
    "python-plugin-between": (
        "no {device} for Python {python}: series between {first} and {last} have it by {plugin}"
    ),
    "python-plugin-release": (
        "no {device} for Python {python}: {release} of the same series has it by {plugin}"
    ),
    "python-plugin-none": "no {device} for Python {python}: no series has it by {plugin}",
    "python-candidate": (
        "no wheel for Python {python}: no release has one, only the release candidate {release}"
        "{aside}"
    ),
    "python-nightly": "no wheel for Python {python}: only tf-nightly has one{aside}",
    "python-admitted": " (its own Requires-Python would let it in)",
    "python-listed": " (the official table lists it all the same)",
    "python-has": "it has a wheel for Python {python}",
    "python-unlisted": "The official table does not list Python {python} for it; the wheel exists.",
    # candidates
    "candidate": (
        "A release candidate, not a release: no release fits. Name its version, as the set-up does."
    ),
    "candidate-asked": "A release candidate, not a release. Name its version, as the set-up does.",
    "candidate-code": (
        "its wheel does not state its compute capabilities: whether it serves {capability} is "
        "unknown"
    ),
    "candidate-ptx": (
        "no machine code for compute capability {capability}: whether its PTX works there, no run "
        "and no report tells yet"
    ),
    "candidate-driver": (
        "its wheel does not state its CUDA: whether driver {driver} runs it is unknown"
    ),
    "candidate-problem": "whether a problem of {before} is gone from it is unknown: {title}",
    "nightly-beside": (
        "It requires {nightly}, a nightly, which pip installs over the files of {over}: have no "
        "{over} in the same environment."
    ),
    # platform and device
    "platform-first": "no wheel for {platform}: the first series with one is {series}",
    "platform-last": "no wheel for {platform}: the last series with one is {series}",
    "platform-none": "no wheel for {platform}: no series has one",
    "platform-arm": (
        "it is for {platform}, and this GPU sits beside an Arm processor: ask for Linux Arm64"
    ),
    "platform-release": "no wheel for {platform}: {release} of the same series has one",
    "platform-between": "no wheel for {platform} in this series",
    "device-first": "no {device} on {platform}: it begins with {series}",
    "device-last": "no {device} on {platform}: it ends with {series} ({name})",
    "device-between": "no {device} on {platform} in this series",
    "device-release": "no {device} on {platform}: {release} of the same series has it",
    "device-none": "no {device} on {platform}: no series has it",
    "plugin": "{device} comes by the plug-in {plugin}",
    "plugin-table": "the table in the plug-in's own wheel has the pair",
    "plugin-report": "a public report has the pair; no table does",
    # compute capability
    "code-none": (
        "no code for compute capability {capability}: machine code for {native}, PTX for {ptx}"
    ),
    "code-native": "it has machine code that serves compute capability {capability}",
    "code-native-all": (
        "it has machine code that serves compute capability {capability} in all of its {objects} "
        "objects"
    ),
    "code-native-part": (
        "it has machine code that serves compute capability {capability} in {native} of its "
        "{objects} objects"
    ),
    "code-mixed": (
        "{percent} % of its code is compiled at first use on compute capability {capability}: "
        "{compiled} of {objects} objects have only PTX for it. That takes minutes, once."
    ),
    "code-mixed-declared": (
        "A part of its code alone is machine code for compute capability {capability}: the driver "
        "compiles the rest from PTX at first use. That takes minutes, once."
    ),
    "code-part-without": (
        "{without} of its {objects} objects have no code for compute capability {capability}. What "
        "they are for is not known."
    ),
    "code-compiled": (
        "No machine code for compute capability {capability}: the driver compiles the PTX of "
        "{compiled} of {objects} objects at first use. That takes minutes, once."
    ),
    "code-ptx": (
        "No machine code for compute capability {capability}: the driver compiles its PTX {ptx} at "
        "first use. That takes minutes, and needs a driver that reads the PTX of CUDA {cuda}."
    ),
    "ptx-none": "nothing",
    "cuda-unknown": "that it was built with",
    "code-unknown": (
        "Its wheel does not state its compute capabilities: whether it serves {capability} is "
        "unknown."
    ),
    "code-documented": (
        "its wheel does not state its compute capabilities, and TensorFlow's page of its day asks "
        "for {least} or higher"
    ),
    "code-any": (
        "Name the GPU to know whether its code serves it: machine code for {native}, PTX for {ptx}."
    ),
    # toolkit
    "toolkit": (
        "its CUDA {cuda} libraries do not know compute capability {capability}: CUDA {first} is "
        "the first that does"
    ),
    "toolkit-by-older": (
        "its CUDA {cuda} libraries do not know compute capability {capability}: CUDA {first} is "
        "the first that serves it, by code for {older}"
    ),
    "toolkit-dropped": (
        "its CUDA {cuda} libraries no longer know compute capability {capability}: CUDA {last} is "
        "the last that does"
    ),
    "toolkit-served": (
        "Its CUDA {cuda} libraries are older than compute capability {capability} and serve it by "
        "their code for {older}."
    ),
    # driver
    "driver": "driver {driver} is older than {least}, the minimum for CUDA {cuda}",
    "driver-windows": "Windows driver {driver} is older than {least}, the minimum for CUDA {cuda}",
    "driver-branch": (
        "{driver} names a branch of the driver alone, and CUDA {cuda} asks for {least} of it or "
        "newer: tell the whole version, which nvidia-smi prints"
    ),
    "driver-first": (
        "driver {driver} is older than the {branch} branch, that of CUDA {first}, the first that "
        "knows compute capability {capability}"
    ),
    "driver-first-any": (
        "Needs a driver of the {branch} branch or newer: an older one does not know compute "
        "capability {capability}."
    ),
    "driver-fits": "driver {driver} is not older than {least}, the minimum for CUDA {cuda}",
    "driver-ptx": (
        "driver {driver} is older than {branch}, the first that compiles the PTX that {newest} "
        "of its {objects} objects need on compute capability {capability}"
    ),
    "driver-ptx-fits": (
        "driver {driver} is not older than {branch}, the first that compiles the PTX of {newest} "
        "of its {objects} objects on compute capability {capability}"
    ),
    "driver-ptx-lone": (
        "{lone} of its {objects} objects hold PTX alone that driver {driver} does not compile: "
        "{branch} is the first that does. What they are for is not known: a newer driver is surer."
    ),
    "driver-ptx-any-windows": (
        "Needs a Windows driver {branch} or newer: on compute capability {capability} an older one "
        "does not compile the PTX of {newest} of its {objects} objects."
    ),
    "driver-ptx-any": (
        "Needs driver {branch} or newer: on compute capability {capability} an older one does not "
        "compile the PTX of {newest} of its {objects} objects."
    ),
    "driver-any": "Needs driver {least} or newer.",
    "driver-any-windows": "Needs a Windows driver {least} or newer.",
    "driver-patch": (
        "CUDA {patch} asks for driver {least}: with driver {driver} install CUDA {earlier} or "
        "older."
    ),
    "driver-newest": (
        "driver {driver} no longer serves compute capability {capability}: the {branch} branch is "
        "the last that does"
    ),
    "driver-newest-instead": (
        "Install a driver of the {branch} branch, the last for compute capability {capability}."
    ),
    "driver-newest-any": (
        "The {branch} branch of the driver is the last for compute capability {capability}: from "
        "{before} on NVIDIA's drivers ignore such a GPU."
    ),
    "driver-apart": (
        "no driver serves all of these GPUs: the {branch} branch is the last for compute "
        "capability {older}, and compute capability {newer} needs {least} or newer"
    ),
    "driver-none": (
        "no driver serves both: CUDA {cuda} needs {least}, and the {branch} branch is the last for "
        "compute capability {capability}"
    ),
    "driver-none-wsl2": (
        "no driver serves both: NVIDIA's guide says that drivers have CUDA for WSL2 from the "
        "{first} branch on, and the {branch} branch is the last for compute capability {capability}"
    ),
    "driver-wsl2-unknown": (
        "Which Windows driver CUDA {cuda} needs on WSL2 is not known: NVIDIA's guide only says "
        "that drivers have CUDA for WSL2 from the {branch} branch on."
    ),
    "driver-wsl2-older": (
        "Driver {driver} is older than the {branch} branch, the first of which NVIDIA's guide says "
        "that it has CUDA for WSL2: whether it works there is not known."
    ),
    "driver-compat": (
        "For this data-centre GPU: NVIDIA's cuda-compat-{package} runs CUDA {newest} on the "
        "{branch} branch of the driver. Install it, and put /usr/local/cuda-{newest}/compat first "
        "in LD_LIBRARY_PATH."
    ),
    "driver-compat-any": (
        "If it is a data-centre GPU, or an RTX card in a server that NVIDIA certified: NVIDIA's "
        "cuda-compat-{package} runs CUDA {newest} on the {branch} branch of the driver. Install "
        "it, and put /usr/local/cuda-{newest}/compat first in LD_LIBRARY_PATH."
    ),
    "driver-is-cuda": CUDA_NOT_DRIVER,
    "driver-of-windows": WINDOWS_NUMBER,
    # CUDA on the machine
    "cuda": "it needs CUDA {cuda} on the machine, which has {installed}: its recipe brings none",
    "cuda-beside": (
        "Its recipe does not bring CUDA: install {toolkit} first, beside the CUDA {installed} on "
        "this machine, which may stay."
    ),
    "cuda-serves": (
        "CUDA {installed} on this machine serves in place of the CUDA {cuda} that its recipe "
        "names, by NVIDIA's rule for minor releases; no run proves it. So do not install {cuda}, "
        "and write {installed} for it where a path names it."
    ),
    "cuda-by-hand": "Its recipe does not bring CUDA: install {toolkit} first.",
    "toolkit-alone": "CUDA {cuda}",
    "toolkit-and-cudnn": "CUDA {cuda} and cuDNN {cudnn}",
    "cuda-idle": "CUDA {installed} on this machine does not matter: its recipe brings its own.",
    # glibc and macOS
    "glibc": "it needs glibc {least}, and this machine has {installed}",
    "glibc-any": "Needs glibc {least} or newer.",
    "macos": "it needs macOS {least}, and this machine has {installed}",
    "macos-any": "Needs macOS {least} or newer.",
    # what evidence says
    "broken": "broken as of {day}, {trust}: {why}",
    "resolution": "its requirements cannot be resolved: {why}",
    "disputed": "Runs disagree, as of {day}: {why}.",
    "problem": "{title}",
    # Keras says what `auto` does in keras/src/trainers/trainer.py
    "xla-off": (
        "{title}. So leave XLA off: give jit_compile=False to Keras' model.compile, whose default "
        "turns XLA on where there is a GPU, and jit_compile=True to nothing. No run and no report "
        "proves that it computes right then."
    ),
    # AMD's ROCm
    "rocm-by-hand": "Its recipe does not bring ROCm: install AMD's ROCm {rocm} first.",
    "rocm-unknown": "Which ROCm it needs is not judged.",
    "rocm-code": "its wheel has code for {kind}",
    "rocm-no-code": "its wheel has no code for {kind}: it has code for {targets}",
    "rocm-code-any": (
        "Name the GPU to know whether its code serves it: the wheel has code for {targets}."
    ),
    "rocm-code-unnamed": (
        "Whether its code serves this GPU is not judged: it has code for {targets}, and `rocminfo` "
        "tells which the GPU is."
    ),
    "rocm-code-unread": "Which GPUs its code serves is not judged: its wheel was not read.",
    "rocm-supported": "AMD's list of the GPUs for ROCm {rocm} has {kind}",
    "rocm-deprecated": "AMD's list of the GPUs for ROCm {rocm} calls {kind} deprecated.",
    "rocm-unsupported": "AMD's list of the GPUs for ROCm {rocm} calls {kind} unsupported",
    "rocm-unlisted": "AMD's list of the GPUs for ROCm {rocm} does not have {kind}.",
    "rocm-no-list": "Whether ROCm {rocm} supports {kind} is not judged: no list of AMD's is known.",
    "rocm-wsl2": "it needs ROCm {rocm}, and ROCm on WSL2 begins with {first}",
    # Intel's extension
    "kind-verified": "its maker verified it on {kind}",
    "kind-experimental": "Its maker calls its support of {kind} experimental.",
    "kind-unjudged": "Whether it serves {kind} is not judged: its maker names {named}.",
    "kind-unnamed": "Whether it serves this GPU is not judged: its maker names {named}.",
    # DirectML
    "directml-unjudged": "Whether DirectML serves this GPU is not judged.",
    # what others publish
    "published-for": "{publisher}'s list of the GPUs for {needs} has {gpu}",
    "published-unjudged": (
        "whether it serves {gpu} is not judged: {publisher}'s list of the GPUs for {needs} has "
        "{named}"
    ),
    "reported-for": "public reports have it on such a GPU ({gpu})",
    "reported-unjudged": "whether it serves {gpu} is not judged: public reports have it on {named}",
    "published-driver": "driver {driver} is older than that",
    "published-wsl2": "in WSL2",
    "published-unnamed": "whether it serves {gpu} is not judged",
    # pins and WSL2
    "pin": "With {pin}: {reason}",
    "pin-any": "On a GPU below compute capability {below} add {pin}: {reason}",
    "wsl2-old": "NVIDIA does not support GPUs below compute capability {least} on WSL2.",
    # the nearest changes that fit: several together make one sentence
    "near-xla": "with XLA left off, which is not proven",
    "near-python": "with Python {python}",
    "near-release": "with TensorFlow {release}",
    "near-cuda": "with {toolkit} installed",
    "near-driver": "with driver {driver} or newer",
    "near-driver-windows": "with Windows driver {driver} or newer",
    "near-driver-until": "with driver {driver} or newer, up to the {branch} branch",
    "near-driver-windows-until": "with Windows driver {driver} or newer, up to the {branch} branch",
    "near-driver-last": "with a driver of the {branch} branch, the last that serves this GPU",
    "near-gpu": "without {gpu}",
    "near-gpu-cuda": (
        "without {gpu} (CUDA_DEVICE_ORDER=PCI_BUS_ID, and CUDA_VISIBLE_DEVICES with the numbers "
        "that nvidia-smi gives the others)"
    ),
    "near-macos": "with macOS {macos} or newer",
    "near-glibc": "in a container with glibc {glibc}, where Docker runs on this machine",
    "near-wsl2": "in WSL2",
    "near-cpu": "on the CPU",
    "near-container": "in a Linux container",
    "near-container-cpu": "in a Linux container, on the CPU",
    "near-arm64": "with a 64-bit system",
    "near-linux": "on a Linux machine with an x86-64 processor",
    "near-linux-itself": "on Linux itself",
}

_WORD = re.compile(r"\{([a-z]+)\}")


def fill(template: str, **words: str) -> str:
    """Return a template with each `{word}` replaced; a word of another name stays as it is."""
    return _WORD.sub(lambda match: words.get(match[1], match[0]), template)
