"""How sure we are, in a sentence: a table of cases, and that every answer says the same."""

import itertools

import pytest

from kb.answers.comparison import MachineQuestion
from kb.answers.fits import find
from kb.base.model import Trust
from kb.base.store import Store
from kb.cells.rungs import RUNGS, Rung, Verdict
from kb.cells.sureness import MachineStanding, SureCase, nowhere, sureness
from kb.index.records import open_index

CPU = SureCase(platform="linux-x86_64", device="cpu")
CUDA = SureCase(platform="linux-x86_64", device="cuda")
PIN = "nvidia-cudnn-cu12<9.11"
DAY = "2026-11-23"


def claimed(rung, standing="unknown"):
    return nowhere(rung, standing, DAY, None, None, 0)


def ran(rung, standing="ok", trust="self-reported", **more):
    why = None if standing == "ok" else "import: it broke."
    own = nowhere(rung, standing, DAY, trust, why, 1)
    return own._replace(**more)


H200 = {"compute_capability": "9.0", "gpu": "NVIDIA H200"}
RUNNER = "a Linux x86-64 runner"
LINKS = (
    f"Set up as below on {RUNNER} without a GPU; its CUDA libraries load, no GPU has computed with "
    "it yet: 2026-11-23, self-reported"
)
ON_H200 = (
    f"Set up as below on {RUNNER} with NVIDIA H200 (compute capability 9.0), and the GPU computed "
    "right: 2026-11-23, self-reported, by one runner alone so far"
)

