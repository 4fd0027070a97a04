"""Tell what keeps the installed TensorFlow from running here: every rule, and the order of what
they find.
"""

from kb.answers.ways_out import that_hold
from kb.base.findings import Finding
from kb.base.model import WayOut
from kb.doctor import driver_rules as doctor_driver_rules
from kb.doctor import gpu_rules as doctor_gpu_rules
from kb.doctor import library_rules as doctor_library_rules
from kb.doctor import machine_rules as doctor_machine_rules
from kb.doctor import maker_rules as doctor_maker_rules
from kb.doctor import package_rules as doctor_package_rules
from kb.doctor import setting_rules as doctor_setting_rules
from kb.doctor.case import Checkup
from kb.doctor.fitting import known_of

_ORDER = ("error", "warning", "ok")
_PIP = "pip "
# errors which say that the release does not serve the machine, whatever a run proved elsewhere
_AGAINST_RELEASE = frozenset({"problem", "toolkit", "gpu-code", "python", "glibc", "musl"})
RULES = (
    doctor_machine_rules.environment,
    *doctor_package_rules.RULES,
    *doctor_machine_rules.RULES,
    *doctor_gpu_rules.RULES,
    *doctor_maker_rules.RULES,
    *doctor_driver_rules.RULES,
    *doctor_library_rules.RULES,
    *doctor_setting_rules.RULES,
)


def findings(case: Checkup) -> tuple[Finding, ...]:
    """Return what the rules find, each once, the errors first."""
    found = dict.fromkeys(finding for rule in RULES for finding in rule(case))
    against = any(one.severity == "error" and one.rule in _AGAINST_RELEASE for one in found)
    kept = (one for one in found if not (against and _says_it_works(one)))
    return in_order(tuple(_for_machine(case, finding) for finding in kept))


def _says_it_works(finding: Finding) -> bool:
    return finding.rule == "standing" and finding.severity == "ok"


def _for_machine(case: Checkup, finding: Finding) -> Finding:
    """Return a finding with the ways out that are for the machine, and whose pip is that of the
    Python that is looked at.
    """
    ways = that_hold(finding.ways_out, known_of(case))
    return finding._replace(ways_out=tuple(_with_its_pip(case, way) for way in ways))


def _with_its_pip(case: Checkup, way: WayOut) -> WayOut:
    if way.command is None or not way.command.startswith(_PIP):
        return way
    return way._replace(command=f"{case.python()} -m {way.command}")


def in_order(found: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return findings with the errors first, and what is well last."""
    return tuple(sorted(found, key=lambda finding: _ORDER.index(finding.severity)))
