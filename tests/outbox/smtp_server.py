"""A mail server on loopback that hangs up, refuses or stays silent exactly where it is told."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Server:
    """``faults`` holds what happens at the next messages, one after the other; then it simply works.

    ``mail:451 text`` answers so to MAIL; ``data``, ``rcpt``, ``dot`` likewise. ``mail:drop`` hangs up there,
    ``text:drop`` in the midst of the text, ``dot:drop`` after the dot without taking the mail, ``dot:take-and-drop``
    having taken it.
    """

    port: int = 0
    faults: list[str] = field(default_factory=list)
    taken: list[bytes] = field(default_factory=list)
    connections: int = 0

    def fault(self, at: str) -> str:
        if self.faults and self.faults[0].startswith(at + ":"):
            return self.faults.pop(0).partition(":")[2]
        return ""


def _speak(server: Server, line: socket.socket) -> None:
    file = line.makefile("rb")

    def say(text: str) -> None:
        line.sendall(text.encode() + b"\r\n")

    say("220 loopback")
    while raw := file.readline():
        word = raw.split()[0].upper() if raw.split() else b""
        at = {b"MAIL": "mail", b"RCPT": "rcpt", b"DATA": "data"}.get(word, "")
        fault = server.fault(at) if at else ""
        if fault == "drop":
            return
        if fault:
            say(fault)
        elif word == b"EHLO":
            say("250-loopback")
            say("250 8BITMIME")
        elif word == b"QUIT":
            say("221 bye")
            return
        elif word != b"DATA":
            say("250 ok")
        else:
            say("354 go on")
            text = b""
            if server.fault("text") == "drop":
                file.readline()
                line.setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0"
                )  # reset, not a polite end
                return
            while (part := file.readline()) != b".\r\n":
                if not part:
                    return
                text += part
            fault = server.fault("dot")
            if fault == "drop":
                return
            if fault in ("", "take-and-drop"):
                server.taken.append(text)
            if fault == "take-and-drop":
                return
            say(fault or "250 2.0.0 taken")


@contextmanager
def running(*faults: str) -> Iterator[Server]:
    server = Server(faults=list(faults))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        server.port = listening.getsockname()[1]

        def accept() -> None:
            while True:
                try:
                    line, _address = listening.accept()
                except OSError:
                    return
                server.connections += 1
                with line, suppress(OSError):
                    _speak(server, line)

        threading.Thread(target=accept, daemon=True).start()
        yield server
        listening.shutdown(socket.SHUT_RDWR)
