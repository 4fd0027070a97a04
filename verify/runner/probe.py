"""Runs inside a cell that was set up, and writes what it sees and computes as JSON.

One file, the standard library and TensorFlow only; Python 2.7 and 3.5 to 3.14, TensorFlow 1.0 to
nightly. A worker process does the checks one after another and writes each down at once; where it
crashes or hangs, that is the check's result, and a new worker goes on with the next.

Usage: python probe.py RESULT.json cpu|cuda|links [SEED]

`cpu` and `cuda` tell what must compute; `links` computes on the CPU of a machine without a GPU, and
sees whether the CUDA libraries load. The seed makes the numbers of the challenge: what comes out is
kept to the last bit.
"""

from __future__ import print_function

import binascii
import hashlib
import json
import os
import platform
import struct
import subprocess
import sys
import time

FORMAT = 1
LIMITS_S = [
    ("import", 300),
    ("gpus", 120),
    ("memory-growth", 120),
    ("product", 120),
    ("large-product", 120),
    ("elementwise", 120),
    ("convolution", 180),
    ("xla", 300),
    ("keras", 300),
    ("libraries", 120),
    ("challenge", 180),
]
TOLERANCE = 1e-3
LARGE = 1024
A = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
B = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
PRODUCT = [[22.0, 28.0], [49.0, 64.0]]
# The challenge. Whole numbers so small that each sum of products is exact, in whatever order it is
# made, and on GPUs that cut numbers to 11 bits. Then fractions, which each machine sums in its way.
# Of each product: its field in the answer, the kind of its numbers, the largest, and their side.
PRODUCTS = (("product32", "float32", 15, 48), ("product64", "float64", 2**20, 32))
ROWS, INNER, WORDS = 4, 1024, 16
FLOAT32, FLOAT64 = ">" + "f", ">" + "d"
COMMON_SEED = "the same for all"


class Wrong(Exception):
    """A computation that ended, with a result that is not right."""


class NotOffered(Exception):
    """What this release of TensorFlow does not have."""


def main(path, device, seed):
    """Do all checks in workers, and write the result to `path`."""
    result = {"format": FORMAT, "device": device, "facts": {}, "checks": []}
    names = [name for name, _ in LIMITS_S]
    done = []
    while len(done) < len(names):
        seen = _work(path + ".lines", device, len(done), seed)
        result["facts"].update(seen.pop("facts", {}))
        done += seen["checks"]
        if not _imported(done):
            break
    result["checks"] = done
    result["facts"]["machine"] = machine()
    result["facts"]["packages"] = _packages()
    with open(path, "w") as out:
        json.dump(result, out, indent=1, sort_keys=True)


def _imported(checks):
    return bool(checks) and checks[0]["outcome"] == "ok"


def now():
    """Return seconds on a clock that nobody sets; Python 2.7 has it in its times of processes."""
    return time.monotonic() if hasattr(time, "monotonic") else os.times()[4]


def _work(lines, device, first, seed):
    """Run one worker from the check `first` on; return what it wrote until it ended."""
    open(lines, "w").close()
    command = [sys.executable, os.path.abspath(__file__), "--worker", lines, device]
    command += [str(first), seed]
    with open(os.devnull, "w") as nowhere:
        errors = open(lines + ".errors", "w+")
        worker = subprocess.Popen(
            command,
            stdout=nowhere,
            stderr=errors,
        )
    begun = now()
    number = first
    stopped = False
    while worker.poll() is None:
        time.sleep(0.05)
        ended = first + len(_read(lines)["checks"])
        if ended > number:
            number, begun = ended, now()
        if number < len(LIMITS_S) and now() - begun > LIMITS_S[number][1]:
            stopped = True
            worker.kill()
            worker.wait()
    errors.seek(0)
    tail = errors.read()[-2000:]
    errors.close()
    seen = _read(lines)
    number = first + len(seen["checks"])
    gave_up = first == 0 and seen["checks"] and not _imported(seen["checks"])
    if number < len(LIMITS_S) and not gave_up:
        outcome = {"name": LIMITS_S[number][0], "outcome": "crash", "device": None}
        if stopped:
            outcome.update(outcome="timeout", error="no end in %d s" % LIMITS_S[number][1])
        elif worker.returncode < 0:
            outcome.update(signal=-worker.returncode, error=tail)
        else:
            outcome.update(error="exit status %d\n%s" % (worker.returncode, tail))
        outcome["seconds"] = round(now() - begun, 3)
        seen["checks"].append(outcome)
    for name in (lines, lines + ".errors"):
        os.remove(name)
    return seen


