"""What a wheel requires that is a nightly itself, and whose files that writes over."""

from kb.base.model import WheelFacts
from kb.base.record import Record

# Each nightly, and the project into whose folder it installs, as the lists of files say in
# index:keras-nightly/keras_nightly-3.16.0.dev2026102704-py3-none-any.whl,
# index:tb-nightly/tb_nightly-2.21.0a20251023-py3-none-any.whl,
# index:tf-estimator-nightly/tf_estimator_nightly-2.16.0.dev2024012409-py2.py3-none-any.whl and
# index:tf-keras-nightly/tf_keras_nightly-2.23.0.dev2026102618-py3-none-any.whl.
WRITES_OVER = {
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
        NightlyBeside(name=requirement.name, over=WRITES_OVER[requirement.name])
        for requirement in says.requires
        if requirement.name in WRITES_OVER
    )
