"""The records of the knowledge base: what each file in `kb/data` holds, field by field.

The annotations are the schema: `kb.base.decode` reads by them, `python -m kb schema` prints them.
A pattern in an `Annotated` must match the whole text.
"""

from typing import Annotated, Literal

from kb.base.record import Record
from kb.base.requirement import Requirement, Specifier
from kb.base.versions import spans

Format = Literal[1]
Day = Annotated[str, r"[0-9]{4}-[01][0-9]-[0-3][0-9]"]
Dotted = Annotated[str, r"[0-9]{1,9}(\.[0-9]{1,9}){0,5}"]
Version = Annotated[
    str, r"[0-9]{1,9}(\.[0-9]{1,9}){1,5}((a|b|rc)[0-9]{1,9})?(\.post[0-9]{1,9})?(\.dev[0-9]{1,9})?"
]
Python = Annotated[str, r"[0-9](\.[0-9]{1,3})?"]
Capability = Annotated[str, r"[0-9]{1,3}\.[0-9]"]
DriverBranch = Annotated[str, r"[0-9]{3,4}"]
Chip = Annotated[str, r"(G[ABFHKMPV]|TU|AD)[0-9][0-9A-F]{2}"]
Sha256 = Annotated[str, r"[0-9a-f]{64}"]
Slug = Annotated[str, r"[a-z0-9]+([.-][a-z0-9]+)*"]
# No control characters, and nothing that starts a tag; `numpy<2` is no tag.
Line = Annotated[
    str, r"(?!$)[^\x00-\x1f\x7f<]{0,400}(<(?![A-Za-z/!?])[^\x00-\x1f\x7f<]{0,400}){0,20}"
]
Url = Annotated[str, r"https://[^\s<>\"'`]{1,400}"]
File = Annotated[str, r"[A-Za-z0-9][A-Za-z0-9._+-]{1,250}"]
Member = Annotated[str, r"[A-Za-z0-9_][A-Za-z0-9_.+-]*(/[A-Za-z0-9_][A-Za-z0-9_.+-]*){0,20}"]
Moment = Annotated[str, r"[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]Z"]
Excerpt = Annotated[str, r"[^\x00-\x1f\x7f]{6,200}"]
Expression = Annotated[str, r"[^\x00-\x1f\x7f]{1,400}"]
LibraryFile = Annotated[
    str, r"lib[A-Za-z_]{1,60}\.so\.[0-9.]{1,12}|[A-Za-z_]{1,60}64_[0-9]{1,4}\.dll"
]
Minor = Annotated[str, r"[0-9]{1,4}\.[0-9]{1,4}"]
GfxTarget = Annotated[str, r"gfx(1[0-2][0-9a-f]{2}|[6-9][0-9a-f]{2})"]
# A platform that can be asked for, one without a wheel too.
PlatformAsked = Annotated[str, r"(linux|windows|macos)-[a-z0-9_]{3,10}"]
RecipeId = Annotated[str, r"[0-9a-f]{16}"]
RunId = Annotated[str, r"[0-9]{4}-[01][0-9]-[0-3][0-9]-[0-9a-f]{12}"]
# An account on GitHub, a repository, a commit; the fingerprint of an SSH key, and the key itself.
Account = Annotated[str, r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}(\[bot\])?"]
Repository = Annotated[str, r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}/[A-Za-z0-9._-]{1,100}"]
Commit = Annotated[str, r"[0-9a-f]{40}"]
GitRef = Annotated[str, r"refs/(heads|tags)/[A-Za-z0-9][A-Za-z0-9._/-]{0,100}"]
Workflow = Annotated[
    str,
    r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}/[A-Za-z0-9._-]{1,100}/\.github/workflows/[a-z-]{1,40}\.yml",
]
Fingerprint = Annotated[str, r"SHA256:[A-Za-z0-9+/]{43}"]
PublicKey = Annotated[
    str, r"(ssh|ecdsa|sk-ssh|sk-ecdsa)-[a-z0-9@.-]{3,50} [A-Za-z0-9+/]{40,1200}={0,2}"
]

