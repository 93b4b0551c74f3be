"""A small OpenID Connect service on loopback: real HTTP, one account, no questions asked."""

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt

CLIENT = "this-site"
SECRET = "a secret of 32 bytes for the test"


class Service(ThreadingHTTPServer):
    """`subject` is who signs in next; `asked` are the paths it was asked for."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.subject = "account-7"
        self.asked: list[str] = []
        self.challenges: dict[str, str] = {}
        self.is_broken = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answers(BaseHTTPRequestHandler):
    server: Service

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _say(self, status: int, content: object = None, location: str = "") -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        self.server.asked.append(url.path)
        if url.path == "/.well-known/openid-configuration":
            here = self.server.url
            self._say(
                200,
                {
                    "issuer": here,
                    "authorization_endpoint": f"{here}/authorize",
                    "token_endpoint": f"{here}/token",
                    "userinfo_endpoint": f"{here}/userinfo",
                    "jwks_uri": f"{here}/keys",
                },
            )
        elif url.path == "/authorize":
            query = {name: values[0] for name, values in parse_qs(url.query).items()}
            code = f"code-{len(self.server.challenges)}"
            self.server.challenges[code] = query["code_challenge"]
            self._say(302, location=f"{query['redirect_uri']}?code={code}&state={query['state']}")
        else:
            self._say(404)

    def do_POST(self) -> None:
        self.server.asked.append(self.path)
        length = int(self.headers["Content-Length"])
        form = {
            name: values[0] for name, values in parse_qs(self.rfile.read(length).decode()).items()
        }
        digest = sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        known = self.server.challenges.pop(form.get("code", ""), None)
        if self.server.is_broken or known != challenge:
            self._say(400, {"error": "invalid_grant"})
            return
        now = int(time.time())
        claims = {
            "iss": self.server.url,
            "aud": CLIENT,
            "sub": self.server.subject,
            "iat": now,
            "exp": now + 60,
            "email": "secret@example.org",
            "name": "李四",
        }
        token = jwt.encode(claims, SECRET, algorithm="HS256")
        self._say(200, {"access_token": "a", "token_type": "Bearer", "id_token": token})


@contextmanager
def service() -> Iterator[Service]:
    """Run it in a thread of its own until the block ends."""
    made = Service()
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield made
    finally:
        made.shutdown()
        made.server_close()
        thread.join()


def provider(url: str) -> dict[str, object]:
    """Return the app's settings as base.py writes them."""
    return {
        "provider_id": "voters",
        "name": "行业通行证",
        "client_id": CLIENT,
        "secret": "s",
        "settings": {"server_url": url, "fetch_userinfo": False},
    }
