# SPDX-License-Identifier: Apache-2.0
"""An ESP32-C3 dev kit behind an RFC 2217 server: DTR and RTS reset it into its ROM or its program.

The two transistors between the USB bridge and the chip are those of Espressif's dev kit schematics: RTS alone
pulls EN low, DTR alone GPIO9 (the boot pin), both together nothing. EN rises slowly, so the chip looks at its
boot pin a while after the release: a long while here, as pyserial's RFC 2217 takes 50 ms between two lines.
"""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

from serial.rfc2217 import PortManager

from tests.roms.esp import EspRom

BANNER = b"ESP-ROM:esp32c3-api1-20210207\r\nrst:0x1 (POWERON),boot:0xc (SPI_FAST_FLASH_BOOT)\r\n"
_RISE = 0.08  # s


class EspKit:
    """`rom` holds the flash, and that a program of this machine (`program`), which a reset starts.

    `resets`: how often it was reset into its program, and into its ROM. empty: nobody has flashed it yet.
    """

    def __init__(self, folder: Path, program: bytes, empty: bool = False) -> None:
        self.rom = EspRom()
        if not empty:
            self.rom.flash[: len(program)] = program
            self.rom.written = len(program)
        self.resets = {"program": 0, "rom": 0}
        self.baudrate, self.bytesize, self.parity, self.stopbits = 115200, 8, "N", 1
        self.cts = self.dsr = self.ri = self.cd = self.xonxoff = self.rtscts = self.break_condition = False
        self._lines = {"dtr": False, "rts": False}
        self._reset = True  # powered up, with nothing in flash
        self._released = 0.0
        self._boot_pin: list[tuple[float, bool]] = [(0.0, False)]
        self._size = len(program)
        self._file = folder / "program"
        self._running: subprocess.Popen[bytes] | None = None
        self._listener = threading.Thread()
        self._said = b""
        self._lock = threading.Lock()

    def __setattr__(self, name: str, value: Any) -> None:
        if name in ("dtr", "rts"):
            self._set(name, value)
        else:
            super().__setattr__(name, value)

    def _set(self, name: str, value: bool) -> None:
        """A line of the port changes, as PortManager says; True pulls its pin low unless both are True."""
        before = self._held()
        self._lines[name] = value
        now = time.monotonic()
        self._boot_pin.append((now, self._lines["dtr"] and not self._lines["rts"]))
        if self._held() and not before:
            self._stop()
        if before and not self._held():
            self._reset, self._released = True, now

    def _held(self) -> bool:
        return self._lines["rts"] and not self._lines["dtr"]

    def reset_input_buffer(self) -> None:
        """As serial.Serial."""

    reset_output_buffer = reset_input_buffer

    def talk(self, line: socket.socket) -> None:
        """As line.Talk."""
        line.settimeout(0.01)
        lines = PortManager(self, Wire(line, self._lock))
        try:
            while True:
                try:
                    data = line.recv(65536)
                    if not data:
                        return
                except TimeoutError:
                    data = b""
                payload = b"".join(lines.filter(data))
                answer = self._live(payload)
                if answer:
                    with self._lock:
                        line.sendall(b"".join(lines.escape(answer)))
        finally:
            self._stop()

    def _live(self, data: bytes) -> bytes:
        """What the chip says, now that `data` has arrived."""
        if self._held():
            return b""
        if self._reset:
            if time.monotonic() < self._released + _RISE:
                return b""
            self._start()
        heard = b""
        if self._running is None:
            heard = self.rom.feed(data)
        elif data:
            assert self._running.stdin is not None
            self._running.stdin.write(data)
        with self._lock:
            said, self._said = self._said, b""
        return said + heard

    def _start(self) -> None:
        self._reset = False
        low = [low for at, low in self._boot_pin if at <= self._released + _RISE][-1]
        self.resets["rom" if low else "program"] += 1
        self.rom.reset()
        if low:
            return
        self._said = BANNER
        if self.rom.written == 0:
            self._said += 3 * b"invalid header: 0xffffffff\r\n"
            return
        self._file.unlink(missing_ok=True)
        self._file.write_bytes(self.rom.flash[: self._size])
        self._file.chmod(0o755)
        running = subprocess.Popen([self._file], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        self._running = running

        def listen() -> None:
            assert running.stdout is not None
            while said := running.stdout.read(65536):
                with self._lock:
                    self._said += said

        self._listener = threading.Thread(target=listen, daemon=True)
        self._listener.start()

    def _stop(self) -> None:
        if self._running is not None:
            self._running.kill()
            self._listener.join()
            with self._running:
                self._running = None


class Wire:
    """What PortManager writes its negotiation to."""

    def __init__(self, line: socket.socket, lock: threading.Lock) -> None:
        self._line, self._lock = line, lock

    def write(self, data: bytes) -> None:
        """As a file."""
        with self._lock:
            self._line.sendall(data)
