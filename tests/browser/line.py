"""A line between a client and a server that can break, and that counts what goes up."""

import contextlib
import socket
import threading
import time
from urllib.parse import urlsplit

from tests.servers import free_port

PIECE = 16 * 1024


class Line:
    """Passes bytes on between a port of its own and the server's; `sent` counts those going up.

    `pace`: the bytes a second that it carries upwards; None, as many as come.
    """

    def __init__(self, server_url: str) -> None:
        self.server = urlsplit(server_url).port
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.sent = 0
        self.cut_at: int | None = None
        self.pace: int | None = None
        self.was_cut = threading.Event()
        self.sockets: set[socket.socket] = set()
        self.listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Break every connection; new ones break at once until `mend`."""
        self.was_cut.set()
        for one in list(self.sockets):
            _break(one)

    def mend(self) -> None:
        self.cut_at = None
        self.was_cut.clear()

    def is_still(self) -> bool:
        """Return whether next to nothing goes up for a second."""
        before = self.sent
        time.sleep(1)
        return self.sent - before < 4 * PIECE

    def close(self) -> None:
        self.cut()
        self.listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _address = self.listener.accept()
            except OSError:
                return
            try:
                if self.was_cut.is_set():
                    raise OSError
                server = socket.create_connection(("127.0.0.1", self.server))
            except OSError:
                _break(client)
                continue
            self.sockets |= {client, server}
            for ends in ((client, server, True), (server, client, False)):
                threading.Thread(target=self._pass_on, args=ends, daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, upwards: bool) -> None:
        try:
            while piece := source.recv(PIECE):
                target.sendall(piece)
                if upwards:
                    self.sent += len(piece)
                    if self.pace:
                        time.sleep(len(piece) / self.pace)
                    if self.cut_at and self.sent >= self.cut_at:
                        self.cut()
        except OSError:
            pass
        for one in (source, target):
            self.sockets.discard(one)
            _break(one)


def _break(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
