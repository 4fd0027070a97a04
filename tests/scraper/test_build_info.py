"""build_info.py in every shape that wheels have, read back the same, and never run."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.base.model import Capabilities
from kb.facts.wheel_text import MAX_TEXT, BuildInfo, UnreadableText, read_build_info

PROPERTY = settings(deadline=None, derandomize=True)

plain_versions = st.lists(st.integers(0, 99), min_size=1, max_size=3).map(
    lambda numbers: ".".join(map(str, numbers))
)
capability_names = st.builds(
    "{}_{}{}".format, st.sampled_from(["sm", "compute"]), st.integers(3, 12), st.integers(0, 9)
)
facts = st.fixed_dictionaries(
    {},
    optional={
        "is_cuda_build": st.booleans(),
        "is_rocm_build": st.booleans(),
        "cuda_version": plain_versions,
        "cudnn_version": plain_versions,
        "cuda_compute_capabilities": st.lists(capability_names, max_size=5),
        "cpu_compiler": st.text(st.characters(codec="utf-8"), max_size=20),
        "msvcp_dll_names": st.just("msvcp140.dll,msvcp140_1.dll"),
        "nvcuda_dll_name": st.none(),
    },
)


def meant(stated) -> BuildInfo:
    """Return what facts mean, worked out apart from the code under test."""
    capabilities = None
    if "cuda_compute_capabilities" in stated:
        numbers = [
            (name.split("_")[0], name.split("_")[1]) for name in stated["cuda_compute_capabilities"]
        ]
        dotted = [(kind, f"{number[:-1]}.{number[-1]}") for kind, number in numbers]
        capabilities = Capabilities(
            tuple(number for _, number in dotted),
            tuple(number for kind, number in dotted if kind == "compute"),
        )
    return BuildInfo(
        cuda_build=stated.get("is_cuda_build"),
        rocm_build=stated.get("is_rocm_build"),
        cuda=stated.get("cuda_version"),
        cudnn=stated.get("cudnn_version"),
        compute_capabilities=capabilities,
    )


def as_assignments(stated) -> str:
    return "".join(f"{name} = {value!r}\n" for name, value in stated.items())


def as_old_assignments(stated) -> str:
    renamed = {"cuda_version": "cuda_version_number", "cudnn_version": "cudnn_version_number"}
    return as_assignments({renamed.get(name, name): value for name, value in stated.items()})


def as_mapping(stated) -> str:
    return f"build_info = {stated!r}\n"


def as_ordered_dict(stated) -> str:
    return (
        "# coding=utf-8\n# Generated\n\nimport collections\n\n"
        f"build_info = collections.OrderedDict({list(stated.items())!r})\n"
    )


def as_bare_ordered_dict(stated) -> str:
    pairs = list(stated.items())
    return f"from collections import OrderedDict\nbuild_info = OrderedDict({pairs!r})\n"


SHAPES = [as_assignments, as_old_assignments, as_mapping, as_ordered_dict, as_bare_ordered_dict]


@pytest.mark.parametrize("shape", SHAPES)
def test_facts_are_read_back_from_every_shape(shape):
    @settings(PROPERTY, max_examples=40)
    @given(facts)
    def read_back(stated):
        assert read_build_info(shape(stated)) == meant(stated)

    read_back()


@settings(PROPERTY, max_examples=40)
@given(facts)
def test_carriage_returns_make_no_difference(stated):
    text = as_ordered_dict(stated)
    assert read_build_info(text.replace("\n", "\r\n")) == read_build_info(text)


@settings(PROPERTY, max_examples=40)
@given(st.integers(8, 13), st.integers(0, 9), st.integers(5, 9))
def test_windows_spellings_are_the_versions_that_they_spell(major, minor, cudnn):
    stated = {"cuda_version": f"64_{major}{minor}", "cudnn_version": f"64_{cudnn}"}
    for shape in SHAPES:
        info = read_build_info(shape(stated))
        assert (info.cuda, info.cudnn) == (f"{major}.{minor}", str(cudnn))


@pytest.mark.parametrize(
    ("text", "info"),
    [
        ("", BuildInfo()),
        ("# nothing\n", BuildInfo()),
        ("is_cuda_build = False\n", BuildInfo(cuda_build=False)),
        ("cuda_version_number = ''\ncudnn_version_number = ''\n", BuildInfo()),
        ("build_info = {'cuda_version': '', 'is_cuda_build': True}", BuildInfo(cuda_build=True)),
        ("cuda_version_number = '10.0'\n", BuildInfo(cuda="10.0")),
        ("build_info = {'cuda_version': '64_112'}", BuildInfo(cuda="11.2")),
        ("build_info = {'cuda_version': '64_100'}", BuildInfo(cuda="10.0")),
        ("build_info = {'cudnn_version': '64_8'}", BuildInfo(cudnn="8")),
        ("build_info = {'is_rocm_build': True}", BuildInfo(rocm_build=True)),
        (
            "build_info = {'cuda_compute_capabilities': ['sm_90a', 'compute_120f']}",
            BuildInfo(compute_capabilities=Capabilities(("9.0", "12.0"), ("12.0",))),
        ),
        (
            "build_info = {'cuda_compute_capabilities': []}",
            BuildInfo(compute_capabilities=Capabilities((), ())),
        ),
        (
            "def f(x):\n  return x\n\nclass A: pass\nis_cuda_build = True",
            BuildInfo(cuda_build=True),
        ),
    ],
)
def test_what_a_text_leaves_out_is_not_filled_in(text, info):
    assert read_build_info(text) == info


def test_code_in_the_text_is_never_run(tmp_path):
    mark = tmp_path / "mark"
    code = f"open({str(mark)!r}, 'w')"
    for text in (
        code,
        f"if True:\n    x = {code}",
        f"def f(x={code}): pass",
        f"@{code}\nclass A: pass",
    ):
        assert read_build_info(text) == BuildInfo()
    for text in (f"cuda_version = {code}", f"build_info = OrderedDict({code})", f"x = [{code}]"):
        with pytest.raises(UnreadableText, match="not literal at line 1"):
            read_build_info(text)
    assert not mark.exists()


@pytest.mark.parametrize(
    "text",
    [
        f"cuda_version = 0x{'f' * 5000}",
        f"cuda_compute_capabilities = [0x{'f' * 5000}]",
        f"cudnn_version = [0x{'f' * 5000}]",
    ],
    ids=["version", "capability", "list"],
)
def test_an_endless_number_is_unreadable_and_nothing_worse(text):
    with pytest.raises(UnreadableText):
        read_build_info(text)


def test_a_text_that_is_too_long_is_unreadable():
    with pytest.raises(UnreadableText, match=f"more than {MAX_TEXT} characters"):
        read_build_info("#" * (MAX_TEXT + 1))


def only_unreadable(text: str) -> None:
    """Read a text, or see it refused in one line."""
    try:
        read_build_info(text)
    except UnreadableText as unreadable:
        lines = str(unreadable).splitlines()
    else:
        lines = ["build_info.py was read"]
    assert len(lines) == 1
    assert lines[0].startswith("build_info.py")


@settings(PROPERTY, max_examples=100)
@given(st.text())
def test_arbitrary_text_raises_only_unreadable_text(text):
    only_unreadable(text)


literals = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=8),
        st.binary(max_size=4),
        st.sampled_from(["sm_50", "12.2", "64_112", "compute_80"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.tuples(inner, inner),
        st.dictionaries(st.text(max_size=4), inner, max_size=3),
    ),
    max_leaves=6,
)
NAMES = [
    "is_cuda_build",
    "is_rocm_build",
    "cuda_version",
    "cuda_version_number",
    "cudnn_version",
    "cuda_compute_capabilities",
    "build_info",
]


@settings(PROPERTY, max_examples=100)
@given(st.dictionaries(st.sampled_from(NAMES), literals, max_size=4))
def test_facts_of_any_kind_raise_only_unreadable_text(stated):
    for shape in SHAPES:
        only_unreadable(shape(stated))


PIECES = ["build_info", "=", "{", "}", "[", "]", "(", ")", "'cuda_version'", ":", ",", "'12.2'"]
PIECES += [
    "\n",
    " ",
    "\0",
    "lambda",
    "OrderedDict",
    "collections.",
    "\\",
    '"""',
    "f'{1}'",
    "1is",
    "*",
]


@settings(PROPERTY, max_examples=150)
@given(st.lists(st.sampled_from(PIECES), max_size=15).map("".join))
def test_arbitrary_tokens_raise_only_unreadable_text(text):
    only_unreadable(text)
