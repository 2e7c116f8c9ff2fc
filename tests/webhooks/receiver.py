"""An integrator's server, in a process of its own: verifies each request and writes down what it got.

`python receiver.py PORT SECRETS_FILE RECEIPTS_FILE`. The path says how it answers: `/ok`, `/third` (fails a
third of the requests), `/fail`, `/hang`, `/redirect`, `/huge`, `/slow`, `/bomb`. It knows no code of BigLedger.
"""

from __future__ import annotations

import gzip
import hashlib
import hmac
import json
import random
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from standardwebhooks import Webhook, WebhookVerificationError

HANG_SECONDS = 15


def verify_webhook(payload, signature, secret):
    """As printed in the reference."""
    expected = hmac.new(
        secret.encode(),
        payload.encode(),
        hashlib.sha256,
    ).hexdigest()

    return hmac.compare_digest(
        f"sha256={expected}",
        signature,
    )


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    secrets_file: Path
    receipts_file: Path

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        kind = self.path.strip("/").partition("/")[0]
        if kind == "hang":
            time.sleep(HANG_SECONDS)
        failing = kind == "fail" or (kind == "third" and random.random() < 1 / 3)
        self._write_down(body, failing)
        {"redirect": self._redirect, "huge": self._huge, "slow": self._slow, "bomb": self._bomb}.get(
            kind, lambda: self._answer(500 if failing else 200, b"no" if failing else b"thanks")
        )()

    def _write_down(self, body, failing):
        event = json.loads(body)
        secrets = self.secrets_file.read_text().split()
        unsigned = body.rpartition(',"signature":')[0] + "}"
        receipt = {
            "at": time.time(),
            "path": self.path,
            "failed": failing,
            "event": event,
            "body": body,
            "headers": dict(self.headers),
            "reference": [verify_webhook(body, self.headers.get("X-Signature", ""), secret) for secret in secrets],
            "member": [verify_webhook(unsigned, event.get("signature", ""), secret) for secret in secrets],
            "standard": [self._verifies(secret, body) for secret in secrets],
        }
        with self.receipts_file.open("a") as file:
            file.write(json.dumps(receipt) + "\n")

    def _verifies(self, secret, body):
        try:
            Webhook(secret).verify(body, dict(self.headers))
        except WebhookVerificationError:
            return False
        return True

    def _answer(self, status, body, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _redirect(self):
        self._answer(302, b"", Location="/ok/followed")

    def _huge(self):
        self._answer(200, b"x" * 50_000_000)

    def _bomb(self):
        self._answer(200, gzip.compress(b"0" * 10_000_000), Content_Encoding="gzip")

    def _slow(self):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        for _ in range(HANG_SECONDS * 5):
            self.wfile.write(b".")
            time.sleep(0.2)

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # a worker that was killed leaves broken pipes behind


if __name__ == "__main__":
    Receiver.secrets_file, Receiver.receipts_file = Path(sys.argv[2]), Path(sys.argv[3])
    Server(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