def _read(lines):
    seen = {"checks": [], "facts": {}}
    with open(lines) as written:
        for line in written:
            if not line.endswith("\n"):
                break
            row = json.loads(line)
            if "facts" in row:
                seen["facts"].update(row["facts"])
            else:
                seen["checks"].append(row)
    return seen


def work(lines, device, first, seed):
    """Do the checks from `first` on, in this process, and write each down as it ends."""
    tf = None
    for number, (name, _) in enumerate(LIMITS_S):
        if 0 < number < first:
            continue
        begun = now()
        row = {"name": name, "outcome": "ok", "device": None}
        try:
            if tf is None:
                import tensorflow as tf

                facts = _facts(tf)
                if number >= first:
                    _write(lines, {"facts": facts})
            else:
                row.update(_done(name, tf, device, seed))
        except NotOffered as error:
            row.update(outcome="not-offered", error=str(error))
        except Wrong as error:
            row.update(outcome="wrong-result", error=str(error))
        except (Exception, SystemExit) as error:  # whatever it raises is the result
            row.update(outcome="error", error=("%s: %s" % (type(error).__name__, error))[-2000:])
        row["seconds"] = round(now() - begun, 3)
        if number >= first:
            _write(lines, row)
        if row["outcome"] != "ok" and name == "import":
            return


def _done(name, tf, device, seed):
    """Do one check; return what it adds to its row."""
    if name == "challenge":
        return {"answer": challenge(tf, device, seed)}
    field = "loaded" if name == "libraries" else "device"
    return {field: CHECKS[name](tf, device)}


def _write(lines, row):
    with open(lines, "a") as out:
        out.write(json.dumps(row) + "\n")
        out.flush()
        os.fsync(out.fileno())


# What is there to see.


def _facts(tf):
    return {
        "python": platform.python_version(),
        "tensorflow": str(tf.__version__),
        "git_version": _text(lambda: tf.version.GIT_VERSION),
        "numpy": _text(lambda: __import__("numpy").__version__),
        "keras": _text(lambda: tf.keras.__version__)
        or _text(lambda: __import__("keras").__version__),
        "protobuf": _text(lambda: __import__("google.protobuf", fromlist=["x"]).__version__),
        "build": _build(tf),
        "gpus": _gpus(tf),
    }


def _text(read):
    try:
        value = read()
        return value.decode() if isinstance(value, bytes) else str(value)
    except Exception:
        return None


def _build(tf):
    try:
        build = tf.sysconfig.get_build_info()
    except Exception:
        return {"is_cuda_build": bool(tf.test.is_built_with_cuda())}
    plain = {}
    for key, value in build.items():
        if isinstance(value, (str, bool, int, float)):
            plain[key] = value
        elif isinstance(value, (list, tuple)):
            plain[key] = [str(item) for item in value]
    plain.pop("cpu_compiler", None)
    return plain


def _gpus(tf):
    try:
        listed = _list(tf, "GPU")
        details = tf.config.experimental.get_device_details
        return [_gpu(details(gpu)) for gpu in listed]
    except AttributeError:
        return []


def _gpu(details):
    capability = details.get("compute_capability")
    return {
        "name": details.get("device_name"),
        "compute_capability": "%d.%d" % capability if capability else None,
    }


