"""Which distributions are companions, and which requirements of theirs are kept."""

from typing import get_args

from packaging.utils import canonicalize_name

from kb.base.model import Distribution

# What other projects publish to work with TensorFlow, and what brings it along.
BESIDE_TENSORFLOW = (
    "ai-edge-litert",
    "dm-reverb",
    "dm-sonnet",
    "intel-tensorflow",
    "keras",
    "mediapipe",
    "scann",
    "tensorboard",
    "tensorflow-addons",
    "tensorflow-compression",
    "tensorflow-datasets",
    "tensorflow-decision-forests",
    "tensorflow-estimator",
    "tensorflow-federated",
    "tensorflow-hub",
    "tensorflow-io",
    "tensorflow-io-gcs-filesystem",
    "tensorflow-model-optimization",
    "tensorflow-probability",
    "tensorflow-ranking",
    "tensorflow-recommenders",
    "tensorflow-serving-api",
    "tensorflow-text",
    "tensorflow-transform",
    "tf-agents",
    "tf-keras",
    "tf-models-official",
    "tf-slim",
    "tf2onnx",
    "tflite-runtime",
    "tfx",
)
# What TensorFlow itself requires; one wheel of a release speaks for all of its platforms.
PARTS = ("grpcio", "h5py", "ml-dtypes", "numpy", "protobuf")
# Other frameworks in the same environment, and what they bring for CUDA.
FRAMEWORKS = (
    "cuda-toolkit",
    "jax",
    "jax-cuda11-pjrt",
    "jax-cuda11-plugin",
    "jax-cuda12-pjrt",
    "jax-cuda12-plugin",
    "jax-cuda13-pjrt",
    "jax-cuda13-plugin",
    "jaxlib",
    "torch",
)
COMPANIONS: tuple[str, ...] = tuple(sorted((*BESIDE_TENSORFLOW, *PARTS, *FRAMEWORKS)))

_NAMED = frozenset((*COMPANIONS, *get_args(Distribution)))
_CUDA = ("nvidia-", "cuda-", "tf-nightly-")


def is_kept(name: str) -> bool:
    """Tell whether a requirement on this distribution is kept: TensorFlow in any form, a companion,
    a part, another framework or a CUDA library. The name may be spelled in any way.
    """
    canonical = canonicalize_name(name)
    return canonical in _NAMED or canonical.startswith(_CUDA)
