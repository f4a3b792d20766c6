"""WeasyPrint is imported without what a letter does not need, and that is there when it is needed after all."""

from __future__ import annotations

import os
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

FETCHES = """
import sys
from engross.render import weasy
weasy.load()
assert not {"http.client", "ssl"} & set(sys.modules)
with sys.modules["urllib.request"].urlopen(sys.argv[1]) as answer:
    print(answer.read().decode())
"""


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"fetched")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_the_client_for_http_is_loaded_by_who_fetches() -> None:
    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        Thread(target=server.handle_request, daemon=True).start()
        command = [sys.executable, "-c", FETCHES, f"http://127.0.0.1:{server.server_port}/"]
        run = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "NO_PROXY": "127.0.0.1"})
    assert run.stdout == "fetched\n", run.stderr
