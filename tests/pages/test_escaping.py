"""A site whose every free text is hostile shows it as text."""

from pathlib import Path

import pytest

from kb.answers.releases import VersionQuestion
from kb.base.errors import DocumentError
from kb.base.model import (
    AttestationsFile,
    ErrorsFile,
    GpuModel,
    GpusFile,
    KnownError,
    Pattern,
    SendersFile,
    ToolsFile,
    ToolTrial,
    WayOut,
)
from kb.base.writing import dump
from kb.cells.recipe_id import recipe_id
from kb.index.build import build_index
from kb.index.records import document
from kb.lookup.answer import lookup
from kb.runs import run_file
from kb.runs.ledgers import Vouched
from kb.runs.run_file import CheckSeen, GpuSeen, Run, Runner, Seen, StepSeen
from pages.knowledge import read_knowledge
from pages.plain import write_plain
from pages.render import Renderer
from pages.runs import read_runs, shown
from tests.kb.small_base import LINK, pin, problem, series_1_15, series_2_15, write_base
from tests.pages.built_site import ROOT, build, read

# What the texts of people's files may hold, and what a run may hold that nobody has checked.
LINE = "{{ 7 * 7 }} {% raw %} [x](javascript:alert(1)) ![y](z.png) | a | `b` **c** &lt; \" ' a<2"
HOSTILE = f"</code></pre></td><script>alert(1)</script><img src=x onerror=alert(1)> {LINE}"
BLOCK = f"{HOSTILE}\n\n# heading\n\n    {HOSTILE}\n<!-- comment"


def hostile_run():
    """Return a run that is hostile wherever it has words."""
    words = ("distribution", "platform", "python", "device", "recipe", "outcome", "proves", "why")
    step = dict.fromkeys(("name", "outcome"), HOSTILE)
    machine = dict.fromkeys(("system", "machine", "glibc", "cpu", "driver"), HOSTILE)
    return Run(
        **dict.fromkeys(words, HOSTILE),
        format=1,
        release="2.15.1",
        started=HOSTILE,
        seconds=1.5,
        steps=(StepSeen(**step, seconds=1, commands=BLOCK, output=BLOCK),),
        checks=(CheckSeen(**step, seconds=1, device=HOSTILE, error=HOSTILE),),
        wheel=None,
        packages=(HOSTILE,),
        runner=Runner(**machine, flags=(), wsl2=False, gpus=(GpuSeen(HOSTILE, HOSTILE),)),
        seen=Seen(**dict.fromkeys(("tensorflow", "python", "numpy", "keras"), HOSTILE)),
    )


def hostile_trials(store):
    """Yield trials of uv that failed with hostile words, one for each cell of 2.15."""
    for one in lookup(store, VersionQuestion(version="2.15")).builds:
        for cell in one.cells:
            day, recipe = "2026-01-01", recipe_id(cell.recipe)
            yield ToolTrial(
                tool="uv", version="1.0", day=day, **cell.key._asdict(), recipe=recipe, why=LINE
            )


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    series = series_2_15()
    first = series.releases[0]
    withdrawn = first.builds[0].wheels[0]._replace(yanked=LINE)
    build_0 = first.builds[0]._replace(wheels=(withdrawn, *first.builds[0].wheels[1:]))
    releases = (first._replace(builds=(build_0, *first.builds[1:])), *series.releases[1:])
    words = {"title": LINE, "cause": LINE, "looks_like": (LINE,), "way_out": (WayOut(LINE, LINE),)}
    store = write_base(
        folder / "data",
        series_1_15(),
        series._replace(releases=releases),
        gpus=GpusFile(
            1,
            (
                GpuModel(name=LINE, compute_capability="8.0", source=LINK),
                GpuModel(name="V100", compute_capability="7.0", source=LINK),
            ),
        ),
        pins=(pin("numpy<2", None, None, reason=LINE),),
        problems=(problem("hostile", None, None, compute_capabilities=("8.0",), **words),),
    )
    error = KnownError(
        id="hostile",
        severity="error",
        patterns=(Pattern(LINE),),
        problems=("hostile",),
        title=LINE,
        cause=(LINE,),
        fix=(WayOut(LINE),),
        sources=(LINK,),
    )
    errors = dump(ErrorsFile(1, (error,)), "Hostile.")
    (folder / "data/errors.yaml").write_text(errors, encoding="utf-8")
    trials = dump(ToolsFile(1, tuple(hostile_trials(store))), "Hostile.")
    (folder / "data/tools.yaml").write_text(trials, encoding="utf-8")
    (folder / "data/index.json").write_text(document(build_index(store)), encoding="utf-8")
    runs = (shown("2026-01-01-0123456789ab", hostile_run(), Vouched("self-reported", None)),)
    knowledge = read_knowledge(store.data, folder / "runs")._replace(runs=runs)
    write_plain(folder / "plain", ROOT, knowledge, Renderer())
    said = build(folder / "plain/mkdocs.yml", folder / "public")
    assert "WARNING" not in said
    return read(folder / "public")


def test_no_markup_comes_to_life(pages):
    for address, page in pages.items():
        assert page.all("img") == [], address
        assert [one for one in page.all("script") if "alert" in one.text] == [], address
        for one in page.elements:
            assert not [name for name in one.attributes if name.startswith("on")], address
            assert not one.attributes.get("href", "").startswith("javascript:"), address
            assert one.text.strip() != "heading" or one.tag == "code", address


def test_a_hostile_run_shows_word_for_word(pages):
    page = pages["runs/2.15/"]
    assert [one.text.startswith(HOSTILE) for one in page.all("h2")] == [True]
    assert BLOCK in [one.text for one in page.all("code")]
    assert BLOCK in [one.text for one in page.all("samp")]
    assert HOSTILE in [one.text for one in page.all("td")]
    assert page.html.count("javascript:alert(1)") > 20


def test_the_file_of_a_hostile_run_is_refused(tmp_path):
    run = tmp_path / "2.15/cell/2026-01-01-0123456789ab.json"
    run.parent.mkdir(parents=True)
    run.write_text(run_file.text(hostile_run()), encoding="utf-8")
    with pytest.raises(DocumentError, match="not a run; see `python -m verify check"):
        read_runs(tmp_path, AttestationsFile(1), SendersFile(1))


@pytest.mark.parametrize("address", ["tf/2.15/", "gpu/8.0/", "errors/", "errors/hostile/"])
def test_hostile_words_of_people_show_word_for_word(pages, address):
    page = pages[address]
    assert (
        "{{ 7 * 7 }} {% raw %} [x](javascript:alert(1)) ![y](z.png) | a | `b` **c** &amp;lt;"
        in (page.html)
    )
    assert [one for one in page.all("code") if one.text == LINE]


def test_hostile_words_of_a_tool_show_word_for_word(pages):
    assert "makes a set that fails where pip&#39;s does not: {{ 7 * 7 }} {% raw %} [x](java" in (
        pages["tf/2.15/"].html
    )


def test_a_link_to_elsewhere_is_a_link_only_if_it_is_https():
    page = Renderer(Path(__file__).parent / "templates").page(
        "link.md", "link.md.j2", addresses=["javascript:alert(1)", "http://a.example", LINK]
    )
    assert page.text.count("<a ") == 1
    assert f'<a href="{LINK}" rel="noopener">example.com</a>' in page.text
