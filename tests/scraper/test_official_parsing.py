"""The tested build configurations: read by headings and header cells, exactly as they stand."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.base.errors import SourceFailed
from kb.base.model import OfficialRow
from scraper import official_document
from scraper.official import DOCUMENTS, read_document
from tests.scraper import official_tables
from tests.scraper.official_tables import columns, gpu_row, markdown, page, small, table_text

LINUX, WINDOWS = DOCUMENTS
PROPERTY = settings(deadline=None, derandomize=True)
DAY = "2026-01-02"


def expected(file: str, tables: official_tables.Tables) -> list[OfficialRow]:
    """Return the rows of one document in the order in which they stand."""
    return [
        OfficialRow(table=name, read=DAY, **cells)
        for platform in official_tables.FILES[file]
        for name, rows in tables.items()
        if name.startswith(platform)
        for cells in rows
    ]


USUAL = ("Version", "Python version", "Compiler", "Build tools")


def linux_cpu(*rows, names=USUAL) -> str:
    """Return a document with one table, the cells of its rows as they are given."""
    head = "".join(f"<th>{name}</th>" for name in names)
    lines = "".join(f"<tr>{one}</tr>\n" for one in rows)
    return (
        "## Tested build configurations\n\n### Linux\n\n#### CPU\n\n"
        f"<table>\n<tr>{head}</tr>\n{lines}</table>\n"
    )


def cells(*texts: str) -> str:
    return "".join(f"<td>{text}</td>" for text in texts)


def read(text: str, document=LINUX) -> list[OfficialRow]:
    return read_document(text, document, DAY)


def refusal(text: str, document=LINUX) -> str:
    with pytest.raises(SourceFailed) as refused:
        read(text, document)
    return str(refused.value)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.file)
@pytest.mark.parametrize("render", [markdown, page])
def test_every_row_is_read_from_markdown_and_from_the_web_page(document, render):
    tables = small()
    assert read(render(document.file, tables), document) == expected(document.file, tables)


@pytest.mark.parametrize(
    "cell",
    [
        {"python": "2.7, 3.3-3.6"},
        {"python": "3.10"},
        {"python": "2.7"},
        {"cuda": "10", "cudnn": "7"},
        {"cuda": "10.0", "cudnn": "7.4.2"},
        {"version": "tensorflow_gpu-2.10.0"},
        {"version": "tensorflow-cpu-1.15.0"},
        {"compiler": "Clang from xcode 10.15"},
        {"compiler": "MSVC 2015 update 3"},
        {"build_tools": "Bazel 0.27.1-0.29.1"},
        {"build_tools": "Cmake v3.6.3"},
        {"compiler": "GCC & <3"},
        {"compiler": "caf\u00e9 \U0001f600"},
    ],
    ids=lambda cell: next(iter(cell.values())),
)
def test_a_cell_is_taken_as_it_stands(cell):
    tables = {"linux-gpu": [{**gpu_row("tensorflow-2.1.0"), **cell}]}
    for render in (markdown, page):
        assert read(render("source.md", tables)) == expected("source.md", tables)


def test_10_and_10_0_stay_apart():
    rows = [gpu_row("tensorflow-1.14.0", cuda="10"), gpu_row("tensorflow-1.15.0", cuda="10.0")]
    assert [one.cuda for one in read(markdown("source.md", {"linux-gpu": rows}))] == ["10", "10.0"]


def test_a_row_that_stands_twice_is_read_twice():
    tables = {"windows-gpu": [gpu_row("tensorflow_gpu-2.4.0")] * 2}
    rows = read(markdown("source_windows.md", tables), WINDOWS)
    assert rows == expected("source_windows.md", tables)
    assert rows[0] == rows[1]


@pytest.mark.parametrize("order", list(itertools.permutations(columns("linux-cpu")))[::5])
def test_columns_are_found_by_their_names(order):
    rows = small()["linux-cpu"]
    text = markdown("source.md", {"linux-cpu": rows})
    turned = text.replace(table_text(rows, columns("linux-cpu")), table_text(rows, order))
    assert read(turned) == expected("source.md", {"linux-cpu": rows})


def test_tables_are_found_by_their_headings():
    text = f"""
## Tested build configurations

### macOS

#### GPU
{table_text(small()["macos-gpu"], columns("macos-gpu"))}
#### CPU
{table_text(small()["macos-cpu"], columns("macos-cpu"))}

### Linux

