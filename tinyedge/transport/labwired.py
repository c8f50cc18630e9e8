# SPDX-License-Identifier: Apache-2.0
"""Takes the name of a chip and an ELF, gives the byte pipe of a UART in the simulator labwired.

A board's command is ["labwired", CHIP] or ["labwired", CHIP, UART]; a CHIP that ends in .yaml is a file of
boards/labwired/, which describes a board around a chip. The simulator has a time of its own, far slower than
the chip's. It runs in a process of its own, which ends with ours: native code, so it may do worse than raise.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import queue
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tinyedge import paths
from tinyedge.errors import DeviceError, TinyedgeError, ToolMissing, UsageError
from tinyedge.process import packages
from tinyedge.transport.exec import Pipe

SCHEMES = ()
_STEP = 0.0002  # s of the chip's time between two looks at the line
# Of our time, and a low guess: an answer that is on its way should not be asked for again.
_BYTES_PER_SECOND = 300.0
# Of our time: 0.3 to 0.5 million on two busy cores of a server, for an ESP32-S3; on busier ones 0.14 to 0.19.
_INSTRUCTIONS_PER_SECOND = 2e5


class Simulation:
    """A simulator in this process, whose time runs while we read."""

    bytes_per_second = _BYTES_PER_SECOND

    def __init__(self, simulator: Any, name: str) -> None:
        self.name = name
        self.simulator = simulator

    def read(self, timeout: float) -> bytes:
        """As link.Transport. DeviceError when the simulator cannot go on, with what it says."""
        end = time.monotonic() + timeout
        while True:
            data = self._run()
            if data or time.monotonic() >= end:
                return data

    def write(self, data: bytes) -> None:
        """As link.Transport."""
        self.simulator.send_bytes(data)

    def close(self) -> None:
        """As link.Transport."""
        self.simulator.close()

    def _run(self) -> bytes:
        try:
            stop = self.simulator.run_for(_STEP)
        except RuntimeError as error:
            # What it cannot go on from, such as a stack overflow that leaves no room for the fault.
            raise DeviceError(f"{self.name} stopped: {error}") from error
        received: bytes = self.simulator.read_uart_bytes()
        if stop.kind != "reached" and not received:
            where = "" if stop.pc is None else f" at 0x{stop.pc:08x}"
            raise DeviceError(f"{self.name} stopped{where}: {stop.kind}")
        return received


class Emulator(Pipe):
    """A simulator in a process of its own."""

    bytes_per_second = _BYTES_PER_SECOND
    instructions_per_second = _INSTRUCTIONS_PER_SECOND

    def __init__(self, command: Sequence[str], elf: Path) -> None:
        # The child imports from where this process does, also when it is started outside the checkout.
        code = f"import sys; sys.path[:] = {sys.path!r}; from {__name__} import main; main()"
        super().__init__(
            [sys.executable, "-P", "-c", code, str(elf.resolve()), *command], name=_name(command)
        )


def open_emulator(command: Sequence[str], elf: Path) -> Emulator:
    """Start the simulator of `command` on `elf`; ToolMissing without labwired, UsageError without a chip."""
    if len(command) < 2:
        raise UsageError(
            "the board's emulator is labwired, of no chip", 'command = ["labwired", "CHIP"] in [emulator]'
        )
    if importlib.util.find_spec("labwired") is None:
        raise ToolMissing("the simulator labwired is not installed", f"run: {packages.install('labwired')}")
    return Emulator(command, elf)


def simulate(command: Sequence[str], elf: Path) -> Simulation:
    """The simulator of `command` on `elf`, here; UsageError when it knows no such chip or UART."""
    labwired: Any = importlib.import_module("labwired")
    chip, uart = command[1], (command[2] if len(command) > 2 else None)
    described = {"system": paths.boards() / "labwired" / chip} if chip.endswith(".yaml") else {"chip": chip}
    try:
        with _quiet(2):
            simulator = labwired.Sim(elf, uart=uart, **described)
    except (ValueError, RuntimeError, OSError) as error:
        raise UsageError(f"labwired cannot run {' '.join(command[1:])}: {error}") from error
    return Simulation(simulator, _name(command))


def main() -> None:
    """The child: argv holds the ELF and the command, stdin and stdout are the line."""
    arrived: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_follow, args=(arrived,), daemon=True).start()
    line = os.dup(1)
    try:
        with _quiet(1):  # what the simulator prints is not the line's
            simulation = simulate(sys.argv[2:], Path(sys.argv[1]))
            while True:
                with contextlib.suppress(queue.Empty):
                    simulation.write(arrived.get_nowait())
                # A view: nothing else reads this pipe, and it may take less than all.
                data = memoryview(simulation.read(0))
                while data:
                    data = data[os.write(line, data) :]
    except TinyedgeError as error:
        print(error, file=sys.stderr)
    # Without the clean-up of Python, which waits for nothing good: the other thread is in a read.
    sys.stderr.flush()
    os._exit(1)


def _follow(arrived: queue.SimpleQueue[bytes]) -> None:
    """Moves what comes on stdin; its end is the end of whoever started us, and ours."""
    while data := os.read(0, 65536):
        arrived.put(data)
    os._exit(0)


def _name(command: Sequence[str]) -> str:
    return f"labwired ({command[1]})"


@contextlib.contextmanager
def _quiet(stream: int) -> Iterator[None]:
    """Nothing to stdout (1) or stderr (2) for a while, not of native code either: it tells what it does."""
    (sys.stdout if stream == 1 else sys.stderr).flush()
    kept = os.dup(stream)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, stream)
        yield
    finally:
        os.dup2(kept, stream)
        os.close(nowhere)
        os.close(kept)
