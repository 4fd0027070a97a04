"""A package index on loopback: PEP 691 pages, tiny wheels served by range, and faults on demand."""

import functools
import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Callable, Iterable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import urlsplit

JSON = "application/vnd.pypi.simple.v1+json"
PADDING = 64 * 1024
CHUNK = 64 * 1024

LINUX = "manylinux_2_17_x86_64.manylinux2014_x86_64"
CUDA_BUILD = (
    "import collections\n"
    "build_info = collections.OrderedDict([('cpu_compiler', '/usr/bin/clang'), "
    "('cuda_compute_capabilities', ['sm_50', 'compute_80']), ('cuda_version', '12.2'), "
    "('cudnn_version', '8'), ('is_cuda_build', True), ('is_rocm_build', False)])\n"
)
CPU_BUILD = "build_info = {'is_cuda_build': False, 'is_rocm_build': False}\n"


class Reply(NamedTuple):
    """What the server answers; `sent` bytes of the body go out before it hangs up, None for all."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = {}
    sent: int | None = None


class Asked(NamedTuple):
    """One request that came in, and how many bytes of body went out for it."""

    path: str
    range: str | None
    status: int
    sent: int


# A fault makes another reply of the one that is right, given the file whole.
Fault = Callable[[Reply, bytes], Reply]


def status(code: int, **headers: str) -> Fault:
    """Answer a status and nothing else; `Retry_After="0"` is a header."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda right, whole: Reply(code, b"refused", named)


def right(reply: Reply, whole: bytes) -> Reply:
    """Answer as a good server does."""
    return reply


