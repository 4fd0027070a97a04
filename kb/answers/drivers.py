"""What is known of NVIDIA's drivers: the last branch for a GPU, and what cuda-compat can do.

Plain tuples, for a question of `find` pays for every class that is made.
"""

from kb.base.versions import key
from kb.index.gpus import is_for_data_centres
from kb.index.records import Index
from kb.index.words import fill

# The last driver branch for a compute capability, the next one, and who says so.
LastBranch = tuple[str, str, str]


def last_branch(index: Index, capability: str | None) -> LastBranch | None:
    """Return the last driver branch for a compute capability, None where drivers go on with it."""
    return index.maximum_drivers.get(capability or "")


def is_past(driver: str, last: LastBranch) -> bool:
    """Tell whether a driver is of a later branch than the last. Raises InvalidVersion."""
    return key(driver) >= key(last[1])


def is_before_gpu(index: Index, driver: str, capability: str | None) -> bool:
    """Tell whether a driver is older than the branch of the first CUDA that knows a GPU."""
    first = index.first_branches.get(capability or "")
    return first is not None and key(driver) < key(first)


def forward_compatibility(
    index: Index,
    cuda: str,
    driver: str,
    gpu: str | None,
    capability: str | None,
    compiles: str | None = None,
) -> tuple[str, str] | None:
    """Return what NVIDIA's cuda-compat can do for a CUDA on an older driver under Linux, and who
    says so: None where it does not serve the GPU, or not on that driver's branch. `compiles` is the
    first branch that compiles the PTX of the build for the GPU.
    """
    is_served = is_for_data_centres(gpu, capability or "", index)
    if is_served is False or is_before_gpu(index, driver, capability):
        return None
    last = last_branch(index, capability)
    base = driver.partition(".")[0]
    for newest, branch, on_branches, source in index.compat:
        if last is not None and is_past(branch, last):
            continue
        if compiles is not None and key(branch) < key(compiles):
            continue
        if base in on_branches and _runs(newest, cuda):
            name = "driver-compat-any" if is_served is None else "driver-compat"
            package = newest.replace(".", "-")
            text = fill(index.words[name], package=package, newest=newest, branch=base)
            return text, source
    return None


def _runs(newest: str, cuda: str) -> bool:
    """Tell whether a driver for one CUDA is not older than another, and of its major release."""
    minor = ".".join(cuda.split(".")[:2])
    return newest.partition(".")[0] == cuda.partition(".")[0] and key(newest) >= key(minor)