def machine():
    """Tell what there is to know of this machine without naming it."""
    return {
        "system": platform.system(),
        "machine": platform.machine(),
        "glibc": _glibc(),
        "cpu": _cpu(),
        "flags": sorted(_flags() & {"avx", "avx2", "avx512f", "fma", "sse4_1", "sse4_2"}),
        "wsl2": "microsoft" in platform.release().lower(),
        "driver": (_nvidia("driver_version") or [None])[0],
        "gpus": _gpus_of_driver(),
    }


def _glibc():
    try:
        return os.confstr("CS_GNU_LIBC_VERSION").rpartition(" ")[2]
    except (AttributeError, ValueError, OSError):
        return platform.libc_ver()[1] or None


def _cpuinfo(field):
    try:
        with open("/proc/cpuinfo") as info:
            for line in info:
                name, _, value = line.partition(":")
                if name.strip().lower() == field:
                    return value.strip()
    except (IOError, OSError):
        pass
    return ""


def _cpu():
    return _cpuinfo("model name") or platform.processor() or None


def _flags():
    return set((_cpuinfo("flags") or _cpuinfo("features")).split())


def _gpus_of_driver():
    """Return the GPUs that the driver lists; memory in MiB."""
    names = _nvidia("name")
    memories = _nvidia("memory.total")
    capabilities = _nvidia("compute_cap")  # older drivers cannot tell
    return [
        {
            "name": name,
            "memory_mib": _number(_at(memories, place)),
            "compute_capability": _at(capabilities, place),
        }
        for place, name in enumerate(names)
    ]


def _at(values, place):
    return values[place] if place < len(values) else None


def _number(text):
    digits = (text or "").split()[:1]
    return int(digits[0]) if digits and digits[0].isdigit() else None


def _nvidia(field):
    """Return what nvidia-smi tells of each GPU; nothing where there is none."""
    command = ["nvidia-smi", "--query-gpu=" + field, "--format=csv,noheader"]
    try:
        with open(os.devnull, "w") as nowhere:
            told = subprocess.check_output(command, stderr=nowhere).decode("utf-8", "replace")
    except (OSError, subprocess.CalledProcessError):
        return []
    return [line.strip() for line in told.splitlines() if line.strip()]


def _packages():
    """Return what pip lists, as name==version."""
    command = [sys.executable, "-m", "pip", "list", "--format=json"]
    try:
        with open(os.devnull, "w") as nowhere:
            told = subprocess.check_output(command, stderr=nowhere).decode("utf-8", "replace")
        return ["%s==%s" % (one["name"], one["version"]) for one in json.loads(told)]
    except (OSError, subprocess.CalledProcessError, ValueError):
        return []


# What there is to compute, in the API that the release has.


def _is_1x(tf):
    return str(tf.__version__).startswith("1.")


def _list(tf, kind):
    config = tf.config
    listing = getattr(config, "list_physical_devices", None)
    if listing is None:
        listing = config.experimental.list_physical_devices
    return listing(kind)


def _place(device):
    return "/GPU:0" if device == "cuda" else "/CPU:0"


def _compute(tf, device, build, *inputs, **named):
    """Compute `build(*inputs)` on the device, in float32 or the `kind` that is named; return the
    value and the device that computed it.
    """
    kind = getattr(tf, named.get("kind", "float32"))
    if not _is_1x(tf):
        with tf.device(_place(device)):
            result = build(*[tf.constant(value, kind) for value in inputs])
        return result.numpy(), _short(result.device)
    with tf.Graph().as_default():
        with tf.device(_place(device)):
            places = [tf.placeholder(kind, _shape(value)) for value in inputs]
            result = build(*places)
        config = tf.ConfigProto(allow_soft_placement=False)
        config.gpu_options.allow_growth = True
        options = tf.RunOptions(output_partition_graphs=True)
        seen = tf.RunMetadata()
        with tf.Session(config=config) as session:
            value = session.run(result, dict(zip(places, inputs)), options, seen)
        nodes = [n for g in seen.partition_graphs for n in g.node if n.op == result.op.type]
        return value, _short(nodes[0].device if nodes else None)


