"""Tell what keeps the installed TensorFlow from running here: every rule, and the order of what
they find.
"""

from kb import (
    doctor_gpu_rules,
    doctor_library_rules,
    doctor_machine_rules,
    doctor_package_rules,
    doctor_setting_rules,
)
from kb.doctor_case import Case, Finding

_ORDER = ("error", "warning", "ok")
RULES = (
    *doctor_package_rules.RULES,
    *doctor_machine_rules.RULES,
    *doctor_gpu_rules.RULES,
    *doctor_library_rules.RULES,
    *doctor_setting_rules.RULES,
)


def findings(case: Case) -> tuple[Finding, ...]:
    """Return what the rules find, each once, the errors first."""
    found = dict.fromkeys(finding for rule in RULES for finding in rule(case))
    return in_order(tuple(found))


def in_order(found: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return findings with the errors first, and what is well last."""
    return tuple(sorted(found, key=lambda finding: _ORDER.index(finding.severity)))