Words, with a [link](#linux).

#### GPU
{table_text(small()["linux-gpu"], columns("linux-gpu"))}
#### CPU
{table_text(small()["linux-cpu"], columns("linux-cpu"))}
"""
    tables = {name: small()[name] for name in ("linux-cpu", "linux-gpu", "macos-cpu", "macos-gpu")}
    assert sorted(read(text)) == sorted(expected("source.md", tables))


def test_tables_outside_the_section_do_not_count():
    other = "<table><tr><th>Flag</th></tr><tr><td>--config=cuda</td></tr></table>\n\n"
    text = (
        f"# Build from source\n\n{other}## Setup\n\n{other}"
        f"{linux_cpu(cells('tensorflow-2.1.0', '3.7', 'GCC 7', 'Bazel 1'))}\n\n"
        f"## Tested builds\n\n{other}# Appendix\n\n{other}"
    )
    assert [one.version for one in read(text)] == ["tensorflow-2.1.0"]


def test_headings_inside_fenced_code_do_not_count():
    text = linux_cpu(cells("tensorflow-2.1.0", "3.7", "GCC 7", "Bazel 1"))
    code = "```\n# pip install\n## Tested build configurations\n```\n\n"
    assert read(text.replace("#### CPU\n", f"#### CPU\n\n{code}")) == read(text)


def test_headings_may_close_and_vary_in_case_and_space():
    text = linux_cpu(cells("tensorflow-2.1.0", "3.7", "GCC 7", "Bazel 1"))
    varied = text.replace("## Tested build configurations", "##  TESTED Build   configurations ##")
    assert read(varied) == read(text)


def test_cells_may_hold_tags_and_spaces():
    plain = linux_cpu(cells("tensorflow-2.1.0", "2.7, 3.5", "GCC 7.3.1", "Bazel 1"))
    tagged = linux_cpu(
        cells(" <code>tensorflow-2.1.0</code>", "2.7,\n   3.5", "<b>GCC</b> 7.3.1", "Bazel&nbsp;1")
    )
    assert read(tagged) == read(plain)


@pytest.mark.parametrize("name", columns("linux-gpu"))
def test_a_column_that_was_lost_is_named(name):
    names = [one for one in columns("linux-gpu") if one != name]
    text = "## Tested build configurations\n### Linux\n#### GPU\n" + table_text(
        small()["linux-gpu"], names
    )
    assert refusal(text) == (
        f"official: source.md, table linux-gpu: no column for {name}; has the page changed?"
    )


@pytest.mark.parametrize("name", ["cuDNN", "Driver", "", "Version 2"])
def test_a_column_that_was_gained_is_named(name):
    text = linux_cpu(
        cells("tensorflow-2.1.0", "3.7", "GCC 7", "Bazel 1", "8"),
        names=(*USUAL, name),
    )
    assert refusal(text) == (
        f"official: source.md, table linux-cpu: unknown column {name!r}; has the page changed?"
    )


def test_a_column_that_stands_twice_is_refused():
    text = linux_cpu(
        cells("tensorflow-2.1.0", "3.7", "GCC 7", "GCC 8", "Bazel 1"),
        names=("Version", "Python version", "Compiler", "Compiler", "Build tools"),
    )
    assert refusal(text).startswith("official: source.md, table linux-cpu: ")


@pytest.mark.parametrize(
    "texts",
    [
        ("tensorflow-2.1.0", "3.7", "GCC 7"),
        ("tensorflow-2.1.0", "3.7", "GCC 7", "Bazel 1", "more"),
        (),
    ],
)
def test_a_row_with_a_cell_too_few_or_too_many_is_quoted(texts):
    assert refusal(linux_cpu(cells(*texts))) == (
        "official: source.md, table linux-cpu: 4 cells expected in the row: " + " | ".join(texts)
    )


@pytest.mark.parametrize(
    "texts",
    [
        ("tensorflow-2.1", "3.7", "GCC 7", "Bazel 1"),
        ("tensorflow 2.1.0", "3.7", "GCC 7", "Bazel 1"),
        ("keras-2.1.0", "3.7", "GCC 7", "Bazel 1"),
        ("tensorflow-2.1.0", "3.7-3.5", "GCC 7", "Bazel 1"),
        ("tensorflow-2.1.0", "2.7-3.6", "GCC 7", "Bazel 1"),
        ("tensorflow-2.1.0", "3.1-3.1000", "GCC 7", "Bazel 1"),
        ("tensorflow-2.1.0", "3", "GCC 7", "Bazel 1"),
        ("tensorflow-2.1.0", "3.7+", "GCC 7", "Bazel 1"),
        ("tensorflow-2.1.0", "3.7,3.8", "GCC 7", "Bazel 1"),
        ("tensorflow-2.1.0", "", "GCC 7", "Bazel 1"),
        ("tensorflow-2.1.0", "3.7", "", "Bazel 1"),
        ("tensorflow-2.1.0", "3.7", "GCC 7", ""),
        ("", "3.7", "GCC 7", "Bazel 1"),
    ],
    ids=" ".join,
)
def test_a_row_that_cannot_be_read_is_quoted(texts):
    message = refusal(linux_cpu(cells(*texts)))
    start = "official: source.md, table linux-cpu: cannot read the row: "
    assert message.startswith(f"{start}{' | '.join(texts)} (")
    assert "\n" not in message


@pytest.mark.parametrize("place", range(1, 4))
def test_a_number_of_thousands_of_digits_is_one_line(place):
    texts = ["tensorflow-2.1.0", "3.7", "GCC 7", "Bazel 1"]
    texts[place] = "3." + "1" * 5000
    message = refusal(linux_cpu(cells(*texts)))
    assert message.startswith("official: source.md, table linux-cpu: cannot read the row: ")
    assert len(message) < 1000


@pytest.mark.parametrize(
    "texts",
    [
        ("tensorflow-\u0662.\u0661.\u0660", "3.7", "GCC 7", "Bazel 1"),
        ("tensorflow-2.1.0", "3.\u0667", "GCC 7", "Bazel 1"),
    ],
    ids=["version", "python"],
)
def test_digits_of_other_scripts_are_no_version(texts):
    assert "cannot read the row" in refusal(linux_cpu(cells(*texts)))


@pytest.mark.parametrize(
    "cell",
    [
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "GCC &lt;img src=x onerror=alert(1)&gt;",
        "GCC 7 &lt;!-- x --&gt;",
        "<script>alert(1)</script>",
        "<style>td { display: none }</style>",
        "GCC 7\x1b[31m",
    ],
)
def test_a_cell_with_a_script_or_a_tag_in_it_is_no_cell(cell):
    text = linux_cpu(cells("tensorflow-2.1.0", "3.7", cell, "Bazel 1"))
    assert "table linux-cpu: cannot read the row: tensorflow-2.1.0 | 3.7 | " in refusal(text)


def test_a_script_beside_the_text_of_a_cell_leaves_nothing_behind():
    text = linux_cpu(
        cells("tensorflow-2.1.0", "3.7", "GCC 7<script>alert('x')</script>", "Bazel 1")
    )
    assert [one.compiler for one in read(text)] == ["GCC 7"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "404: Not Found",
        "# Build from source\n",
        "## Tested build configurations\n\nNo tables any more.\n",
        "<html><body><h2>Tested build configurations</h2></body></html>",
        "## Tested configurations\n### Linux\n#### CPU\n<table><tr><th>Version</th></tr></table>",
    ],
)
def test_a_document_without_tables_is_told_so(text):
    assert refusal(text) == (
        "official: source.md has no tables under 'tested build configurations'"
    )


@pytest.mark.parametrize("heading", ["### FreeBSD\n#### CPU", "### Linux\n#### TPU"])
def test_a_table_under_an_unknown_heading_is_named(heading):
    text = linux_cpu(cells("tensorflow-2.1.0", "3.7", "GCC 7", "Bazel 1"))
    message = refusal(text.replace("### Linux\n\n#### CPU", heading))
    assert message.startswith("official: source.md, table ")
    assert message.endswith(": a table for an unknown platform or device")


@pytest.mark.parametrize(
    ("document", "headings", "told"),
    [
        (LINUX, "### Linux", "under the heading 'linux' has no heading CPU or GPU over it"),
        (LINUX, "", "under 'tested build configurations' has no heading of a platform over it"),
        (WINDOWS, "", "under 'tested build configurations' has no heading CPU or GPU over it"),
    ],
)
def test_a_page_whose_headings_lack_cpu_or_gpu_is_refused_in_words_that_say_so(
    document, headings, told
):
    text = linux_cpu(cells("tensorflow-2.1.0", "3.7", "GCC 7", "Bazel 1"))
    message = refusal(text.replace("### Linux\n\n#### CPU", headings), document)
    assert message == f"official: {document.file}: a table {told}; has the page changed?"


@pytest.mark.parametrize(
    "heading",
    [
        '##<a name="tested_build_configurations"></a> Tested build configurations',
        "##<a name=tested_build_configurations></a> Tested build configurations",
        "## <a name=x></a>Tested build configurations",
        "## Tested build configurations {:.external}",
        "## Tested build configurations {: #tested} ##",
    ],
)
@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.file)
def test_the_headings_of_october_2019_are_read(document, heading):
    tables = small()
    text = markdown(document.file, tables).replace("## Tested build configurations", heading)
    assert heading in text
    assert read(text, document) == expected(document.file, tables)


def test_an_empty_table_is_told_so():
    text = "## Tested build configurations\n### Linux\n#### CPU\n<table></table>\n"
    assert refusal(text) == "official: source.md, table linux-cpu: the table is empty"


def test_a_document_that_is_too_long_is_refused(monkeypatch):
    monkeypatch.setattr(official_document, "MAX_PAGE", 100)
    assert refusal("x" * 101) == "official: source.md has more than 100 characters"


def test_a_table_with_too_many_rows_is_refused():
    rows = [cells(f"tensorflow-1.0.{n}", "3.7", "GCC 7", "Bazel 1") for n in range(501)]
    assert refusal(linux_cpu(*rows)) == "official: source.md has more than 500 rows"


def test_tags_that_nest_without_end_are_one_line():
    text = linux_cpu(cells("tensorflow-2.1.0", "3.7", "<b>" * 20_000 + "GCC", "Bazel 1"))
    assert [one.compiler for one in read(text)] == ["GCC"]


ODD_MARKUP = [
    "<![",
    "<![x",
    "<!",
    "<?",
    "<?xml version='1.0'?>",
    "</",
    "<a b",
    "&#x110000;",
    "<!--",
]


@pytest.mark.parametrize("odd", ODD_MARKUP)
@pytest.mark.parametrize("first", [True, False])
def test_odd_markup_never_raises_anything_but_source_failed(odd, first):
    text = linux_cpu(cells("tensorflow-2.1.0", "3.7", "GCC 7", "Bazel 1"))
    one_line_or_rows(f"{odd}\n{text}" if first else f"{text}\n{odd}")


@pytest.mark.parametrize("text", ["http://127.0.0.1/source.md", "source.md", "/etc/hostname"])
def test_a_text_that_is_a_name_or_an_address_is_no_document(text):
    assert "has no tables" in refusal(text)


version_cells = st.builds(
    "{}-{}.{}.{}".format,
    st.sampled_from(["tensorflow", "tensorflow_gpu", "tensorflow-gpu", "tensorflow_cpu"]),
    st.integers(1, 3),
    st.integers(0, 40),
    st.integers(0, 9),
)
spans = st.builds(
    lambda low, high: f"3.{low}-3.{low + high}" if high else f"3.{low}",
    st.integers(0, 20),
    st.integers(0, 9),
)
python_cells = st.lists(st.one_of(st.just("2.7"), spans), min_size=1, max_size=3).map(", ".join)
words = st.text(
    st.characters(
        max_codepoint=0xFFFF, exclude_categories=["Cc", "Cs", "Z"], exclude_characters="<"
    ),
    min_size=1,
)
lines = st.lists(words, min_size=1, max_size=4).map(" ".join)
dotted = st.lists(st.integers(0, 99), min_size=1, max_size=4).map(
    lambda numbers: ".".join(map(str, numbers))
)
cpu_rows = st.fixed_dictionaries(
    {
        "version": version_cells,
        "python": python_cells,
        "compiler": lines,
        "build_tools": lines,
    }
)
gpu_rows = st.builds(
    lambda one, cudnn, cuda: {**one, "cudnn": cudnn, "cuda": cuda}, cpu_rows, dotted, dotted
)
all_tables = st.fixed_dictionaries(
    {},
    optional={
        name: st.lists(gpu_rows if name.endswith("gpu") else cpu_rows, min_size=1, max_size=4)
        for name in ("linux-cpu", "linux-gpu", "macos-cpu", "macos-gpu")
    },
).filter(bool)


@settings(PROPERTY, max_examples=40)
@given(all_tables)
def test_any_rows_are_read_back_from_markdown_and_from_a_page(tables):
    rows = expected("source.md", tables)
    assert read(markdown("source.md", tables)) == rows
    assert read(page("source.md", tables)) == rows


def one_line_or_rows(text: str) -> None:
    """Read a text, or see it refused in one line."""
    try:
        lines = [f"official: source.md has {len(read(text))} rows"]
    except SourceFailed as refused:
        lines = str(refused).splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("official: source.md")


@settings(PROPERTY, max_examples=100)
@given(st.text())
def test_arbitrary_text_never_raises_anything_but_source_failed(text):
    one_line_or_rows(text)


PIECES = [
    "## Tested build configurations\n",
    "### Linux\n",
    "#### CPU\n",
    "#### GPU\n",
    "<table>",
    "</table>",
    "<tr>",
    "</tr>",
    "<th>Version</th><th>Python version</th><th>Compiler</th><th>Build tools</th>",
    "<td>tensorflow-2.1.0</td><td>3.7</td><td>GCC</td><td>Bazel</td>",
    "<td>",
    "<th>",
    "<html>",
    "<table><tr><th>cuDNN",
    "```\n",
    "\n",
    "<script>",
    *ODD_MARKUP,
]


@settings(PROPERTY, max_examples=100)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=20))
def test_arbitrary_markup_never_raises_anything_but_source_failed(pieces):
    one_line_or_rows("".join(pieces))


@settings(PROPERTY, max_examples=100)
@given(st.lists(st.text(max_size=30), min_size=4, max_size=4))
def test_arbitrary_cells_never_raise_anything_but_source_failed(texts):
    one_line_or_rows(linux_cpu(cells(*texts)))