CASES = {
    "nothing": (claimed(None), CPU, "Nothing proves this."),
    "documented": (
        claimed("documented"), CUDA,
        ("Not run yet; the official table lists it, as of 2026-11-23, and its wheel does not say "
        "what it was built for."),
    ),
    "documented by a plug-in's table": (
        claimed("documented"), CUDA._replace(device="metal", told_by="table"),
        "Not run yet; the table in the plug-in's own wheel lists it, as of 2026-11-23.",
    ),
    "documented by a report": (
        claimed("documented"), CUDA._replace(device="metal", told_by="report"),
        "Not run yet; a public report lists it, as of 2026-11-23.",
    ),
    "shipped for the CPU": (
        claimed("shipped"), CPU,
        "Not run yet; the index has a wheel for it, as of 2026-11-23.",
    ),
    "shipped for CUDA": (
        claimed("shipped"), CUDA,
        "Not run yet; its wheel says that it was built for CUDA, as of 2026-11-23.",
    ),
    "shipped with a plug-in": (
        claimed("shipped"), CUDA._replace(device="xpu", told_by="requirement"),
        "Not run yet; the plug-in's wheel asks for just this release, as of 2026-11-23.",
    ),
    "resolves": (
        claimed("resolves"), CUDA,
        "Not run yet; a resolver finds all that it needs, as of 2026-11-23.",
    ),
    "a recipe that a pin changes": (
        claimed("resolves"), CUDA._replace(pin=PIN, compute_capability="6.1"),
        f"Not run yet with {PIN}; a resolver finds all that it needs, as of 2026-11-23.",
    ),
    "a recipe that a pin changes, run": (
        ran("links"), CUDA._replace(pin=PIN, compute_capability="6.1"), f"{LINKS}.",
    ),
    "runs": (
        ran("runs"), CPU,
        f"Set up as below on {RUNNER}, and computed right on the CPU: 2026-11-23, self-reported.",
    ),
    "runs, attested": (
        ran("runs", trust="attested"), CPU,
        f"Set up as below on {RUNNER}, and computed right on the CPU: 2026-11-23, attested.",
    ),
    "runs on Linux, asked for WSL2": (
        ran("runs"), CPU._replace(wsl2=True),
        (f"Set up as below on {RUNNER}, and computed right on the CPU: 2026-11-23, self-reported; "
        "not run on WSL2 yet."),
    ),
    "runs on WSL2": (
        ran("runs", wsl2=True), CPU._replace(wsl2=True),
        ("Set up as below on a Linux x86-64 (WSL2) runner, and computed right on the CPU: "
        "2026-11-23, self-reported."),
    ),
    "a set-up for CUDA that ran without its libraries": (
        ran("runs"), CUDA,
        (f"Set up as below on {RUNNER} without a GPU, and computed right; that a GPU computes with "
        "it was not seen: 2026-11-23, self-reported."),
    ),
    "links": (ran("links"), CUDA, f"{LINKS}."),
    "links, asked for a GPU": (
        ran("links"), CUDA._replace(compute_capability="8.6"), f"{LINKS}.",
    ),
    "links on Linux, asked for WSL2": (
        ran("links"), CUDA._replace(wsl2=True), f"{LINKS}; not run on WSL2 yet.",
    ),
    "runs-gpu": (ran("runs-gpu", **H200), CUDA, f"{ON_H200}."),
    "runs-gpu, asked for its compute capability": (
        ran("runs-gpu", **H200), CUDA._replace(compute_capability="9.0"), f"{ON_H200}.",
    ),
    "runs-gpu, asked for another": (
        ran("runs-gpu", **H200), CUDA._replace(compute_capability="8.6"),
        f"{ON_H200}; no GPU of compute capability 8.6 has computed with it yet.",
    ),
    "runs-gpu on Linux, asked for another on WSL2": (
        ran("runs-gpu", **H200), CUDA._replace(compute_capability="8.6", wsl2=True),
        (f"{ON_H200}; no GPU of compute capability 8.6 has computed with it yet; not run on WSL2 "
        "yet."),
    ),
    "a GPU without a name": (
        ran("runs-gpu", compute_capability="9.0"), CUDA,
        (f"Set up as below on {RUNNER} with a GPU of compute capability 9.0, and the GPU computed "
        "right: 2026-11-23, self-reported, by one runner alone so far."),
    ),
    "a GPU of which the name alone is known": (
        ran("runs-gpu", gpu="NVIDIA H200"), CUDA,
        (f"Set up as below on {RUNNER} with NVIDIA H200, and the GPU computed right: 2026-11-23, "
        "self-reported, by one runner alone so far."),
    ),
    "runs-gpu, by two runners": (
        ran("runs-gpu", **H200)._replace(runners=2), CUDA,
        f"{ON_H200.removesuffix('by one runner alone so far')}2 runners agree.",
    ),
    "runs-gpu, attested": (
        ran("runs-gpu", trust="attested", **H200), CUDA,
        f"{ON_H200.partition(', self-reported')[0]}, attested.",
    ),
    "runs-gpu, by a fork alone": (
        ran("runs-gpu", trust="attested by ann", **H200), CUDA,
        f"{ON_H200.replace('self-reported', 'attested by ann')}.",
    ),
    "broken by a run": (
        ran(None, "broken"), CPU,
        (f"Broken: tried as below on {RUNNER} (2026-11-23, self-reported), it failed: import: it "
        "broke."),
    ),
    "broken on a GPU": (
        ran("shipped", "broken", **H200), CUDA,
        (f"Broken: tried as below on {RUNNER} with NVIDIA H200 (compute capability 9.0) "
        "(2026-11-23, self-reported), it failed: import: it broke."),
    ),
    "broken by the resolver": (
        claimed("shipped", "broken")._replace(why="tensorrt has no wheel."), CUDA,
        "Broken: no resolver finds all that it needs, as of 2026-11-23: tensorrt has no wheel.",
    ),
    "broken by the resolver, which does not say why": (
        claimed("shipped", "broken"), CUDA,
        "Broken: no resolver finds all that it needs, as of 2026-11-23: they conflict.",
    ),
    "disputed": (
        ran("runs", "disputed", "attested"), CPU,
        (
            "Disputed as of 2026-11-23, at best attested: one run set it up, and computed right on "
            "the CPU, another failed: import: it broke. Both tried it as below on "
            f"{RUNNER}."
        ),
    ),
    "two runners": (
        ran("runs")._replace(runners=2), CPU,
        (
            f"Set up as below on {RUNNER}, and computed right on the CPU: 2026-11-23, "
            "self-reported, 2 runners agree."
        ),
    ),
    "a fork": (
        ran("runs", trust="attested by ann"), CPU,
        (
            f"Set up as below on {RUNNER}, and computed right on the CPU: 2026-11-23, attested by "
            "ann."
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("own", "case", "sentence"), CASES.values(), ids=CASES)
def test_the_sentence_says_what_was_done_where_when_and_by_whom(own, case, sentence):
    assert sureness(own, case).sentence == sentence


STANDINGS: tuple[Verdict, ...] = ("ok", "broken", "disputed")
TRUSTS: tuple[Trust, ...] = ("attested", "attested by ann", "self-reported")
RAN: tuple[Rung, ...] = ("runs", "links", "runs-gpu")


@pytest.mark.parametrize(
    ("rung", "standing", "trust", "wsl2", "capability", "pin"),
    list(
        itertools.product(RAN, STANDINGS, TRUSTS, (None, False, True), (None, "8.6"), (None, PIN))
    ),
)
def test_what_ran_says_its_trust_its_day_and_where_it_was_another_machine(
    rung, standing, trust, wsl2, capability, pin
):
    case = CUDA._replace(wsl2=wsl2, compute_capability=capability, pin=pin)
    gpu = H200 if rung == "runs-gpu" else {}
    found = sureness(ran(rung, standing, trust, **gpu), case)
    text = found.sentence
    assert "{" not in text
    assert text.endswith(".")
    assert DAY in text
    assert trust in text
    assert ("not run on WSL2 yet" in text) == (wsl2 is True)
    assert ("no GPU of compute capability 8.6" in text) == (
        rung == "runs-gpu" and capability == "8.6"
    )
    assert (found.where in text, found.when, found.by is None) == (True, DAY, False)
    if rung == "links" and standing == "ok":
        assert "no GPU has computed with it yet" in text


@pytest.mark.parametrize("rung", [None, *RUNGS[:3]])
@pytest.mark.parametrize("pin", [None, PIN])
@pytest.mark.parametrize("device", ["cpu", "cuda", "rocm"])
def test_claims_alone_say_that_nobody_ran_it(rung, pin, device):
    found = sureness(claimed(rung), CUDA._replace(device=device, pin=pin))
    if rung is None:
        assert found.sentence == "Nothing proves this."
        return
    assert found.sentence.startswith(f"Not run yet with {PIN};" if pin else "Not run yet;")
    assert (found.where, found.when) == (None, DAY)
    assert DAY in found.sentence


def test_a_sentence_without_its_set_up_says_so():
    assert sureness(ran("runs"), CPU, below=False).sentence.startswith("Set up as published on")


@pytest.fixture(scope="module")
def real_index():
    """Open the index of the real knowledge base."""
    return open_index(Store())


def test_find_says_of_every_offer_what_lookup_says(real_index, real_answers):
    """Of every cell of the real index that nothing rejects, for a machine like the runner's."""
    said = {
        (*cell.key[:3], cell.key.python, cell.key.device): cell.sureness(wsl2=False)
        for answer in real_answers.values()
        for build in answer.builds
        for cell in build.cells
    }
    plugs = {
        (offer.distribution, offer.release, offer.platform, python, offer.device): offer.sureness()
        for answer in real_answers.values()
        for offer in answer.plugins or ()
        for python in offer.pythons
    }
    compared = 0
    for position, offer in enumerate(real_index.offers):
        alone = real_index._replace(offers=(offer,), candidates=(), problems=(), published=())
        for python in (python for group in offer.cells for python in group.pythons):
            found = find(alone, asked_of(real_index, offer, python))
            if found.answer is None:
                continue
            release = real_index.releases[offer.release]
            key = (offer.distribution, release, offer.platform, python, offer.device)
            known = plugs if offer.plugin else said
            if key in known:
                assert found.answer.proof == known[key], (position, key)
                compared += 1
    assert compared > 500


def asked_of(index, offer, python):
    """Return a question that the offer answers, of a GPU of which nothing is told."""
    system, _, processor = offer.platform.partition("-")
    maker = next(
        (maker for maker, systems in index.makers.items() if offer.device in systems[system]),
        "nvidia",
    )
    return MachineQuestion(
        os=system,
        arch="arm64" if processor in ("arm64", "aarch64") else "x86_64",
        python=python,
        device="cpu" if offer.device == "cpu" else "gpu",
        maker=maker,
    )


def test_the_machine_that_ran_is_told_from_the_one_that_is_asked_about():
    own = MachineStanding(False, "9.0", "NVIDIA H200", "runs-gpu", "ok", DAY, "attested", None, 1)
    where = sureness(own, CUDA).where
    assert where == "a Linux x86-64 runner with NVIDIA H200 (compute capability 9.0)"
