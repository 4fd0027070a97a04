import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from kb.base import versions
from kb.base.versions import InvalidVersion
from kb.facts import official
from tests.kb import small_base

numbers = st.integers(0, 12)
releases = st.lists(numbers, min_size=1, max_size=4).map(lambda parts: ".".join(map(str, parts)))


def _suffix(template):
    return st.one_of(st.just(""), numbers.map(template.format))


pre_releases = st.one_of(_suffix("a{}"), _suffix("b{}"), _suffix("rc{}"))
version_texts = st.tuples(releases, pre_releases, _suffix(".post{}"), _suffix(".dev{}")).map(
    "".join
)
minor_versions = st.tuples(st.integers(2, 3), st.integers(0, 20)).map("{0[0]}.{0[1]}".format)


@given(version_texts, version_texts)
def test_the_order_is_that_of_pep_440(one, other):
    by_key = (versions.key(one) < versions.key(other), versions.key(one) > versions.key(other))
    assert by_key == (Version(one) < Version(other), Version(one) > Version(other))


@given(version_texts, version_texts)
def test_keys_are_equal_where_pep_440_finds_the_versions_equal(one, other):
    assert (versions.key(one) == versions.key(other)) is (Version(one) == Version(other))


@given(version_texts, st.integers(1, 3))
def test_zeros_at_the_end_change_nothing(text, zeros):
    match = Version(text)
    longer = ".".join(map(str, match.release + (0,) * zeros)) + text[len(match.base_version) :]
    assert versions.key(longer) == versions.key(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2.x",
        "2.",
        ".2",
        "2..1",
        "v2",
        "1!2.0",
        "2.0+cu12",
        "2.0rc",
        " 2.0",
        "2.0\n",
        "\u0662.0",
    ],
)
def test_what_is_no_version_here_is_refused(text):
    with pytest.raises(InvalidVersion, match="is not a version"):
        versions.key(text)


@given(st.text(max_size=20))
def test_any_text_is_a_version_or_is_refused(text):
    try:
        versions.key(text)
    except InvalidVersion:
        assert not text.isascii() or not text.isdigit()


def test_a_number_of_thousands_of_digits_is_refused_like_other_nonsense():
    with pytest.raises(InvalidVersion):
        versions.key("9" * 5000)


@pytest.mark.parametrize(
    ("release", "series"),
    [("2.15.1", "2.15"), ("2.10.0", "2.10"), ("2.15.0.post1", "2.15"), ("2.9", "2.9")],
)
def test_a_release_names_its_series(release, series):
    assert versions.series(release) == series


@pytest.mark.parametrize("text", ["2", "2rc1", "latest", ""])
def test_what_has_no_minor_version_has_no_series(text):
    with pytest.raises(InvalidVersion):
        versions.series(text)


@given(version_texts, version_texts)
def test_agreement_is_mutual(one, other):
    assert versions.agree(one, other) is versions.agree(other, one)


@given(releases, releases)
def test_a_version_agrees_with_what_only_says_more(start, rest):
    assert versions.agree(start, f"{start}.{rest}")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("9", "9.0", True),
        ("12.5", "12.5.1", True),
        ("12.2", "12.3", False),
        ("1", "10", False),
        ("12.5.1", "12.4", False),
    ],
)
def test_versions_agree_when_one_is_the_start_of_the_other(one, other, expected):
    assert versions.agree(one, other) is expected


@given(st.lists(minor_versions, min_size=1, max_size=12))
def test_pythons_written_in_short_expand_to_the_same_pythons(pythons):
    row = small_base.row("linux-cpu", "tensorflow-2.0.0", versions.spans(pythons))
    assert official.pythons(row) == tuple(sorted(set(pythons), key=versions.key))


@pytest.mark.parametrize(
    ("pythons", "expected"),
    [
        (["3.7", "2.7", "3.6", "3.5"], "2.7, 3.5-3.7"),
        (["3.9", "3.10", "3.11"], "3.9-3.11"),
        (["3.8"], "3.8"),
        (["3.8", "3.10"], "3.8, 3.10"),
        (["3"], "3"),
        ([], ""),
    ],
)
def test_runs_of_pythons_are_written_in_short(pythons, expected):
    assert versions.spans(pythons) == expected


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("2.21.0", "release"),
        ("2.15.0.post1", "release"),
        ("2.22.0rc0", "candidate"),
        ("2.0.0a0", "candidate"),
        ("2.0.0b1", "candidate"),
        ("2.23.0.dev20261026", "nightly"),
        ("2.22.0rc1.dev3", "nightly"),
        ("2.15.0.post1.dev2", "nightly"),
    ],
)
def test_a_release_a_candidate_and_a_nightly_are_told_apart(version, expected):
    assert versions.kind(version) == expected
    assert versions.is_final(version) == (expected == "release")


@given(version_texts)
def test_what_counts_as_a_release_is_what_packaging_calls_no_pre_release(version):
    assert versions.is_final(version) != Version(version).is_prerelease
