import pytest

from kb.claims import Source
from kb.standing import Evidence, Proof, Standing, standing

PAGE = Source("official:linux-gpu/tensorflow-2.15.0", "https://example.com", "2026-01-01")
WHEEL = Source("index:tensorflow/some.whl", None, "2026-02-02")
RESOLVER = Source("resolution", None, "2026-03-03")

CASES = {
    "nothing is known": (Evidence(), Standing(None, "unknown", None, ())),
    "the page lists it": (
        Evidence(documented=Proof(PAGE)),
        Standing("documented", "unknown", "2026-01-01", (PAGE,)),
    ),
    "a wheel says so": (
        Evidence(shipped=Proof(WHEEL)),
        Standing("shipped", "unknown", "2026-02-02", (WHEEL,)),
    ),
    "a wheel and the page say so": (
        Evidence(documented=Proof(PAGE), shipped=Proof(WHEEL)),
        Standing("shipped", "unknown", "2026-02-02", (WHEEL, PAGE)),
    ),
    "a resolver finds all it needs": (
        Evidence(resolved=Proof(RESOLVER)),
        Standing("resolves", "unknown", "2026-03-03", (RESOLVER,)),
    ),
    "everything speaks for it": (
        Evidence(documented=Proof(PAGE), shipped=Proof(WHEEL), resolved=Proof(RESOLVER)),
        Standing("resolves", "unknown", "2026-03-03", (RESOLVER, WHEEL, PAGE)),
    ),
    "the page lists it and a resolver finds all": (
        Evidence(documented=Proof(PAGE), resolved=Proof(RESOLVER)),
        Standing("resolves", "unknown", "2026-03-03", (RESOLVER, PAGE)),
    ),
    "a wheel is there and a resolver finds a conflict": (
        Evidence(shipped=Proof(WHEEL), resolved=Proof(RESOLVER, supports=False)),
        Standing("shipped", "broken", "2026-03-03", (RESOLVER, WHEEL)),
    ),
    "all claim it and a resolver finds a conflict": (
        Evidence(
            documented=Proof(PAGE),
            shipped=Proof(WHEEL),
            resolved=Proof(RESOLVER, supports=False),
        ),
        Standing("shipped", "broken", "2026-03-03", (RESOLVER, WHEEL, PAGE)),
    ),
    "only a resolver was asked and finds a conflict": (
        Evidence(resolved=Proof(RESOLVER, supports=False)),
        Standing(None, "broken", "2026-03-03", (RESOLVER,)),
    ),
}


@pytest.mark.parametrize(("evidence", "expected"), CASES.values(), ids=CASES)
def test_a_cell_stands_where_its_evidence_puts_it(evidence, expected):
    assert standing(evidence) == expected


@pytest.mark.parametrize(("evidence", "expected"), CASES.values(), ids=CASES)
def test_claims_alone_never_make_a_cell_ok(evidence, expected):
    assert standing(evidence).standing != "ok"
