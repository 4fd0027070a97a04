"""What runs say, seen through the questions: the rung, the trust, the reason; and what must hold of
the files that hold it.
"""

import json
import subprocess

import pytest

from kb import command_line
from kb.answers.releases import VersionQuestion
from kb.base.model import (
    Attestation,
    AttestationsFile,
    Bounds,
    CellRun,
    EvidenceFile,
    LibraryPath,
    LibraryPathsFile,
    PinsFile,
    Sender,
    SendersFile,
    Signer,
    SignersFile,
)
from kb.base.writing import dump
from kb.cells.recipe_id import recipe_id
from kb.cells.shells import setup
from kb.lookup.answer import lookup
from kb.upkeep.evidence_rules import (
    attestations_faults,
    evidence_faults,
    senders_faults,
    signers_faults,
)
from kb.upkeep.table_rules import library_paths_faults, pins_faults
from tests.kb.small_base import (
    CUDA_12,
    LINK,
    LINUX,
    one_build,
    pin,
    series_file,
    write_base,
)

SERIES = series_file("2.15", (one_build("tensorflow", "2.15.0", LINUX, "3.11", **CUDA_12),))
PATH = LibraryPath(
    distributions=("tensorflow",),
    releases=Bounds("2.15.0", "2.15.0"),
    reason="It looks elsewhere.",
    source=LINK,
)
A_RUN = "2026-03-03-0123456789ab"


@pytest.fixture
def base(tmp_path):
    return write_base(tmp_path, SERIES)


def cells(base):
    (build,) = lookup(base, VersionQuestion(version="2.15")).builds
    return {cell.key.device: cell for cell in build.cells}


def told(base, tmp_path, device="cpu", **fields):
    """Let a run say something of the cell as it is published now."""
    told_by(base, tmp_path, device, fields)


def told_by(base, tmp_path, device, *runs):
    """Let several runs say something of the cell, one a minute."""
    cell = cells(base)[device]
    usual = {
        **cell.key._asdict(),
        "recipe": recipe_id(cell.recipe),
        "outcome": "ok",
        "trust": "self-reported",
        "proves": "runs",
    }
    seen = tuple(
        CellRun(
            **usual | {"run": f"{A_RUN[:-1]}{n or 'b'}", "at": f"2026-03-03T00:0{n}:00Z"} | fields
        )
        for n, fields in enumerate(runs)
    )
    (tmp_path / "evidence").mkdir(exist_ok=True)
    (tmp_path / "evidence" / "2.15.yaml").write_text(dump(EvidenceFile(1, seen), "Evidence."))


def page(tmp_path, capsys, *arguments):
    asked = ["--data", str(tmp_path), "lookup", "2.15", "--platform", LINUX, "--python", "3.11"]
    assert command_line.main([*asked, *arguments]) == 0
    return " ".join(capsys.readouterr().out.split())


def test_a_run_lifts_its_cell_and_no_other(base, tmp_path):
    told(base, tmp_path)
    found = {device: cell.standing for device, cell in cells(base).items()}
    assert (found["cpu"].rung, found["cpu"].standing, found["cpu"].as_of) == (
        "runs",
        "ok",
        "2026-03-03",
    )
    assert (found["cuda"].rung, found["cuda"].standing) == ("shipped", "unknown")


def test_a_run_of_another_recipe_says_nothing(base, tmp_path):
    told(base, tmp_path, recipe="0123456789abcdef")
    assert cells(base)["cpu"].standing.rung == "shipped"


def test_the_page_says_what_ran_and_whom_to_believe(base, tmp_path, capsys):
    told(base, tmp_path)
    text = page(tmp_path, capsys, "--device", "cpu")
    said = "on a Linux x86-64 runner, and computed right on the CPU: 2026-03-03, self-reported."
    assert said in text


def test_the_page_says_why_a_cell_is_broken(base, tmp_path, capsys):
    why = "import: AttributeError: _ARRAY_API not found"
    told(base, tmp_path, outcome="import", proves=None, why=why, trust="attested")
    text = page(tmp_path, capsys, "--device", "cpu")
    assert f"a Linux x86-64 runner (2026-03-03, attested), it failed: {why}." in text


def test_the_document_says_trust_and_why(base, tmp_path, capsys):
    told(base, tmp_path, outcome="crash", proves=None, why="import: killed by signal 11")
    command_line.main(["--data", str(tmp_path), "lookup", "2.15", "--json"])
    document = json.loads(capsys.readouterr().out)
    rows = {cell["device"]: cell for cell in document["builds"][0]["cells"]}
    assert rows["cpu"]["standing"] == "broken"
    assert (rows["cpu"]["trust"], rows["cpu"]["why"]) == (
        "self-reported",
        "import: killed by signal 11",
    )
    assert f"run:{A_RUN}" in rows["cpu"]["proof"]
    assert (rows["cuda"]["trust"], rows["cuda"]["why"]) == (None, None)


