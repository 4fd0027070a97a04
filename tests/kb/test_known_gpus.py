"""What is said of GPUs by generation, where the minor version of CUDA decides and is not told."""

import pytest

from kb.base.model import Capabilities
from kb.base.store import Store
from kb.facts.gpu_code import BuildCode
from kb.facts.known_gpus import KNOWN, TOO_OLD, UNKNOWN, gpus_in_words, toolkit_verdict

CUDA = Store().cuda()
ROWS = {row.compute_capability: row for row in CUDA.knows}
CODE = BuildCode(declared=Capabilities(native=("6.0", "7.0", "8.0", "9.0"), ptx=("9.0",)))


@pytest.mark.parametrize(
    ("cuda", "verdict"), [("12", UNKNOWN), ("12.7", TOO_OLD), ("12.8", KNOWN), ("13", KNOWN)]
)
def test_a_cuda_without_its_minor_version_decides_nothing_where_that_counts(cuda, verdict):
    assert ROWS["12.0"].cuda == "12.8"
    assert toolkit_verdict(cuda, ROWS, None, "12.0") == verdict


@pytest.mark.parametrize(
    ("cuda", "end"), [("12", "unknown on Blackwell"), ("12.7", "none newer"), (None, "use")]
)
def test_what_nobody_knows_is_told_as_unknown(cuda, end):
    text = gpus_in_words(CODE, cuda, CUDA)
    assert text.endswith(end)
    assert ("unknown" in text) == (cuda == "12")
