"""What lookup says of the GPUs of AMD, Apple and Intel, from the real knowledge base."""

import json
from pathlib import Path

import pytest

from kb.answers.releases import VersionQuestion
from kb.base.errors import NothingFound
from kb.base.store import Store
from kb.command_line import main
from kb.lookup.answer import Answer, lookup
from kb.lookup.document import document
from kb.lookup.page import PageWanted, page
from kb.machine.glance import MachineGlance
from kb.terminal.style import Style

DATA = Path(__file__).parents[2] / "kb" / "data"


def asked(version: str, **narrowed: str) -> Answer:
    return lookup(Store(DATA), VersionQuestion(version=version, **narrowed))


def test_a_pair_of_metal_cites_the_table_in_the_plugins_own_wheel():
    answer = asked("2.14", platform="macos-arm64")
    pairs = {(offer.plugin, offer.told_by, offer.source.id) for offer in answer.plugins}
    assert (
        "tensorflow-metal==1.1.0",
        "table",
        "index:tensorflow-metal/tensorflow_metal-1.2.0-cp311-cp311-macosx_12_0_arm64.whl",
    ) in pairs


def test_a_pair_that_no_wheel_tells_is_called_a_report():
    pairs = [
        offer
        for offer in asked("2.16.2", platform="macos-arm64").plugins
        if offer.plugin == "tensorflow-metal==1.2.0"
    ]
    pair = pairs[0]
    assert {offer.told_by for offer in pairs} == {"report"}
    assert pair.source.url is not None
    assert pair.source.read is not None


def test_a_release_that_metal_does_not_load_into_has_no_pair():
    assert not asked("2.20", platform="macos-arm64").plugins


@pytest.mark.parametrize(
    ("version", "rocm"), [("2.7.4", "5.2.0"), ("2.14", "6.0.0"), ("2.13", "6.0.0")]
)
def test_the_rocm_of_a_release_is_told_from_its_wheel(version, rocm):
    (own,) = asked(version, device="rocm").rocm
    assert own.need.rocm == rocm
    assert own.source is not None
    assert own.source.id.startswith("index:tensorflow-rocm/")


@pytest.mark.parametrize(
    ("version", "rocm"), [("2.7", "5.2"), ("2.13", "5.5"), ("2.14", "5.6"), ("2.14", "5.7")]
)
def test_tables_of_amd_that_contradict_each_other_are_shown_as_that(version, rocm):
    (found,) = [
        one
        for one in asked(version).contradictions
        if one.about == f"whether TensorFlow {version} goes with ROCm {rocm}"
    ]
    said = {claim.says for claim in found.claims}
    assert said == {f"lists {version} for it", "lists others for it"}


def test_a_plugins_device_is_that_of_the_builds_it_goes_with():
    answer = asked("2.14", device="metal")
    assert {build.published.build.platform for build in answer.builds} == {"macos-arm64"}
    assert {offer.device for offer in answer.plugins} == {"metal"}
    with pytest.raises(NothingFound):
        asked("2.20", device="metal")


def test_a_plugin_that_goes_with_an_older_patch_alone_is_found():
    answer = asked("2.10", device="directml")
    assert {offer.release for offer in answer.plugins} == {"2.10.0"}


def test_the_plugins_are_left_out_where_nothing_is_narrowed():
    assert asked("2.14").plugins is None
    everywhere = lookup(Store(DATA), VersionQuestion(version="2.14"), with_plugins=True)
    assert {offer.device for offer in everywhere.plugins} >= {"metal", "xpu"}


@pytest.mark.parametrize("name", ["linux-armv7l", "windows-arm64"])
def test_a_platform_without_wheels_is_told_where_to_ask(name, capsys):
    assert main(["lookup", "2.15", "--platform", name]) == 1
    system, _, processor = name.partition("-")
    assert f"find --os {system} --arch {processor}" in capsys.readouterr().err


def test_another_device_is_told_neither_rocm_nor_a_plugin():
    answer = asked("2.14", device="cuda")
    assert not answer.rocm
    assert not answer.plugins


def test_the_document_says_it_too():
    told = json.loads(document(asked("2.14", platform="linux-x86_64")))
    (rocm,) = [build["rocm"] for build in told["builds"] if build["rocm"] is not None]
    assert rocm["version"] == "6.0.0"
    ids = {source["id"] for source in told["sources"]}
    assert rocm["source"] in ids
    assert told["plugins"]
    assert {plugin["source"] for plugin in told["plugins"]} <= ids


def test_the_page_says_it_in_words():
    machine = MachineGlance("linux-x86_64", "3.11", "cpu")
    shown = " ".join(page(asked("2.14", device="rocm"), machine, Style()).split())
    assert "6.0.0, for tensorflow-rocm 2.14.0.600, which brings none" in shown
    shown = " ".join(page(asked("2.16.2", platform="macos-arm64"), machine, Style()).split())
    assert "a public report has the pair" in shown


def test_the_page_for_a_plugins_device_sets_the_plugin_up():
    machine = MachineGlance("linux-x86_64", "3.11", "metal")
    wanted = PageWanted(checks=True)
    shown = page(asked("2.13", device="metal"), machine, Style(), wanted)
    plain = " ".join(shown.split())
    assert "GPU by a plug-in alone" in plain
    assert "Set up on macOS Arm64: tensorflow 2.13.1, Python 3.11, Metal" in plain
    assert "tensorflow-metal==1.0.0" in shown.partition("Set up")[2]
    assert "GPUs: 1" in shown
    assert "Metal documented" in shown
    assert "compute on the CPU" not in plain


def test_a_plugins_device_has_the_problems_of_its_own_platform():
    answer = asked("2.13", device="metal")
    assert all(not one.platforms or "macos-arm64" in one.platforms for one in answer.problems)
    assert all("macos-arm64" in one.platforms for one in answer.contradictions)
    ids = {one.id for one in asked("2.18.0", device="metal").problems}
    assert "metal-plugin-with-2-18" in ids


@pytest.mark.parametrize(
    ("narrowed", "told"),
    [
        (
            {"device": "rocm"},
            "AMD publishes 2.16.1, 2.16.2: find --os linux --arch x86_64 --device",
        ),
        ({"device": "cuda", "platform": "linux-aarch64"}, "NVIDIA publishes 2.16.1+nv24.08: find"),
    ],
)
def test_what_others_publish_outside_the_index_is_pointed_to(narrowed, told, capsys):
    with pytest.raises(NothingFound, match="outside the index") as raised:
        asked("2.16", **narrowed)
    assert told in str(raised.value)
    assert main(["lookup", "2.16", "--device", "rocm"]) == 1
    assert "outside the index" in capsys.readouterr().err


def test_nothing_is_said_to_be_outside_the_index_that_is_not():
    with pytest.raises(NothingFound) as raised:
        asked("2.4", device="rocm", python="3.12")
    assert "outside the index" not in str(raised.value)


def test_two_tables_of_amd_that_disagree_have_two_names():
    machine = MachineGlance("linux-x86_64", "3.11", "cpu")
    wanted = PageWanted(sources=True)
    shown = " ".join(page(asked("2.14", device="rocm"), machine, Style(), wanted).split())
    lists = "docs-6.0.2 3rd-party-support-matrix lists 2.14 for it"
    others = "docs-6.0.2 tensorflow-install lists others for it"
    assert lists in shown
    assert others in shown