Distribution = Literal[
    "tensorflow",
    "tensorflow-gpu",
    "tensorflow-cpu",
    "tensorflow-intel",
    "tensorflow-macos",
    "tensorflow-aarch64",
    "tensorflow-cpu-aws",
    "tensorflow-rocm",
    "tensorflow-directml",
    "tf-nightly",
    "tensorflow-metal",
    "tensorflow-directml-plugin",
    "intel-extension-for-tensorflow",
]
Platform = Literal["linux-x86_64", "linux-aarch64", "windows-x86_64", "macos-x86_64", "macos-arm64"]
Device = Literal["cpu", "cuda", "rocm", "metal", "directml", "xpu"]
OtherMaker = Literal["amd", "intel", "apple"]
Outcome = Literal[
    "ok",
    "no-python",
    "no-wheel",
    "resolution",
    "download",
    "install",
    "import",
    "wrong-result",
    "library-missing",
    "cpu-instead-of-gpu",
    "crash",
    "timeout",
    "no-avx",
]
Proves = Literal["runs", "links", "runs-gpu"]
MessageSeverity = Literal["error", "harmless"]
Product = Literal["CUDA", "cuDNN"]
# What a way out can presuppose. pip and Python are no news to anybody here.
Presupposed = Literal[
    "linux",
    "debian",
    "ubuntu",
    "windows",
    "macos",
    "wsl2",
    "shell",
    "administrator",
    "virtual-machine",
    "jetson",
    "grace",
    "docker",
    "conda",
    "poetry",
]
# Attested by our own workflow, or by a fork's owner with our reusable workflow; or nobody vouches.
Trust = Annotated[str, r"attested( by [A-Za-z0-9][A-Za-z0-9_-]{0,63})?|self-reported"]
Table = Literal["linux-cpu", "linux-gpu", "macos-cpu", "macos-gpu", "windows-cpu", "windows-gpu"]


PythonSpans = Annotated[
    str, r"[0-9]\.[0-9]{1,3}(-[0-9]\.[0-9]{1,3})?(, [0-9]\.[0-9]{1,3}(-[0-9]\.[0-9]{1,3})?)*"
]


# Pythons and the platforms with wheels for them: `3.9-3.12 on linux-x86_64, macos-arm64`; `3.8+`
# is that Python and all newer ones (abi3), `3` any Python 3, `any` any platform.
WheelsFor = Annotated[
    str,
    r"[23][0-9.+-]{0,12}(, [23][0-9.+-]{0,12}){0,20}"
    r" on (any|(linux|windows|macos)-[a-z0-9_]{3,10}(, (linux|windows|macos)-[a-z0-9_]{3,10})*)",
]


class OfficialRow(Record):
    """One row of the tested build configurations, cell by cell as it stands on the page."""

    table: Table
    version: Annotated[str, r"tensorflow([_-](gpu|cpu))?-[0-9]{1,4}(\.[0-9]{1,4}){2}"]
    python: PythonSpans
    compiler: Line
    build_tools: Line
    read: Day
    cudnn: Dotted | None = None
    cuda: Dotted | None = None


class InstallPage(Record):
    """What the official page about installing with pip said while a series was the newest stable
    one. It lists `compute_capabilities` "and higher"; what it leaves out is null.
    """

    read: Day
    source: Url
    python: PythonSpans
    compute_capabilities: tuple[Capability, ...]
    cuda: Dotted
    cudnn: Dotted
    driver_linux: Dotted
    driver_wsl2: Dotted | None = None
    ubuntu: Dotted | None = None
    macos: Dotted | None = None
    pip: Dotted | None = None
    pip_macos: Dotted | None = None
    windows_gpu_until: Dotted | None = None


class Wheel(Record):
    """One file of a build, as the package index lists it; size in bytes."""

    file: File
    python: tuple[Python, ...]
    size: int
    sha256: Sha256
    uploaded: Day
    glibc: Dotted | None = None
    macos: Dotted | None = None
    yanked: Line | None = None


