"""METADATA: its requirements in every spelling, with and without carriage returns."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.base.model import Extra, WheelText
from kb.facts.wheel_text import MAX_TEXT, Metadata, UnreadableText, headers, read_metadata, says

PROPERTY = settings(deadline=None, derandomize=True)

NAMES = ["numpy", "protobuf", "keras", "nvidia-cudnn-cu12", "absl-py", "six"]
clauses = st.builds(
    "{}{}.{}".format,
    st.sampled_from(["==", ">=", "<", "<=", "!=", "~="]),
    st.integers(0, 30),
    st.integers(0, 99),
)
requirements = st.builds(
    lambda name, some: (name, tuple(some)),
    st.sampled_from(NAMES),
    st.lists(clauses, max_size=3, unique=True),
)


def in_brackets(name, some) -> str:
    return f"{name} ({','.join(some)})" if some else name


def bare(name, some) -> str:
    return f"{name}{','.join(some)}"


def text(*lines: str) -> str:
    first = ("Metadata-Version: 2.1", "Name: tensorflow", "Version: 2.15.0")
    return "\n".join([*first, *lines]) + "\n"


def required(*lines: str) -> tuple[str, ...]:
    return read_metadata(text(*(f"Requires-Dist: {line}" for line in lines))).requires


def test_the_headers_are_read():
    metadata = read_metadata(
        text(
            "Requires-Python: >=3.9",
            "Requires-Dist: numpy (<2.0.0,>=1.23.5)",
            "Requires-Dist: absl_py>=1.0.0",
            "Provides-Extra: and-cuda",
            "Requires-Dist: nvidia-cudnn-cu12 (==8.9.4.25) ; extra == 'and-cuda'",
            "Requires-Dist: nvidia-nccl-cu12 ; (sys_platform == 'linux') and extra == 'and-cuda'",
            "Requires-Dist: tensorflow-intel (==2.15.0) ; platform_system == 'Windows'",
        )
    )
    assert metadata == Metadata(
        requires_python=">=3.9",
        requires=(
            "absl-py>=1.0.0",
            "numpy<2.0.0,>=1.23.5",
            'tensorflow-intel==2.15.0; platform_system == "Windows"',
        ),
        extras=(
            Extra(
                "and-cuda",
                (
                    "nvidia-cudnn-cu12==8.9.4.25",
                    'nvidia-nccl-cu12; sys_platform == "linux"',
                ),
            ),
        ),
    )


def test_what_metadata_leaves_out_is_not_filled_in():
    assert read_metadata(text()) == Metadata(None, (), ())


def test_an_extra_without_requirements_is_kept():
    assert read_metadata(text("Provides-Extra: gcs")).extras == (Extra("gcs", ()),)


@settings(PROPERTY, max_examples=40)
@given(st.lists(requirements, max_size=6))
def test_brackets_around_a_version_make_no_difference(given_requirements):
    assert required(*(in_brackets(*one) for one in given_requirements)) == required(
        *(bare(*one) for one in given_requirements)
    )


@settings(PROPERTY, max_examples=40)
@given(st.lists(requirements, max_size=6))
def test_every_requirement_is_kept(given_requirements):
    found = required(*(in_brackets(*one) for one in given_requirements))
    parts = sorted(
        (name, tuple(sorted(clause for clause in some))) for name, some in given_requirements
    )
    names = sorted(NAMES, key=len, reverse=True)
    read = []
    for one in found:
        name = next(name for name in names if one.startswith(name))
        read.append((name, tuple(sorted(filter(None, one.removeprefix(name).split(","))))))
    assert sorted(read) == parts


@settings(PROPERTY, max_examples=40)
@given(st.lists(requirements, max_size=6), st.booleans())
def test_carriage_returns_make_no_difference(given_requirements, described):
    lines = [f"Requires-Dist: {in_brackets(*one)}" for one in given_requirements]
    whole = text("Requires-Python: >=3.9", *lines) + ("\nWords\n\nName: x\n" if described else "")
    with_returns = whole.replace("\n", "\r\n")
    assert read_metadata(with_returns) == read_metadata(whole)
    assert headers(with_returns).replace("\r\n", "\n") == headers(whole)


@settings(PROPERTY, max_examples=40)
@given(st.permutations(["numpy>=1", "keras<3", "six", "absl-py>=1.0"]))
def test_the_order_of_requirements_makes_no_difference(lines):
    assert required(*lines) == ("absl-py>=1.0", "keras<3", "numpy>=1", "six")


@settings(PROPERTY, max_examples=40)
@given(requirements, st.sampled_from(["and-cuda", "gcs", "tf-2"]), st.booleans())
def test_a_requirement_of_an_extra_stands_under_it(one, extra, stated):
    lines = [f"Requires-Dist: {in_brackets(*one)} ; extra == '{extra}'"]
    lines += [f"Provides-Extra: {extra}"] if stated else []
    metadata = read_metadata(text(*lines))
    assert metadata.requires == ()
    assert metadata.extras == (Extra(extra, required(bare(*one))),)


def test_names_are_spelled_in_one_way():
    assert required("Absl_Py>=1", "TensorFlow.IO") == ("absl-py>=1", "tensorflow-io")


def test_the_description_is_no_header():
    described = text("Requires-Dist: numpy") + "\nRequires-Dist: keras\n\nVersion: 9\n"
    assert read_metadata(described).requires == ("numpy",)
    assert headers(described) == text("Requires-Dist: numpy")


@settings(PROPERTY, max_examples=100)
@given(st.text())
def test_headers_are_the_start_of_the_text_and_have_no_blank_line_before_their_end(whole):
    start = headers(whole)
    assert whole.startswith(start)
    assert "\n\n" not in start
    assert headers(start) == start


@pytest.mark.parametrize("line", ["", ">=1", "numpy >=", "numpy[", "a b c", "numpy; extra", "-x"])
def test_a_requirement_that_is_none_is_quoted(line):
    with pytest.raises(UnreadableText) as unreadable:
        required(line)
    assert str(unreadable.value) == f"METADATA has a requirement that is none: {line!r}"


@pytest.mark.parametrize(
    "whole", ["", "\n", "Name: x\n", "Version: 1\n", "<html></html>", "\0" * 99]
)
def test_a_text_without_name_and_version_is_unreadable(whole):
    with pytest.raises(UnreadableText, match="names no distribution and version"):
        read_metadata(whole)


def test_a_text_that_is_too_long_is_unreadable():
    with pytest.raises(UnreadableText, match=f"more than {MAX_TEXT} characters"):
        read_metadata(text() + "x" * MAX_TEXT)


def only_unreadable(whole: str) -> None:
    """Read a text, or see it refused in one line."""
    try:
        read_metadata(whole)
    except UnreadableText as unreadable:
        lines = str(unreadable).splitlines()
    else:
        lines = ["METADATA was read"]
    assert len(lines) == 1
    assert lines[0].startswith("METADATA ")


@settings(PROPERTY, max_examples=100)
@given(st.text())
def test_arbitrary_text_raises_only_unreadable_text(whole):
    only_unreadable(whole)


FIELDS = ["Requires-Dist", "Requires-Python", "Provides-Extra", "Keywords", "Project-URL", "Name"]
FIELDS += ["Author", "Description", "License-File", "Dynamic", "Classifier", "\u00e9", " folded"]
values = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["numpy", "numpy; extra == 'x'", "numpy; os_name ~= 'x'", "a@http://127.0.0.1"]
    ),
)


@settings(PROPERTY, max_examples=150)
@given(st.lists(st.tuples(st.sampled_from(FIELDS), values), max_size=6))
def test_arbitrary_headers_raise_only_unreadable_text(fields):
    only_unreadable(text(*(f"{name}: {value}" for name, value in fields)))


SHIM = "tensorflow-intel==2.15.0"


@pytest.mark.parametrize(
    ("requirement", "platform", "shim"),
    [
        (SHIM, "windows-x86_64", SHIM),
        (f"{SHIM} ; platform_system == 'Windows'", "windows-x86_64", SHIM),
        (f"{SHIM} ; platform_system == 'Windows'", "linux-x86_64", None),
        (f"{SHIM} ; sys_platform == 'win32'", "windows-x86_64", SHIM),
        (f"{SHIM} ; platform_machine == 'arm64'", "macos-arm64", SHIM),
        (f"{SHIM} ; platform_machine == 'aarch64'", "linux-aarch64", SHIM),
        (f"{SHIM} ; python_version < '3.10'", "linux-x86_64", None),
        (f"{SHIM} ; python_version >= '3.10'", "linux-x86_64", SHIM),
        (f"{SHIM} ; extra == 'cpu'", "linux-x86_64", None),
        ("tensorflow-intel>=2.15.0", "windows-x86_64", None),
        ("numpy==1.0", "windows-x86_64", None),
    ],
)
def test_a_wheel_without_build_info_that_requires_another_is_a_shim(requirement, platform, shim):
    metadata = text(f"Requires-Dist: {requirement}")
    wheel = WheelText(
        file="tensorflow-2.15.0-x.whl", sha256="0" * 64, read="2026-01-02", metadata=metadata
    )
    assert says(wheel, "tensorflow", platform, "3.11").shim == shim


def test_a_wheel_with_build_info_is_no_shim():
    metadata = text(f"Requires-Dist: {SHIM}")
    wheel = WheelText(
        file="tensorflow-2.15.0-x.whl",
        sha256="0" * 64,
        read="2026-01-02",
        metadata=metadata,
        build_info="",
    )
    assert says(wheel, "tensorflow", "windows-x86_64", "3.11").shim is None


def test_a_plug_in_is_no_shim_of_what_it_plugs_into():
    metadata = text("Requires-Dist: tensorflow==2.15.0")
    wheel = WheelText(
        file="tensorflow_metal-1.0-x.whl", sha256="0" * 64, read="2026-01-02", metadata=metadata
    )
    said = says(wheel, "tensorflow-metal", "macos-arm64", "3.11")
    assert (said.shim, said.requires) == (None, ("tensorflow==2.15.0",))


@settings(PROPERTY, max_examples=100)
@given(
    st.sampled_from(["platform_system", "python_version", "platform_machine", "os_name", "extra"]),
    st.sampled_from(["==", "~=", "<", ">=", "in", "not in", "===", "!="]),
    st.sampled_from(["Linux", "3.9", "", "x y"]),
)
def test_any_marker_of_a_shim_raises_only_unreadable_text(variable, operator, value):
    metadata = text(f"Requires-Dist: {SHIM} ; {variable} {operator} '{value}'")
    wheel = WheelText(
        file="tensorflow-2.15.0-x.whl", sha256="0" * 64, read="2026-01-02", metadata=metadata
    )
    try:
        shim = says(wheel, "tensorflow", "linux-x86_64", "3.11").shim
    except UnreadableText:
        shim = None
    assert shim in (None, SHIM)
