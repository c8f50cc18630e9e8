# SPDX-License-Identifier: Apache-2.0
"""Takes a board and its build, gives what commands share that talk to a real one: port, flashing, hello."""

from __future__ import annotations

import time
from pathlib import Path

from tinyedge import emit, pipeline, transport
from tinyedge.bench import places, ports
from tinyedge.bench.observer import NOBODY, Observer
from tinyedge.board import Board
from tinyedge.build import Build
from tinyedge.errors import DeviceError, TinyedgeError, UsageError
from tinyedge.line import device as devices
from tinyedge.line.hello import Hello, OtherBuild
from tinyedge.protocols import FRAMED

_RUNS = 3.0  # s that a board gets to say whether it runs a build already
_GREET = 3.0  # s until the hello of a build that was just flashed
_APPEAR = 10.0  # s until a port is there again whose USB side the restart took away
_STEPS = 1000  # of a progress bar


def at_baud(board: Board, baud: int | None) -> Board:
    """`board` with another rate of its line, in bit/s: for its firmware and for the host.

    UsageError where its port has no use for a rate.
    """
    if baud is None:
        return board
    files = emit.emit_board(board)
    if not any(b"TE_BOARD_BAUD" in data for path, data in files.items() if path != "te_board.h"):
        raise UsageError(
            f"the line of {board.name} has no rate to choose: its port ({board.port}) sets none",
            "leave --baud out",
        )
    return board.model_copy(update={"link": board.link.model_copy(update={"baud": baud})})


def choose(board: Board, port: str | None, observer: Observer = NOBODY) -> str | None:
    """The port that was asked for; without one the emulator (None), or the one port that fits the board."""
    if port is not None:
        return places.resolve(port, board, observer)
    return None if board.emulator is not None else ports.find(board)


def for_port(observer: Observer, board: Board, port: str | None) -> Board:
    """`board`, or, where there is no port and its emulator lacks instructions, without them; says so."""
    if port is not None or board.emulated.isa == board.isa:
        return board
    lacks = ", ".join(f"kernels/{folder}" for folder in board.isa if folder not in board.emulated.isa)
    observer.warn(
        f"the emulator of {board.name} does not have the instructions of {lacks}: this build does without,"
        " is slower than what `tinyedge build` makes for the board, and takes its place in the folder"
    )
    return board.emulated


def to_flash(board: Board, port: str | None, needed: bool) -> tuple[str | None, str | None]:
    """The port to flash by, and the one to greet at; None where it is not known and not `needed`."""
    drive = port is not None and Path(port).is_dir()  # of a UF2 boot ROM
    if port is not None and not drive:
        port = places.resolve(port, board)
        return port, port
    try:
        found = ports.find(board)
    except TinyedgeError:
        if needed:
            raise
        found = None
    return port or found, found


def flash(
    observer: Observer, board: Board, folder: Path, build: Build, port: str | None, baud: int | None = None
) -> str:
    """Put the build onto the board and say how it was verified. As `pipeline.flash`."""
    done = 0
    with observer.progress(f"flashing {board.name}", _STEPS) as advance:

        def progress(share: float) -> None:
            nonlocal done
            step = round(share * _STEPS) - done
            done += step
            advance(step)

        return pipeline.flash(folder, port, board, baud, progress, build)


def greet(board: Board, folder: Path, build: Build, port: str, limit: float = _GREET) -> Hello:
    """The hello of the firmware at `port`; OtherBuild when it is not `build`, DeviceError when silent."""
    pipe = transport.open_board(board, folder / build.image.elf, port)
    with devices.connect(pipe, build, limit, clock_hz=board.clock_hz) as device:
        return device.hello


def greet_flashed(board: Board, folder: Path, build: Build, port: str) -> Hello:
    """As `greet`, right after flashing: a USB port of the board's own takes a while to be there again."""
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


def flash_another(observer: Observer, board: Board, folder: Path, build: Build, port: str) -> None:
    """Flash a board that runs another build, or says nothing, where there is a way to; greet it."""
    if board.flasher is None:
        return
    why = differs(board, folder, build, port)
    if why:
        observer.say(f"flashing: {why}")
        observer.say(f"flashed; verified: {flash(observer, board, folder, build, port)}")
        greet_flashed(board, folder, build, port)


def start(observer: Observer, board: Board, folder: Path, build: Build, port: str | None) -> Hello:
    """Flash the board at `port`, where there is a way to, or try its emulator; what the firmware says."""
    if port is None:
        with pipeline.connect(folder, None, board, build) as device:
            return device.hello
    if board.flasher is not None:
        verified = flash(observer, board, folder, build, port)
        observer.say(f"flashed {board.name}; verified: {verified}")
    return greet_flashed(board, folder, build, port)


def greet_or_why(board: Board, folder: Path, build: Build, port: str | None) -> tuple[Hello | None, str]:
    """As `greet_flashed`, or why nothing answers: the image is verified, its line is another matter."""
    if port is None:
        return None, "its serial port is not known"
    if build.image.protocol != FRAMED:
        return None, f"it speaks {build.image.protocol}, which is for another program than this"
    try:
        return greet_flashed(board, folder, build, port), ""
    except OtherBuild:
        raise
    except DeviceError as error:
        return None, str(error)


def differs(board: Board, folder: Path, build: Build, port: str) -> str:
    """Why the board at `port` has to be flashed, "" when it runs `build` already.

    DeviceError when the port itself cannot be opened.
    """
    pipe = transport.open_board(board, folder / build.image.elf, port)
    try:
        devices.connect(pipe, build, _RUNS, clock_hz=board.clock_hz).close()
    except DeviceError as error:
        return str(error)
    return ""