class Extra(Record):
    """The requirements that a wheel names under one extra."""

    name: Slug
    requires: tuple[Requirement, ...]


class Capabilities(Record):
    """Compute capabilities: with machine code for them, and with PTX for them."""

    native: tuple[Capability, ...]
    ptx: tuple[Capability, ...]


class WheelFacts(Record):
    """What a build's wheel says of itself; a field left out is not said by the wheel."""

    wheel: File
    requires_python: Specifier | None = None
    shim: Requirement | None = None
    cuda_build: bool | None = None
    rocm_build: bool | None = None
    cuda: Dotted | None = None
    cudnn: Dotted | None = None
    compute_capabilities: Capabilities | None = None
    requires: tuple[Requirement, ...] = ()
    extras: tuple[Extra, ...] = ()


class Build(Record):
    """What was published for one platform: its wheels, and what one of them says."""

    platform: Platform
    read: Day
    wheels: tuple[Wheel, ...]
    says: WheelFacts


class Release(Record):
    """One version of one distribution. Without builds, only `sdist` stands on the index."""

    distribution: Distribution
    release: Version
    released: Day
    builds: tuple[Build, ...] = ()
    sdist: File | None = None


class SeriesFile(Record):
    """`releases/<series>.yaml`: the official rows and the releases of one series, and what the
    page about installing said while it was the newest.
    """

    format: Format
    series: Annotated[str, r"[0-9]{1,4}\.[0-9]{1,4}"]
    official: tuple[OfficialRow, ...] = ()
    releases: tuple[Release, ...] = ()
    install_page: InstallPage | None = None


class PluginFile(Record):
    """`plugins/<distribution>.yaml`: the releases of a plug-in, which has series of its own."""

    format: Format
    plugin: Distribution
    releases: tuple[Release, ...] = ()


class CompanionRelease(Record):
    """A final release of a companion on the index, and for which Pythons and platforms it has a
    wheel. `yanked` is the reason where all its files were withdrawn. `sdist` tells that there is an
    sdist, which pip may build where no wheel is for it, and `sdist_alone` that there is no wheel.
    """

    release: Version
    released: Day
    wheels: tuple[WheelsFor, ...] = ()
    sdist: bool = False
    sdist_alone: bool = False
    yanked: Line | None = None


class CompanionWords(Record):
    """What METADATA of some releases say alike of TensorFlow, other companions and CUDA libraries,
    kept once. Where a release's wheels differ, `platforms` are those for which these words hold;
    `unreadable` says what of them could not be read.
    """

    releases: tuple[Version, ...]
    platforms: tuple[Platform, ...] = ()
    requires_python: Specifier | None = None
    requires: tuple[Requirement, ...] = ()
    extras: tuple[Extra, ...] = ()
    unreadable: Line | None = None


class CompanionFile(Record):
    """`companions/<name>.yaml`: the releases of a companion, and what they say."""

    format: Format
    companion: Slug
    releases: tuple[CompanionRelease, ...] = ()
    words: tuple[CompanionWords, ...] = ()


class CompanionNote(Record):
    """What METADATA of a companion's `releases` do not tell, or tell otherwise, beside releases of
    TensorFlow; None means all. Their code `asks` for TensorFlow within bounds when it is imported,
    or they need something besides, or, where neither is said, they do not work there.

    A public source says so, or wheels of the companion that were looked into, or both.
    """

    companion: Slug
    releases: Specifier | None
    tensorflow: Specifier | None
    told: Line
    asks: Specifier | None = None
    needs: tuple[Requirement, ...] = ()
    sources: tuple[Url, ...] = ()
    wheels: tuple[File, ...] = ()


