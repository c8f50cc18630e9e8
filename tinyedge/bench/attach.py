# SPDX-License-Identifier: Apache-2.0
"""Takes a board and its build, gives what commands share that talk to a real one: port, flashing, hello."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from tinyedge.errors import DeviceError

if TYPE_CHECKING:
    from tinyedge.board import Board
    from tinyedge.build import Build
    from tinyedge.console import Console
    from tinyedge.line.device import Hello

_RUNS = 3.0  # s that a board gets to say whether it runs a build already
_GREET = 3.0  # s until the hello of a build that was just flashed
_APPEAR = 10.0  # s until a port is there again whose USB side the restart took away
_STEPS = 1000  # of a progress bar


def at_baud(board: Board, baud: int | None) -> Board:
    """`board` with another rate of its line, in bit/s: for its firmware and for the host."""
    if baud is None:
        return board
    return board.model_copy(update={"link": board.link.model_copy(update={"baud": baud})})


def choose(board: Board, port: str | None) -> str | None:
    """The port that was asked for; without one the emulator (None), or the one port that fits the board."""
    from tinyedge.bench import ports
    from tinyedge.transport import serial

    if port is not None:
        return serial.resolve(port)
    return None if board.emulator is not None else ports.find(board)


def flash(
    console: Console, board: Board, folder: Path, build: Build, port: str | None, baud: int | None
) -> str:
    """Put the build onto the board with a progress bar; say how it was verified. As flash.flash."""
    from tinyedge import flash as flashing

    done = 0
    with console.progress(f"flashing {board.name}", _STEPS) as advance:

        def progress(share: float) -> None:
            nonlocal done
            step = round(share * _STEPS) - done
            done += step
            advance(step)

        return flashing.flash(board, folder, build, port, baud, progress)


def greet(board: Board, folder: Path, build: Build, port: str, limit: float = _GREET) -> Hello:
    """The hello of the firmware at `port`; OtherBuild when it is not `build`, DeviceError when silent."""
    from tinyedge import transport
    from tinyedge.line import device as devices

    with devices.connect(transport.open_board(board, folder / build.image.elf, port), build, limit) as device:
        return device.hello


def greet_flashed(board: Board, folder: Path, build: Build, port: str) -> Hello:
    """As `greet`, right after flashing: a USB port of the board's own takes a while to be there again."""
    from tinyedge import transport

    deadline = time.monotonic() + _APPEAR
    while True:
        try:
            transport.open(port, baud=board.link.baud).close()
            break
        except DeviceError:
            if time.monotonic() >= deadline:
                raise
        time.sleep(0.2)
    return greet(board, folder, build, port)


def differs(board: Board, folder: Path, build: Build, port: str) -> str:
    """Why the board at `port` has to be flashed, "" when it runs `build` already.

    DeviceError when the port itself cannot be opened.
    """
    from tinyedge import transport
    from tinyedge.line import device as devices

    pipe = transport.open_board(board, folder / build.image.elf, port)
    try:
        devices.connect(pipe, build, _RUNS).close()
    except DeviceError as error:
        return str(error)
    return ""
