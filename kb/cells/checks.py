"""The three steps that check a set-up, in the API that a release has, for a GPU or for the CPU.

Each step is a program of its own, so that memory growth is set before a GPU is first used. The
product is of floats, for MatMul has no int32 kernel on GPUs; what computed it is read from the
result, not from what was asked for, for TensorFlow places softly.
"""

from functools import lru_cache
from typing import Literal

from kb.base.record import Record
from kb.base.versions import key

Api = Literal["1.x", "2.0", "2.1"]


class Check(Record):
    """One step: what it does, its Python program, and what it prints when all is well."""

    title: str
    code: str
    expected: str


def api(release: str) -> Api:
    """Return the API that a release has: that of 1.x, of 2.0, or of 2.1 and later."""
    if key(release) < key("2.0.dev0"):
        return "1.x"
    return "2.0" if key(release) < key("2.1.dev0") else "2.1"


@lru_cache
def checks(release: str, on_gpu: bool, kind: str = "GPU") -> tuple[Check, ...]:
    """Return the steps that check a release on a GPU, or on the CPU alone.

    `kind` is what TensorFlow calls the GPU's device: `GPU`, and `DML` for tensorflow-directml
    (microsoft/tensorflow-directml#223).
    """
    style = api(release)
    code = _CODE_1X if style == "1.x" else _CODE_2X
    texts = _GPU_TEXTS if on_gpu else _CPU_TEXTS
    tf_config = "tf.config.experimental" if style == "2.0" else "tf.config"
    steps = []
    for (title, template), (after, expected) in zip(code, texts, strict=True):
        program = (template + after).replace("TF_CONFIG", tf_config)
        program = program.replace("DEVICE", "/KIND:0" if on_gpu else "/CPU:0")
        program = program.replace("FAILED", _NO_GPU if on_gpu else _NO_CPU)
        program = program.replace("KIND", kind if on_gpu else "GPU")
        steps.append(Check(title, program, expected.replace("KIND", kind)))
    return tuple(steps)


_NO_GPU = "No GPU computed this"
_NO_CPU = "The CPU did not compute this"
_COUNT = "Count the GPUs"
_GROWTH = "Turn memory growth on before a GPU is first used"
_MULTIPLY = "Multiply two matrices"

_CODE_2X = (
    (
        _COUNT,
        """\
import tensorflow as tf
gpus = TF_CONFIG.list_physical_devices("KIND")
""",
    ),
    (
        _GROWTH,
        """\
import tensorflow as tf
gpus = TF_CONFIG.list_physical_devices("KIND")
try:
    for gpu in gpus:
        tf.config.experimental.set_memory_growth(gpu, True)
    logical = TF_CONFIG.list_logical_devices("KIND")
except RuntimeError as error:
    raise SystemExit("Too late to set memory growth: %s" % error)
""",
    ),
    (
        _MULTIPLY,
        """\
import tensorflow as tf
for gpu in TF_CONFIG.list_physical_devices("KIND"):
    tf.config.experimental.set_memory_growth(gpu, True)
try:
    with tf.device("DEVICE"):
        a = tf.constant([[1., 2., 3.], [4., 5., 6.]])
        b = tf.constant([[1., 2.], [3., 4.], [5., 6.]])
        c = tf.matmul(a, b)
except (RuntimeError, tf.errors.OpError) as error:
    raise SystemExit("FAILED: %s" % error)
product, device = c.numpy().tolist(), c.device
print("%s on %s" % (product, device))
if product != [[22., 28.], [49., 64.]]:
    raise SystemExit("The product is wrong.")
""",
    ),
)

_SESSION_1X = """\
from __future__ import print_function
import tensorflow as tf
from tensorflow.python.client import device_lib
config = tf.ConfigProto()
config.gpu_options.allow_growth = True
"""

_CODE_1X = (
    (
        _COUNT,
        """\
from __future__ import print_function
from tensorflow.python.client import device_lib
gpus = [d for d in device_lib.list_local_devices() if d.device_type == "KIND"]
""",
    ),
    (
        _GROWTH,
        _SESSION_1X
        + """\
try:
    with tf.Session(config=config):
        devices = device_lib.list_local_devices()
except RuntimeError as error:
    raise SystemExit("Too late to set memory growth: %s" % error)
logical = [d for d in devices if d.device_type == "KIND"]
gpus = set(d.physical_device_desc for d in logical)
""",
    ),
    (
        _MULTIPLY,
        """\
from __future__ import print_function
import tensorflow as tf
config = tf.ConfigProto(allow_soft_placement=False)
config.gpu_options.allow_growth = True
with tf.device("DEVICE"):
    a = tf.placeholder(tf.float32, [2, 3])
    b = tf.placeholder(tf.float32, [3, 2])
    c = tf.matmul(a, b)
feed = {a: [[1., 2., 3.], [4., 5., 6.]], b: [[1., 2.], [3., 4.], [5., 6.]]}
options = tf.RunOptions(output_partition_graphs=True)
seen = tf.RunMetadata()
try:
    with tf.Session(config=config) as session:
        product = session.run(c, feed, options, seen).tolist()
except tf.errors.OpError as error:
    raise SystemExit("FAILED: %s" % error.message)
nodes = [n for g in seen.partition_graphs for n in g.node if n.op == "MatMul"]
device = nodes[0].device
print("%s on %s" % (product, device))
if product != [[22., 28.], [49., 64.]]:
    raise SystemExit("The product is wrong.")
""",
    ),
)

_GPU_TEXTS = (
    (
        """\
print("GPUs: %d" % len(gpus))
if not gpus:
    raise SystemExit("TensorFlow finds no GPU.")
""",
        "GPUs: 1 (or as many as the machine has)",
    ),
    (
        """\
print("physical GPUs: %d, logical GPUs: %d" % (len(gpus), len(logical)))
if not logical:
    raise SystemExit("TensorFlow can use no GPU.")
""",
        "physical GPUs: 1, logical GPUs: 1 (or as many as the machine has)",
    ),
    (
        """\
if "KIND" not in device:
    raise SystemExit("No GPU computed this: the CPU did.")
print("A GPU computed this, and it is right.")
""",
        (
            "[[22.0, 28.0], [49.0, 64.0]] on /job:localhost/replica:0/task:0/device:KIND:0\n"
            "A GPU computed this, and it is right."
        ),
    ),
)

_CPU_TEXTS = (
    (
        """\
print("GPUs: %d. This is the check of a CPU set-up: it needs none." % len(gpus))
""",
        "GPUs: 0. This is the check of a CPU set-up: it needs none.",
    ),
    (
        """\
print("physical GPUs: %d, logical GPUs: %d" % (len(gpus), len(logical)))
""",
        "physical GPUs: 0, logical GPUs: 0",
    ),
    (
        """\
if "CPU" not in device:
    raise SystemExit("The CPU did not compute this: %s did." % device)
print("The CPU computed this, and it is right.")
""",
        (
            "[[22.0, 28.0], [49.0, 64.0]] on /job:localhost/replica:0/task:0/device:CPU:0\n"
            "The CPU computed this, and it is right."
        ),
    ),
)