def breaks_off(reply: Reply, whole: bytes) -> Reply:
    """Announce the whole body and send half of it."""
    return reply._replace(sent=len(reply.body) // 2)


def ignores_range(reply: Reply, whole: bytes) -> Reply:
    """Send the whole file whatever range was asked for."""
    return Reply(200, whole)


def body(content: bytes, kind: str = JSON) -> Fault:
    """Answer 200 with another body."""
    return lambda right, whole: Reply(200, content, {"Content-Type": kind})


def header(name: str, value: str) -> Fault:
    """Answer right, but for one header."""
    return lambda right, whole: right._replace(headers={**right.headers, name: value})


def moved(address: str) -> Fault:
    """Redirect to another address."""
    return status(302, Location=address)


def metadata(distribution: str, release: str, *lines: str) -> str:
    """Return METADATA with these headers more."""
    first = ("Metadata-Version: 2.1", f"Name: {distribution}", f"Version: {release}")
    return "\n".join([*first, "Requires-Python: >=3.9", *lines]) + "\n\nA long description.\n"


@functools.cache
def padding(name: str, size: int = PADDING) -> bytes:
    """Return bytes that do not compress, always the same for a name."""
    return hashlib.shake_128(name.encode()).digest(size)


def zipped(members: Iterable[tuple[str, bytes | str]]) -> bytes:
    """Return a zip of these members; padding is stored, all else deflated; no clock in it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members:
            info = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
            stored = name.startswith("padding")
            info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return buffer.getvalue()


@functools.cache
def wheel(
    file: str, distribution: str, release: str, requires: tuple[str, ...], build_info: str | None
) -> bytes:
    """Return a wheel whose texts lie in the middle, far from the directory at its end."""
    stem = "-".join(file.split("-")[:2])
    text = metadata(distribution, release, *(f"Requires-Dist: {one}" for one in requires))
    members: list[tuple[str, bytes | str]] = [
        ("padding/first.so", padding(file)),
        (f"{stem}.dist-info/METADATA", text),
    ]
    if build_info is not None:
        members.append(("tensorflow/python/platform/build_info.py", build_info))
    members += [("padding/last.so", padding(file)), (f"{stem}.dist-info/RECORD", "")]
    return zipped(members)


class LocalIndex:
    """The index: what it lists, the files it serves, what it was asked, and its faults by path."""

    def __init__(self) -> None:
        self.listed: dict[str, list[dict[str, Any]]] = {}
        self.files: dict[str, bytes] = {}
        self._asked: list[Asked] = []
        self._open = 0
        self.on_request: Callable[[str], None] = lambda path: None
        self._faults: dict[str, list[Fault]] = {}
        self._lock = threading.Lock()
        self._quiet = threading.Condition(self._lock)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> "LocalIndex":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def root(self) -> str:
        """Return the server's address."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def address(self) -> str:
        """Return the index's address."""
        return f"{self.root}/simple/"

    def add(
        self,
        distribution: str,
        release: str,
        tags: str = f"cp311-cp311-{LINUX}",
        *,
        day: str = "2023-11-14",
        requires: Iterable[str] = (),
        build_info: str | None = CPU_BUILD,
        content: bytes | None = None,
        **listed: Any,
    ) -> str:
        """List one wheel and serve it; return its path. `listed` replaces what the page says."""
        file = f"{distribution.replace('-', '_')}-{release}-{tags}.whl"
        if content is None:
            content = wheel(file, distribution, release, tuple(requires), build_info)
        return self.add_file(distribution, file, content, day, **listed)

    def add_sdist(self, distribution: str, release: str, day: str = "2023-11-14") -> str:
        """List one source archive; return its path."""
        return self.add_file(distribution, f"{distribution}-{release}.tar.gz", b"placeholder", day)

    def add_file(
        self, distribution: str, file: str, content: bytes, day: str = "2023-11-14", **listed: Any
    ) -> str:
        """List any file and serve it; return its path. A value of None leaves a field out."""
        path = f"/files/{file}"
        self.files[path] = content
        entry = {
            "filename": file,
            "url": f"{self.root}{path}",
            "hashes": {"sha256": hashlib.sha256(content).hexdigest()},
            "size": len(content),
            "upload-time": f"{day}T12:00:00.000000Z",
            "yanked": False,
            **listed,
        }
        entry = {name: value for name, value in entry.items() if value is not None}
        self.listed.setdefault(distribution, []).append(entry)
        return path

    def remove(self, distribution: str, *parts: str) -> None:
        """Take the files whose names hold all of these parts off a distribution's page."""
        self.listed[distribution] = [
            entry
            for entry in self.listed[distribution]
            if not all(part in entry["filename"] for part in parts)
        ]

    def entry(self, path: str) -> dict[str, Any]:
        """Return what the page says of the file at a path, to be changed."""
        entries = [entry for listed in self.listed.values() for entry in listed]
        return next(entry for entry in entries if f"/files/{entry['filename']}" == path)

    def fault(self, path: str, *faults: Fault) -> None:
        """Answer what is asked at `path` by these faults, one after another; the last one stays."""
        self._faults[path] = list(faults)

    def forget(self) -> None:
        """Forget what was asked."""
        with self._lock:
            self._asked.clear()

    def wheels_asked(self) -> list[str]:
        """Return the paths of the files that were asked for, each once, sorted."""
        return sorted({one.path for one in self.asked if one.path.startswith("/files/")})

    def sent(self, path: str) -> int:
        """Return how many bytes went out for a path."""
        return sum(one.sent for one in self.asked if one.path == path)

    def reply(self, path: str, wanted: str | None) -> Reply:
        """Return the reply to one request."""
        self.on_request(path)
        whole = self._whole(path)
        reply = _right(path, wanted, whole)
        with self._lock:
            faults = self._faults.get(path, [right])
            fault = faults.pop(0) if len(faults) > 1 else faults[0]
        return fault(reply, whole or b"")

    @property
    def asked(self) -> list[Asked]:
        """Return what was asked, when every request that came in has been accounted for: a client
        may have its answer before the server has noted it.
        """
        with self._quiet:
            assert self._quiet.wait_for(lambda: self._open == 0, timeout=30)
            return list(self._asked)

    def begin(self) -> None:
        """Count a request that came in."""
        with self._lock:
            self._open += 1

    def note(self, asked: Asked) -> None:
        """Keep account of one request."""
        with self._quiet:
            self._asked.append(asked)
            self._open -= 1
            self._quiet.notify_all()

    def _whole(self, path: str) -> bytes | None:
        name = path.removeprefix("/simple/").strip("/")
        if path.startswith("/simple/") and name in self.listed:
            page = {"meta": {"api-version": "1.1"}, "name": name, "files": self.listed[name]}
            return json.dumps(page).encode()
        return self.files.get(path)


def _right(path: str, wanted: str | None, whole: bytes | None) -> Reply:
    if whole is None:
        return Reply(404, b"no such page")
    kind = {"Content-Type": JSON if path.startswith("/simple/") else "application/octet-stream"}
    if wanted is None or not path.startswith("/files/"):
        return Reply(200, whole, kind)
    first, _, last = wanted.removeprefix("bytes=").partition("-")
    end = min(int(last), len(whole) - 1)
    stated = {"Content-Range": f"bytes {first}-{end}/{len(whole)}"}
    return Reply(206, whole[int(first) : end + 1], {**kind, **stated})


def _handler(index: LocalIndex) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            wanted = self.headers.get("Range")
            index.begin()
            reply = Reply(500, b"")
            sent = 0
            try:
                reply = index.reply(path, wanted)
                content = reply.body if reply.sent is None else reply.body[: reply.sent]
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                for start in range(0, len(content), CHUNK):
                    sent += self.wfile.write(content[start : start + CHUNK])
                    self.wfile.flush()
            finally:
                index.note(Asked(path, wanted, reply.status, sent))
                self.close_connection = self.close_connection or reply.sent is not None

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler
