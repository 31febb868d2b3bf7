"""A webhook receiver that keeps one message per webhook-id, as the standard advises receivers to do."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from connectors.signatures import verify
from tests.conftest import SECRET


class Receiver:
    """What arrived: how often each key, and each key's body once."""

    def __init__(self) -> None:
        self.arrivals: Counter[str] = Counter()
        self.kept: dict[str, bytes] = {}
        self.url = ""


@contextmanager
def receiving(status: int = 204) -> Iterator[Receiver]:
    """Receive while the block runs, answering with a status."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            verify((SECRET,), {key.lower(): value for key, value in self.headers.items()}, body, datetime.now(UTC))
            key = self.headers["webhook-id"]
            receiver.arrivals[key] += 1
            receiver.kept.setdefault(key, body)
            self.send_response(status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
