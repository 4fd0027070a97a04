"""METADATA of one wheel: by its own small file where the index has it (PEP 658), else by range."""

import hashlib

import requests

from kb.base.errors import SourceFailed
from kb.facts.wheel_text import MAX_TEXT, headers
from scraper import wheels
from scraper.companion_index import SpeakingWheel
from scraper.http import NotThere, get
from scraper.wheels import Traffic

_TRIES = 8


class MetadataReader:
    """Reads METADATA of one wheel after another.

    An index may have the small files without a word of them in its list: they are asked for too,
    unless none of the first few is there.
    """

    def __init__(self, session: requests.Session, traffic: Traffic) -> None:
        self._session = session
        self._traffic = traffic
        self._found = False
        self._missing = 0

    def read(self, wheel: SpeakingWheel) -> str:
        """Return METADATA's headers, or nothing where the wheel holds none that can be read.

        Raises SourceFailed, naming the wheel.
        """
        offered = wheel.offers_metadata
        if offered or (offered is None and (self._found or self._missing < _TRIES)):
            try:
                text = self._own_file(wheel)
            except NotThere:
                self._missing += 1
            else:
                self._found = True
                return headers(text)
        return headers(self._inside(wheel))

    def _own_file(self, wheel: SpeakingWheel) -> str:
        what = f"companions: {wheel.file}.metadata"
        answer = get(self._session, wheel.metadata_address, what, MAX_TEXT)
        self._traffic.add(requests=1, received=len(answer.body))
        digest = hashlib.sha256(answer.body).hexdigest()
        if wheel.metadata_sha256 is not None and digest != wheel.metadata_sha256:
            raise SourceFailed(f"{what}: is not what the index says; its sha256 is {digest}")
        return answer.body.decode("utf-8", errors="replace")  # what is kept of it is ASCII

    def _inside(self, wheel: SpeakingWheel) -> str:
        what = f"companions: {wheel.file}"
        try:
            with wheels.opened(
                self._session, wheel.address, what, wheel.size, self._traffic
            ) as archive:
                return wheels.member(archive, wheels.METADATA, what, self._traffic) or ""
        except wheels.BrokenWheel:
            return ""