def cell_document(tmp_path, capsys, device):
    command_line.main(["--data", str(tmp_path), "lookup", "2.15", "--json"])
    document = json.loads(capsys.readouterr().out)
    rows = {cell["device"]: cell for cell in document["builds"][0]["cells"]}
    return rows[device]


def test_runners_that_agree_are_counted(base, tmp_path, capsys):
    told_by(base, tmp_path, "cpu", {"runner": "ann"}, {"runner": "bob"}, {})
    text = page(tmp_path, capsys, "--device", "cpu")
    assert "right on the CPU: 2026-03-03, self-reported, 3 runners agree." in text
    found = cell_document(tmp_path, capsys, "cpu")
    assert (found["runners"], found["who"]) == (3, ["ann", "bob", "not known"])
    assert (found["against"], found["confirmed"]) == ([], True)


def test_a_dispute_shows_both(base, tmp_path, capsys):
    failed = {"outcome": "crash", "proves": None, "why": "import: killed by signal 11"}
    told_by(base, tmp_path, "cpu", {"runner": "ann"}, {"runner": "eve", **failed})
    text = page(tmp_path, capsys, "--device", "cpu")
    assert "CPU runs (disputed) on 3.11" in text
    assert "Disputed as of 2026-03-03" in text
    assert failed["why"] in text
    found = cell_document(tmp_path, capsys, "cpu")
    assert (found["standing"], found["who"], found["against"]) == ("disputed", ["ann"], ["eve"])
    assert [one for one in found["proof"] if one.startswith("run:")] == [
        f"run:{A_RUN}",
        f"run:{A_RUN[:-1]}1",
    ]


ON_GPU = {"proves": "runs-gpu", "gpu": "NVIDIA H200", "compute_capability": "9.0"}


@pytest.mark.parametrize(
    ("runs", "row", "by"),
    [
        (({},), "runs-gpu (1 runner) on 3.11", "self-reported, by one runner alone so far."),
        (({"runner": "ann"}, {"runner": "bob"}), "runs-gpu on 3.11", "2 runners agree."),
        (({"trust": "attested"},), "runs-gpu on 3.11", "2026-03-03, attested."),
        (
            ({"trust": "attested by ann", "runner": "ann"},),
            "runs-gpu (1 runner) on 3.11",
            "attested by ann, by one runner alone so far.",
        ),
    ],
)
def test_what_one_runner_alone_saw_on_a_gpu_is_told_as_that(runs, row, by, base, tmp_path, capsys):
    told_by(base, tmp_path, "cuda", *(ON_GPU | run for run in runs))
    text = page(tmp_path, capsys, "--device", "cuda")
    assert row in text
    assert by in text
    assert cell_document(tmp_path, capsys, "cuda")["confirmed"] == ("1 runner" not in row)


@pytest.fixture
def with_path(base, tmp_path):
    rows = LibraryPathsFile(1, (PATH,))
    (tmp_path / "library_paths.yaml").write_text(dump(rows, "Paths."))
    return base


def test_a_release_that_does_not_find_its_libraries_is_told_where_they_are(
    base, with_path, tmp_path, capsys
):
    found = cells(with_path)
    assert [step.action for step in found["cuda"].recipe.steps][-1] == "library-path"
    assert "library-path" not in [step.action for step in found["cpu"].recipe.steps]
    assert "It looks elsewhere" in page(tmp_path, capsys, "--device", "cuda")


