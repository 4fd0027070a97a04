"""Which GPUs the code in a wheel serves: machine code for some compute capabilities, PTX for
others.

Machine code serves GPUs of the same major version from its minor version on; PTX is compiled by the
driver for any GPU that is not older
(https://docs.nvidia.com/cuda/cuda-c-programming-guide/index.html#binary-compatibility).
"""

from typing import Literal

from kb.base.model import Capabilities
from kb.base.versions import key

Code = Literal["native", "ptx"]


def serves(built: Capabilities, capability: str) -> Code | None:
    """Return what of a wheel's code serves a GPU of this compute capability; None: nothing."""
    major = capability.partition(".")[0]
    for own in built.native:
        if own.partition(".")[0] == major and key(own) <= key(capability):
            return "native"
    return "ptx" if any(key(own) <= key(capability) for own in built.ptx) else None