class CompanionTie(Record):
    """By what a companion is tied to a series of TensorFlow: by code that is compiled against
    TensorFlow's own, which the next series may break, or by what it imports in Python alone.
    """

    companion: Slug
    by: Literal["compiled code", "Python"]
    told: Line
    wheels: tuple[File, ...] = ()
    sources: tuple[Url, ...] = ()


class CompanionNotesFile(Record):
    """`companion_notes.yaml`: what METADATA of companions do not tell."""

    format: Format
    notes: tuple[CompanionNote, ...] = ()
    ties: tuple[CompanionTie, ...] = ()


class WheelText(Record):
    """What was read inside one wheel, verbatim: METADATA's headers and all of build_info.py."""

    file: File
    sha256: Sha256
    read: Day
    metadata: str
    build_info: str | None = None


class WheelsFile(Record):
    """`wheels/<series or plug-in>.yaml`."""

    format: Format
    wheels: tuple[WheelText, ...] = ()


class Ptx(Record):
    """PTX for a compute capability, in a version of PTX."""

    compute_capability: Capability
    version: Dotted


class ObjectCode(Record):
    """How many objects of a library hold code for the same GPUs: machine code, and PTX."""

    objects: int
    native: tuple[Capability, ...] = ()
    ptx: tuple[Ptx, ...] = ()


class LibraryCode(Record):
    """The code for GPUs in one library of a wheel."""

    library: Member
    code: tuple[ObjectCode, ...]


class WheelCode(Record):
    """What the libraries in one wheel hold: code for GPUs, and the names of the CUDA libraries that
    they open, where these stand there whole. `failure` says why a wheel could not be read.
    """

    file: File
    sha256: Sha256
    read: Day
    libraries: tuple[LibraryCode, ...] = ()
    opens: tuple[LibraryFile, ...] = ()
    failure: Line | None = None


class CodeFile(Record):
    """`code/<series>.yaml`."""

    format: Format
    wheels: tuple[WheelCode, ...] = ()


class Driver(Record):
    """A CUDA release (`12.x`: the whole major release; `11.0.3`: a patch that asks for more than
    those before it) and the minimum drivers that run it. `wsl2` is that of Windows under WSL2;
    None where no source names one.
    """

    cuda: Annotated[str, r"[0-9]{1,4}\.([0-9]{1,4}(\.[0-9]{1,4})?|x)"]
    linux: Dotted
    windows: Dotted
    source: Url
    wsl2: Dotted | None = None


class MaximumDriver(Record):
    """The last driver branch that serves GPUs of these compute capabilities, and the next branch,
    which serves them no more.
    """

    compute_capabilities: tuple[Capability, ...]
    branch: DriverBranch
    before: DriverBranch
    source: Url


class LastToolkit(Record):
    """The last CUDA release (`11.x`: the whole major release) whose libraries know GPUs of these
    compute capabilities.
    """

    compute_capabilities: tuple[Capability, ...]
    cuda: Annotated[str, r"[0-9]{1,4}\.([0-9]{1,4}|x)"]
    source: Url


class ForwardCompatibility(Record):
    """A release of NVIDIA's `cuda-compat`, named after its CUDA: the driver branch that its
    libraries are of, and older branches on which they run, on data-centre GPUs under Linux.
    """

    cuda: Annotated[str, r"[0-9]{1,4}\.[0-9]{1,4}"]
    branch: DriverBranch
    on_branches: tuple[DriverBranch, ...]
    source: Url


class FirstToolkit(Record):
    """The first CUDA release whose libraries know a compute capability, and the older capability
    whose machine code in earlier libraries serves it, if one does.
    """

    compute_capability: Capability
    cuda: Dotted
    source: Url
    served_by: Capability | None = None


class PtxVersion(Record):
    """A version of PTX, the first CUDA release that writes it, and the first driver branch that
    reads it: a driver is of that branch or a newer one if its first number is not smaller.
    """

    version: Annotated[str, r"[0-9]{1,3}\.[0-9]{1,3}"]
    cuda: Dotted
    branch: DriverBranch
    source: Url