def test_the_search_path_is_there_whenever_the_environment_is_active(with_path, tmp_path):
    """The commands are carried out by a real bash, on folders as the wheels make them."""
    commands = [line for line in setup(cells(with_path)["cuda"].recipe) if "pip" not in line]
    environment = tmp_path / "work" / "tf-2.15.0"
    for library in ("cublas", "cusolver"):
        (environment / f"lib/python3.11/site-packages/nvidia/{library}/lib").mkdir(parents=True)
    (environment / "bin").mkdir()
    (environment / "bin/activate").write_text(f"VIRTUAL_ENV='{environment}'\n")
    made = [line for line in commands if "venv" not in line]

    def seen(before, script):
        done = subprocess.run(
            ["bash", "-euc", "\n".join([*script, 'echo "$LD_LIBRARY_PATH"'])],
            cwd=environment.parent,
            env={"PATH": "/usr/bin:/bin", **before},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return done.stdout.strip().split(":")

    own = [
        f"{environment}/lib/python3.11/site-packages/nvidia/{n}/lib" for n in ("cublas", "cusolver")
    ]
    assert seen({}, made)[:2] == own
    assert seen({}, [". tf-2.15.0/bin/activate"]) == own
    assert seen({"LD_LIBRARY_PATH": "/own"}, [". tf-2.15.0/bin/activate"]) == [*own, "/own"]


def test_a_row_of_people_needs_a_source_or_a_run():
    bare = pin("numpy<2", "2.15.0", "2.15.0")._replace(source=None)
    (fault,) = pins_faults_of(bare)
    assert (
        fault == "pins.yaml: numpy<2: source: is null and no run proves it; name one or the other"
    )
    assert pins_faults_of(bare._replace(runs=(A_RUN,))) == []
    (fault,) = library_paths_faults(LibraryPathsFile(1, (PATH._replace(source=None),)), {"2.15.0"})
    assert "source: is null and no run proves it" in fault
    assert list(library_paths_faults(LibraryPathsFile(1, (PATH,)), {"2.15.0"})) == []


def pins_faults_of(one):
    return list(pins_faults(PinsFile(1, (one,)), {"2.15.0"}))


RUN = CellRun(
    run=A_RUN,
    at="2026-03-03T00:00:00Z",
    distribution="tensorflow",
    release="2.15.0",
    platform=LINUX,
    python="3.11",
    device="cpu",
    recipe="0123456789abcdef",
    outcome="ok",
    trust="self-reported",
    proves="runs",
)
FAULTS = {
    "twice": ((RUN, RUN), "stands twice"),
    "another series": ((RUN._replace(release="2.14.0"),), "is about no release of 2.15"),
    "no such build": ((RUN._replace(platform="macos-arm64"),), "is about no build that there is"),
    "the runner's fault": (
        (RUN._replace(outcome="timeout", proves=None),),
        "timeout says nothing of the cell",
    ),
    "ok and no rung": ((RUN._replace(proves=None),), "is ok and proves no rung"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_evidence_is_told_with_its_remedy(fault):
    runs, words = FAULTS[fault]
    (line,) = evidence_faults("2.15", EvidenceFile(1, runs), SERIES)
    assert line.startswith(f"evidence/2.15.yaml: {A_RUN}: {words}")
    assert line.endswith("run `python -m verify merge`")


def test_a_ledger_names_each_run_once_and_by_its_own_hash():
    one = Attestation(A_RUN, "0123456789ab" + "0" * 52, "2026-03-03")
    assert list(attestations_faults(AttestationsFile(1, (one,)))) == []
    (twice,) = attestations_faults(AttestationsFile(1, (one, one)))
    assert twice == "attestations.yaml: attestations: list each run once, sorted"
    (other,) = attestations_faults(AttestationsFile(1, (one._replace(sha256="f" * 64),)))
    assert other.endswith("is not the run with that sha256; remove it")


SENDER = Sender(
    run=A_RUN,
    sha256=f"{A_RUN[-12:]}{'0' * 52}",
    account="ann",
    account_id=1,
    noted="2026-03-03",
    pull_request=7,
)


def test_a_sender_is_known_by_a_pull_request_or_by_a_key():
    key = f"SHA256:{'a' * 43}"
    assert list(senders_faults(SendersFile(1, (SENDER,)))) == []
    assert (
        list(senders_faults(SendersFile(1, (SENDER._replace(pull_request=None, key=key),)))) == []
    )
    for wrong in (SENDER._replace(pull_request=None), SENDER._replace(key=key)):
        (fault,) = senders_faults(SendersFile(1, (wrong,)))
        assert "is known by its pull request or by a key, one of both" in fault
    (other,) = senders_faults(SendersFile(1, (SENDER._replace(sha256="f" * 64),)))
    assert other.endswith("is not the run with that sha256; remove it")


def test_a_forks_row_names_all_that_its_attestation_says():
    row = Attestation(A_RUN, SENDER.sha256, "2026-03-03", owner="ann")
    (fault,) = attestations_faults(AttestationsFile(1, (row,)))
    assert "a fork's run names all that its attestation says" in fault


def test_a_key_signs_for_one_account():
    key = f"ssh-ed25519 {'A' * 68}"
    ann = Signer("ann", 1, key, "https://api.github.com/users/ann/ssh_signing_keys")
    assert list(signers_faults(SignersFile(1, (ann, ann._replace(account="ann-new"))))) == []
    (fault,) = signers_faults(SignersFile(1, (ann, ann._replace(account="eve", account_id=2))))
    assert fault == "signers.yaml: eve: their key is another account's; remove it from one"
