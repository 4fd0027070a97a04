from textwrap import wrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.terminal.layout import wrapped

WORDS = st.lists(st.text("ab-,é/", min_size=0, max_size=14), max_size=14)


@given(WORDS, st.integers(10, 40), st.sampled_from((0, 2, 4)), st.booleans())
def test_texts_are_wrapped_as_the_standard_library_wraps_them(words, width, hanging, torn):
    text = " ".join(words)
    expected = wrap(
        text,
        width,
        subsequent_indent=" " * hanging,
        break_long_words=torn,
        break_on_hyphens=False,
    )
    assert wrapped(text, width, hanging, torn) == expected


@pytest.mark.parametrize("text", ["", "a\nb", "a\u00a0b c", "  a b", "a  b"])
def test_spaces_of_any_kind_are_kept_or_taken_as_there(text):
    assert wrapped(text, 10) == wrap(text, 10, break_on_hyphens=False)
