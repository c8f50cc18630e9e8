# SPDX-License-Identifier: Apache-2.0
"""Takes a chip's name and an ELF, gives the byte pipe of the chip's UART on the emulator labwired.

It is a Python module and no program: the chip runs inside this process, and only while it is read from. Its
time is virtual, some hundred times slower than ours.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tinyedge.errors import DeviceError, ToolMissing, UsageError

SCHEMES = ()
_STEP = "100us"  # of virtual time between two looks at the UART: about 10 ms of ours


class Emulator:
    """A simulated chip."""

    bytes_per_second = None

    def __init__(self, sim: Any, name: str) -> None:
        self.name = name
        self._sim = sim

    def read(self, timeout: float) -> bytes:
        """As link.Transport; the chip runs until it sends something, one step at least."""
        end = time.monotonic() + timeout
        while True:
            self._step()
            data: bytes = self._sim.read_uart_bytes()
            if data or time.monotonic() >= end:
                return data

    def write(self, data: bytes) -> None:
        """As link.Transport; the chip takes the bytes when it runs."""
        self._sim.send_bytes(data)

    def close(self) -> None:
        """As link.Transport."""
        self._sim.close()

    def _step(self) -> None:
        try:
            stop = self._sim.run_for(_STEP)
        except RuntimeError as error:
            # What the emulator cannot go on from, such as a stack overflow that leaves no room for the fault.
            raise DeviceError(f"{self.name} stopped: {error}", _HINT) from error
        if stop.kind != "reached":
            where = "" if stop.pc is None else f" at 0x{stop.pc:08x}"
            raise DeviceError(f"{self.name} stopped{where}: {stop.kind}", _HINT)


_HINT = "does the emulator model what the firmware touches there?"


def open_emulator(command: Sequence[str], elf: Path, install: str | None) -> Emulator:
    """Start `elf` on a chip: `command` is "labwired", the chip, and the UART where it is not the first one.

    ToolMissing without labwired, UsageError when it does not know the chip or the UART.
    """
    try:
        import labwired
    except ImportError as error:
        raise ToolMissing("the emulator labwired is not installed", f"run: {install}") from error
    chip, uart = command[1], (command[2] if len(command) > 2 else None)
    try:
        sim = labwired.Sim(elf, chip=chip, uart=uart)
    except (ValueError, RuntimeError) as error:
        raise UsageError(f"labwired cannot run {' '.join(command[1:])}: {error}") from error
    return Emulator(sim, f"labwired {chip}")
