# SPDX-License-Identifier: Apache-2.0
"""Takes the name of a chip and an ELF, gives the byte pipe of its first UART in the simulator labwired.

Its command is ["labwired", CHIP] or ["labwired", CHIP, UART]; a CHIP that ends in .yaml is a file of
boards/labwired/, which describes a board around a chip. The simulator has a time of its own, which runs
while we read; it is far slower than the chip.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tinyedge import paths
from tinyedge.errors import DeviceError, ToolMissing, UsageError

SCHEMES = ()
_STEP = 0.0002  # s of the chip's time between two looks at the line


class Emulator:
    """A running simulator, in this process."""

    # Of our time, and a low guess: an answer that is on its way should not be asked for again.
    bytes_per_second = 300.0

    def __init__(self, simulator: Any, name: str) -> None:
        self.name = name
        self._simulator = simulator

    def read(self, timeout: float) -> bytes:
        """As link.Transport."""
        end = time.monotonic() + timeout
        while True:
            data: bytes = self._run()
            if data or time.monotonic() >= end:
                return data

    def write(self, data: bytes) -> None:
        """As link.Transport."""
        self._alive().send_bytes(data)

    def close(self) -> None:
        """As link.Transport."""
        if self._simulator is not None:
            self._simulator.close()
            self._simulator = None

    def _run(self) -> bytes:
        simulator = self._alive()
        try:
            stop = simulator.run_for(_STEP)
        except RuntimeError as error:
            # What it cannot go on from, such as a stack overflow that leaves no room for the fault.
            raise DeviceError(f"{self.name} stopped: {error}") from error
        if stop.kind != "reached":
            where = "" if stop.pc is None else f" at 0x{stop.pc:08x}"
            raise DeviceError(f"{self.name} stopped{where}: {stop.kind}")
        received: bytes = simulator.read_uart_bytes()
        return received

    def _alive(self) -> Any:
        if self._simulator is None:
            raise DeviceError(f"{self.name} has ended")
        return self._simulator


def open_emulator(command: Sequence[str], elf: Path, install: str | None) -> Emulator:
    """Start the simulator of `command` on `elf`.

    ToolMissing when it is not installed, UsageError when it knows no such chip or UART.
    """
    if importlib.util.find_spec("labwired") is None:
        raise ToolMissing("the simulator labwired is not installed", f"run: {install}")
    labwired: Any = importlib.import_module("labwired")
    chip, uart = command[1], (command[2] if len(command) > 2 else None)
    described = {"system": paths.boards() / "labwired" / chip} if chip.endswith(".yaml") else {"chip": chip}
    try:
        with _quiet():
            simulator = labwired.Sim(elf, uart=uart, **described)
    except (ValueError, RuntimeError, OSError) as error:
        raise UsageError(f"labwired cannot run {' '.join(command[1:])}: {error}") from error
    return Emulator(simulator, f"labwired ({chip})")


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Nothing to stderr for a while, also of native code: labwired tells there how it sets up a chip."""
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(nowhere)
        os.close(kept)
