"""What a wheel requires that is a nightly itself, and whose files that writes over."""

from kb.base.model import WheelFacts
from kb.base.record import Record

# The wheel of each nightly holds the folder of the project beside it: `keras/` is what is in
# index:keras-nightly/keras_nightly-3.16.0.dev2026102704-py3-none-any.whl, and so on.
_WRITES_OVER = {
    "keras-nightly": "keras",
    "tb-nightly": "tensorboard",
    "tf-estimator-nightly": "tensorflow-estimator",
    "tf-keras-nightly": "tf-keras",
}


class NightlyBeside(Record):
    """A nightly that a wheel requires, and the project into whose folder it installs."""

    name: str
    over: str


def nightlies_beside(says: WheelFacts) -> tuple[NightlyBeside, ...]:
    """Return the nightlies of other projects that a wheel requires."""
    return tuple(
        NightlyBeside(name=requirement.name, over=_WRITES_OVER[requirement.name])
        for requirement in says.requires
        if requirement.name in _WRITES_OVER
    )


def written_over(name: str) -> str | None:
    """Return the project into whose folder a nightly installs, None for what is none."""
    return _WRITES_OVER.get(name)