class Architecture(Record):
    """A generation of GPUs and its compute capabilities."""

    name: Line
    compute_capabilities: tuple[Capability, ...]
    source: Url


class Bounds(Record):
    """A range of releases, both ends included; null leaves an end open."""

    first: Version | None
    last: Version | None


class GpuSupport(Record):
    """What the official page about GPU support said of releases: the CUDA that they go with, the
    minimum driver for that on Linux, and the minimum compute capability, if it says one of them.
    """

    releases: Bounds
    cuda: Dotted
    driver: Dotted
    read: Day
    source: Url
    compute_capability: Capability | None = None


class Wsl2(Record):
    """The minimum compute capability that NVIDIA supports on WSL2, and the first branch of its
    drivers for Windows of which it says that they have CUDA for WSL2.
    """

    compute_capability: Capability
    source: Url
    branch: DriverBranch | None = None


class CudaFile(Record):
    """`cuda.yaml`: what a CUDA release asks of the driver, and which GPUs it knows."""

    format: Format
    drivers: tuple[Driver, ...]
    knows: tuple[FirstToolkit, ...]
    architectures: tuple[Architecture, ...]
    wsl2: Wsl2 | None = None
    ptx: tuple[PtxVersion, ...] = ()
    maximum_drivers: tuple[MaximumDriver, ...] = ()
    last_toolkits: tuple[LastToolkit, ...] = ()
    forward_compatibility: tuple[ForwardCompatibility, ...] = ()
    gpu_support: tuple[GpuSupport, ...] = ()


class GpuModel(Record):
    """A GPU model, or a chip. `source` says which capability it has, or which chips it is made
    with; these are rows of their own, whose source says the capability. `data_centre` marks those
    that NVIDIA lists for data centres.
    """

    name: Line
    compute_capability: Capability
    source: Url
    chips: tuple[Chip, ...] = ()
    data_centre: bool = False


class GpusFile(Record):
    """`gpus.yaml`."""

    format: Format
    gpus: tuple[GpuModel, ...]


class WayOut(Record):
    """What to do about a finding: a sentence, a command or a line of code to copy, or both; and
    what it presupposes. A plain text in a file is a sentence without a command. It helps on some
    `pythons` alone, where there are any.
    """

    told: Line | None = None
    command: Line | None = None
    presupposes: tuple[Presupposed, ...] = ()
    pythons: tuple[Python, ...] = ()

    text_field = "told"

    @property
    def whole_sentence(self) -> str | None:
        """The sentence with the Pythons that it is for: `Take the next patch (on Python 3.9)`."""
        if not self.pythons:
            return self.told
        return f"{self.told or 'Do'} (on Python {spans(list(self.pythons))})"

    @property
    def text(self) -> str:
        """The sentence and the command in one text: `Take the next patch: pip install ...`."""
        return ": ".join(filter(None, (self.whole_sentence, self.command)))


class Problem(Record):
    """A known fault. An empty list of platforms, devices, Pythons, capabilities or kinds means all;
    kinds are those of other makers' GPUs. It hits beside one of the requirements in `beside`, where
    there are any, and where `only_with` names a part of TensorFlow, those alone who use that.

    Releases that a fault with `rejects` hits are not recommended where it hits them.
    """

    id: Slug
    title: Line
    releases: Bounds
    platforms: tuple[Platform, ...]
    devices: tuple[Device, ...]
    pythons: tuple[Python, ...]
    compute_capabilities: tuple[Capability, ...]
    looks_like: tuple[Line, ...]
    cause: Line
    way_out: tuple[WayOut, ...]
    sources: tuple[Url, ...]
    rejects: bool = False
    kinds: tuple[Line, ...] = ()
    beside: tuple[Line, ...] = ()
    only_with: Literal["xla"] | None = None


class ProblemsFile(Record):
    """`problems.yaml`."""

    format: Format
    problems: tuple[Problem, ...]