def _shape(value):
    shape = []
    while hasattr(value, "__len__"):
        shape.append(len(value))
        value = value[0]
    return shape


def _short(device):
    if not device:
        return None
    # 1.0 says /job:localhost/replica:0/task:0/cpu:0
    return "/" + device.rpartition("/")[2].replace("device:", "").upper()


def _demand(device, computed_by):
    wanted = "GPU" if device == "cuda" else "CPU"
    if wanted not in (computed_by or ""):
        raise Wrong("cpu-instead-of-gpu: computed by %s" % computed_by)
    return computed_by


def _close(values, expected):
    import numpy

    values, expected = numpy.asarray(values), numpy.asarray(expected)
    if values.shape != expected.shape:
        raise Wrong("the shape is %s, not %s" % (values.shape, expected.shape))
    scale = max(1.0, float(numpy.abs(expected).max()))
    off = float(numpy.abs(values - expected).max()) / scale
    if not off <= TOLERANCE:
        raise Wrong("off by %g of the largest; %g is allowed" % (off, TOLERANCE))


def gpus(tf, device):
    """Count the GPUs: at least one where CUDA is asked for."""
    if _is_1x(tf):
        from tensorflow.python.client import device_lib

        config = tf.ConfigProto()
        config.gpu_options.allow_growth = True
        try:
            local = device_lib.list_local_devices(session_config=config)
        except TypeError:  # before 1.4 there is no such argument
            local = device_lib.list_local_devices()
        count = len([one for one in local if one.device_type == "GPU"])
    else:
        count = len(_list(tf, "GPU"))
    if device == "cuda" and not count:
        raise Wrong("TensorFlow finds no GPU")


def memory_growth(tf, device):
    """Turn memory growth on for each GPU before it is first used."""
    if _is_1x(tf):
        raise NotOffered("1.x sets it for each session")
    for gpu in _list(tf, "GPU"):
        tf.config.experimental.set_memory_growth(gpu, True)


def product(tf, device):
    """Multiply the small matrices of the published check."""
    value, computed_by = _compute(tf, device, tf.matmul, A, B)
    if value.tolist() != PRODUCT:
        raise Wrong("the product is %s" % value.tolist())
    return _demand(device, computed_by)


def _numbers(*shape):
    import numpy

    return numpy.random.RandomState(7).standard_normal(shape).astype("float32")


def large_product(tf, device):
    """Multiply large matrices, and compare with numpy on the CPU."""
    a = _numbers(LARGE, LARGE)
    value, computed_by = _compute(tf, device, tf.matmul, a, a)
    _close(value, a.dot(a))
    return _demand(device, computed_by)


def elementwise(tf, device):
    """Multiply element by element, which on a GPU takes a kernel made at run time."""
    a = _numbers(LARGE)
    value, computed_by = _compute(tf, device, tf.multiply, a, a)
    _close(value, a * a)
    return _demand(device, computed_by)


def convolution(tf, device):
    """Convolve, which on a GPU takes cuDNN; a filter of ones sums each window."""
    image = _numbers(1, 16, 16, 1)
    ones = image[:, :3, :3, :].reshape(3, 3, 1, 1) * 0 + 1

    def build(a, b):
        return tf.nn.conv2d(a, b, strides=[1, 1, 1, 1], padding="VALID")

    value, computed_by = _compute(tf, device, build, image, ones)
    plain = image[0, :, :, 0]
    windows = [[[[float(plain[y : y + 3, x : x + 3].sum())] for x in range(14)] for y in range(14)]]
    _close(value, windows)
    return _demand(device, computed_by)


