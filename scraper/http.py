"""Ask servers, politely and with limits: retries, time-outs, and no answer larger than expected."""

import time
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError
from urllib3.util.retry import Retry

from kb.base.errors import SourceFailed

TIMEOUT_S = (10, 60)
RETRIES = 4
CONNECTIONS = 16
_LONGEST_WAIT_S = 60


def open_session(backoff_s: float = 0.5, certificates: str | None = None) -> requests.Session:
    """Return a session that retries what may pass: no connection, 429 (Retry-After), 5xx.

    `backoff_s` is the first wait between tries, `certificates` the path of a bundle to trust.
    """
    retry = Retry(
        total=RETRIES,
        backoff_factor=backoff_s,
        status_forcelist=(429, 500, 502, 503, 504),
        retry_after_max=_LONGEST_WAIT_S,
        raise_on_status=False,
    )
    session = requests.Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry, pool_maxsize=CONNECTIONS))
    session.headers["User-Agent"] = f"tensorflow-compat/{_own_version()}"
    if certificates:
        session.verify = certificates
    return session


def _own_version() -> str:
    try:
        return version("tensorflow-compat")
    except PackageNotFoundError:
        return "0"


class NotThere(SourceFailed):
    """The server has nothing at the address (HTTP 404)."""


class Response:
    """A whole answer: its bytes and the headers that came with them."""

    def __init__(self, body: bytes, status: int, headers: Mapping[str, str]) -> None:
        self.body = body
        self.status = status
        self.headers = headers


def get(
    session: requests.Session,
    url: str,
    what: str,
    limit: int,
    headers: Mapping[str, str] | None = None,
    expected: int = 200,
) -> Response:
    """Fetch `url` whole, at most `limit` bytes of it, and demand the status `expected`.

    A body that breaks off is fetched anew, up to RETRIES times. Raises SourceFailed, whose line
    calls the source `what` and holds no address.
    """
    for attempt in range(RETRIES + 1):
        try:
            with session.get(url, headers=headers, timeout=TIMEOUT_S, stream=True) as response:
                if response.status_code != expected:
                    refused = NotThere if response.status_code == 404 else SourceFailed
                    raise refused(f"{what}: {_refusal(response.status_code, expected)}")
                body = response.raw.read(limit + 1, decode_content=True)
                answer = Response(body, response.status_code, response.headers)
                break
        except requests.RequestException as error:
            raise SourceFailed(f"{what}: {_reason(error)}") from None
        except (HTTPError, OSError):
            if attempt == RETRIES:
                raise SourceFailed(
                    f"{what}: the answer broke off {RETRIES + 1} times; try again later"
                ) from None
            time.sleep(0.1 * attempt)
    if len(answer.body) > limit:
        raise SourceFailed(f"{what}: the answer is larger than {limit} bytes")
    return answer


def _refusal(status: int, expected: int) -> str:
    if status == 404:
        return "not there (HTTP 404)"
    if status == 429:
        return "too many requests (HTTP 429); try again later"
    if status == 200 and expected == 206:
        return "the server ignores Range and would send the whole wheel; use an index that has it"
    return f"HTTP {status}" + ("; try again later" if status >= 500 else "")


def _reason(error: requests.RequestException) -> str:
    if isinstance(error, requests.exceptions.SSLError):
        return "the server's certificate is not trusted; name a bundle in pip's setting cert"
    if isinstance(error, requests.Timeout):
        return "no answer in time; try again later"
    if isinstance(error, requests.exceptions.RetryError):
        return "too many failed answers; try again later"
    return "no connection; try again later"
