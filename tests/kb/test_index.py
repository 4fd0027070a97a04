import gzip
import json
from pathlib import Path

import pytest

from kb import command_line
from kb.base.errors import DocumentError
from kb.base.model import (
    Bounds,
    Capabilities,
    Elsewhere,
    FirstToolkit,
    LastToolkit,
    Library,
    PluginFile,
    PluginPair,
    PluginPairsFile,
    WheelFacts,
)
from kb.base.store import Store
from kb.cells import shells
from kb.facts.gpu_code import build_code
from kb.index.build import build_index
from kb.index.records import document, open_index, parse
from kb.index.verdicts import (
    Range,
    brought,
    code_facts,
    minimum_python,
    serving,
    toolkit_verdicts,
)
from kb.index.words import fill
from kb.upkeep.index_rules import index_faults, plugin_pairs_faults
from kb.upkeep.validate import validate
from tests.kb.small_base import (
    ARM_MAC,
    LINK,
    facts,
    one_build,
    requirement,
    series_2_15,
    write_base,
    write_usual_base,
)

COLUMNS = ("3.5", "6.0", "7.0", "7.5", "8.0", "8.6", "9.0")
KNOWS = (
    FirstToolkit(compute_capability="9.0", cuda="11.8", source=LINK),
    FirstToolkit(compute_capability="8.6", cuda="11.1", source=LINK, served_by="8.0"),
    FirstToolkit(compute_capability="8.0", cuda="11.0", source=LINK),
    FirstToolkit(compute_capability="7.0", cuda="9.0", source=LINK),
)


@pytest.fixture(scope="module")
def real_index():
    """Build the index of the real knowledge base."""
    return build_index(Store())


def test_the_index_of_the_repository_is_what_the_other_files_give(real_index):
    assert Store().index_text() == document(real_index), "run `python -m kb index`"


def test_the_index_is_small_enough_for_a_browser(real_index):
    assert len(gzip.compress(document(real_index).encode())) < 60_000


def test_the_same_base_gives_the_same_index(usual_base):
    first, second = (document(build_index(Store(usual_base.data))) for _ in range(2))
    assert first == second


def test_what_is_written_is_read_back(usual_base):
    index = build_index(usual_base)
    read = parse(document(index))
    assert json.loads(json.dumps(read)) == json.loads(json.dumps(index))
    assert read.offers[0].cells[0]._fields == index.offers[0].cells[0]._fields


def test_a_browser_learns_the_fields_of_rows(usual_base):
    content = json.loads(document(build_index(usual_base)))
    for offer in content["offers"]:
        named = dict(zip(content["fields"]["offers"], offer, strict=True))
        for cell in named["cells"]:
            assert len(cell) == len(content["fields"]["cells"])
    assert content["fields"]["toolkits"][0] == "cuda"


def test_set_ups_and_checks_are_the_very_ones_of_a_look_up(real_index, real_answers):
    told = {}
    for offer in (*real_index.offers, *real_index.candidates):
        if offer.plugin is not None:
            continue
        release = real_index.releases[offer.release]
        for group in offer.cells:
            for python in group.pythons:
                key = (offer.distribution, release, offer.platform, python, offer.device)
                setup = real_index.setups[group.setup]
                told[key] = (
                    tuple(fill(text, python=python, release=release) for text in setup),
                    tuple(real_index.checks[group.check]),
                    group.rung,
                    group.standing,
                )
    compared = 0
    for answer in real_answers.values():
        for build in answer.builds:
            for cell in build.cells:
                if cell.key.distribution == "tf-nightly":
                    continue
                compared += 1
                assert told[tuple(cell.key)] == (
                    shells.setup(cell.recipe),
                    shells.check(cell.recipe),
                    cell.standing.rung,
                    cell.standing.standing,
                )
    assert compared > 500


@pytest.mark.parametrize(
    ("built", "letters"),
    [
        (None, "???????"),
        (Capabilities(("6.0", "7.0", "8.0"), ("8.0",)), "xnnnmmp"),
        (Capabilities(("7.0",), ()), "xxnnxxx"),
        (Capabilities(("3.5",), ("3.5",)), "mpppppp"),
    ],
)
def test_each_compute_capability_gets_a_letter_for_the_code(built, letters):
    code = code_facts(build_code(built, None), COLUMNS, ())
    assert (code.verdicts, code.objects, code.counts) == (letters, 0, ())