def xla(tf, device):
    """Compile a function by XLA and run it."""
    if _is_1x(tf):
        raise NotOffered("1.x compiles no function by XLA")

    def double_sum(a):
        return tf.reduce_sum(a * 2.0 + 1.0)

    try:
        compiled = tf.function(double_sum, jit_compile=True)
    except TypeError:
        try:
            compiled = tf.function(double_sum, experimental_compile=True)
        except TypeError:
            raise NotOffered("this release compiles no function by XLA")
    a = _numbers(LARGE)
    value, computed_by = _compute(tf, device, compiled, a)
    _close(value, (a.astype("float64") * 2 + 1).sum())
    return _demand(device, computed_by)


def keras(tf, device):
    """Fit a small model with a TensorBoard callback, save it, load it, and predict the same."""
    import shutil
    import tempfile

    if _is_1x(tf) and not hasattr(tf, "keras"):
        raise NotOffered("this release has no tf.keras")
    folder = tempfile.mkdtemp()
    try:
        with tf.device(_place(device)):
            layers = tf.keras.layers
            model = tf.keras.Sequential([layers.Dense(4, input_shape=(3,)), layers.Dense(1)])
            model.compile(optimizer="sgd", loss="mse")
            log = os.path.join(folder, "log")
            callbacks = [tf.keras.callbacks.TensorBoard(log)] if _has_tensorboard() else []
            x, y = _numbers(32, 3), _numbers(32, 1)
            model.fit(x, y, epochs=1, verbose=0, callbacks=callbacks)
            before = model.predict(x)
            path = os.path.join(folder, "model" + _suffix(tf))
            model.save(path)
            after = tf.keras.models.load_model(path).predict(x)
        _close(after, before)
        if callbacks and not os.listdir(log):
            raise Wrong("TensorBoard wrote no log")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def libraries(tf, device):
    """Have TensorFlow's own loader open the CUDA libraries; return the names of those it opened.

    It is called where it lies, in libtensorflow_framework, for that library's search path counts.
    """
    import ctypes

    if device == "cpu":
        raise NotOffered("a CPU recipe brings no CUDA libraries")
    folder = os.path.dirname(os.path.abspath(tf.__file__))
    path = os.path.join(folder, "libtensorflow_framework.so.2")
    if not os.path.exists(path):
        raise NotOffered("this release has no loader of CUDA libraries that can be called")
    framework = ctypes.CDLL(path)
    if not hasattr(framework, _LOADER % (22, "TryDlopenCUDALibraries")):
        raise NotOffered("this release's loader of CUDA libraries is not to be called")
    missing = [
        name
        for name in ("Cublas", "Cudnn", "Cufft", "Cusolver", "Cusparse")
        if not _loads(framework, "Get%sDsoHandle" % name)
    ]
    if missing or not _loads(framework, "TryDlopenCUDALibraries"):
        raise Wrong("library-missing: %s" % (", ".join(missing).lower() or "one without a name"))
    with open("/proc/self/maps") as maps:
        paths = [line.split()[-1] for line in maps if "/" in line]
    files = {os.path.basename(path) for path in paths}
    return sorted(name for name in files if name.startswith("libcu") and ".so" in name)


_LOADER = "_ZN3tsl8internal9DsoLoader%d%sEv"


def _loads(framework, name):
    """Call a function that returns an absl::Status, alone or first in a StatusOr: it is written
    where the hidden first argument points, and a word below 4 means OK.
    """
    import ctypes

    function = getattr(framework, _LOADER % (len(name), name), None)
    if function is None:
        return True
    function.argtypes, function.restype = [ctypes.c_void_p], None
    status = (ctypes.c_uint64 * 8)()
    function(ctypes.addressof(status))
    return status[0] < 4


