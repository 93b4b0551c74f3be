"""Stands before the S3 server: passes everything on, or answers 503 to everything."""

import socket
import threading
from contextlib import suppress

UNAVAILABLE = (
    b"HTTP/1.1 503 Slow Down\r\nContent-Type: application/xml\r\nConnection: close\r\n"
    b"Content-Length: 65\r\n\r\n<Error><Code>SlowDown</Code><Message>Not now.</Message></Error>  "
)
PIECE = 64 * 1024


class Proxy:
    """Listens on a loopback port of its own; `is_down` says what it does."""

    def __init__(self, port: int) -> None:
        self.upstream = port
        self.is_down = False
        self.refused = 0
        self._lines: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._listen, daemon=True).start()

    def go_down(self) -> None:
        """Answer 503 from now on; lines that are open break."""
        self.is_down = True
        for line in list(self._lines):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def come_back(self) -> None:
        self.is_down = False

    def stop(self) -> None:
        self._listener.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                line, _address = self._listener.accept()
                threading.Thread(target=self._serve, args=[line], daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        with line, suppress(OSError):
            if self.is_down:
                self._refuse(line)
                return
            with socket.create_connection(("127.0.0.1", self.upstream)) as behind:
                self._lines |= {line, behind}
                back = threading.Thread(target=_pass_on, args=[behind, line], daemon=True)
                back.start()
                _pass_on(line, behind)
                back.join()
                self._lines -= {line, behind}

    def _refuse(self, line: socket.socket) -> None:
        """Answer once the head is there, and hear the body out, so that the answer arrives."""
        head = b""
        while b"\r\n\r\n" not in head and (piece := line.recv(PIECE)):
            head += piece
        self.refused += 1
        line.sendall(UNAVAILABLE)
        line.settimeout(1)
        while line.recv(PIECE):
            pass


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while piece := one.recv(PIECE):
            other.sendall(piece)
    for line in (one, other):
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)
