"""What is asked for narrows the whole answer, not the builds alone."""

from kb.answers.releases import VersionQuestion
from kb.base.store import Store
from kb.command_line import main
from kb.lookup.answer import lookup


def test_a_contradiction_of_another_platform_is_left_out():
    everywhere = lookup(Store(), VersionQuestion(version="1.15.0")).contradictions
    on_linux = lookup(
        Store(), VersionQuestion(version="1.15.0", platform="linux-x86_64")
    ).contradictions
    assert any("on macos" in one.about for one in everywhere)
    assert [one for one in everywhere if "macos" not in one.about] == list(on_linux)


def test_the_page_of_a_mac_may_be_about_either_kind_of_mac():
    for platform in ("macos-x86_64", "macos-arm64"):
        found = lookup(Store(), VersionQuestion(version="2.15.1", platform=platform)).contradictions
        named = [one for one in found if "tensorflow-macos 2.15.1" in one.about]
        assert bool(named) == (platform == "macos-arm64")


def test_a_python_that_is_asked_for_is_not_held_against_this_machine(capsys):
    assert main(["lookup", "2.11", "--python", "3.7"]) == 0
    assert "this machine's Python" not in capsys.readouterr().out
