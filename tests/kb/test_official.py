import pytest

from kb.facts import official
from kb.facts.official import InvalidRow
from tests.kb.small_base import row


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2.7, 3.3-3.6", ("2.7", "3.3", "3.4", "3.5", "3.6")),
        ("3.9-3.11", ("3.9", "3.10", "3.11")),
        ("3.7", ("3.7",)),
        ("3.7-3.7", ("3.7",)),
    ],
)
def test_the_pythons_of_a_row_are_listed_one_by_one(written, expected):
    assert official.pythons(row("linux-cpu", "tensorflow-2.0.0", written)) == expected


@pytest.mark.parametrize("written", ["3.6-3.3", "2.7-3.3", "3.1-3.100"])
def test_a_range_that_cannot_be_meant_is_refused(written):
    with pytest.raises(InvalidRow, match=rf"'{written}' is no range of Pythons"):
        official.pythons(row("linux-cpu", "tensorflow-2.0.0", written))


@pytest.mark.parametrize(
    ("table", "version", "expected"),
    [
        (
            "linux-cpu",
            "tensorflow-2.10.0",
            ("tensorflow", "2.10.0", ("linux-x86_64",), "cpu"),
        ),
        (
            "windows-gpu",
            "tensorflow_gpu-2.10.0",
            ("tensorflow-gpu", "2.10.0", ("windows-x86_64",), "cuda"),
        ),
        (
            "macos-gpu",
            "tensorflow_gpu-1.1.0",
            ("tensorflow-gpu", "1.1.0", ("macos-x86_64", "macos-arm64"), "cuda"),
        ),
    ],
)
def test_a_row_names_a_distribution_a_release_platforms_and_a_device(table, version, expected):
    one = row(table, version, "3.7")
    assert expected == (
        official.distribution(one),
        official.release(one),
        official.platforms(one),
        official.device(one),
    )
