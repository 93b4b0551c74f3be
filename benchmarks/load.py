"""A load that costs little itself: requests prepared before, raw sockets kept open, one thread."""

import selectors
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class Load:
    """What came of it. `answers`: the bodies of answers with status 200, as they came."""

    seconds: float = 0.0
    answers: list[bytes] = field(default_factory=list)
    others: dict[bytes, int] = field(default_factory=dict)  # status line -> how often

    @property
    def rate(self) -> float:
        """Return the answers with status 200 a second."""
        return len(self.answers) / self.seconds


class _Client:
    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""

    def answer(self) -> tuple[bytes, bytes] | None:
        """Read what is there; return (status line, body) once it is complete."""
        piece = self.socket.recv(65536)
        if not piece:
            raise ConnectionError("The server closed the connection.")
        self.received += piece
        head, found, body = self.received.partition(b"\r\n\r\n")
        if not found:
            return None
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        if len(body) < length:
            return None
        self.received = b""
        return head[: head.index(b"\r\n")], body


def run(url: str, requests: Iterator[bytes], *, clients: int, seconds: float) -> Load:
    """Let so many clients send requests, each its next once it has its answer, for so long.

    Ends earlier when the requests are used up. No answer is left waiting for.
    """
    place = urlsplit(url)
    address = ("127.0.0.1", place.port or 80)
    load = Load()
    with selectors.EpollSelector() as ready:
        all_clients = [_Client(address) for _ in range(clients)]
        begun = time.perf_counter()
        for client in all_clients:
            if _send(client, requests):
                ready.register(client.socket, selectors.EVENT_READ, client)
        while ready.get_map():
            for key, _events in ready.select():
                if (answer := key.data.answer()) is None:
                    continue
                _keep(load, *answer)
                is_over = time.perf_counter() - begun > seconds
                if is_over or not _send(key.data, requests):
                    ready.unregister(key.data.socket)
        load.seconds = time.perf_counter() - begun
        for client in all_clients:
            client.socket.close()
    return load


def _send(client: _Client, requests: Iterator[bytes]) -> bool:
    if (request := next(requests, None)) is None:
        return False
    client.socket.sendall(request)
    return True


def _keep(load: Load, status: bytes, body: bytes) -> None:
    if status.startswith(b"HTTP/1.1 200"):
        load.answers.append(body)
    else:
        load.others[status] = load.others.get(status, 0) + 1


def post(path: str, *, host: str, cookie: str, body: str, address: str) -> bytes:
    """Return a form's POST as a browser's script sends it, from `address` behind a proxy."""
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: {host}",
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0",
        "Accept: application/json",
        "Accept-Language: zh-CN,zh;q=0.9",
        "Content-Type: application/x-www-form-urlencoded;charset=UTF-8",
        f"Content-Length: {len(body)}",
        f"Cookie: {cookie}",
        f"Origin: http://{host}",
        f"Referer: http://{host}/gallery/",
        "Sec-Fetch-Site: same-origin",
        f"X-Forwarded-For: {address}",
        "",
        body,
    ]
    return "\r\n".join(lines).encode()
