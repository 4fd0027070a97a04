"""What `check` proposes, held against `check`: a fix that is carried out leaves no error of its
rule and brings no new one.
"""

import json
import random
import re

import pytest
from packaging.requirements import Requirement

from kb import command_line
from kb.base.model import Platform
from kb.base.names import PLATFORM_NAMES
from kb.base.store import Store
from kb.check.answer import check
from kb.check.changes import Change, TriedWayOut

STORE = Store()
SETS = 200
_NAMES = ("tensorflow", "tensorflow-cpu", "tensorflow-gpu", "tensorflow-intel", "tensorflow-macos")
_PYTHONS = ("3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14")
_BESIDE = {
    "numpy": ("", "<2", ">=2", "==1.19.0", "==1.26.4"),
    "protobuf": ("", "<4", "==4.21.0", ">=5", "==3.20.3"),
    "keras": ("", "<3", "==2.8.0", ">=3", "==2.15.0"),
    "tf-keras": ("", "==2.16.*", "==2.15.0"),
    "h5py": ("", ">=3", "<3"),
    "typing-extensions": ("", "==3.7.4", ">=4.6"),
    "nvidia-cudnn-cu12": ("==9.1.0.70", "==8.9.4.25"),
    "nvidia-cublas-cu12": ("==12.4.5.8", "==12.5.3.2"),
    "torch": ("", "==2.4.0"),
    "tensorflow-metal": ("==1.1.0", "==1.2.0"),
    "pyarrow": ("",),
    "tensorflow-text": ("", "==2.16.1", ">=2.18", "<2.12"),
    "tensorflow-addons": ("", "==0.23.0", "<0.19"),
    "tensorflow-probability": ("", "==0.25.0", "==0.23.0"),
    "tf-models-official": ("", "==2.15.0"),
}


def _releases():
    """Return the releases of each distribution that is asked for."""
    found = {name: [] for name in _NAMES}
    for name in STORE.series_names():
        for release in STORE.series(name).releases:
            if release.distribution in found:
                found[release.distribution].append(release.release)
    return found


def _question(chance, releases):
    """Return the lines of a file, a platform and a Python, or None for any."""
    lines = []
    for name in chance.sample(_NAMES, chance.choice((1, 1, 1, 2))):
        version = chance.choice(releases[name if chance.random() < 0.9 else "tensorflow"])
        minor = ".".join(version.split(".")[:2])
        bound = chance.choice(
            ("", f"=={version}", f"=={version}", f"=={minor}.*", f">={version}", f"<{version}")
        )
        extra = chance.choice(("", "", "", "[and-cuda]")) if name == "tensorflow" else ""
        marker = chance.choice(("", "", "", "", "; sys_platform == 'linux'"))
        lines.append(f"{name}{extra}{bound}{marker}")
    beside = chance.sample(sorted(_BESIDE), chance.choice((0, 0, 1, 1, 2, 3)))
    lines += [f"{name}{chance.choice(_BESIDE[name])}" for name in beside]
    platform = chance.choice((None, *PLATFORM_NAMES))
    return lines, platform, chance.choice((None, *_PYTHONS))


def _carried_out(lines: list[str], change: Change) -> list[str]:
    """Return the lines with a change made, as a person would."""
    wanted: dict[str, list[str]] = {}
    for ask in change.asks:
        wanted.setdefault(Requirement(ask).name, []).append(ask)
    found = []
    for line in lines:
        name = Requirement(line).name
        if name in change.leaves_out:
            continue
        if name not in wanted:
            found.append(line)
        elif ";" in line and ";" not in wanted[name][0]:
            found.append(f"{wanted.pop(name)[0]};{line.partition(';')[2]}")
        else:
            found += wanted.pop(name)
    return [*found, *(ask for asks in wanted.values() for ask in asks)]


def _faults(findings):
    """Return the errors by their rules and words, without the numbers."""
    return {
        (one.rule, re.sub(r"[0-9][0-9.-]*", "", one.text))
        for one in findings
        if one.severity == "error"
    }


def _check(folder, lines: list[str], platform: Platform | None, python: str | None):
    path = folder / "requirements.txt"
    path.write_text("\n".join(lines) + "\n")
    return check(STORE, path, platform, python)


