"""A question about a machine, an offer held against it, and what a rule says of the two."""

from typing import Literal

from kb.base.record import Record
from kb.base.versions import key
from kb.base.vocabulary import Arch, Os
from kb.index.records import Code, CodeCounts, Index, KnownProblem, Offer, RocmFacts, ToolkitFacts
from kb.index.words import PLATFORM_OF, Maker, fill

Rule = Literal[
    "python",
    "platform",
    "device",
    "compute-capability",
    "toolkit",
    "driver",
    "cuda",
    "glibc",
    "macos",
    "broken",
    "resolution",
    "problem",
]


class AskedGpu(Record):
    """A further GPU of a machine; each field as that of the question for the first."""

    gpu: str | None = None
    compute_capability: str | None = None
    gpu_kind: str | None = None


class MachineQuestion(Record):
    """What is asked; None is not told. `gpu` is the name of a GPU as it was given; `settled` fills
    in the device and the maker where they are not told, `kb.answers.gpu_asked` what the name means:
    NVIDIA's have a compute capability, others a kind, such as `gfx1100` or `Arc A-Series`.
    `release` is the release or the series that alone is asked about. `further_gpus` are those
    beside the first, of the same maker: what fits has to fit all of them.
    `xla` is off where XLA, the compiler in TensorFlow, is left off.
    """

    os: Os = "linux"
    arch: Arch = "x86_64"
    python: str | None = None
    device: Literal["cpu", "gpu"] | None = None
    maker: Maker | None = None
    gpu: str | None = None
    compute_capability: str | None = None
    driver: str | None = None
    cuda: str | None = None
    glibc: str | None = None
    macos: str | None = None
    gpu_kind: str | None = None
    release: str | None = None
    further_gpus: tuple[AskedGpu, ...] | None = None
    xla: Literal["off"] | None = None

    def platform(self) -> str:
        """Return the platform; that of Windows on Arm has no build."""
        return PLATFORM_OF[self.os][self.arch]

    def settled(self) -> "MachineQuestion":
        """Return it with what goes without saying: who tells of a GPU asks for one, and a GPU is
        NVIDIA's, but for one of a Mac of which nothing is told.
        """
        of_gpus = (self.gpu, self.compute_capability, self.driver, self.cuda, self.maker)
        names_gpu = any(of_gpus) or bool(self.further_gpus)
        is_macs = self.os == "macos" and self.gpu is None and self.compute_capability is None
        return self._replace(
            device=self.device or ("gpu" if names_gpu else "cpu"),
            maker=self.maker or ("apple" if is_macs else "nvidia"),
        )

    def gpus(self) -> tuple[AskedGpu, ...]:
        """Return every GPU, the first one first; of a CPU none, and one where none is told."""
        if self.device == "cpu":
            return ()
        first = AskedGpu._make((self.gpu, self.compute_capability, self.gpu_kind))
        return (first, *(self.further_gpus or ()))

    def singly(self) -> "tuple[MachineQuestion, ...]":
        """Return the question for each GPU by itself, equal ones once."""
        if not self.further_gpus:
            return (self,)
        alone = self._replace(further_gpus=None)
        each = dict.fromkeys(self.gpus())
        return tuple(alone._replace(**gpu._asdict()) for gpu in each) or (alone,)


class Remark(Record):
    """What a rule says: a reason against an offer, a caveat, or why it fits."""

    kind: Literal["reason", "caveat", "because"]
    rule: Rule | None
    template: str
    words: tuple[tuple[str, str], ...]
    instead: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What it says, in words."""
        return fill(self.template, **dict(self.words))


class Comparison(Record):
    """An offer held against a question; `problems` are those that may hit what is asked for.

    With `beside`, another CUDA may be installed beside that of the machine.
    """

    known: Index
    question: MachineQuestion
    offer: Offer
    problems: tuple[KnownProblem, ...]
    beside: bool = False

    def reason(self, rule: Rule, name: str, **words: str) -> Remark:
        """Return a reason against the offer."""
        return self._finding("reason", rule, name, words)

    def caveat(self, name: str, **words: str) -> Remark:
        """Return something to be minded."""
        return self._finding("caveat", None, name, words)

    def because(self, name: str, **words: str) -> Remark:
        """Return why the offer fits."""
        return self._finding("because", None, name, words)

    def _finding(self, kind: str, rule: Rule | None, name: str, words: dict[str, str]) -> Remark:
        # a question makes thousands: `_make` skips the checks of the constructor
        return Remark._make((kind, rule, self.known.words[name], tuple(words.items()), (), ()))

    def code(self) -> Code | None:
        """Return what the offer was built for."""
        return None if self.offer.code is None else self.known.codes[self.offer.code]

    def toolkit(self) -> ToolkitFacts | None:
        """Return the CUDA of the offer."""
        return None if self.offer.toolkit is None else self.known.toolkits[self.offer.toolkit]

    def rocm(self) -> RocmFacts | None:
        """Return the ROCm of the offer."""
        return None if self.offer.rocm is None else self.known.rocms[self.offer.rocm]

    def verdict(self, letters: str) -> str:
        """Return the letter for the compute capability that is asked for; `?` without one."""
        asked = self.question.compute_capability
        return letters[self.known.capabilities.index(asked)] if asked else "?"

    def counts(self) -> CodeCounts | None:
        """Return what was counted in the objects of the wheel for the capability asked for."""
        code, asked = self.code(), self.question.compute_capability
        if code is None or asked is None:
            return None
        return code.counts_at(self.known.capabilities.index(asked))

    def has_no_code(self) -> bool:
        """Tell whether the wheel is known to have no code for the GPU, which says enough."""
        code = self.code()
        return code is not None and self.verdict(code.verdicts) == "x"


def older(version: str, other: str) -> bool:
    """Tell whether a dotted number is before another; `450.51` is after `450.5`."""
    return key(version) < key(other)