@pytest.mark.parametrize(
    ("cuda", "letters"),
    [
        (None, "???????"),
        ("9", "??k?xxx"),
        ("11.0", "??k?ksx"),
        ("11.1", "??k?kkx"),
        ("11.8", "??k?kkk"),
    ],
)
def test_each_compute_capability_gets_a_letter_for_the_libraries(cuda, letters):
    assert toolkit_verdicts(cuda, KNOWS, COLUMNS) == letters


@pytest.mark.parametrize(
    ("cuda", "letters"),
    [
        ("10", "??k?xxx"),
        ("10.2.89", "??k?xxx"),
        ("11.0", "d?k?ksx"),
        ("11", "d?k?ks?"),
        ("12.2", "ddk?kkk"),
        ("13.0", "ddd?kkk"),
    ],
)
def test_libraries_that_know_a_capability_no_longer_get_a_letter_of_their_own(cuda, letters):
    last = tuple(
        LastToolkit(compute_capabilities=(capability,), cuda=release, source=LINK)
        for capability, release in (("3.5", "10.2"), ("6.0", "11.x"), ("7.0", "12.x"))
    )
    assert toolkit_verdicts(cuda, KNOWS, COLUMNS, last) == letters


@pytest.mark.parametrize(
    ("cuda", "expected"),
    [
        ("12.5.1", Range("12.5", "13")),
        ("11.2", Range("11.2", "12")),
        ("10.1", Range("10.1", "10.2")),
        ("9", Range("9", "10")),
        (None, None),
    ],
)
def test_newer_minor_releases_serve_from_cuda_11_on(cuda, expected):
    assert serving(cuda) == expected


@pytest.mark.parametrize(
    ("cuda", "below"),
    [("11.0.3", "11.1"), ("11.2", "12"), ("11.8", "12"), ("12.0", "13"), ("12.5", "13")],
)
def test_a_newer_minor_release_serves_while_it_holds_the_files_that_the_build_opens(cuda, below):
    def library(name, first, last):
        return Library(files=(name,), product="CUDA", first=first, last=last, source=LINK)

    table = (
        library("libcusolver.so.10", "10.1", "11.0"),
        library("libcufft.so.10", "10.1", "11.8"),
        library("libcusolver.so.11", "11.1", "12.9"),
        library("libcudart.so.12", "12.0", "12.9"),
    )
    own = ".".join(cuda.split(".")[:2])
    assert serving(cuda, table) == Range(own, below)


@pytest.mark.parametrize("platform", ["linux-x86_64", "windows-x86_64"])
def test_2_4_opens_a_file_that_cuda_11_1_and_later_do_not_have(platform, real_index):
    name = real_index.releases.index("2.4.4")
    (toolkit,) = {
        real_index.toolkits[offer.toolkit]
        for offer in real_index.offers
        if (offer.release, offer.platform) == (name, platform) and offer.toolkit is not None
    }
    assert (toolkit.least, toolkit.below) == ("11.0", "11.1")


@pytest.mark.parametrize(
    ("requires", "cuda"),
    [
        (("nvidia-cublas-cu12==12.2.5.6", "nvidia-cuda-runtime-cu12==12.2.140"), "12.2"),
        (("nvidia-cuda-runtime-cu12<13.0,>=12.5.82",), "12.999"),
        (("nvidia-cuda-runtime-cu12>=12.5.82,<13.0; platform_system == 'Linux'",), "12.999"),
        (("nvidia-cuda-runtime-cu12>=12.5",), "12.4"),
        ((), "12.4"),
    ],
)
def test_the_libraries_that_an_extra_brings_are_its_pin_or_all_of_its_range(requires, cuda):
    assert (
        brought(WheelFacts(wheel="a.whl", cuda="12.4"), tuple(map(requirement, requires))) == cuda
    )


@pytest.mark.parametrize(
    ("text", "least"),
    [(">=3.9", "3.9"), (">= 3.10", "3.10"), (">=3.9,<3.13", None), ("<4", None), (None, None)],
)
def test_the_least_python_is_read_where_it_is_all_that_is_said(text, least):
    assert minimum_python(facts("a.whl", requires_python=text)) == least