def failures(folder, seeds):
    """Yield each fix that does not hold, with its question, and what is then found."""
    releases = _releases()
    for seed in seeds:
        lines, platform, python = _question(random.Random(seed), releases)
        found = _check(folder, lines, platform, python).findings
        for finding in found:
            for way in finding.ways_out:
                if not isinstance(way, TriedWayOut) or way.change is None:
                    continue
                mended = _carried_out(lines, way.change)
                for own in way.change.pythons or (python,):
                    then = _check(folder, mended, platform, own)
                    rules = {one.rule for one in then.findings if one.severity == "error"}
                    new = _faults(then.findings) - _faults(found)
                    if not then.takes or finding.rule in rules or new:
                        yield (seed, lines, platform, python, finding, way, then)


def test_each_fix_leaves_no_error_of_its_rule_and_brings_none(tmp_path):
    assert list(failures(tmp_path, range(SETS))) == []


def _fixes(tmp_path, capsys, text, *arguments):
    path = tmp_path / "requirements.txt"
    path.write_text(text)
    command_line.main(["check", str(path), "--json", *arguments])
    findings = json.loads(capsys.readouterr().out)["findings"]
    return [(one["rule"], one["severity"], one["fix"]) for one in findings]


def test_no_python_is_offered_on_a_platform_without_wheels(tmp_path, capsys):
    text = "tensorflow==2.17.0\n"
    assert _fixes(tmp_path, capsys, text, "--platform", "macos-x86_64") == [
        ("python", "error", ["ask for tensorflow==2.16.2"])
    ]


def test_a_release_is_offered_with_the_pin_that_it_needs(tmp_path, capsys):
    ((rule, _, fixes),) = _fixes(tmp_path, capsys, "tensorflow==2.5.3\nnumpy==1.19.0\n")
    assert rule == "bounds"
    assert fixes == ["ask for numpy~=1.19.2", "or ask for tensorflow==2.7.0 and protobuf<4"]


def test_a_release_that_fails_beside_what_is_asked_for_is_not_offered(tmp_path, capsys):
    text = "tensorflow==2.10.1\nnumpy<2\nprotobuf==4.21.0\n"
    ((_, _, fixes),) = _fixes(tmp_path, capsys, text)
    assert fixes[0] == "ask for protobuf>=3.9.2,<3.20"
    assert "2.9.0" not in " ".join(fixes)


def test_what_installs_and_then_fails_at_import_is_an_error(tmp_path, capsys):
    text = "tensorflow==2.9.0\nnumpy<2\nprotobuf==4.21.0\n"
    ((rule, severity, fixes),) = _fixes(tmp_path, capsys, text, "--python", "3.9")
    assert (rule, severity) == ("problem", "error")
    assert fixes[0] == "ask for protobuf<4"


@pytest.mark.parametrize("beside", ["protobuf", "protobuf>=3.20"])
def test_what_others_hold_back_is_no_error(beside, tmp_path, capsys):
    text = f"tensorflow==2.9.0\nnumpy<2\n{beside}\n"
    assert _fixes(tmp_path, capsys, text, "--python", "3.9") == []


def test_what_is_for_windows_alone_is_told_so(tmp_path, capsys):
    text = "tensorflow==2.12.0\ntensorflow-intel==2.12.0\n"
    fixes = [
        "leave tensorflow-intel out",
        "or ask for it there alone: `tensorflow-intel==2.12.0; sys_platform == 'win32'`",
    ]
    assert _fixes(tmp_path, capsys, text) == [("platform", "warning", fixes)]
    found = _fixes(tmp_path, capsys, text, "--platform", "linux-x86_64")
    assert found[0] == ("python", "error", fixes)
    assert _fixes(tmp_path, capsys, text, "--platform", "windows-x86_64") == []


def test_no_release_without_the_extra_is_offered_for_it(tmp_path, capsys):
    text = "tensorflow[and-cuda]==2.18.0\nnvidia-cublas-cu12==12.4.5.8\n"
    ((_, _, fixes),) = _fixes(tmp_path, capsys, text)
    assert fixes == ["ask for nvidia-cublas-cu12==12.5.3.2"]


def test_the_document_has_the_change_that_a_fix_is(tmp_path, capsys):
    path = tmp_path / "requirements.txt"
    path.write_text("tensorflow==2.10.1\n")
    command_line.main(["check", str(path), "--python", "3.9", "--json"])
    ((way,),) = [f["ways_out"] for f in json.loads(capsys.readouterr().out)["findings"]]
    change = {"asks": ["numpy<2"], "leaves_out": [], "pythons": [], "caveat": None}
    assert way["change"] == change
