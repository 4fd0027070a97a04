"""A stand-in for TensorFlow, to carry the checks out without it. It is no TensorFlow: what it
prints and computes proves nothing of a real one.

STAND_IN_API is `1.x`, `2.0` or `2.1`, and only that API is there. STAND_IN_GPUS is how many GPUs
it pretends to have, STAND_IN_KIND what it calls them, STAND_IN_FAULT what goes wrong, and
STAND_IN_CALLS the file in which it notes the calls that matter, in their order.
"""

import os
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

API = os.environ["STAND_IN_API"]
GPUS = int(os.environ["STAND_IN_GPUS"])
KIND = os.environ.get("STAND_IN_KIND", "GPU")
FAULT = os.environ.get("STAND_IN_FAULT", "")
_FULL_NAME = "/job:localhost/replica:0/task:0/device:"
_state = SimpleNamespace(started=False, device="", placed="")


class _OpError(Exception):
    """What TensorFlow raises for a computation that failed."""

    def __init__(self, message):
        super().__init__(message)
        self.message = message


class _InvalidArgumentError(_OpError):
    """What 1.x raises for a device that it cannot place on."""


errors = SimpleNamespace(OpError=_OpError, InvalidArgumentError=_InvalidArgumentError)


def note(call):
    """Write down a call."""
    with Path(os.environ["STAND_IN_CALLS"]).open("a", encoding="utf-8") as file:
        file.write(call + "\n")


def start():
    """Take the GPUs into use, as the first computation does."""
    if not _state.started:
        _state.started = True
        note("start")


def _product(one, other):
    columns = list(zip(*other, strict=True))
    right = [[sum(a * b for a, b in zip(row, c, strict=True)) for c in columns] for row in one]
    return [[0.0, 0.0], [0.0, 0.0]] if FAULT == "wrong product" else right


class _Listed:
    """What both NumPy arrays and this stand-in's results can do."""

    def __init__(self, rows):
        self._rows = rows

    def tolist(self):
        return self._rows


@contextmanager
def device(name):
    """Ask for a device, as `tf.device` does."""
    _state.device = name
    yield
    _state.device = ""


class _Tensor(_Listed):
    """A result that knows what computed it: a GPU where one was asked for and is there."""

    def __init__(self, rows):
        super().__init__(rows)
        on_gpu = _state.device.startswith(f"/{KIND}") and GPUS > 0
        self.device = f"{_FULL_NAME}{KIND if on_gpu else 'CPU'}:0"

    def numpy(self):
        return self


def _matmul_eagerly(one, other):
    start()
    if FAULT == "failing kernel":
        raise _OpError("no kernel image is available")
    if FAULT == "no device":
        raise RuntimeError("unknown device")
    note("matmul")
    return _Tensor(_product(one.tolist(), other.tolist()))


def _constant(rows):
    start()
    note("constant")
    return _Tensor(rows)


def _list_physical(kind):
    return [SimpleNamespace(name=f"/physical_device:{kind}:{n}") for n in range(GPUS)]


def _list_logical(kind):
    start()
    count = 0 if FAULT == "no logical GPU" else GPUS
    return [SimpleNamespace(name=f"/device:{kind}:{n}") for n in range(count)]


def _set_memory_growth(gpu, enable):
    if _state.started or FAULT == "too late":
        raise RuntimeError("Physical devices cannot be modified after being initialized")
    note(f"growth {gpu.name[-1]} {enable}")


class _Operation:
    """A node of a 1.x graph."""

    def __init__(self, inputs=()):
        self.inputs = inputs


def _matmul_in_a_graph(one, other):
    _state.placed = _state.device
    return _Operation((one, other))


class _Session:
    """A 1.x session: it notes whether memory growth was on when it took the GPUs into use."""

    def __init__(self, config=None):
        if FAULT == "too late":
            raise RuntimeError("Physical devices cannot be modified after being initialized")
        self._config = config
        note(f"session growth={bool(config and config.gpu_options.allow_growth)}")
        start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def run(self, fetch, feed, options, seen):
        on_gpu = not _state.placed.startswith("/CPU")
        there = GPUS and _state.placed.startswith(f"/{KIND}")
        if on_gpu and not there and not self._config.allow_soft_placement:
            raise _InvalidArgumentError("Cannot assign a device for operation")
        if FAULT == "failing kernel":
            raise _OpError("no kernel image is available")
        note("matmul")
        placed = f"{_FULL_NAME}{KIND if on_gpu and there else 'CPU'}:0"
        nodes = [
            SimpleNamespace(op="_Arg", device=f"{_FULL_NAME}CPU:0"),
            SimpleNamespace(op="MatMul", device=placed),
        ]
        if options.output_partition_graphs:
            seen.partition_graphs = [SimpleNamespace(node=nodes)]
        return _Listed(_product(*(feed[one] for one in fetch.inputs)))


def _config_proto(allow_soft_placement=True):
    return SimpleNamespace(
        allow_soft_placement=allow_soft_placement,
        gpu_options=SimpleNamespace(allow_growth=False),
    )


if API == "1.x":
    float32 = "float32"
    ConfigProto = _config_proto
    Session = _Session
    RunOptions = SimpleNamespace
    RunMetadata = SimpleNamespace
    matmul = _matmul_in_a_graph

    def placeholder(kind, shape):
        return _Operation()

else:
    constant = _constant
    matmul = _matmul_eagerly
    _lists = {"list_physical_devices": _list_physical, "list_logical_devices": _list_logical}
    _experimental = {"set_memory_growth": _set_memory_growth}
    if API == "2.0":
        config = SimpleNamespace(experimental=SimpleNamespace(**_experimental, **_lists))
    else:
        config = SimpleNamespace(experimental=SimpleNamespace(**_experimental), **_lists)
