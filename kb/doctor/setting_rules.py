"""The doctor's rules on variables that change what TensorFlow does, each a small function."""

import re
from collections.abc import Iterator

from kb.base.findings import Finding
from kb.base.model import WayOut
from kb.doctor.case import Checkup

_TRUE = ("1", "true", "yes", "on")
# https://github.com/huggingface/transformers/pull/40391: 2.15 heeds it too
_LEGACY_SINCE = "2.15.0"


def visible_devices(case: Checkup) -> Iterator[Finding]:
    """Tell that CUDA_VISIBLE_DEVICES hides the GPUs."""
    value = case.seen.settings.get("CUDA_VISIBLE_DEVICES")
    if value is None or not case.gpus:
        return
    first = value.split(",")[0].strip()
    is_beyond = (
        first.isdigit() and int(first) >= len(case.gpus) and case.seen.nvidia.asked == "NVML"
    )
    if first in ("", "-1", "NoDevFiles", "none") or is_beyond:
        yield Finding(
            rule="cuda-visible-devices",
            severity="warning",
            text=(
                f'CUDA_VISIBLE_DEVICES is "{value}", which hides every GPU: TensorFlow computes '
                "on the CPU."
            ),
            ways_out=(WayOut(command=case.set_variable("CUDA_VISIBLE_DEVICES", None)),),
        )


def legacy_keras(case: Checkup) -> Iterator[Finding]:
    """Tell that Keras 2 is asked for and not installed."""
    value = case.seen.settings.get("TF_USE_LEGACY_KERAS", "")
    if value.lower() not in _TRUE or case.own is None or case.is_before(_LEGACY_SINCE):
        return
    if case.version("tf-keras") is None:
        series = ".".join(case.own.version.split(".")[:2])
        yield Finding(
            rule="legacy-keras",
            severity="error",
            text=(
                f"TF_USE_LEGACY_KERAS is {value}, and tf-keras, which it asks for, is not "
                "installed: tf.keras fails at first use."
            ),
            ways_out=(
                WayOut(command=case.install(f"tf-keras=={series}.*")),
                WayOut(command=case.set_variable("TF_USE_LEGACY_KERAS", None)),
            ),
        )


def keras_backend(case: Checkup) -> Iterator[Finding]:
    """Tell that Keras 3 is told to compute with something else."""
    value = case.seen.settings.get("KERAS_BACKEND", "tensorflow")
    is_keras_3 = (case.version("keras") or "").startswith("3.")
    if case.own is not None and is_keras_3 and value not in ("", "tensorflow"):
        yield Finding(
            rule="keras-backend",
            severity="warning",
            text=f"KERAS_BACKEND is {value}: Keras 3 computes with it, and not with TensorFlow.",
            ways_out=(WayOut(command=case.set_variable("KERAS_BACKEND", None)),),
        )


def xla_data_dir(case: Checkup) -> Iterator[Finding]:
    """Tell that XLA is told to look for CUDA in a folder that is not there."""
    for folder in case.seen.missing_folders:
        yield Finding(
            rule="xla-flags",
            severity="error",
            text=(
                f"XLA_FLAGS names {folder} as CUDA's folder, and it is not there: XLA does not "
                "find libdevice, and compiles nothing for the GPU."
            ),
            ways_out=(WayOut(command=case.set_variable("XLA_FLAGS", None)),),
        )


def xla_everywhere(case: Checkup) -> Iterator[Finding]:
    """Tell that XLA is turned on for everything."""
    value = case.seen.settings.get("TF_XLA_FLAGS", "")
    if re.search(r"--tf_xla_auto_jit=(?!0|-1)", value):
        yield Finding(
            rule="tf-xla-flags",
            severity="warning",
            text=f"TF_XLA_FLAGS is {value}: XLA compiles whatever it can. That needs ptxas and "
            "libdevice, and brings XLA's own faults.",
            ways_out=(WayOut(command=case.set_variable("TF_XLA_FLAGS", None)),),
        )


def log_level(case: Checkup) -> Iterator[Finding]:
    """Tell that the messages are hidden that would say why no GPU is used."""
    value = case.seen.settings.get("TF_CPP_MIN_LOG_LEVEL", "")
    if value in ("2", "3") and case.gpus:
        yield Finding(
            rule="log-level",
            severity="warning",
            text=(
                f"TF_CPP_MIN_LOG_LEVEL is {value}, which hides TensorFlow's warnings: among them "
                "the one that says which CUDA library it did not find."
            ),
            ways_out=(WayOut(command=case.set_variable("TF_CPP_MIN_LOG_LEVEL", None)),),
        )


RULES = (visible_devices, legacy_keras, keras_backend, xla_data_dir, xla_everywhere, log_level)
