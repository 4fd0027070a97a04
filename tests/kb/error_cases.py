"""For each message that is known, a line of the kind that people paste."""

_NO_FILE = "No such file or directory"
_LOADER = "2023-05-02 11:02:51.7: W tensorflow/tsl/platform/default/dso_loader.cc:64] "

CASES = {
    "tensorflow-gpu-removed": 'The "tensorflow-gpu" package has been removed!',
    "tensorrt-libs-gone": "ERROR: No matching distribution found for tensorrt-libs==8.6.1; "
    'extra == "and-cuda"',
    "tensorrt-without-wheel": "ERROR: Could not find a version that satisfies the requirement "
    "tensorrt==8.5.3.1; extra == 'and-cuda' (from versions: 0.0.1.dev5, 8.6.1)",
    "nccl-without-wheel": "ERROR: No matching distribution found for nvidia-nccl-cu12<3.0,>=2.25.1",
    "cpu-aws-without-wheel": "ERROR: No matching distribution found for tensorflow-cpu-aws==2.11.1",
    "gcs-filesystem-without-wheel": "RuntimeError Unable to find installation candidates for "
    "tensorflow-io-gcs-filesystem (0.37.1)",
    "pip-32-bit-arm": "ERROR: Could not find a version that satisfies the requirement "
    "tensorflow==1.14.0 (from versions: 0.11.0, 1.12.0, 1.13.1)",
    "pip-too-old": "Could not find a version that satisfies the requirement tensorflow==2.2.0 "
    "(from versions: 1.13.1, 1.14.0, 2.0.0a0, 2.0.0b0, 2.0.0b1)",
    "pip-other-python": "ERROR: Could not find a version that satisfies the requirement "
    "tensorflow==2.3.0 (from versions: 2.16.0rc0, 2.16.1, 2.16.2, 2.17.0)",
    "pip-no-version": "ERROR: Could not find a version that satisfies the requirement tensorflow "
    "(from versions: none)",
    "wheel-not-supported": "ERROR: tensorflow-2.3.0-cp38-cp38-win_amd64.whl is not a supported "
    "wheel on this platform.",
    "uv-no-wheel": "error: distribution tensorflow==2.8.1 @ registry+https://example.com can't "
    "be installed because it doesn't have a source distribution or wheel for the current platform",
    "pip-no-matching-distribution": "ERROR: No matching distribution found for tensorflow==2.3.0",
    "tensorflow-text-without-wheel": "ERROR: No matching distribution found for "
    "tensorflow-text==2.17.0",
    "shell-brackets": "zsh: no matches found: tensorflow[and-cuda]",
    "windows-long-paths": "HINT: This error might have occurred since this system does not have "
    "Windows Long Path support enabled.",
    "pip-hashes": "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
    "no-module-contrib": "ModuleNotFoundError: No module named 'tensorflow.contrib'",
    "tensorflow-1-names": "AttributeError: module 'tensorflow' has no attribute 'Session'",
    "estimator-gone": "ImportError: cannot import name 'estimator' from 'tensorflow.compat.v1' "
    "(/srv/env/tensorflow/_api/v2/compat/v1/__init__.py)",
    "empty-tensorflow": "AttributeError: module 'tensorflow' has no attribute '__version__'",
    "no-tensorboard-extra": "WARNING: tensorflow 2.21.0 does not provide the extra 'tensorboard'",
    "no-module-tensorboard": "ModuleNotFoundError: No module named 'tensorboard'",
    "no-module-tensorflow": "ModuleNotFoundError: No module named 'tensorflow'",
    "no-module-distutils": "ModuleNotFoundError: No module named 'distutils'",
    "pkg-resources": "ModuleNotFoundError: No module named 'pkg_resources'",
    "numpy-too-old": "RuntimeError: module compiled against API version 0x10 but this version of "
    "numpy is 0xe",
    "numpy-2": "AttributeError: _ARRAY_API not found",
    "numpy-1-code-beside-numpy-2": "ValueError: numpy.dtype size changed, may indicate binary "
    "incompatibility. Expected 96 from C header, got 88 from PyObject",
    "numpy-other-layout": "ValueError: numpy.ndarray size changed, may indicate binary "
    "incompatibility. Expected 88 from C header, got 80 from PyObject",
    "numpy-bfloat16": "TypeError: Unable to convert function return value to a Python type! The "
    "signature was () -> handle",
    "numpy-aliases": "AttributeError: module 'numpy' has no attribute 'object'.",
    "numpy-symbolic-tensor": "NotImplementedError: Cannot convert a symbolic Tensor "
    "(lstm/strided_slice:0) to a numpy array.",
    "protobuf-4": "TypeError: Descriptors cannot be created directly.",
    "two-protobufs-in-one-process": "[libprotobuf FATAL stubs/common.cc:68] This program "
    "requires version 3.7.0 of the Protocol Buffer runtime library, but the installed version is "
    "3.6.1.  Please update your library.",
    "protobuf-without-builder": "ImportError: cannot import name 'builder' from "
    "'google.protobuf.internal' (/srv/env/google/protobuf/internal/__init__.py)",
    "protobuf-without-getprototype": "AttributeError: 'MessageFactory' object has no attribute "
    "'GetPrototype'",
    "protobuf-without-runtime-version": "ImportError: cannot import name 'runtime_version' from "
    "'google.protobuf' (unknown location)",
    "keras-2-7-beside-2-6": "AlreadyExistsError: Another metric with the same name already exists.",
    "keras-newer-than-tensorflow": "ImportError: cannot import name 'dtensor' from "
    "'tensorflow.compat.v2.experimental'",
    "keras-of-another-series": "AttributeError: module 'tensorflow._api.v2.compat.v2.__internal__' "
    "has no attribute 'register_load_context_function'",
    "keras-3": "ImportError: Keras: Your environment has TF_USE_LEGACY_KERAS set to True, but you "
    "do not have the tf_keras package installed.",
    "tf-keras-demanded": "ValueError: You have tensorflow 2.17.0 and this requires tf-keras "
    "package. Please run `pip install tf-keras` or downgrade your tensorflow.",
    "keras-tensor-in-tensorflow-function": "ValueError: A KerasTensor cannot be used as input to a "
    "TensorFlow function. A KerasTensor is a symbolic placeholder for a shape and dtype",
    "keras-3-savedmodel": "ValueError: File format not supported: filepath=model. Keras 3 only "
    "supports V3 `.keras` files and legacy H5 format files",
    "keras-2-loads-keras-3": "ValueError: Unrecognized keyword arguments: ['batch_shape']",
    "keras-3-arguments": "ValueError: Unrecognized keyword arguments passed to LSTM: "
    "{'batch_input_shape': (1, 1, 7)}",
    "h5py-3": "AttributeError: 'str' object has no attribute 'decode'",
    "ml-dtypes": "AttributeError: module 'ml_dtypes' has no attribute 'float8_e3m4'",
    "undefined-symbol-io": "caused by: ['/srv/env/tensorflow_io/libtensorflow_io_plugins.so: "
    "undefined symbol: _ZN3tsl5mutex6unlockEv']",
    "undefined-symbol": "NotFoundError: /srv/env/tensorflow_text/_regex_split_ops.so: undefined "
    "symbol: _ZN10tensorflow8OpKernel11TraceStringEPNS_15OpKernelContextEb",
    "apple-intel-python": "zsh: illegal hardware instruction  python train.py",
    "illegal-instruction": "Illegal instruction (core dumped)",
    "compiled-for-other-cpu": "F tensorflow/core/platform/cpu_feature_guard.cc:37] The TensorFlow "
    "library was compiled to use AVX2 instructions, but these aren't available on your machine.",
    "macos-mutex": "libc++abi: terminating due to uncaught exception of type "
    "std::__1::system_error: mutex lock failed: Invalid argument",
    "metal-plugin": "dlopen(/opt/env/tensorflow-plugins/libmetal_plugin.dylib, 0x0006): symbol "
    "not found in flat namespace",
    "visual-c-runtime": "ImportError: Could not find the DLL(s) 'msvcp140_1.dll'. TensorFlow "
    "requires that these DLLs be installed",
    "glibc-too-old": "ImportError: /lib64/libm.so.6: version `GLIBC_2.27' not found (required by "
    "/srv/env/tensorflow/python/_pywrap_tensorflow_internal.so)",
    "libstdcxx-too-old": "ImportError: /usr/lib/libstdc++.so.6: version `GLIBCXX_3.4.29' not found",
    "static-tls": "ImportError: /usr/lib/aarch64-linux-gnu/libgomp.so.1: cannot allocate memory in "
    "static TLS block",
    "windows-without-cuda": "TensorFlow GPU support is not available on native Windows for "
    "TensorFlow >= 2.11. Even if CUDA/cuDNN are installed, GPU will not be used.",
    "driver-library-mismatch": "kernel version 460.91.3 does not match DSO version 470.57.2 -- "
    "cannot find working devices in this configuration",
    "forward-compatibility": "failed call to cuInit: CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE: "
    "forward compatibility was attempted on non supported HW",
    "driver-ignores-gpu": "NVRM: The NVIDIA NVIDIA GeForce GTX 1060 6GB GPU installed in this "
    "system is supported through the NVIDIA 580.xx Legacy drivers. Please visit the site for more "
    "information. The 595.58.03 NVIDIA driver will ignore this GPU. Continuing probe...",
    "open-kernel-modules": "NVRM: installed in this system is not supported by open",
    "driver-without-gpu": "NVRM: Please see 'Appendix A - Supported NVIDIA GPU Products'",
    "driver-older-than-ptx": "INTERNAL: Failed to load in-memory CUBIN: "
    "CUDA_ERROR_UNSUPPORTED_PTX_VERSION: the provided PTX was compiled with an unsupported "
    "toolchain.",
    "driver-too-old": "InternalError: cudaGetDevice() failed. Status: CUDA driver version is "
    "insufficient for CUDA runtime version",
    "cudnn-needs-libcuda": "Could not load library libcudnn_cnn_infer.so.8. Error: libcuda.so: "
    f"cannot open shared object file: {_NO_FILE}",
    "missing-driver-library": f"{_LOADER}Could not load dynamic library 'libcuda.so.1'; dlerror: "
    f"libcuda.so.1: cannot open shared object file: {_NO_FILE}",
    "missing-zlib": "Could not locate zlibwapi.dll. Please make sure it is in your library path!",
    "missing-cuda-library": f"{_LOADER}Could not load dynamic library 'libcufft.so.10'; dlerror: "
    f"libcufft.so.10: cannot open shared object file: {_NO_FILE}",
    "missing-cuda-dll": f"{_LOADER}Could not load dynamic library 'cudart64_101.dll'; dlerror: "
    "cudart64_101.dll not found",
    "missing-cudnn": f"{_LOADER}Could not load dynamic library 'libcudnn.so.8'; dlerror: "
    f"libcudnn.so.8: cannot open shared object file: {_NO_FILE}",
    "cudnn-sublibrary-missing": "Could not load library cudnn_ops_infer64_8.dll. Error code 126",
    "cudnn-parts-of-two-versions": "RuntimeError: CUDNN_STATUS_SUBLIBRARY_VERSION_MISMATCH",
    "missing-cupti": f"{_LOADER}Could not load dynamic library 'libcupti.so.10.1'; dlerror: "
    "libcupti.so.10.1: cannot open",
    "windows-dll-load-failed": "ImportError: DLL load failed while importing "
    "_pywrap_tensorflow_internal: A dynamic link library (DLL) initialization routine failed.",
    "no-cuda-driver-found": "cudart_stub.cc:28] Could not find cuda drivers on your machine, GPU "
    "will not be used.",
    "cannot-dlopen-gpu-libraries": "gpu_device.cc:2348] Cannot dlopen some GPU libraries. Please "
    "make sure the missing libraries mentioned above are installed properly",
    "rocm-missing-comma": "Ignoring visible gpu device (device: 0, name: RX 7900 XTX, pci bus "
    "id: 0000:03:00.0) with AMDGPU version : gfx1100. The supported AMDGPU versions are "
    "gfx1030gfx1100, gfx900, gfx906.",
    "rocm-gpu-ignored": "Ignoring visible gpu device (device: 0, name: , pci bus id: "
    "0000:23:00.0) with AMDGPU version : gfx1032. The supported AMDGPU versions are gfx1030, "
    "gfx900, gfx906, gfx908, gfx90a.",
    "gpu-too-old": "Ignoring visible gpu device (device: 0, name: GeForce GTX 980 Ti, pci bus id: "
    "0000:01:00.0, compute capability: 5.2) with Cuda compute capability 5.2. The minimum required "
    "Cuda capability is 6.0.",
    "driver-not-running": "cuda_diagnostics.cc:156] kernel driver does not appear to be running on "
    "this host (box): /proc/driver/nvidia/version does not exist",
    "cuinit-no-driver": "cuda_driver.cc:313] failed call to cuInit: UNKNOWN ERROR (303)",
    "cuinit-unknown-error": "failed call to cuInit: CUDA_ERROR_UNKNOWN: unknown error",
    "no-cuda-device": "cuInit: CUDA_ERROR_NO_DEVICE: no CUDA-capable device is detected",
    "hip-no-binary": 'hip_code_object.cpp:486: "hipErrorNoBinaryForGpu: Unable to find code object '
    'for all current devices!"',
    "blackwell-ptx-version": "LLVM ERROR: PTX version 8.5 does not support target 'sm_120'. "
    "Minimum required PTX version is 8.7.",
    "blackwell-invalid-ptx": "'cuModuleLoadData(&module)' failed with 'CUDA_ERROR_INVALID_PTX'",
    "blackwell-invalid-handle": "'cuLaunchKernel' failed with 'CUDA_ERROR_INVALID_HANDLE'",
    "no-kernel-image": "status: Internal: no kernel image is available for execution on the device",
    "kernel-image-invalid": "InternalError: CUDA runtime implicit initialization on GPU:0 failed. "
    "Status: device kernel image is invalid",
    "cudnn-older-than-built": "cuda_dnn.cc:522] Loaded runtime CuDNN library: 9.1.0 but source was "
    "compiled with: 9.3.0.  CuDNN library needs to have matching major version",
    "libdevice-not-found": "nvptx_compiler.cc:73] Can't find libdevice directory "
    "${CUDA_DIR}/nvvm/libdevice.",
    "ptxas-not-found": "Couldn't invoke ptxas --version",
    "ptxas-older-than-gpu": "ptxas fatal   : Value 'sm_120' is not defined for option 'gpu-name'",
    "out-of-memory": "ResourceExhaustedError: OOM when allocating tensor with shape[64,512,28,28]",
    "ampere-with-cuda-10": "failed to run cuBLAS routine: CUBLAS_STATUS_EXECUTION_FAILED",
    "cublas-handle": "failed to create cublas handle: CUBLAS_STATUS_NOT_INITIALIZED",
    "cudnn-handle": "Could not create cudnn handle: CUDNN_STATUS_NOT_INITIALIZED",
    "dnn-library-not-started": "FAILED_PRECONDITION: DNN library initialization failed. Look at "
    "the errors above for more details.",
    "no-algorithm-worked": "NotFoundError:  No algorithm worked! [[node conv2d/Conv2D]]",
    "blas-launch-failed": "InternalError: Blas GEMM launch failed : a.shape=(32, 784), m=32",
    "illegal-address": "failed to query event: CUDA_ERROR_ILLEGAL_ADDRESS: an illegal memory "
    "access was encountered",
    "launch-failed": "CUDA_ERROR_LAUNCH_FAILED: unspecified launch failure",
    "cupti-privileges": "cupti_tracer.cc:1441] failed with error "
    "CUPTI_ERROR_INSUFFICIENT_PRIVILEGES",
    "skipping-gpu-devices": "Skipping registering GPU devices...",
    "native-runtime": "Failed to load the native TensorFlow runtime.",
    "segmentation-fault": "Segmentation fault (core dumped)",
    "cuda-version-of-driver": "| NVIDIA-SMI 580.65.06   Driver Version: 580.65.06   CUDA Version: "
    "13.0     |",
    "kernels-compiled-at-first-use": "TensorFlow was not built with CUDA kernel binaries "
    "compatible with compute capability 9.0. CUDA kernels will be jit-compiled from PTX",
    "cudart-without-gpu": "Ignore above cudart dlerror if you do not have a GPU set up.",
    "driver-older-than-ptx-compiler": "The NVIDIA driver's CUDA version is 12.4 which is older "
    "than the PTX compiler version 12.5.82. XLA is disabling parallel compilation",
    "ptxas-by-driver": "Relying on driver to perform ptx compilation.",
    "protobuf-one-version-older": "UserWarning: Protobuf gencode version 5.28.3 is exactly one "
    "major version older than the runtime version 6.31.1 at tensorflow/core/framework/x.proto.",
    "tensorrt-not-found": "TF-TRT Warning: Could not find TensorRT",
    "numa-node": "successful NUMA node read from SysFS had negative value (-1)",
    "factory-already-registered": "Unable to register cuDNN factory: Attempting to register "
    "factory for plugin cuDNN when one has already been registered",
    "computation-placer-registered": "computation_placer.cc:177] computation placer already "
    "registered. Please check linkage",
    "onednn-on": "port.cc:153] oneDNN custom operations are on. You may see slightly different",
    "cpu-instructions": "This TensorFlow binary is optimized to use available CPU instructions",
    "log-before-start": "WARNING: All log messages before absl::InitializeLog() is called are "
    "written to STDERR",
    "end-of-sequence": "Local rendezvous is aborting with status: OUT_OF_RANGE: End of sequence",
    "delay-kernel": "Delay kernel timed out: measured time has sub-optimal accuracy.",
    "algorithm-left-out": "Omitted potentially buggy algorithm eng14{} for conv",
    "numpy-future-warning": "FutureWarning: Passing (type, 1) or '1type' as a synonym of type is "
    "deprecated; in a future version of numpy",
    "xla-devices": "XLA service 0x4ab7f00 initialized for platform Host (this does not guarantee "
    "that XLA will be used)",
    "mlir-pass": "mlir_graph_optimization_pass.cc:375] MLIR V1 optimization pass is not enabled",
    "large-allocation": "Allocation of 79148544 exceeds 10% of free system memory.",
}
