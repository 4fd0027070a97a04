"""How much memory GPUs have: the most that is sold of a model, in GB."""

from functools import lru_cache

from kb.facts.gpu_names import normalised

# Of https://github.com/huggingface/huggingface.js/blob/2ad47a384d1d/packages/tasks/src/hardware-gpu-nvidia.ts
# fmt: off
_MOST_GB = {
    "B200": 192, "H200": 141, "H100": 80, "L40S": 48, "L40": 48, "L20": 48, "L4": 24,
    "RTX 6000 Ada": 48, "RTX 5880 Ada": 48, "RTX 5000 Ada": 32, "RTX 4500 Ada": 24,
    "RTX 4000 Ada": 20, "RTX 2000 Ada": 16, "RTX A6000": 48, "RTX A5000": 24, "RTX A4000": 16,
    "RTX A3000": 12, "RTX A2000": 12, "A100": 80, "A40": 48, "A30": 24, "A10": 24, "A2": 16,
    "RTX 5090": 32, "RTX 5080": 16, "RTX 5070": 12, "RTX 5070 Ti": 16, "RTX 5060 Ti": 16,
    "RTX 5060": 8, "RTX 4090": 24, "RTX 4090D": 48, "RTX 4080 Super": 16, "RTX 4080": 16,
    "RTX 4070": 12, "RTX 4070 Ti": 12, "RTX 4070 Super": 12, "RTX 4070 Ti Super": 16,
    "RTX 4060": 8, "RTX 4060 Ti": 16, "RTX 4050": 6, "RTX 3090": 24, "RTX 3090 Ti": 24,
    "RTX 3080": 12, "RTX 3080 Ti": 12, "RTX 3070": 8, "RTX 3070 Ti": 8, "RTX 3060 Ti": 8,
    "RTX 3060": 12, "RTX 3050": 6, "RTX 2080 Ti": 22, "RTX 2080": 8, "RTX 2070": 8,
    "RTX 2070 Super": 8, "RTX 2060": 12, "RTX 2050": 4, "GTX 1080 Ti": 11, "GTX 1070 Ti": 8,
    "GTX 1060": 6, "GTX 1050 Ti": 4, "Titan RTX": 24, "GTX 1660": 6, "GTX 1650": 4, "T4": 16,
    "T10": 16, "V100": 32, "Quadro P6000": 24, "P40": 24, "P100": 16,
}
# fmt: on


def most_memory_gb(name: str) -> int | None:
    """Return the most memory that is sold of a GPU, in GB; None where no table tells."""
    return _by_key().get(normalised(name))


@lru_cache(maxsize=1)
def _by_key() -> dict[str, int]:
    return {normalised(name): most for name, most in _MOST_GB.items()}
