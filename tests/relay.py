# SPDX-License-Identifier: Apache-2.0
"""Takes firmware that runs as a process of this machine, gives it a line of so many bytes a second each way.

The line ends in a pseudo-terminal or in a TCP port. A byte arrives when the line has carried it, not sooner.
"""

from __future__ import annotations

import os
import pty
import socket
import subprocess
import threading
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

_PIECE = 16  # bytes that are handed on together, as a UART's FIFO has them


class _Way:
    """One direction: what `read` gives is written when the line has carried it."""

    def __init__(self, read: Callable[[], bytes], write: Callable[[bytes], object], rate: float) -> None:
        self.carried = 0
        self._read, self._write, self._rate = read, write, rate
        self._sent: Queue[tuple[float, bytes]] = Queue()
        for work in (self._take, self._give):
            threading.Thread(target=work, daemon=True).start()

    def _take(self) -> None:
        data = b"-"
        while data:
            try:
                data = self._read()
            except OSError:
                data = b""  # the other end has closed it
            self._sent.put((time.monotonic(), data))

    def _give(self) -> None:
        free = 0.0
        while (sent := self._sent.get())[1]:
            free = max(free, sent[0])  # a thread that woke too late has not kept the line from going on
            for start in range(0, len(sent[1]), _PIECE):
                piece = sent[1][start : start + _PIECE]
                free += len(piece) / self._rate
                time.sleep(max(0.0, free - time.monotonic()))
                try:
                    self._write(piece)
                except OSError:
                    return
                self.carried += len(piece)


@dataclass(frozen=True)
class Line:
    """url: what `-p` takes. to, back: towards the device, and from it."""

    url: str
    to: _Way
    back: _Way


@contextmanager
def attached(elf: Path, rate: float, tcp: bool) -> Iterator[Line]:
    """The firmware behind a line of `rate` bytes/s, of TCP or a pseudo-terminal, until the block ends."""
    with ExitStack() as opened:
        device = subprocess.Popen([elf], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        opened.callback(device.wait, 10)
        opened.callback(device.terminate)
        assert device.stdin is not None and device.stdout is not None
        read, write, url = _tcp(opened) if tcp else _terminal(opened)
        number = device.stdout.fileno()
        yield Line(
            url, _Way(read, device.stdin.write, rate), _Way(lambda: os.read(number, 4096), write, rate)
        )


_Ends = tuple[Callable[[], bytes], Callable[[bytes], object], str]


def _terminal(opened: ExitStack) -> _Ends:
    near, far = pty.openpty()
    tty.setraw(far)
    opened.callback(os.close, far)
    return lambda: os.read(near, 4096), lambda data: os.write(near, data), os.ttyname(far)


def _tcp(opened: ExitStack) -> _Ends:
    server = opened.enter_context(socket.create_server(("127.0.0.1", 0)))
    connected: list[socket.socket] = []

    def read() -> bytes:
        if not connected:
            connected.append(opened.enter_context(server.accept()[0]))
            connected[0].setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connected[0].recv(4096)

    return read, lambda data: connected[0].sendall(data), f"socket://127.0.0.1:{server.getsockname()[1]}"
