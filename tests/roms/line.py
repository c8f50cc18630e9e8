# SPDX-License-Identifier: Apache-2.0
"""Takes a simulated chip, puts it at the other end of a line: a TCP port or a pseudo-terminal."""

from __future__ import annotations

import os
import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Protocol

Talk = Callable[[socket.socket], None]  # serves one connection until it ends


class Chip(Protocol):
    """A simulated chip: whatever arrives goes in, what it says at once comes out."""

    written: int  # bytes that its flash has taken

    def feed(self, data: bytes) -> bytes:
        """Take bytes from the line, give the bytes that follow from them."""
        ...


class Cable:
    """Between a line and a chip; it comes out when the chip's flash has taken `pull_at` bytes."""

    def __init__(self, chip: Chip, pull_at: int | None = None) -> None:
        self.pull_at = pull_at  # None: it stays in; set it to plug it in again
        self._chip = chip

    @property
    def out(self) -> bool:
        """Nothing gets through."""
        return self.pull_at is not None and self._chip.written >= self.pull_at

    def talk(self, line: socket.socket) -> None:
        """As Talk."""
        while not self.out and (data := line.recv(65536)):
            answer = self._chip.feed(data)
            if not self.out:
                line.sendall(answer)


@contextmanager
def tcp(talk: Talk) -> Iterator[str]:
    """Serve at a URL socket://..., one connection after another."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        ended = threading.Event()
        latest: list[socket.socket] = []

        def serve() -> None:
            while not ended.is_set():
                with suppress(OSError):  # the other end has gone, or we end
                    line, _ = server.accept()
                    latest[:] = [line]
                    with line:
                        talk(line)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"socket://127.0.0.1:{server.getsockname()[1]}"
        finally:
            ended.set()
            for line in (*latest, server):
                with suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)
            thread.join(10)


@contextmanager
def pty(chip: Chip, pull_at: int | None = None, baud: int | None = None) -> Iterator[str]:
    """Serve at a pseudo-terminal, give its device: for programs that take no URL. Pulled out, it hangs up.

    baud: the chip's rate, bit/s; at any other rate of the host, both ends hear garbage. None: at any rate.
    """
    import termios
    import tty

    master, slave = os.openpty()
    device = os.ttyname(slave)
    tty.setraw(slave)
    cable = Cable(chip, pull_at)
    ended = threading.Event()

    def heard(data: bytes) -> bytes:
        # What the host set on its side of the pair is seen here.
        fits = baud is None or termios.tcgetattr(slave)[4] == getattr(termios, f"B{baud}")
        return data if fits else bytes(byte * 37 & 0xFF | 0x80 for byte in data)

    def serve() -> None:
        with os.fdopen(master, "r+b", buffering=0) as line:
            while not ended.is_set():
                if not select.select([line], [], [], 0.05)[0]:
                    continue
                answer = heard(chip.feed(heard(line.read(65536))))
                if cable.out:
                    return
                line.write(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield device
    finally:
        ended.set()
        thread.join(10)
        os.close(slave)
