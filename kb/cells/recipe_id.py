"""The id of a recipe: a hash of its steps and checks."""

import sys

# hashlib loads OpenSSL first, which costs a look-up 3 ms; this module is named _sha2 from 3.12 on
try:
    if sys.version_info >= (3, 12):
        from _sha2 import sha256
    else:
        from _sha256 import sha256
except ImportError:
    from hashlib import sha256

from kb.cells.checks import Check
from kb.cells.recipes import Recipe, Step


def recipe_id(recipe: Recipe) -> str:
    """Return the id of a recipe: 16 hexadecimal digits, the same for the same steps and checks.

    Fields at their default do not count, so that a new field changes no old recipe.
    """
    content = [_content(step) for step in recipe.steps] + [
        _content(check) for check in recipe.checks
    ]
    return str(sha256(repr(content).encode()).hexdigest()[:16])


def _content(record: Step | Check) -> list[tuple[str, object]]:
    defaults = record._field_defaults
    return sorted(
        (name, value) for name, value in record._asdict().items() if value != defaults.get(name)
    )
