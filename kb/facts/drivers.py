"""Which NVIDIA drivers a CUDA release needs."""

from kb.base.model import Driver
from kb.base.versions import agree


def driver_of(drivers: tuple[Driver, ...], cuda: str | None) -> Driver | None:
    """Return the least drivers for a CUDA release: its own row, or that of its major release."""
    if cuda is None:
        return None
    for driver in drivers:
        if driver.cuda.endswith(".x"):
            if driver.cuda.partition(".")[0] == cuda.partition(".")[0]:
                return driver
        elif "." in cuda and agree(driver.cuda, cuda):
            return driver
    return None
