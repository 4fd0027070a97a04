"""What is taken out of output before anyone else sees it, and that nothing of it is left."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.base.scrubbing import OUTPUT, Scrubber, leaks
from kb.runs.run_file import TAIL

TOKEN = "ghp_" + "a1B2" * 9

ROOT = "/" + "root"


def tail(output, names=None):
    return Scrubber(names or {}, OUTPUT).tail(output, TAIL)


CASES = {
    "an address": ("see https://example.com/a?b#c now", "see [address] now"),
    "an address with a password": ("git+ssh://me:pw@host/x.git", "[address]"),
    "an address in quotes": ("'http://h:80/x'", "'[address]'"),
    "a token": (f"clone with {TOKEN}.", "clone with [token]."),
    "a token of the index": ("pypi-AgEIcHlwaS5vcmcCJGE", "[token]"),
    "a key": ("AKIA0123456789ABCDEF", "[token]"),
    "a JSON web token": ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", "[token]"),
    "a password by its name": ("PASSWORD=hunter2 next", "[token] next"),
    "a header": ("Authorization: abcdef012345", "[token]"),
    "a header with its scheme": ("Authorization: Bearer abcdef012345", "[token]"),
    "a basic header": ("authorization: Basic dXNlcjpwdw==", "[token]"),
    "a mail address": ("by me.too+x@mail.example.com.", "by [e-mail]."),
    "a home folder": ("in /home/someone/x.py", "in [home]/x.py"),
    "a home folder in other letters": ("in /home/j\u00f6rg/x", "in [home]/x"),
    "a home folder of a Mac": ("/Users/someone/x", "[home]/x"),
    "a home folder of Windows": (r"C:\Users\someone\x", r"[home]\x"),
    "root's home": (f"{ROOT}/.cache", "[home]/.cache"),
    "a token in a home folder": (f"/home//home/{TOKEN}", "/home//home/[token]"),
    "a network address with a port": ("to 10.0.0.1:8080 failed", "to [address] failed"),
    "a version is no address": ("numpy 1.26.4.1", "numpy 1.26.4.1"),
    "the host in TensorFlow's log": (
        "not running on this host (anna-x1): /proc/x, hostname: anna-x1",
        "not running on this host ([host]): /proc/x, hostname: [host]",
    ),
    "a folder on a disk that many share": (
        "in /scratch/annas/venv/lib, /mnt/disk/b and ./data/x",
        "in [path], [path] and ./data/x",
    ),
    "a token of an image registry": ("dckr_pat_" + "a1B2" * 6, "[token]"),
    "an access token of a cloud": ("ya29." + "a1B2" * 6 + " x", "[token] x"),
    "a place in a file is no address": ("x.py:12: error", "x.py:12: error"),
    "colours": ("\x1b[31;1mred\x1b[0m", "red"),
    "a bar that is drawn anew": ("10%\r20%\r", "10%\n20%"),
    "a tag": ("a <b>bold</b> <!-- x --> a<b 1<2", "a < b>bold< /b> < !-- x --> a< b 1<2"),
    "other letters and signs": ("\u2501\u2501 na\u00efve \x00", "?? na?ve ?"),
}


@pytest.mark.parametrize(("output", "expected"), CASES.values(), ids=CASES)
def test_what_is_private_or_unsafe_is_replaced(output, expected):
    assert tail(output) == expected


@pytest.mark.parametrize(
    ("private", "kind"),
    [
        ("ftp://x", "an address"),
        (TOKEN, "a token"),
        ("a@b.de", "an e-mail address"),
        ("/home/me", "a home path"),
        ("1.2.3.4:5", "a network address"),
    ],
)
def test_what_should_have_been_taken_out_is_found_by_name_and_not_repeated(private, kind):
    (found,) = leaks(f"before {private} after")
    assert found == f"{kind} ({private[:6]}...)"


def test_names_of_this_machine_are_replaced_the_longest_first_and_only_whole():
    names = {"/tmp/x": "[scratch]", "/tmp/x/cell-1": "[folder]", "tux": "[user]"}
    assert tail("-L/tmp/x/cell-1/a /tmp/x/b /tmp/xy tux tuxedo linux-tux", names) == (
        "-L[folder]/a [scratch]/b /tmp/xy [user] tuxedo linux-[user]"
    )


def test_the_end_of_what_is_long_is_kept():
    told = tail("x " * TAIL + "the end")
    assert told.endswith("the end")
    assert TAIL - 10 < len(told) <= TAIL


@pytest.mark.parametrize("one", ["x", ".", "a-", "x@", "/", "eyJ", "1.", "< ", "\n"])
def test_much_output_of_one_kind_is_quickly_scrubbed(one):
    begun = time.process_time()
    tail(one * (200_000 // len(one)))
    assert time.process_time() - begun < 5


def test_a_cut_makes_no_token_of_the_middle_of_a_word():
    word = "desk-" + "a" * 30
    assert list(leaks(word)) == []
    cut = tail("before " + word + " " * (TAIL - len(word) + len("de")))
    assert list(leaks(cut)) == []


PRIVATE = st.sampled_from(
    ["https://u:p@h/x", TOKEN, "token=", "password: ", "me@example.com", "/home/", "/root", "sk-",
     "/Users/", "C:\\Users\\", "10.0.0.1", ":80", "://", "@", "<", "<b", "[", "]", "eyJ", ".", "\r",
     "\x1b[0m", "\x1b[3", "\x0b", "\u00a0", "\u2003", "\u00e9", "/tmp/cell", "authorization: "]
)  # fmt: skip
TEXTS = st.lists(st.one_of(PRIVATE, st.text(max_size=30)), max_size=20).map("".join)


@given(TEXTS, st.integers(0, 3))
def test_whatever_was_printed_what_is_left_can_be_published(output, repeated):
    told = tail(output * (1 + 40 * repeated), {"/tmp/cell": "[folder]"})
    assert list(leaks(told)) == []
    assert len(told) <= TAIL
    assert all(one == "\n" or " " <= one <= "~" for one in told)
    assert "<b" not in told


@given(st.text(st.characters(codec="ascii", categories=["L", "N", "Zs"]), max_size=TAIL))
def test_plain_words_stay_as_they_are(output):
    assert tail(output) == output
