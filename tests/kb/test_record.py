import copy
import pickle
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.base.record import Record


class Tupled(NamedTuple):
    first: Any
    second: Any = 2
    third: Any = ()


class Recorded(Record):
    first: Any
    second: Any = 2
    third: Any = ()


class Bare(Record):
    pass


class Alone(Record):
    only: Any


values = st.one_of(st.integers(), st.text(max_size=3), st.none(), st.tuples(st.integers()))
positional = st.lists(values, max_size=4)
named = st.dictionaries(st.sampled_from(["first", "second", "third", "fourth"]), values, max_size=3)


def _made(kind, arguments, keywords):
    try:
        return tuple(kind(*arguments, **keywords))
    except TypeError:
        return TypeError


@given(positional, named)
def test_a_record_is_made_or_refused_as_a_named_tuple_is(arguments, keywords):
    assert _made(Recorded, arguments, keywords) == _made(Tupled, arguments, keywords)


@given(values, values)
def test_a_record_is_the_tuple_of_its_fields(first, second):
    record, tupled = Recorded(first, second), Tupled(first, second)
    assert record == tupled == (first, second, ())
    assert hash(record) == hash(tupled)
    assert (record.first, record.second, record.third) == (first, second, ())
    assert record._asdict() == tupled._asdict()
    assert repr(record) == repr(tupled).replace("Tupled", "Recorded")


def test_fields_and_defaults_are_told_as_a_named_tuple_tells_them():
    assert Recorded._fields == Tupled._fields
    assert Recorded._field_defaults == Tupled._field_defaults
    assert Bare._fields == ()
    assert Bare() == ()


@given(values, st.dictionaries(st.sampled_from(["first", "second", "third"]), values))
def test_replacing_fields_gives_a_new_record(first, changes):
    record = Recorded(first)
    replaced = record._replace(**changes)
    assert replaced == Tupled(first)._replace(**changes)
    assert type(replaced) is Recorded
    assert record == (first, 2, ())


def test_an_unknown_field_cannot_be_replaced():
    with pytest.raises(TypeError, match="Recorded takes the fields first, second, third"):
        Recorded(1)._replace(fourth=1)
    with pytest.raises((TypeError, ValueError)):
        Tupled(1)._replace(fourth=1)


@pytest.mark.parametrize(
    ("arguments", "keywords"),
    [((), {}), ((1, 2, 3, 4), {}), ((1,), {"first": 1}), ((1,), {"fourth": 1})],
)
def test_an_error_names_the_fields_that_there_are(arguments, keywords):
    with pytest.raises(TypeError, match="Recorded takes the fields first, second, third"):
        Recorded(*arguments, **keywords)


@pytest.mark.parametrize("kind", [Recorded, Tupled])
@pytest.mark.parametrize("name", ["first", "second", "fourth"])
def test_nothing_can_be_set_or_deleted(kind, name):
    record = kind(1)
    with pytest.raises(AttributeError):
        setattr(record, name, 3)
    with pytest.raises(AttributeError):
        delattr(record, name)
    with pytest.raises(TypeError):
        record[0] = 3
    assert record == (1, 2, ())


@pytest.mark.parametrize("record", [Recorded(1, 2, (3,)), Alone("text"), Bare()])
def test_a_copy_equals_its_original(record):
    for copied in (copy.copy(record), copy.deepcopy(record), pickle.loads(pickle.dumps(record))):
        assert copied == record
        assert type(copied) is type(record)