def run(*arguments):
    """Run a command and return its status."""
    return command_line.main(list(arguments))


def test_the_command_writes_the_index_and_then_has_nothing_to_do(tmp_path, capsys):
    store = write_usual_base(tmp_path)
    assert run("--data", str(tmp_path), "index") == 0
    assert "written" in capsys.readouterr().out
    assert parse(store.index_text()).releases[-1] == "2.15.1"
    before = Path(store.index_path()).stat().st_mtime_ns
    assert run("--data", str(tmp_path), "index") == 0
    assert "is up to date" in capsys.readouterr().out
    assert Path(store.index_path()).stat().st_mtime_ns == before
    assert validate(store) == ()


def test_the_command_refuses_an_installed_package(tmp_path, capsys):
    folder = tmp_path / "site-packages" / "kb" / "data"
    folder.mkdir(parents=True)
    store = write_usual_base(folder)
    assert run("--data", str(folder), "index") == 3
    assert "lies in an installed package" in capsys.readouterr().err
    assert not Path(store.index_path()).exists()


def test_an_index_that_is_out_of_date_is_a_fault_of_one_line(tmp_path):
    store = write_usual_base(tmp_path)
    Path(store.index_path()).write_text(document(build_index(store)), encoding="utf-8")
    assert list(index_faults(store)) == []
    write_base(tmp_path, series_2_15())
    (tmp_path / "releases" / "1.15.yaml").unlink()
    assert list(index_faults(store)) == [
        "index.json: is not what the other files give; run `python -m kb index`"
    ]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 2}', "\x00", '{"format": 1}'])
def test_an_index_that_cannot_be_read_gets_one_line(text, tmp_path):
    (tmp_path / "index.json").write_text(text, encoding="utf-8")
    with pytest.raises(DocumentError) as caught:
        open_index(Store(tmp_path))
    assert str(caught.value).endswith("; run `python -m kb index`")
    assert "\n" not in str(caught.value)


def test_a_missing_index_tells_what_to_run(tmp_path):
    with pytest.raises(DocumentError, match=r"No such file or directory; run `python -m kb index`"):
        open_index(Store(tmp_path))


PLUGINS = {
    "tensorflow-metal": PluginFile(
        1, "tensorflow-metal", (one_build("tensorflow-metal", "1.0.0", ARM_MAC, "3.9"),)
    )
}
PAIR = PluginPair(
    plugin="tensorflow-metal",
    release="1.0.0",
    distributions=("tensorflow",),
    releases=Bounds("2.15.0", "2.15.1"),
    platforms=(ARM_MAC,),
    macos=None,
    source=LINK,
)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"release": "9.0"}, "there is no such release; name one that there is"),
        (
            {"releases": Bounds("2.15.9", None)},
            "releases: there is no release 2.15.9; name one that there is",
        ),
        ({"releases": Bounds("2.15.1", "2.15.0")}, "releases: first is after last; swap them"),
        ({"platforms": ()}, "goes with no distribution or platform; name those that it goes with"),
        (
            {"distributions": ()},
            "goes with no distribution or platform; name those that it goes with",
        ),
    ],
)
def test_a_pair_that_cannot_be_is_a_fault(changed, message):
    file = PluginPairsFile(1, (PAIR._replace(**changed),))
    (fault,) = plugin_pairs_faults(file, PLUGINS, {"2.15.0", "2.15.1"})
    assert fault.startswith("plugin_pairs.yaml: tensorflow-metal ")
    assert fault.endswith(message)


def test_a_sound_pair_is_none_and_what_names_no_source_is_one():
    sound = PluginPairsFile(1, (PAIR,), (Elsewhere("rocm", ("Do this.",), (LINK,)),))
    assert list(plugin_pairs_faults(sound, PLUGINS, {"2.15.0", "2.15.1"})) == []
    bare = PluginPairsFile(1, (), (Elsewhere("rocm", ("Do this.",), ()),))
    assert list(plugin_pairs_faults(bare, {}, set())) == [
        "plugin_pairs.yaml: rocm: instead or sources is empty; give at least one"
    ]