def challenge(tf, device, seed):
    """Compute what a seed asks for: products that are exact, and fractions to the last bit, of the
    seed's own numbers and of such as are the same for all.
    """
    if not seed:
        raise NotOffered("no challenge was set")
    answer = {}
    for field, kind, most, side in PRODUCTS:
        a, b = whole_numbers(seed + field, most, side)
        value, computed_by = _compute(tf, device, tf.matmul, a, b, kind=kind)
        _demand(device, computed_by)
        answer[field] = digest(value.tolist(), kind)
        if answer[field] != digest(exact_product(a, b), kind):
            raise Wrong("the product of whole numbers is not exact in %s" % kind)
    answer["own"] = _fractions(tf, device, seed)
    answer["common"] = _fractions(tf, device, COMMON_SEED)
    return answer


def _fractions(tf, device, seed):
    a, b = fractions(seed)
    sums, computed_by = _compute(tf, device, tf.matmul, a, b)
    _demand(device, computed_by)
    powers, computed_by = _compute(tf, device, tf.exp, a[0][:WORDS])
    _demand(device, computed_by)
    flat = [value for row in sums.tolist() for value in row] + powers.tolist()
    return [_bits(value) for value in flat]


def _bits(value):
    return binascii.hexlify(struct.pack(FLOAT32, value)).decode("ascii")


def stream(seed, count):
    """Return as many bytes as are asked for, which a seed determines, as numbers."""
    found = bytearray()
    number = 0
    while len(found) < count:
        found += hashlib.sha256(("%s/%d" % (seed, number)).encode("ascii")).digest()
        number += 1
    return found[:count]


def _drawn(seed, count, most):
    """Return whole numbers from -most to most."""
    raw = stream(seed, 4 * count)
    words = struct.unpack(">%dI" % count, bytes(raw))
    return [word % (2 * most + 1) - most for word in words]


def whole_numbers(seed, most, side):
    """Return two square matrices of whole numbers from -most to most."""
    drawn = _drawn(seed, 2 * side * side, most)
    rows = [drawn[start : start + side] for start in range(0, len(drawn), side)]
    return rows[:side], rows[side:]


def fractions(seed):
    """Return a flat and a high matrix of fractions between -1 and 1 that float32 holds exactly."""
    most = 2**23
    drawn = [number / float(most) for number in _drawn(seed, 2 * ROWS * INNER, most)]
    half = ROWS * INNER
    a = [drawn[start : start + INNER] for start in range(0, half, INNER)]
    b = [drawn[start : start + ROWS] for start in range(half, 2 * half, ROWS)]
    return a, b


def exact_product(a, b):
    """Return the product of two matrices, worked out without TensorFlow."""
    columns = list(zip(*b))
    return [[sum(x * y for x, y in zip(row, column)) for column in columns] for row in a]


def digest(rows, kind):
    """Return the SHA-256 of a matrix's numbers; no zero has a sign."""
    flat = [float(value) + 0.0 for row in rows for value in row]
    one = FLOAT32 if kind == "float32" else FLOAT64
    packed = b"".join(struct.pack(one, value) for value in flat)
    return hashlib.sha256(packed).hexdigest()


def _has_tensorboard():
    """Tell whether TensorBoard came along: from 2.21 on TensorFlow no longer asks for it."""
    try:
        import tensorboard  # noqa: F401
    except ImportError as error:
        if str(error).replace("'", "").endswith("named tensorboard"):
            return False
        raise
    return True


def _suffix(tf):
    major, minor = [int(part) for part in str(tf.__version__).split(".")[:2]]
    return ".keras" if (major, minor) >= (2, 13) else ".h5"


CHECKS = {
    "gpus": gpus,
    "memory-growth": memory_growth,
    "product": product,
    "large-product": large_product,
    "elementwise": elementwise,
    "convolution": convolution,
    "xla": xla,
    "keras": keras,
    "libraries": libraries,
}


if __name__ == "__main__":
    if sys.argv[1] == "--worker":
        work(sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5])
    else:
        main(sys.argv[1], sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else "")