class ReleaseNote(Record):
    """What is told of releases that is no fault: what they no longer bring, what is on by default,
    who mends them. An empty list of platforms or devices means all.
    """

    id: Slug
    title: Line
    releases: Bounds
    platforms: tuple[Platform, ...]
    devices: tuple[Device, ...]
    told: Line
    way_out: tuple[WayOut, ...]
    sources: tuple[Url, ...]


class ReleaseNotesFile(Record):
    """`release_notes.yaml`."""

    format: Format
    release_notes: tuple[ReleaseNote, ...] = ()


class Pin(Record):
    """An extra requirement that cells need, always or below a compute capability; with
    `only_beside`, only where its package is installed by pip, which no recipe of theirs does.

    A public source says so, or runs of ours prove it, or both.
    """

    pin: Requirement
    distributions: tuple[Distribution, ...]
    releases: Bounds
    platforms: tuple[Platform, ...]
    devices: tuple[Device, ...]
    pythons: tuple[Python, ...]
    reason: Line
    source: Url | None
    compute_capability_below: Capability | None = None
    runs: tuple[RunId, ...] = ()
    only_beside: bool = False

    @property
    def is_conditional(self) -> bool:
        """Whether it changes a recipe under a condition, of which the recipe then is its own."""
        return self.compute_capability_below is not None and not self.only_beside


class PinsFile(Record):
    """`pins.yaml`."""

    format: Format
    pins: tuple[Pin, ...]


class LibraryPath(Record):
    """Releases that do not find the CUDA libraries installed beside them: these must be put on the
    search path. A public source says so, or runs of ours prove it, or both.
    """

    distributions: tuple[Distribution, ...]
    releases: Bounds
    reason: Line
    source: Url | None
    runs: tuple[RunId, ...] = ()


class LibraryPathsFile(Record):
    """`library_paths.yaml`."""

    format: Format
    library_paths: tuple[LibraryPath, ...] = ()


class ToolTrial(Record):
    """What came of a cell's set-up by another tool than pip, checked as the recipe says. It speaks
    for the recipe that it was made from; `why` is None where all went well.
    """

    tool: Literal["uv"]
    version: Dotted
    day: Day
    distribution: Distribution
    release: Version
    platform: Platform
    python: Python
    device: Device
    recipe: RecipeId
    why: Line | None


class ToolsFile(Record):
    """`tools.yaml`."""

    format: Format
    trials: tuple[ToolTrial, ...] = ()


class PluginPair(Record):
    """A release of a plug-in that names no TensorFlow, and the releases that it goes with.

    `wheel` is the plug-in's wheel whose own table says so, `source` the page that refers to it; or
    `source` alone says so, as `read` on that day.
    """

    plugin: Distribution
    release: Version
    distributions: tuple[Distribution, ...]
    releases: Bounds
    platforms: tuple[Platform, ...]
    macos: Dotted | None
    source: Url
    wheel: File | None = None
    read: Day | None = None


class PluginSupport(Record):
    """The kinds of GPUs of which a plug-in's maker says that it was tried on them."""

    device: Device
    kinds: tuple[Line, ...]
    standing: Literal["verified", "experimental"]
    source: Url


class Elsewhere(Record):
    """What people use for a device where the index has no wheel for it."""

    device: Device
    instead: tuple[Line, ...]
    sources: tuple[Url, ...]


