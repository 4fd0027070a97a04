"""A small machine to look at: a real environment with hand-made metadata, programs on its PATH, and
a root with what /proc, /sys and /dev would hold.
"""

import json
import sys
import venv
from pathlib import Path

from kb.base.store import Store
from kb.doctor.answer import findings
from kb.doctor.case import case_of
from kb.machine.inspection import Setting, inspect

TENSORFLOW = (
    "numpy<2.0.0,>=1.23.5",
    "keras<2.16,>=2.15.0",
    "protobuf!=4.21.0,<5.0.0dev,>=3.20.3",
    'tensorflow-io-gcs-filesystem>=0.23.1; platform_machine != "x86_64"',
    'nvidia-cublas-cu12==12.2.5.6; extra == "and-cuda"',
    'nvidia-cudnn-cu12==8.9.4.25; extra == "and-cuda"',
    'nvidia-cuda-runtime-cu12==12.2.140; extra == "and-cuda"',
)
WHEEL_FILES = {
    "cublas": ("libcublas.so.12", "libcublasLt.so.12"),
    "cuda_runtime": ("libcudart.so.12",),
    "cudnn": ("libcudnn.so.8",),
    "cufft": ("libcufft.so.11",),
    "cusolver": ("libcusolver.so.11",),
    "cusparse": ("libcusparse.so.12",),
}
# How the nvidia-smi of a driver up to 470 begins: it does not know the field.
UNTIL_470 = """\
case "$1" in *compute_cap*)
    echo 'Field "compute_cap" is not a valid field to query.'
    echo
    exit 2
esac
"""
_ANSWER = {
    "marks": {
        "implementation_name": "cpython",
        "os_name": "posix",
        "platform_machine": "x86_64",
        "platform_system": "Linux",
        "python_full_version": "3.11.7",
        "python_version": "3.11",
        "sys_platform": "linux",
    },
    "bits": 64,
    "musl": False,
    "prefix": "/nowhere",
    "is_environment": True,
    "folders": [],
    "user_site": "/nowhere",
}


class SmallMachine:
    """What a test sets up; nothing of the real machine's PATH, home or settings reaches it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.programs = folder / "programs"
        self.root = folder / "root"
        self.work = folder / "work"
        for path in (self.home, self.programs, self.root, self.work):
            path.mkdir()
        self.variables = {
            "PATH": str(self.programs),
            "HOME": str(self.home),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self.put("proc/cpuinfo", "flags\t\t: fpu sse2 avx avx2\n")
        self.program("ldconfig", "exit 0")
        self.site = folder / "no environment yet"

    def environment(self, name="env"):
        """Make a real environment, and activate it."""
        place = self.folder / name
        venv.create(place, symlinks=True)
        self.site = next(place.glob("lib/python*/site-packages"))
        self.variables["VIRTUAL_ENV"] = str(place)
        return self

    def python_that_says(self, **changes):
        """Activate an environment whose Python is of another kind."""
        place = self.folder / "strange"
        self.site = place / "site-packages"
        self.site.mkdir(parents=True)
        marks = {**_ANSWER["marks"], **changes.pop("marks", {})}
        answer = {**_ANSWER, "folders": [str(self.site)], **changes, "marks": marks}
        self.variables["VIRTUAL_ENV"] = str(place)
        (place / "bin").mkdir()
        self.program("python", f"cat <<'END'\n{json.dumps(answer)}\nEND", place / "bin")
        return self

    def put(self, path, text=""):
        """Write a file below the root."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def program(self, name, script, folder=None):
        """Put a shell script on the PATH."""
        path = (folder or self.programs) / name
        path.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{script}\n", encoding="utf-8")
        path.chmod(0o755)

    def install(self, name, version, *requires, folder=None, files=()):
        """Write the metadata of an installed distribution, and empty files of it."""
        site = Path(folder or self.site)
        info = site / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir(parents=True)
        lines = [f"Name: {name}", f"Version: {version}"]
        lines += [f"Requires-Dist: {requirement}" for requirement in requires]
        text = "Metadata-Version: 2.1\n" + "\n".join(lines) + "\n\nRequires-Dist: described\n"
        (info / "METADATA").write_text(text, encoding="utf-8")
        (info / "RECORD").write_text("".join(f"{file},,\n" for file in files), encoding="utf-8")
        for file in files:
            (site / file).parent.mkdir(parents=True, exist_ok=True)
            (site / file).touch()
        return self

    def tensorflow(self, version="2.15.1", name="tensorflow", requires=TENSORFLOW):
        """Install TensorFlow with what it requires."""
        self.install(name, version, *requires, files=("tensorflow/__init__.py",))
        self.install("pip", "24.0")
        for other, release in (("numpy", "1.26.4"), ("keras", "2.15.0"), ("protobuf", "4.25.3")):
            self.install(other, release)
        return self

    def cuda_wheels(self, cudnn="8.9.4.25"):
        """Install NVIDIA's wheels, and their libraries."""
        self.install("nvidia-cublas-cu12", "12.2.5.6")
        self.install("nvidia-cuda-runtime-cu12", "12.2.140")
        self.install("nvidia-cudnn-cu12", cudnn)
        for part, files in WHEEL_FILES.items():
            for file in files:
                self.library(self.site / "nvidia" / part / "lib", file)
        return self

    def library(self, folder, file, whole=None):
        """Put a library into a folder, as a link to its whole version where that is given."""
        folder.mkdir(parents=True, exist_ok=True)
        if whole is None:
            (folder / file).touch()
        else:
            (folder / whole).touch()
            (folder / file).symlink_to(whole)
        return self

    def gpu(self, name="Tesla V100-PCIE-16GB", capability="7.0", driver="550.54.14"):
        """Put a GPU into the machine, with its driver."""
        self.program("nvidia-smi", f"echo '{name}, {capability}, {driver}'")
        self.put("proc/driver/nvidia/version", f"NVRM version: NVIDIA x86_64 Module  {driver}  Mon")
        self.put("dev/nvidiactl")
        self.library(self.root / "usr/lib", "libcuda.so.1", f"libcuda.so.{driver}")
        return self

    def seen(self, python=None, timeout=5.0):
        """Return what the inspection sees."""
        setting = Setting(
            variables=self.variables,
            python=python,
            folder=self.work,
            root=self.root,
            timeout=timeout,
        )
        return inspect(setting)

    def case(self, timeout=5.0):
        """Hold what is seen against the real knowledge base."""
        return case_of(Store(), self.seen(timeout=timeout))

    def found(self, rule, timeout=5.0):
        """Return what one rule finds."""
        return [one for one in findings(self.case(timeout)) if one.rule == rule]

    def one(self, rule, timeout=5.0):
        """Return the only finding of a rule."""
        found = self.found(rule, timeout)
        assert len(found) == 1, found
        return found[0]

    def severities(self):
        """Return the rules that find an error or a warning."""
        return {one.rule: one.severity for one in findings(self.case()) if one.severity != "ok"}


OWN = "{}.{}".format(*sys.version_info[:2])
