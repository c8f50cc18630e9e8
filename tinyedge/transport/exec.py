# SPDX-License-Identifier: Apache-2.0
"""Takes a program, gives the byte pipe of its stdin and stdout; ends the program on closing."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
from collections.abc import Sequence
from pathlib import Path

from tinyedge.errors import DeviceError
from tinyedge.process.child import Child

SCHEMES = ("exec",)
_WRITE = 10.0  # s that a program may leave its input unread
_QUEUE = 64


class Pipe:
    """A running program; threads move its bytes, since no other way works for pipes on every system."""

    bytes_per_second: float | None = None

    def __init__(self, command: Sequence[str], name: str | None = None) -> None:
        self.name = name or Path(command[0]).name
        self._child = Child(command, self.name)
        self._arrived: queue.Queue[bytes] = queue.Queue()
        self._leaving: queue.Queue[bytes | None] = queue.Queue(_QUEUE)
        self._ended = False
        for work in (self._receive, self._send):
            threading.Thread(target=work, name=f"{self.name} pipe", daemon=True).start()

    def read(self, timeout: float) -> bytes:
        """As link.Transport."""
        if self._ended:
            raise self._child.death()
        try:
            data = self._arrived.get(timeout=timeout) if timeout > 0 else self._arrived.get_nowait()
        except queue.Empty:
            return b""
        self._ended = not data
        if self._ended:
            raise self._child.death()
        return data

    def write(self, data: bytes) -> None:
        """As link.Transport; a program that has died is noticed by `read`."""
        try:
            self._leaving.put(data, timeout=_WRITE)
        except queue.Full:
            raise DeviceError(f"{self.name} has not read its input for {_WRITE:g} s") from None

    def close(self) -> None:
        """As link.Transport."""
        with contextlib.suppress(queue.Full):
            self._leaving.put_nowait(None)
        self._child.close()

    def _receive(self) -> None:
        data = b"-"
        while data:
            try:
                data = os.read(self._child.stdout.fileno(), 65536)
            except (OSError, ValueError):
                data = b""
            self._arrived.put(data)

    def _send(self) -> None:
        # A pipe that has closed shows as the end of stdout, where it is reported.
        with contextlib.suppress(OSError, ValueError):
            while (data := self._leaving.get()) is not None:
                while data:
                    data = data[self._child.stdin.write(data) :]


def open_url(url: str, **options: object) -> Pipe:
    """Start the program of `exec://PATH`."""
    return Pipe([url.partition("://")[2]])


def open_emulator(command: Sequence[str], elf: Path) -> Pipe:
    """Start a board's command, `{elf}` filled in."""
    return Pipe([word.replace("{elf}", str(elf.resolve())) for word in command])
