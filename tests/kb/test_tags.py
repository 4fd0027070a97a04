from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import parse_wheel_filename

from kb.base.model import Platform
from kb.base.versions import key
from kb.facts import tags
from kb.facts.tags import InvalidWheelName

names = st.sampled_from(["tensorflow", "tensorflow_gpu", "tf_nightly", "Tensorflow.Metal"])
releases = st.sampled_from(["2.15.0", "1.0.0", "2.15.0.post1", "2.23.0.dev20260101", "2.1.0rc2"])
build_numbers = st.sampled_from(["", "-1", "-2local"])
interpreters = st.sampled_from(
    ["cp27", "cp36", "cp39", "cp310", "cp313", "py2", "py3", "py2.py3", "cp310.cp39", "py37"]
)
abis = st.sampled_from(["none", "cp27mu", "abi3", "cp39"])
_OLD_GLIBC = {"1": "2.5", "2010": "2.12", "2014": "2.17"}


def _linux(machine):
    new = st.tuples(st.just(2), st.integers(5, 40)).map(
        lambda g: (f"manylinux_{g[0]}_{g[1]}_{machine}", f"{g[0]}.{g[1]}")
    )
    old = st.sampled_from(sorted(_OLD_GLIBC)).map(
        lambda year: (f"manylinux{year}_{machine}", _OLD_GLIBC[year])
    )
    return st.one_of(new, old, st.just((f"linux_{machine}", None)))


def _macos(machine):
    return st.tuples(st.integers(10, 15), st.integers(0, 16)).map(
        lambda v: (f"macosx_{v[0]}_{v[1]}_{machine}", f"{v[0]}.{v[1]}")
    )


def _of(platform, tag):
    return st.tuples(st.just(platform), st.lists(tag, min_size=1, max_size=3))


platforms = st.one_of(
    _of("linux-x86_64", _linux("x86_64")),
    _of("linux-aarch64", _linux("aarch64")),
    _of("windows-x86_64", st.just(("win_amd64", None))),
    _of("macos-x86_64", _macos("x86_64")),
    _of("macos-x86_64", _macos("intel")),
    _of("macos-arm64", _macos("arm64")),
)


@given(names, releases, build_numbers, interpreters, abis, platforms)
def test_a_name_is_read_as_packaging_reads_it(name, release, number, interpreter, abi, platform):
    expected_platform, chosen = platform
    last = ".".join(tag for tag, _ in chosen)
    file = f"{name}-{release}{number}-{interpreter}-{abi}-{last}.whl"

    read = tags.read(file)

    _, _, _, packaging_tags = parse_wheel_filename(file)
    in_short = {f"{python[0]}{python[2:]}" for python in read.python}
    assert in_short == {tag.interpreter[2:] for tag in packaging_tags}
    assert list(read.python) == sorted(read.python, key=key)
    assert read.platform == expected_platform
    assert {tag for tag, _ in chosen} == {tag.platform for tag in packaging_tags}
    demands = [demand for _, demand in chosen if demand is not None]
    least = min(demands, key=key) if demands else None
    on_linux = expected_platform.startswith("linux")
    assert (read.glibc, read.macos) == ((least, None) if on_linux else (None, least))


@pytest.mark.parametrize(
    "file",
    [
        "tensorflow-2.15.0.tar.gz",
        "tensorflow-2.15.0-cp39.whl",
        "tensorflow-2.15.0-1-cp39-cp39-extra-win_amd64.whl",
        "tensorflow-2.15.0-cp39-cp39-win32.whl",
        "tensorflow-2.15.0-cp39-cp39-musllinux_1_1_x86_64.whl",
        "tensorflow-2.15.0-cp39-cp39-linux_riscv64.whl",
        "tensorflow-2.15.0-pp39-cp39-win_amd64.whl",
        "tensorflow-2.15.0-cp-cp39-win_amd64.whl",
        "tensorflow-2.15.0-py3-none-any.whl",
        "tensorflow-2.15.0-cp39-cp39-.whl",
        "",
        ".whl",
    ],
)
def test_an_unknown_name_is_refused_and_quoted(file):
    with pytest.raises(InvalidWheelName) as caught:
        tags.read(file)
    assert repr(file) in str(caught.value)


def test_a_wheel_for_two_platforms_is_refused():
    with pytest.raises(InvalidWheelName, match="2 platforms"):
        tags.read("tensorflow-2.15.0-cp39-cp39-win_amd64.macosx_11_0_arm64.whl")


@given(
    st.lists(
        st.one_of(
            st.text(max_size=6), interpreters, st.sampled_from(["win_amd64", "linux_x86_64"])
        ),
        max_size=6,
    ).map(lambda parts: "-".join(parts) + ".whl")
)
def test_any_name_is_read_or_refused(file):
    try:
        read = tags.read(file)
    except InvalidWheelName:
        return
    assert read.platform in get_args(Platform)
    assert read.python


def test_a_tag_of_thousands_of_digits_is_refused_like_other_nonsense():
    with pytest.raises(InvalidWheelName):
        tags.read(f"tensorflow-2.15.0-cp3{'9' * 5000}-none-win_amd64.whl")
