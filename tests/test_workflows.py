"""What GitHub is asked to run: sound by the tools that read workflows, and its shell parts carried
out for real.
"""

import functools
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
import yaml

import kb.command_line
import scraper.command_line
import verify.commands.command_line
from tests import test_published_recipes

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / ".github" / "workflows"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yml"))
DATA = ("kb/data/index.yaml", "old\n")
PIN = re.compile(
    r"uses: (actions/[a-z-]+|pypa/gh-action-pypi-publish)@([0-9a-f]{40}) # (v\d+\.\d+\.\d+)$"
)


@functools.cache
def workflow(name):
    # every scalar a text: YAML 1.1 would take the key `on` for true
    return yaml.load((FOLDER / f"{name}.yml").read_text(), Loader=yaml.BaseLoader)


def jobs():
    return [(name, key, job) for name in NAMES for key, job in workflow(name)["jobs"].items()]


def steps():
    return [(name, key, step) for name, key, job in jobs() for step in job.get("steps", ())]


def step_named(name, job, title):
    return next(
        one for one in workflow(name)["jobs"][job]["steps"] if one.get("name", "").startswith(title)
    )


def tool(name, *arguments):
    """Run a tool that came with the test extra; one that is missing fails the test."""
    program = Path(sysconfig.get_path("scripts")) / name
    environment = {key: value for key, value in os.environ.items() if "TOKEN" not in key}
    return subprocess.run(
        [program, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


class Runner:
    """Carries out a step's script as a runner does, in folders of its own."""

    def __init__(self, folder):
        self.workspace = folder / "workspace"
        self.temporary = folder / "temp"
        self.temporary.mkdir()
        self.output = folder / "output"
        self.summary = folder / "summary"

    def run(self, step, in_folder=None, path=(), **variables):
        fixed = {key: text for key, text in step.get("env", {}).items() if "${{" not in text}
        path = os.pathsep.join([*map(str, path), str(Path(sys.executable).parent), "/usr/bin:/bin"])
        environment = {
            "PATH": path,
            "HOME": str(self.temporary),
            "RUNNER_TEMP": str(self.temporary),
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            **fixed,
            **variables,
        }
        script = self.temporary / "script.sh"
        script.write_text(step["run"])
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", script],
            cwd=in_folder or self.workspace,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def told(self, name):
        """Return the last value of an output."""
        lines = self.output.read_text().splitlines()
        return [line.partition("=")[2] for line in lines if line.startswith(f"{name}=")][-1]


@pytest.fixture
def runner(tmp_path):
    return Runner(tmp_path)


@pytest.fixture(scope="module")
def sound():
    """Return the path of a run that fits today, below the repository."""
    data = ["--data", str(ROOT / "kb/data")]
    paths = sorted((ROOT / "runs").glob("2.*/*-cpu/*.json"))
    found = next(
        one for one in paths if not verify.commands.command_line.main(["check", *data, str(one)])
    )
    return str(found.relative_to(ROOT))


def git(folder, *arguments):
    person = ["-c", "user.name=Someone", "-c", "user.email=someone@example.invalid"]
    command = ["git", "-C", folder, *person, *arguments]
    return subprocess.run(command, capture_output=True, check=True).stdout


def write(folder, path, text):
    file = Path(os.fsdecode(os.fsencode(folder) + b"/" + os.fsencode(path)))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def repository(folder, files):
    """Make a repository with one commit of files, a text by path."""
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    for path, text in files.items():
        write(folder, path, text)
    git(folder, "add", "--all", "--force")
    git(folder, "commit", "--quiet", "--message=base")
    return folder


# What the tools say


def test_there_are_the_workflows_that_the_project_promises():
    assert {"ci", "check-runs", "release", "scrape", "verify"} <= set(NAMES)


def test_workflows_follow_githubs_schema(tmp_path):
    schema = ("--builtin-schema", "vendor.github-workflows")
    done = tool("check-jsonschema", *schema, *FOLDER.glob("*.yml"))
    assert done.returncode == 0, done.stdout + done.stderr
    wrong = tmp_path / "wrong.yml"
    wrong.write_text((FOLDER / "ci.yml").read_text().replace("runs-on:", "runs-where:"))
    assert tool("check-jsonschema", *schema, wrong).returncode == 1


def test_the_dependabot_file_follows_its_schema():
    done = tool(
        "check-jsonschema", "--builtin-schema", "vendor.dependabot", ".github/dependabot.yml"
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_zizmor_finds_nothing(tmp_path):
    options = ("--offline", "--pedantic", "--strict-collection", "--no-progress")
    done = tool("zizmor", *options, ".github")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No findings" in done.stdout
    wrong = tmp_path / "wrong.yml"
    title = "${{ github.event.pull_request.title }}"
    text = (FOLDER / "check-runs.yml").read_text()
    wrong.write_text(text.replace("export LC_ALL=C", f"echo {title}"))
    assert "template-injection" in tool("zizmor", *options, wrong).stdout


def test_what_is_switched_off_in_zizmor_says_why():
    lines = (ROOT / ".github" / "zizmor.yml").read_text().splitlines()
    off = [number for number, line in enumerate(lines) if re.match(r"  \S+:$", line)]
    assert off
    assert all(lines[number - 1].startswith("  # ") for number in off)


# What must hold of every workflow


@pytest.mark.parametrize("name", NAMES)
def test_a_workflow_may_do_nothing_but_what_a_job_asks_for(name):
    assert workflow(name)["permissions"] == {}
    assert workflow(name)["defaults"] == {"run": {"shell": "bash"}}
    assert workflow(name)["concurrency"]["group"]


def test_each_job_has_the_least_permissions():
    write_to_it = {"contents": "write", "pull-requests": "write"}
    more = {
        ("propose", "propose"): write_to_it,
        ("scrape", "propose"): write_to_it,
        ("scrape", "failed"): {},
        ("verify", "propose"): write_to_it,
        ("verify", "attest"): {"contents": "read", "id-token": "write", "attestations": "write"},
        ("site", "publish"): {"pages": "write", "id-token": "write"},
        ("release", "publish"): {"id-token": "write"},
        ("verify", "evidence"): {"contents": "read", "attestations": "read"},
        ("check-runs", "check"): {"contents": "read", "attestations": "read"},
        ("release", "ledger"): {"contents": "read", "attestations": "read"},
        ("senders", "note"): {
            "contents": "read",
            "pull-requests": "read",
            "attestations": "read",
        },
        ("senders", "propose"): write_to_it,
        ("attested-run", "attest"): {
            "contents": "read",
            "id-token": "write",
            "attestations": "write",
        },
    }
    for name, key, job in jobs():
        assert job["permissions"] == more.get((name, key), {"contents": "read"}), (name, key)


def test_a_job_that_can_write_runs_nothing_of_the_repository():
    for name, key, job in jobs():
        if job["permissions"].get("contents") == "write" or "id-token" in job["permissions"]:
            for step in job.get("steps", ()):
                assert not re.search(r"python|pip", step.get("run", "")), (name, key)


def test_each_job_ends_in_time():
    for name, key, job in jobs():
        if "uses" not in job:  # its own job has the limit
            assert 0 < int(job["timeout-minutes"]) <= 120, (name, key)


def test_no_expression_reaches_a_shell():
    assert [step["run"] for _, _, step in steps() if "${{" in step.get("run", "")] == []


def test_no_secret_is_asked_for():
    assert [name for name in NAMES if "secrets" in (FOLDER / f"{name}.yml").read_text()] == []


def test_actions_are_pinned_by_one_hash_each_with_its_version():
    pins = {}
    for path in FOLDER.glob("*.yml"):
        for line in path.read_text().splitlines():
            if "uses: " not in line or "uses: ./" in line:
                continue
            pin = PIN.search(line)
            assert pin, line
            pins.setdefault(pin[1], set()).add(pin.groups())
    assert all(len(found) == 1 for found in pins.values()), pins
    assert "actions/checkout" in pins


def test_a_release_is_tried_before_it_is_published():
    jobs = workflow("release")["jobs"]
    assert workflow("release")["on"] == {"push": {"tags": ["v*"]}}
    assert jobs["publish"]["needs"] == ["build", "ledger"]
    scripts = "\n".join(step.get("run", "") for step in jobs["build"]["steps"])
    for command in ("-m build", 'twine" check', "tensorflow-compat lookup 2.15"):
        assert command in scripts


@pytest.mark.parametrize(("tag", "status"), [("v{}", 0), ("v9.{}", 1), ("{}", 1)])
def test_a_tag_must_be_the_version(runner, tag, status):
    step = step_named("release", "build", "See that the tag is")
    version = re.search(r'^version = "(.*)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    done = runner.run(step, in_folder=ROOT, GITHUB_REF_NAME=tag.format(version[1]))
    assert done.returncode == status, done.stderr


def test_no_checkout_leaves_its_token_behind():
    checkouts = [step for _, _, step in steps() if step.get("uses", "").startswith("actions/check")]
    assert checkouts
    assert {step["with"]["persist-credentials"] for step in checkouts} == {"false"}


def test_a_self_hosted_runner_is_out_of_a_pull_requests_reach():
    owned = {name for name in NAMES if '"self-hosted"' in (FOLDER / f"{name}.yml").read_text()}
    assert owned == {"verify"}
    assert set(workflow("verify")["on"]) == {"schedule", "workflow_dispatch"}
    assert "default_branch" in workflow("verify")["jobs"]["plan"]["if"]
    for job in workflow("verify")["jobs"].values():
        if job is not workflow("verify")["jobs"]["plan"]:
            assert job["needs"]


def test_contributed_runs_are_checked_without_any_power():
    paths = ["runs/**", "kb/data/attestations.yaml", "kb/data/senders.yaml", "kb/data/**.json"]
    assert workflow("check-runs")["on"] == {"pull_request": {"paths": paths}}
    base, proposed = (
        step["with"]
        for step in workflow("check-runs")["jobs"]["check"]["steps"]
        if step.get("uses", "").startswith("actions/checkout")
    )
    assert base["ref"] == "${{ github.event.pull_request.base.sha }}"
    assert (base["path"], proposed["path"]) == ("base", "proposed")
    for _, _, step in (one for one in steps() if one[0] == "check-runs"):
        if "python" in step.get("run", ""):
            assert step["working-directory"] == "base"


def commands_called():
    """Return the options given to each command of ours, by (package, command)."""
    called = {}
    for _, _, step in steps():
        script = step.get("run", "").replace("\\\n", " ")
        for package, rest in re.findall(
            r"(?:python|TOOL)\"? -m (kb|scraper|verify)\b([^|<>\n]*)", script
        ):
            words = rest.split()
            command = words[0] if words and words[0].isalpha() else ""
            options = set(re.findall(r"(?<=\s)--[a-z-]+", rest))
            called.setdefault((package, command), set()).update(options)
    return called


def test_each_command_that_a_workflow_calls_is_there(capsys):
    mains = {
        "kb": kb.command_line,
        "scraper": scraper.command_line,
        "verify": verify.commands.command_line,
    }
    called = commands_called()
    assert {command for package, command in called if package == "verify"} == {
        "plan", "run", "take", "check", "attest", "merge", "resolve", "senders",
    }  # fmt: skip
    for (package, command), options in called.items():
        with pytest.raises(SystemExit) as ended:
            mains[package].main([*filter(None, [command]), "--help"])
        assert ended.value.code == 0, (package, command)
        offered = set(re.findall(r"--[a-z-]+", capsys.readouterr().out))
        assert options <= offered, (package, command)


def test_ci_has_the_pythons_that_its_checks_ask_for():
    needed = {python for _, python in test_published_recipes.RELEASES}
    needed |= set(
        re.search(r"for version in ([0-9. ]+);", (ROOT / ".ci/run").read_text())[1].split()
    )
    setup = next(
        step["with"] for name, _, step in steps() if name == "ci" and "python-version" in str(step)
    )
    assert needed <= set(setup["python-version"].split())


# Checking what a pull request adds to runs/


def run_path(name="2026-01-02-0123456789ab.json"):
    return f"runs/2.15/tensorflow-2.15.1-linux-x86_64-py3.11-cpu/{name}"


@pytest.fixture
def proposal(runner):
    """A base with a run, and beside it what a pull request makes of it, merged on trial."""
    base = {"README.md": "", run_path(): "{}", "runs/2.15/kept/2026-01-02-aaaaaaaaaaaa.json": "{}"}
    folder = repository(runner.workspace / "proposed", base)
    git(folder, "switch", "--quiet", "--create=head")
    base = runner.workspace / "base"
    base.mkdir()
    for package in ("kb", "scraper", "verify"):
        (base / package).symlink_to(ROOT / package)
    return folder


def merge_on_trial(folder):
    git(folder, "add", "--all", "--force")
    git(folder, "commit", "--quiet", "--message=head")
    git(folder, "switch", "--quiet", "main")
    git(folder, "merge", "--quiet", "--no-ff", "--no-edit", "head")


def listed(runner, outside="true"):
    """List what is added; return the names that are handed on, and what is said of the others."""
    done = runner.run(step_named("check-runs", "check", "List the runs"), OUTSIDE=outside)
    assert done.returncode == 0, done.stderr
    added = (runner.temporary / "added").read_bytes().split(b"\0")
    assert added.pop() == b""
    return added, (runner.temporary / "refused").read_text().splitlines()


def test_added_runs_are_listed_and_nothing_else_is(runner, proposal):
    new = run_path("2026-01-03-ba9876543210.json")
    write(proposal, new, "{}")
    write(proposal, "kb/data/pins.yaml", "not for this check")
    merge_on_trial(proposal)
    assert listed(runner) == ([b"../proposed/" + new.encode()], [])


HOSTILE = [
    "runs/2.15/$(touch escaped)/2026-01-03-ba9876543210.json",
    "runs/2.15/`touch escaped`.json",
    "runs/2.15/;touch escaped;.json",
    "runs/2.15/a b/2026-01-03-ba9876543210.json",
    "runs/2.15/a/2026-01-03-ba9876543210.json\n::error::owned",
    "runs/2.15/a\nruns/2.15/b/2026-01-03-ba9876543210.json",
    "runs/--help",
    "runs/2.15/a/--data=x",
    "runs/2.15/'/\"/2026-01-03-ba9876543210.json",
    "runs/2.15/\N{RIGHT-TO-LEFT OVERRIDE}/2026-01-03-ba9876543210.json",
    b"runs/2.15/\xff\xfe/2026-01-03-ba9876543210.json",
    "runs/__init__.py",
]


def test_hostile_names_are_refused_and_executed_nowhere(runner, proposal):
    for name in HOSTILE:
        write(proposal, name, "{}")
    merge_on_trial(proposal)
    added, refused = listed(runner)
    assert added == []
    assert len(refused) == len(HOSTILE)
    assert all("only runs belong here" in line for line in refused)
    assert all(re.match(r"[$'runs/]", line) for line in refused)

    done = runner.run(
        step_named("check-runs", "check", "Check them"), in_folder=runner.workspace / "base"
    )
    assert done.returncode == 1
    assert not [path for path in runner.workspace.rglob("escaped") if path.name == "escaped"]
    stop, *shown = done.stdout.splitlines()
    assert stop.startswith("::stop-commands::")
    assert all(line.startswith("    ") for line in shown)
    assert len(shown) == len(HOSTILE)
    assert runner.summary.read_text().splitlines() == shown
    assert runner.summary.read_text().isascii()


def test_a_run_that_is_there_is_never_changed_moved_or_removed(runner, proposal):
    write(proposal, run_path(), '{"better": 1}')
    kept = proposal / "runs/2.15/kept"
    kept.rename(proposal / "runs/2.15/moved")
    merge_on_trial(proposal)
    added, refused = listed(runner)
    assert added == [b"../proposed/runs/2.15/moved/2026-01-02-aaaaaaaaaaaa.json"]
    assert refused == [
        f"{path}: refused: a run is never changed, moved or removed once it is there"
        for path in ("runs/2.15/kept/2026-01-02-aaaaaaaaaaaa.json", run_path())
    ]


def test_links_and_programs_are_no_runs(runner, proposal):
    link = proposal / run_path("2026-01-03-ba9876543210.json")
    link.symlink_to("/etc/passwd")
    write(proposal, run_path("2026-01-04-ba9876543210.json"), "{}")
    (proposal / run_path("2026-01-04-ba9876543210.json")).chmod(0o755)
    merge_on_trial(proposal)
    added, refused = listed(runner)
    assert added == []
    assert [line.partition(": ")[2] for line in refused] == ["refused: a run is a plain file"] * 2


def test_a_pull_request_that_replaces_the_folder_is_refused(runner, proposal):
    shutil.rmtree(proposal / "runs")
    (proposal / "runs").symlink_to("/etc")
    merge_on_trial(proposal)
    added, refused = listed(runner)
    assert added == []
    assert "runs: refused: a run is a plain file" in refused
    assert len(refused) == 3


def test_a_signature_comes_with_its_run(runner, proposal):
    new = run_path("2026-01-03-ba9876543210.json")
    write(proposal, new, "{}")
    write(proposal, f"{new}.sig", "signed")
    write(proposal, f"{run_path()}.sig", "signed by a stranger")
    merge_on_trial(proposal)
    added, refused = listed(runner)
    assert added == [b"../proposed/" + new.encode()]
    assert refused == [f"{run_path()}.sig: refused: a signature comes with its run"]


LEDGERS = ["kb/data/attestations.yaml", "kb/data/senders.yaml"]


def test_a_ledger_from_outside_is_held_against_the_bases(runner, proposal):
    for path in LEDGERS:
        write(proposal, path, "format: 1\n")
    write(proposal, run_path().replace(".json", ".jsonl"), "{}")
    merge_on_trial(proposal)
    added, refused = listed(runner)
    assert added == [b"../proposed/" + path.encode() for path in LEDGERS]
    assert [line.partition(": ")[2] for line in refused] == [
        "refused: attestations are kept by our own workflow"
    ]


def test_our_own_workflows_bring_ledgers_and_attestations(runner, proposal):
    for path in LEDGERS:
        write(proposal, path, "format: 1\n")
    write(proposal, run_path().replace(".json", ".jsonl"), "{}")
    merge_on_trial(proposal)
    assert listed(runner, outside="false") == ([], [])


def test_nobody_takes_a_ledger_away_or_makes_it_a_link(runner, proposal):
    git(proposal, "switch", "--quiet", "main")
    for path in LEDGERS:
        write(proposal, path, "format: 1\n")
    git(proposal, "add", "--all", "--force")
    git(proposal, "commit", "--quiet", "--message=ledgers")
    git(proposal, "switch", "--quiet", "head")
    git(proposal, "merge", "--quiet", "main")
    for path in LEDGERS:
        (proposal / path).unlink()
    (proposal / LEDGERS[1]).symlink_to("/etc/passwd")
    merge_on_trial(proposal)
    for outside in ("true", "false"):
        added, refused = listed(runner, outside)
        assert added == []
        assert [line.partition(": ")[2] for line in refused] == [
            "refused: a ledger is a plain file that stays"
        ] * 2


def test_nobody_brings_data_that_would_be_read_in_place_of_a_ledger(runner, proposal):
    for name in ("attestations.json", "evidence/2.15.json", "index.json"):
        write(proposal, f"kb/data/{name}", "[]")
    merge_on_trial(proposal)
    for outside in ("true", "false"):
        added, refused = listed(runner, outside)
        assert added == []
        assert refused == [
            f"kb/data/{name}: refused: data is prepared when the package is built"
            for name in ("attestations.json", "evidence/2.15.json")
        ]


def test_rows_from_outside_are_refused(runner, proposal):
    row = f"run: 2026-01-03-ba9876543210, sha256: {'ba9876543210':0<64}, verified: 2026-01-03"
    write(proposal, LEDGERS[0], f"format: 1\nattestations:\n- {{{row}}}\n")
    merge_on_trial(proposal)
    done = check_listed(runner)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "attestations.yaml: refused: it brings rows" in runner.summary.read_text()


@pytest.mark.parametrize(("name", "job"), [("check-runs", "check"), ("release", "ledger")])
def test_the_ledger_is_verified_row_by_row_by_the_bases_code(runner, proposal, name, job):
    step = step_named(name, job, "Verify every row")
    assert step["working-directory"] == "base"
    write(proposal, "kb/data/releases/kept", "")
    base = runner.workspace / "base"

    def verified():
        return runner.run(step, in_folder=base, path=[runner.temporary], GITHUB_REPOSITORY="our/kb")

    done = verified()
    assert (done.returncode, done.stdout) == (0, "0 of 0 rows of the ledger hold\n"), done.stderr
    # a row of a run that is not there, and code of the pull request that would say it is
    row = f"run: 2026-01-03-ba9876543210, sha256: {'ba9876543210':0<64}, verified: 2026-01-03"
    write(proposal, LEDGERS[0], f"format: 1\nattestations:\n- {{{row}}}\n")
    write(proposal, "verify/__init__.py", "raise SystemExit(0)")
    done = verified()
    assert done.returncode == 1
    assert "2026-01-03-ba9876543210: refused: its run is not there" in done.stdout


def test_code_owners_look_at_what_people_believe_a_run_for():
    lines = (ROOT / ".github/CODEOWNERS").read_text().splitlines()
    owned = dict(line.split() for line in lines if line and not line.startswith("#"))
    assert owned.keys() >= {"/.github/", "/verify/", "/kb/data/signers.yaml"}
    assert owned.keys() >= {f"/{path}" for path in LEDGERS}
    assert all(owner.startswith("@") for owner in owned.values())


# Who ran what


def test_only_the_main_branch_says_who_ran_what():
    told = workflow("senders")
    assert told["on"] == {
        "push": {"branches": ["main"], "paths": ["runs/**"]},
        "workflow_dispatch": "",
    }
    assert "default_branch" in told["jobs"]["note"]["if"]
    assert told["jobs"]["propose"]["if"] == "needs.note.outputs.changed == 'true'"


@pytest.mark.parametrize(
    ("noted", "status", "passes"), [("", 0, True), ("a\0b\0", 1, True), ("a\0", 3, False)]
)
def test_what_is_newly_noted_is_attested_where_it_can_be(runner, noted, status, passes):
    runner.workspace.mkdir()
    tools = runner.temporary / "bin"
    script = f"""#!/bin/sh
printf '%s ' "$@" >> "$RUNNER_TEMP/asked"; echo >> "$RUNNER_TEMP/asked"
if [ "$3" = senders ]; then printf '{noted}' > "$RUNNER_TEMP/noted"; fi
if [ "$3" = attest ]; then exit {status}; fi
"""
    write(tools, "python", script.replace("\0", "\\0"))
    (tools / "python").chmod(0o755)
    step = step_named("senders", "note", "Note, attest")
    done = runner.run(step, path=[tools], GITHUB_REPOSITORY="our/kb")
    assert (done.returncode == 0) == passes, done.stderr
    asked = [line.strip() for line in (runner.temporary / "asked").read_text().splitlines()]
    paths = noted.split("\0")[:-1]
    attest = [" ".join(["-m verify attest --repository our/kb --", *paths])] if paths else []
    rest = ["-m verify merge", "-m kb index", "-m kb validate"] if passes else []
    assert asked[1:] == [*attest, *rest]


# A contributor's fork


@pytest.mark.parametrize("where", ["github-hosted", "self-hosted"])
@pytest.mark.parametrize(("status", "kept"), [(0, True), (1, True), (3, False)])
def test_a_fork_carries_a_cell_out_as_we_do(runner, where, status, kept):
    leaves = f'echo one > "$2/2.15/cell/{LEFT}"'
    done, asked, seen = carried_out(runner, leaves, status, where, ("attested-run", "cell"))
    assert (done.returncode == 0) == kept, done.stderr
    assert shlex.join(asked.split()).startswith("-m verify run --distribution tensorflow --release")
    assert (runner.temporary / "run" / LEFT).exists() == kept
    assert "TOKEN" not in seen
    assert "GITHUB_" not in seen
    assert (runner.temporary / "sudo").exists() == (where == "github-hosted")


def test_a_fork_attests_the_run_of_the_cell_that_was_asked_for(runner, sound):
    run = json.loads((ROOT / sound).read_text())
    cell = [run[name] for name in ("distribution", "release", "python", "device")]
    folder = "artifacts/run-fork-{}-{}-py{}-{}".format(*cell)
    asked = dict(zip(("DISTRIBUTION", "RELEASE", "PYTHON", "DEVICE"), cell, strict=True))
    step = step_named("attested-run", "take", "Take what fits")

    write(runner.temporary, f"{folder}/run.json", (ROOT / sound).read_text())
    assert runner.run(step, in_folder=ROOT, **asked).returncode == 0
    taken = runner.temporary / "taken"
    assert [str(path.relative_to(taken)) for path in taken.rglob("*.json")] == [
        sound.removeprefix("runs/")
    ]
    shutil.rmtree(taken)
    write(runner.temporary, f"{folder}/other.json", (ROOT / sound).read_text())
    done = runner.run(step, in_folder=ROOT, **asked)
    assert done.returncode == 1
    assert "not taken: it is not one plain file" in done.stdout
    assert not taken.exists()


def test_a_forks_run_is_made_by_our_code_alone():
    told = workflow("attested-run")
    assert set(told["on"]) == {"workflow_call"}
    checkouts = [
        step["with"]
        for job in told["jobs"].values()
        for step in job["steps"]
        if step.get("uses", "").startswith("actions/checkout")
    ]
    assert len(checkouts) == 2
    for chosen in checkouts:
        assert chosen["repository"] == "${{ job.workflow_repository }}"
        assert chosen["ref"] == "${{ job.workflow_sha }}"
    assert told["jobs"]["take"]["needs"] == "cell"
    assert told["jobs"]["attest"]["needs"] == "take"
    assert "if" not in told["jobs"]["attest"]


def check_listed(runner):
    listed(runner)
    step = step_named("check-runs", "check", "Check them")
    return runner.run(step, in_folder=runner.workspace / "base")


def test_the_verdict_of_each_run_is_in_the_summary(runner, proposal, sound):
    write(proposal, sound, (ROOT / sound).read_text())
    forged = str(Path(sound).with_name("2026-01-03-ba9876543210.json"))
    write(proposal, forged, (ROOT / sound).read_text())
    merge_on_trial(proposal)
    done = check_listed(runner)
    assert done.returncode == 1, done.stdout + done.stderr
    told = runner.summary.read_text()
    assert f"    ../proposed/{sound}: fits" in told
    assert f"    ../proposed/{forged}: refused" in told
    assert done.stdout.endswith(told)


def test_runs_that_fit_pass(runner, proposal, sound):
    write(proposal, sound, (ROOT / sound).read_text())
    merge_on_trial(proposal)
    done = check_listed(runner)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_code_of_a_pull_request_is_not_imported(runner, proposal, sound):
    for package in ("kb", "verify", "yaml"):
        write(proposal, f"{package}/__init__.py", "raise SystemExit('owned')")
    write(proposal, "sitecustomize.py", "raise SystemExit('owned')")
    write(proposal, sound, (ROOT / sound).read_text())
    merge_on_trial(proposal)
    done = check_listed(runner)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_pull_request_with_many_files_is_named_in_part(runner, proposal):
    for number in range(70):
        write(proposal, f"runs/no-{number}", "")
    merge_on_trial(proposal)
    done = check_listed(runner)
    assert done.returncode == 1
    assert len(runner.summary.read_text().splitlines()) == 51
    assert done.stdout.endswith("    ... and 20 more\n")


# Planning


@pytest.fixture
def unproven(runner):
    """Make the workspace a checkout of this knowledge base in which nothing was ever run."""
    for path in ("scraper", "verify", "kb/*.py", "kb/data/*"):
        for there in ROOT.glob(path):
            if there.name not in ("evidence", "attestations.yaml", "senders.yaml"):
                here = runner.workspace / there.relative_to(ROOT)
                here.parent.mkdir(parents=True, exist_ok=True)
                here.symlink_to(there)
    return runner


@pytest.fixture
def hosted(unproven):
    runner = unproven
    step = step_named("verify", "plan", "Plan for hosted")

    def plan(**variables):
        usual = {"SERIES": "2.15", "DEVICES": "cpu cuda", "PYTHONS": "3.10 3.11"}
        done = runner.run(step, **{**usual, **variables})
        assert done.returncode == 0, done.stderr
        return done, json.loads(runner.told("cells"))["include"]

    return plan


def test_hosted_cells_are_planned_for_each_device(hosted):
    done, cells = hosted()
    assert {cell["release"] for cell in cells} >= {"2.15.1"}
    told = {(cell["device"], cell["python"]) for cell in cells}
    assert told == {(device, python) for device in ("cpu", "cuda") for python in ("3.10", "3.11")}
    assert "::warning::" not in done.stdout


def test_a_plan_is_cut_at_the_limit_of_a_matrix_and_says_so(hosted):
    scope = {"SERIES": "", "DEVICES": "cuda", "PYTHONS": "3.8 3.9 3.10 3.11 3.12"}
    _, whole = hosted(**scope)
    assert len(whole) > 3
    done, cells = hosted(**scope, MOST="3")
    assert cells == whole[:3]
    assert f"::warning::{len(whole)} cells are planned" in done.stdout


EMPTY = '{"include":[]}'
CELL = {"distribution": "tensorflow", "release": "2.15.1", "python": "3.11", "device": "cuda"}


def plan_of(*cells):
    return json.dumps({"include": cells})


def test_an_empty_plan_starts_no_cell(runner, hosted):
    hosted(SERIES="9.9", DEVICES="cpu")
    step = step_named("verify", "plan", "Join the plans")
    assert runner.run(step, HOSTED=runner.told("cells"), OWN=EMPTY).returncode == 0
    jobs = workflow("verify")["jobs"]
    assert jobs["cells"]["if"] == f"needs.plan.outputs.cells != '{runner.told('cells')}'"


def test_the_plans_are_one_matrix_that_says_where_each_cell_runs(runner):
    runner.workspace = ROOT
    step = step_named("verify", "plan", "Join the plans")
    old = {**CELL, "python": "3.7", "device": "cpu"}
    done = runner.run(step, HOSTED=plan_of(CELL, old), OWN=plan_of(CELL))
    assert done.returncode == 0, done.stderr
    own, hosted, oldest = json.loads(runner.told("cells"))["include"]
    assert own == {**CELL, "kind": "gpu", "labels": ["self-hosted", "gpu"]}
    assert hosted == {**CELL, "kind": "hosted", "labels": "ubuntu-24.04"}
    assert oldest["labels"] == "ubuntu-22.04"
    assert runner.run(step, HOSTED=plan_of(CELL, old), OWN=EMPTY, MOST="1").returncode == 0
    assert len(json.loads(runner.told("cells"))["include"]) == 1


def test_each_later_job_needs_the_success_of_the_one_before():
    jobs = workflow("verify")["jobs"]
    assert [jobs[name]["needs"] for name in ("take", "attest", "evidence", "propose")] == [
        ["plan", "cells"], "take", "attest", "evidence",
    ]  # fmt: skip
    for name, job in jobs.items():
        # a status function in a condition would let a job start after one that failed
        assert not re.search(r"\b(always|cancelled|failure)\(\)", job.get("if", "")), name
    assert "id-token" not in jobs["cells"]["permissions"]
    assert "id-token" not in jobs["take"]["permissions"]


def test_inputs_are_words_to_the_planner_and_nothing_more(unproven):
    runner = unproven
    trap = runner.temporary / "escaped"
    step = step_named("verify", "plan", "Plan for hosted")
    done = runner.run(
        step, SERIES=f"$(touch {trap})", DEVICES="cpu", PYTHONS=f"`touch${{IFS}}{trap}` --data=/x"
    )
    assert done.returncode != 0
    assert not trap.exists()


def test_gpu_runners_are_asked_only_where_there_are_some(unproven):
    runner = unproven
    step = step_named("verify", "plan", "Plan for our own GPU")
    done = runner.run(step, WANTED="false", SERIES="", PYTHONS="")
    assert done.returncode == 0
    assert runner.told("cells") == EMPTY

    done = runner.run(step, WANTED="true", SERIES="", PYTHONS="")
    assert done.returncode == 1
    assert "set the repository's variable GPU_PYTHONS" in done.stdout

    done = runner.run(step, WANTED="true", SERIES="2.18", PYTHONS="3.11")
    assert done.returncode == 0, done.stderr
    cells = json.loads(runner.told("cells"))["include"]
    assert {(cell["device"], cell["python"]) for cell in cells} == {("cuda", "3.11")}


# Carrying cells out, and proposing what came of it


# Stands for sudo: notes for whom it is asked, and starts the program as this user.
SUDO = """#!/bin/sh
printf '%s\\n' "$*" >> "$RUNNER_TEMP/sudo"
if [ "$2" = useradd ]; then exit 0; fi
shift 4
if [ "$1" = pkill ]; then exit 0; fi
exec "$@"
"""
# Stands for the tool: notes what it is told and sees, and leaves what a run would.
TOOL = """#!/bin/bash
printf '%s\\n' "$@" > "{noted}/asked"
env > "{noted}/seen"
while [ "$1" != --runs ]; do shift; done
mkdir -p "$2/2.15/cell"
{leaves}
exit {status}
"""
LEFT = "2026-12-01-0123456789ab.json"


@pytest.mark.parametrize("kind", ["hosted", "gpu"])
@pytest.mark.parametrize(("status", "kept"), [(0, True), (1, True), (3, False), (2, False)])
def test_a_cell_that_failed_is_a_result_and_a_runner_that_failed_is_not(runner, kind, status, kept):
    done, asked, seen = carried_out(runner, f'echo one > "$2/2.15/cell/{LEFT}"', status, kind)
    assert done.returncode == 0, done.stderr
    assert ("::warning::" in done.stdout) != kept
    assert shlex.join(asked.split()).startswith("-m verify run --distribution tensorflow --release")
    file = runner.temporary / "run" / LEFT
    assert file.exists() == kept
    if kept:
        assert file.read_text() == "one\n"
        assert runner.told("file") == str(file)
    # nothing of the workflow reaches what the cell runs
    assert "TOKEN" not in seen
    assert "GITHUB_" not in seen
    asked_of_sudo = (runner.temporary / "sudo").read_text().splitlines()
    assert ("-n useradd" in asked_of_sudo[0]) == (kind == "hosted")
    assert all(line.startswith("-n -u tensorflow-cell -- ") for line in asked_of_sudo[1:])
    assert any("pkill -KILL -u tensorflow-cell" in line for line in asked_of_sudo)


@pytest.mark.parametrize(
    "leaves",
    [
        "true",
        f'echo a > "$2/2.15/cell/{LEFT}"; echo b > "$2/2.15/cell/{LEFT.replace("b", "c")}"',
        f'ln -s /etc/passwd "$2/2.15/cell/{LEFT}"',
        'echo a > "$2/2.15/cell/other.json"',
        f'mkdir "$2/2.15/cell/{LEFT}"',
    ],
)
def test_a_cell_that_leaves_anything_but_one_run_leaves_nothing(runner, leaves):
    done, _, _ = carried_out(runner, leaves, 0, "gpu")
    assert done.returncode == 0, done.stderr
    assert "::warning::2.15.1, Python 3.11, cuda: no run" in done.stdout
    assert not (runner.temporary / "run").exists()


def carried_out(runner, leaves, status, kind, job=("verify", "cells")):
    """Carry the step out with stand-ins; return how it ended, and what the tool noted."""
    runner.workspace = ROOT
    tools = runner.temporary / "bin"
    noted = runner.temporary / "noted"
    noted.mkdir()
    write(tools, "sudo", SUDO)
    write(tools, "tool", TOOL.format(noted=noted, leaves=leaves, status=status))
    for name in ("sudo", "tool"):
        (tools / name).chmod(0o755)
    cell = {"DISTRIBUTION": "tensorflow", "RELEASE": "2.15.1", "PYTHON": "3.11", "DEVICE": "cuda"}
    step = step_named(*job, "Carry the cell out")
    named = {
        "KIND": kind,
        "WHERE": kind,
        "TOOL": str(tools / "tool"),
        "ACTIONS_RUNTIME_TOKEN": "secret",
        **cell,
    }
    done = runner.run(step, path=[tools], **named)
    return done, (noted / "asked").read_text(), (noted / "seen").read_text()


def test_an_artifact_is_one_file_named_by_the_cell_of_the_matrix():
    upload = workflow("verify")["jobs"]["cells"]["steps"][-1]
    assert upload["if"] == "steps.cell.outputs.file != ''"
    assert upload["with"]["path"] == "${{ steps.cell.outputs.file }}"
    named = ["kind", "distribution", "release", "python", "device"]
    assert re.findall(r"matrix\.(\w+)", upload["with"]["name"]) == named
    download = next(
        step["with"]
        for step in workflow("verify")["jobs"]["take"]["steps"]
        if "download-artifact" in step.get("uses", "")
    )
    assert "merge-multiple" not in download


def test_the_runs_that_fit_are_taken_and_nothing_else(runner, sound):
    runner.workspace = ROOT
    run = json.loads((ROOT / sound).read_text())
    cell = {name: run[name] for name in ("distribution", "release", "python", "device")}
    wanted = {**cell, "kind": "hosted", "labels": "ubuntu-24.04"}
    folder = "artifacts/run-hosted-{distribution}-{release}-py{python}-{device}".format(**cell)
    write(runner.temporary, f"{folder}/run.json", (ROOT / sound).read_text())
    write(runner.temporary, "artifacts/run-hosted-evil/run.json", "{}")
    step = step_named("verify", "take", "Take what fits")
    done = runner.run(step, CELLS=plan_of(wanted, {**wanted, "kind": "gpu"}))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "run-hosted-evil: not taken: nobody asked for it" in done.stdout
    assert ": not taken: the runner left no run" in done.stdout
    taken = runner.temporary / "taken"
    assert [path.relative_to(taken) for path in taken.rglob("*.json")] == [
        Path(sound).relative_to("runs")
    ]


def test_a_returned_run_replaces_none_that_is_there(runner):
    step = step_named("verify", "evidence", "List the new runs")
    folder = repository(runner.workspace, {run_path(): "{}", ".gitignore": "ignored\n"})
    new = [run_path("2026-01-03-ba9876543210.json"), "runs/a\nb c"]
    for path in new:
        write(folder, path, "{}")
    assert runner.run(step).returncode == 0
    assert (runner.temporary / "new").read_bytes().decode().split("\0") == [*sorted(new), ""]

    write(folder, run_path(), '{"forged": 1}')
    done = runner.run(step)
    assert done.returncode == 1
    assert "came back changed" in done.stdout


@pytest.mark.parametrize(("name", "job"), [("scrape", "scrape"), ("verify", "evidence")])
def test_what_has_changed_is_kept_as_a_patch_and_only_its_data_proposed(runner, name, job):
    keep = step_named(name, job, "Keep what has changed")
    commit = step_named("propose", "propose", "Commit the data")
    base = {DATA[0]: DATA[1], "kb/code.py": "old\n", run_path(): "{}"}
    folder = repository(runner.workspace, base)
    (runner.temporary / "summary").write_text("added    tensorflow 9.9 @someone\n")
    assert runner.run(keep).returncode == 0
    assert runner.told("changed") == "false"

    shutil.rmtree(runner.temporary / "change")
    write(folder, DATA[0], "new\n")
    write(folder, "kb/data/new.yaml", "new\n")
    write(folder, "kb/code.py", "owned\n")
    assert runner.run(keep).returncode == 0
    assert runner.told("changed") == "true"
    text = (runner.temporary / "change" / "text.md").read_text()
    assert text == "    added    tensorflow 9.9 @someone\n"  # in a code block nobody is called
    patch = runner.temporary / "change" / "change.patch"
    kept = patch.read_bytes()
    assert b"code.py" not in kept

    git(folder, "add", "--all")
    patch.write_bytes(git(folder, "diff", "--cached", "--binary"))  # as a job gone bad would
    git(folder, "reset", "--quiet", "--hard")
    done = runner.run(commit, BRANCH="scrape", TITLE="Take in it")
    assert done.returncode == 1
    assert "::error::The patch is refused: kb/code.py is no data" in done.stdout

    patch.write_bytes(kept)
    git(folder, "reset", "--quiet", "--hard")
    git(folder, "switch", "--quiet", "main")
    git(folder, "branch", "--quiet", "-D", "scrape")
    done = runner.run(commit, BRANCH="scrape", TITLE="Take in $(touch escaped)")
    assert done.returncode == 0, done.stderr
    changed = git(folder, "diff", "--name-only", "main", "scrape").decode().split()
    assert changed == [DATA[0], "kb/data/new.yaml"]
    assert git(folder, "log", "-1", "--format=%s").decode().strip() == "Take in $(touch escaped)"
    assert not (folder / "escaped").exists()


def hostile(change):
    """Return a patch that git makes where a change was done to a checkout."""

    def made(folder):
        change(folder)
        git(folder, "add", "--all", "--force")
        patch = git(
            folder, "diff", "--cached", "--binary", "--find-renames", "--find-copies-harder"
        )
        git(folder, "reset", "--quiet", "--hard")
        return patch

    return made


def program(folder, path):
    write(folder, path, "#!/bin/sh")
    (folder / path).chmod(0o755)


def link(folder, path, to):
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).symlink_to(to)


PATCHES = {
    "a program": hostile(
        lambda f: (write(f, "kb/data/x.yaml", "x"), (f / "kb/data/x.yaml").chmod(0o755))
    ),
    "a mode": hostile(lambda f: (f / DATA[0]).chmod(0o755)),
    "a link": hostile(lambda f: link(f, "kb/data/x.yaml", "../../.github/workflows/ci.yml")),
    "a link to a folder": hostile(lambda f: link(f, "runs/2.16", "../.github")),
    "a rename into the data": hostile(lambda f: (f / "kb/code.py").rename(f / "kb/data/code.yaml")),
    "a rename out of the data": hostile(lambda f: (f / DATA[0]).rename(f / "kb/other.py")),
    "a copy": hostile(lambda f: shutil.copy(f / "kb/code.py", f / "kb/data/copy.yaml")),
    "a workflow": hostile(lambda f: write(f, ".github/workflows/x.yml", "on: push")),
    "a run that is changed": hostile(lambda f: write(f, run_path(), "{1}")),
    "a run that is removed": hostile(lambda f: (f / run_path()).unlink()),
    "a file among the runs": hostile(lambda f: write(f, "runs/2.15/x.py", "x")),
    "a hidden file among the data": hostile(lambda f: write(f, "kb/data/a/b/c.yaml", "x")),
    "a name with a line break": hostile(lambda f: write(f, "kb/data/a\nb.yaml", "x")),
    "Python among the data": hostile(lambda f: write(f, "kb/data/__init__.py", "x")),
    "a path upwards": lambda _: (
        b"diff --git a/kb/data/../../x b/kb/data/../../x\nnew file mode 100644\n"
        b"index 0000000..5626abf\n--- /dev/null\n+++ b/kb/data/../../x\n@@ -0,0 +1 @@\n+one\n"
    ),
}


@pytest.mark.parametrize("kind", PATCHES)
def test_a_patch_of_anything_but_plain_runs_and_data_is_refused(runner, kind):
    base = {DATA[0]: "old\n" * 20, "kb/code.py": "code\n" * 20, run_path(): "{}"}
    folder = repository(runner.workspace, base)
    patch = PATCHES[kind](folder)
    (runner.temporary / "change").mkdir()
    (runner.temporary / "change" / "change.patch").write_bytes(patch)
    step = step_named("propose", "propose", "Commit the data")
    done = runner.run(step, BRANCH="scrape", TITLE="Take in")
    assert done.returncode != 0
    assert git(folder, "log", "--format=%s", "--all").decode().split() == ["base"]
    assert "The patch is refused" in done.stdout or "invalid path" in done.stderr


def test_a_run_and_its_attestation_are_proposed(runner):
    folder = repository(runner.workspace, {DATA[0]: DATA[1]})
    change = hostile(
        lambda f: (
            write(f, run_path(), "{}"),
            write(f, run_path().replace(".json", ".jsonl"), "{}"),
        )
    )
    (runner.temporary / "change").mkdir()
    (runner.temporary / "change" / "change.patch").write_bytes(change(folder))
    step = step_named("propose", "propose", "Commit the data")
    done = runner.run(step, BRANCH="scrape", TITLE="Take in")
    assert done.returncode == 0, done.stdout
    assert len(git(folder, "diff", "--name-only", "main", "scrape").split()) == 2


# Stands for GitHub's own program, which asks a server: notes what it is asked.
GH = """#!/bin/sh
printf '%s\\n' "$*" >> "$RUNNER_TEMP/asked"
if [ "$1 $2" = "pr list" ]; then cat "$RUNNER_TEMP/open" 2> /dev/null || true; fi
"""


def test_a_proposal_is_opened_once_and_then_brought_up_to_date(runner):
    origin = runner.temporary / "origin.git"
    subprocess.run(["git", "init", "--quiet", "--bare", origin], check=True)
    folder = repository(runner.workspace, {DATA[0]: DATA[1]})
    git(folder, "remote", "add", "origin", origin)
    tools = runner.temporary / "bin"
    write(tools, "gh", GH)
    (tools / "gh").chmod(0o755)
    step = step_named("propose", "propose", "Push it")
    named = {"BRANCH": "scrape", "TITLE": "Take in; it", "GITHUB_REF_NAME": "main"}

    def asked():
        done = runner.run(step, path=[tools], **named)
        assert done.returncode == 0, done.stderr
        lines = (runner.temporary / "asked").read_text().splitlines()
        (runner.temporary / "asked").unlink()
        assert git(origin, "rev-parse", "scrape") == git(folder, "rev-parse", "HEAD")
        return lines[-1]

    body = f"--title Take in; it --body-file {runner.temporary}/change/text.md"
    assert asked() == f"pr create --base main --head scrape {body}"
    (runner.temporary / "open").write_text("12\n")
    git(folder, "commit", "--quiet", "--amend", "--message=another")
    assert asked() == f"pr edit scrape {body}"
