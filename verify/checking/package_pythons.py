"""Which Pythons the releases of packages are for, of those that TensorFlow brings along."""

from packaging.version import Version

from kb.base.model import Python
from kb.base.versions import key

# From which release on the index's Requires-Python asks for at least which Python; read on
# 2026-11-26. Before the first row it is 2.7.
_LEAST: dict[str, tuple[tuple[str, Python], ...]] = {
    "numpy": (
        ("1.17.0", "3.5"),
        ("1.19.0", "3.6"),
        ("1.20.0", "3.7"),
        ("1.22.0", "3.8"),
        ("1.25.0", "3.9"),
        ("2.1.0", "3.10"),
        ("2.3.0", "3.11"),
        ("2.5.0", "3.12"),
    ),
    "h5py": (
        ("3.0.0", "3.6"),
        ("3.2.0", "3.7"),
        ("3.9.0", "3.8"),
        ("3.12.0", "3.9"),
        ("3.15.0", "3.10"),
    ),
    "protobuf": (
        ("3.18.1", "3.5"),
        ("3.20.0", "3.7"),
        ("4.21.0", "2.7"),
        ("4.21.1", "3.7"),
        ("4.25.0", "3.8"),
        ("6.30.0", "3.9"),
        ("7.34.0", "3.10"),
    ),
    "keras": (
        ("2.11.0", "3.7"),
        ("2.12.0", "3.8"),
        ("2.14.0", "3.9"),
        ("2.15.0", "3.8"),
        ("3.0.0", "3.9"),
        ("3.11.0", "3.10"),
        ("3.13.0", "3.11"),
    ),
    "tensorboard": (
        ("2.6.0", "3.6"),
        ("2.11.0", "3.7"),
        ("2.12.0", "3.8"),
        ("2.14.1", "3.9"),
    ),
    "grpcio": (
        ("1.42.0", "3.6"),
        ("1.49.0", "3.7"),
        ("1.63.0", "3.8"),
        ("1.71.0", "3.9"),
        ("1.81.0", "3.10"),
    ),
    "ml-dtypes": (
        ("0.0.1", "3.7"),
        ("0.3.0", "3.9"),
        ("0.6.0", "3.10"),
    ),
    "absl-py": (
        ("1.0.0", "3.6"),
        ("2.0.0", "3.7"),
        ("2.2.0", "3.8"),
        ("2.4.0", "3.10"),
    ),
    "scipy": (
        ("1.3.0", "3.5"),
        ("1.5.0", "3.6"),
        ("1.6.0", "3.7"),
        ("1.8.0", "3.8"),
        ("1.11.0", "3.9"),
        ("1.14.0", "3.10"),
        ("1.16.0", "3.11"),
        ("1.18.0", "3.12"),
    ),
    "setuptools": (
        ("45.0.0", "3.5"),
        ("51.0.0", "3.6"),
        ("59.7.0", "3.7"),
        ("68.1.0", "3.8"),
        ("75.4.0", "3.9"),
        ("83.0.0", "3.10"),
    ),
    "pip": (
        ("21.0", "3.6"),
        ("22.0", "3.7"),
        ("24.1", "3.8"),
        ("25.1", "3.9"),
        ("26.1", "3.10"),
    ),
    "markdown": (
        ("3.2", "3.5"),
        ("3.3", "3.6"),
        ("3.4", "3.7"),
        ("3.5", "3.8"),
        ("3.8", "3.9"),
        ("3.10", "3.10"),
        ("3.11", "3.11"),
    ),
    "werkzeug": (
        ("2.0.0", "3.6"),
        ("2.1.0", "3.7"),
        ("2.3.0", "3.8"),
        ("3.1.0", "3.9"),
    ),
}


def least_python(name: str, version: str) -> Python | None:
    """Return the least Python that a release of a package is for; None where it is not known.

    `name` is canonical. Raises packaging.version.InvalidVersion.
    """
    rows = _LEAST.get(name)
    if rows is None:
        return None
    asked: Python = "2.7"
    for first, least in rows:
        if Version(version) >= Version(first):
            asked = least
    return asked


def is_for(name: str, version: str, python: Python) -> bool:
    """Tell whether a release of a package is for a Python, as far as it is known."""
    least = least_python(name, version)
    return least is None or key(python) >= key(least)
