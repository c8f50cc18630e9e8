# SPDX-License-Identifier: Apache-2.0
"""Takes a board's emulator command and an ELF, gives the byte pipe of the emulated UART; closing ends it."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tinyedge.errors import DeviceError
from tinyedge.process import leash
from tinyedge.process.child import Child, require
from tinyedge.transport.tcp import Connection

SCHEMES = ()
_START = 20.0  # s until QEMU has opened its end of the line


class Emulator:
    """A running QEMU. The UART is a TCP socket: a PTY may hold back the last byte of a frame."""

    bytes_per_second = None

    def __init__(self, command: Sequence[str], elf: Path) -> None:
        self.name = Path(command[0]).name
        # We listen and QEMU connects: no port number has to be guessed, and no start-up waited for.
        with socket.create_server(("127.0.0.1", 0), backlog=1) as listener:
            places = {"{elf}": str(elf.resolve()), "{serial}": "chardev:line"}
            filled = [places.get(word, word) for word in command] + _line(listener.getsockname()[1])
            self._child = _start(filled, self.name)
            try:
                self._line = self._accept(listener)
            except BaseException:
                self._child.close()
                raise

    def read(self, timeout: float) -> bytes:
        """As link.Transport."""
        try:
            return self._line.read(timeout)
        except DeviceError as error:
            raise self._child.death() from error

    def write(self, data: bytes) -> None:
        """As link.Transport."""
        try:
            self._line.write(data)
        except DeviceError as error:
            if self._child.running():
                raise
            raise self._child.death() from error

    def close(self) -> None:
        """As link.Transport."""
        self._child.close()
        self._line.close()

    def _accept(self, listener: socket.socket) -> Connection:
        listener.settimeout(0.1)
        deadline = time.monotonic() + _START
        while time.monotonic() < deadline:
            try:
                return Connection(listener.accept()[0], self.name)
            except TimeoutError:
                if not self._child.running():
                    raise self._child.death() from None
        raise DeviceError(f"{self.name} did not open its serial line in {_START:g} s")


def _line(port: int) -> list[str]:
    # A multiplexer brings a buffer of 32 bytes: without one, QEMU's main loop has to wake up for every byte.
    # 256 is a byte that never comes: the multiplexer would take its escape byte out of the stream.
    return ["-chardev", f"socket,id=line,host=127.0.0.1,port={port},nodelay=on,mux=on", "-echr", "256"]


def _start(command: Sequence[str], name: str) -> Child:
    require(command[0])
    return Child([sys.executable, "-I", "-S", str(Path(leash.__file__)), *command], name)


def open_emulator(command: Sequence[str], elf: Path) -> Emulator:
    """Start a board's emulator, `{elf}` and `{serial}` filled in."""
    return Emulator(command, elf)
