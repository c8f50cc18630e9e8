# SPDX-License-Identifier: Apache-2.0
"""Takes a simulated chip, puts it at the other end of a line: a TCP port or a pseudo-terminal."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol


class Chip(Protocol):
    """A simulated chip: whatever arrives goes in, what it says at once comes out."""

    def feed(self, data: bytes) -> bytes:
        """Take bytes from the line, give the bytes that follow from them."""
        ...


Pulled = Callable[[], bool]  # True as soon as the cable is out


@contextmanager
def tcp(chip: Chip, pulled: Pulled = lambda: False) -> Iterator[str]:
    """Serve the chip at a URL socket://..., one connection after another; a pulled cable closes the one."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        ended = threading.Event()
        thread = threading.Thread(target=_serve, args=(server, chip, pulled, ended), daemon=True)
        thread.start()
        try:
            yield f"socket://127.0.0.1:{server.getsockname()[1]}"
        finally:
            ended.set()
            thread.join(10)


def _serve(server: socket.socket, chip: Chip, pulled: Pulled, ended: threading.Event) -> None:
    while not ended.is_set():
        try:
            line, _ = server.accept()
        except TimeoutError:
            continue
        with line:
            line.settimeout(0.1)
            while not ended.is_set() and not pulled():
                try:
                    data = line.recv(65536)
                except TimeoutError:
                    continue
                except OSError:
                    break
                if not data:
                    break
                answer = chip.feed(data)
                if not pulled():
                    line.sendall(answer)


@contextmanager
def pty(chip: Chip) -> Iterator[str]:
    """Serve the chip at a pseudo-terminal, gives its device; for programs that take no URL."""
    import select
    import tty

    master, slave = os.openpty()
    tty.setraw(slave)
    ended = threading.Event()

    def serve() -> None:
        while not ended.is_set():
            if select.select([master], [], [], 0.1)[0]:
                os.write(master, chip.feed(os.read(master, 65536)))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield os.ttyname(slave)
    finally:
        ended.set()
        thread.join(10)
        os.close(master)
        os.close(slave)