class PluginPairsFile(Record):
    """`plugin_pairs.yaml`: which plug-ins go with which releases, and what there is beside them."""

    format: Format
    plugin_pairs: tuple[PluginPair, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()
    support: tuple[PluginSupport, ...] = ()


class Resolution(Record):
    """Whether a resolver found a complete set for these requirements, and since when it says so.

    `installs` are NVIDIA's packages of that set, and `installs_since` the day on which just these
    were found first.
    """

    python: Python
    platform: Platform
    requirements: tuple[Requirement, ...]
    resolves: bool
    since: Day
    conflict: Line | None = None
    installs: tuple[Requirement, ...] = ()
    installs_since: Day | None = None


class ResolutionsFile(Record):
    """`resolutions/<series>.yaml`: what a resolver found for the releases of one series."""

    format: Format
    resolutions: tuple[Resolution, ...] = ()


class CellRun(Record):
    """What one run says of its cell: its outcome, the rung that it proves, or why it proves none.

    On a GPU, it speaks for that compute capability alone; `wsl2` tells that the runner was WSL2.
    `runner` is the account that ran it; None where nobody knows, and where our own workflow did.
    """

    run: RunId
    at: Moment
    distribution: Distribution
    release: Version
    platform: Platform
    python: Python
    device: Device
    recipe: RecipeId
    outcome: Outcome
    trust: Trust
    proves: Proves | None = None
    gpu: Line | None = None
    compute_capability: Capability | None = None
    why: Line | None = None
    runner: Account | None = None
    wsl2: bool = False

    @property
    def day(self) -> str:
        """The day on which it ran."""
        return self.at[:10]


class EvidenceFile(Record):
    """`evidence/<series>.yaml`: the newest runs of each cell and recipe that speak of the cell."""

    format: Format
    runs: tuple[CellRun, ...] = ()


class Attestation(Record):
    """A run whose bytes a GitHub artifact attestation covers, and what that says: the `workflow` of
    ours that signed it, and the repository, the branch and the commit for which it ran.

    Where a fork ran our reusable workflow, `owner` is its owner, and `owner_id` GitHub's number for
    them.
    """

    run: RunId
    sha256: Sha256
    verified: Day
    workflow: Workflow | None = None
    repository: Repository | None = None
    ref: GitRef | None = None
    commit: Commit | None = None
    owner: Account | None = None
    owner_id: int | None = None


class AttestationsFile(Record):
    """`attestations.yaml`: the ledger of attested runs."""

    format: Format
    attestations: tuple[Attestation, ...] = ()


class Sender(Record):
    """Who ran a run: the account that opened its pull request, by GitHub's word, or the account
    whose key signed it. `account_id` is GitHub's number for it, which outlives its name, and
    `repository` the fork that the pull request came from.
    """

    run: RunId
    sha256: Sha256
    account: Account
    account_id: int
    noted: Day
    pull_request: int | None = None
    repository: Repository | None = None
    key: Fingerprint | None = None


class SendersFile(Record):
    """`senders.yaml`: who ran what, a ledger. Of a run that it does not name nobody knows."""

    format: Format
    senders: tuple[Sender, ...] = ()


class Signer(Record):
    """An SSH key that signs runs for an account, and where that account shows it."""

    account: Account
    account_id: int
    key: PublicKey
    source: Url


class SignersFile(Record):
    """`signers.yaml`: the keys whose signatures say who ran a run."""

    format: Format
    signers: tuple[Signer, ...] = ()


class Pattern(Record):
    """What a message looks like: a text that stands in its line, and an expression that must be
    found in the line as well. The expression's named groups are the message's own words.
    """

    text: Excerpt
    expression: Expression | None = None


class KnownError(Record):
    """What a message means. Earlier rows are causes of later ones; harmless ones come last.

    Where a problem tells it already, the row names the problem, and adds only what that leaves out.
    """

    id: Slug
    severity: MessageSeverity
    patterns: tuple[Pattern, ...]
    problems: tuple[Slug, ...] = ()
    title: Line | None = None
    cause: tuple[Line, ...] = ()
    fix: tuple[WayOut, ...] = ()
    releases: Bounds | None = None
    sources: tuple[Url, ...] = ()


class ErrorsFile(Record):
    """`errors.yaml`."""

    format: Format
    errors: tuple[KnownError, ...] = ()


class Library(Record):
    """Files of CUDA or cuDNN, and the releases of it that hold them, both ends included.

    A public source says so, or wheels of NVIDIA on the package index that were looked into hold
    them, or both.
    """

    files: tuple[LibraryFile, ...]
    product: Product
    first: Dotted
    last: Dotted
    source: Url | None = None
    wheels: tuple[File, ...] = ()


class LibrariesFile(Record):
    """`libraries.yaml`."""

    format: Format
    libraries: tuple[Library, ...] = ()


class OtherGpu(Record):
    """A GPU of another maker than NVIDIA, or a chip. `kind` is what software is made for: the
    target of AMD's compilers, the generation of Intel's and Apple's GPUs.
    """

    name: Line
    maker: OtherMaker
    kind: Line
    source: Url


class OtherGpusFile(Record):
    """`other_gpus.yaml`."""

    format: Format
    gpus: tuple[OtherGpu, ...] = ()


class RocmCode(Record):
    """In how many places of a wheel there is machine code for a kind of AMD's GPUs."""

    target: GfxTarget
    objects: int


class RocmWheel(Record):
    """What the libraries in one wheel of a release of tensorflow-rocm say: the ROCm in their search
    path, and their machine code; and the ROCm that AMD's list of releases names.
    """

    release: Version
    wheel: File
    sha256: Sha256
    read: Day
    rocm: Dotted | None
    code: tuple[RocmCode, ...]
    listed: Dotted | None = None


class RocmTableRow(Record):
    """The series or releases of TensorFlow that a table names for a ROCm."""

    rocm: Minor
    tensorflow: tuple[Dotted, ...]


class RocmTable(Record):
    """A table of AMD's, as it stood on one page."""

    source: Url
    rows: tuple[RocmTableRow, ...]


class RocmHardware(Record):
    """AMD's list of the GPUs that a ROCm supports, by their targets."""

    rocm: Minor
    supported: tuple[GfxTarget, ...]
    source: Url
    deprecated: tuple[GfxTarget, ...] = ()
    unsupported: tuple[GfxTarget, ...] = ()


class RocmFile(Record):
    """`rocm.yaml`: which ROCm a release of tensorflow-rocm needs, and which GPUs it serves.

    `listing` is AMD's list of the releases on the package index, `read` the day on which it and the
    tables were read; `first_on_wsl2` the first ROCm that knows WSL2, `wsl2_sources` who says so.
    """

    format: Format
    read: Day | None = None
    wheels: tuple[RocmWheel, ...] = ()
    tables: tuple[RocmTable, ...] = ()
    hardware: tuple[RocmHardware, ...] = ()
    listing: Url | None = None
    first_on_wsl2: Dotted | None = None
    wsl2_sources: tuple[Url, ...] = ()


class PublishedElsewhere(Record):
    """A build outside the package index: what it needs first (`JetPack 6.1`), for which GPUs it is,
    and the command that installs it, with `{python}` in its place.

    Without `pythons` or `gpus` the publisher does not tell them. It does not start on a GPU that is
    not among `gpus` where `only` says so; else such a GPU is not judged. `reported` tells that
    `gpus` are those of public reports, and no list of the publisher's. For `offered_to` alone it is
    better than what the index has; for all GPUs where there are none. `driver` is the first branch
    of NVIDIA's that runs it, `glibc` that of the system that it asks for.
    """

    distribution: Line
    release: Line
    publisher: Line
    platform: PlatformAsked
    systems: tuple[Line, ...]
    device: Device
    maker: Line | None
    pythons: tuple[Python, ...]
    needs: Line | None
    gpus: tuple[Line, ...]
    only: bool
    command: Line | None
    address: Url
    sources: tuple[Url, ...]
    reported: bool = False
    offered_to: tuple[Line, ...] = ()
    driver: DriverBranch | None = None
    glibc: Dotted | None = None


class PlatformWithout(Record):
    """What people use on a platform for which the package index has no wheel of TensorFlow."""

    platform: PlatformAsked
    name: Line
    instead: tuple[Line, ...]
    sources: tuple[Url, ...]


class ElsewhereFile(Record):
    """`elsewhere.yaml`: what there is outside the package index."""

    format: Format
    published: tuple[PublishedElsewhere, ...] = ()
    platforms: tuple[PlatformWithout, ...] = ()
