# SPDX-License-Identifier: Apache-2.0
"""An ESP32-C3 whose flash holds a program of this machine: its ROM answers esptool, the program others."""

from __future__ import annotations

import socket
import subprocess
import threading
from contextlib import suppress
from pathlib import Path

from tests.roms.esp import EspRom

_SLIP = b"\xc0"  # what esptool begins with; our frames begin with a zero


class EspBoard:
    """`rom` takes what esptool says; any other caller reaches the program in flash, if there is one."""

    def __init__(self, folder: Path) -> None:
        self.rom = EspRom()
        self.size = 0  # bytes of the program; 0 until somebody has flashed one
        self._program = folder / "flashed"

    def talk(self, line: socket.socket) -> None:
        """As line.Talk."""
        data = line.recv(65536)
        if data.startswith(_SLIP):
            while data:
                line.sendall(self.rom.feed(data))
                data = line.recv(65536)
            # esptool compares what it has written: the last hash it asks for is that of the whole program.
            self.size = self.rom.asked
            self.rom.reset()
        elif self.size:
            self._run(line, data)
        else:
            while line.recv(65536):
                pass

    def _run(self, line: socket.socket, data: bytes) -> None:
        self._program.unlink(missing_ok=True)
        self._program.write_bytes(self.rom.flash[: self.size])
        self._program.chmod(0o755)
        with subprocess.Popen(
            [self._program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        ) as program:
            assert program.stdin is not None and program.stdout is not None

            def back() -> None:
                assert program.stdout is not None
                with suppress(OSError):  # the caller has hung up
                    while answer := program.stdout.read(65536):
                        line.sendall(answer)

            listener = threading.Thread(target=back, daemon=True)
            listener.start()
            while data:
                program.stdin.write(data)
                data = line.recv(65536)
            program.kill()
            listener.join()
