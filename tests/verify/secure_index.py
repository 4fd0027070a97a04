"""The index by HTTPS: pip keeps nothing that came without."""

import ssl

from tests.scraper.local_index import LocalIndex


class SecureIndex(LocalIndex):
    """The index, with a certificate of its own."""

    def __init__(self, certificate):
        super().__init__()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    @property
    def root(self):
        return super().root.replace("http://127.0.0.1", "https://localhost")
