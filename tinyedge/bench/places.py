# SPDX-License-Identifier: Apache-2.0
"""Takes what `-p` says and a board, gives the port; of a bench, a TOML of boards, the first that is free.

    wait_s = 60                                  # for a place, where all are in use

    [[place]]
    board = "esp32c3"                            # a name of `tinyedge boards`, or that of your board's TOML
    port = "/dev/serial/by-id/usb-1a86-if00"     # a device, a glob, VID:PID or a URL, labgrid://PLACE too

A place is locked until this process ends, so that two that run at once never share a board.
"""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import Annotated

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tinyedge import paths
from tinyedge.bench.observer import NOBODY, Observer
from tinyedge.board import Board
from tinyedge.errors import DeviceError, UsageError
from tinyedge.transport import labgrid, serial

_POLL = 0.5  # s
_held: dict[str, FileLock] = {}  # by port


class Place(BaseModel):
    """Where a board is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    board: Annotated[str, Field(min_length=1)]
    port: Annotated[str, Field(min_length=1)]


class Bench(BaseModel):
    """Boards that are attached to this machine, or reached from it."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    wait_s: Annotated[float, Field(ge=0, le=86400)] = 60.0
    place: Annotated[tuple[Place, ...], Field(min_length=1)]

    def of(self, board: Board) -> tuple[Place, ...]:
        """The places of a board, by any of its names."""
        return tuple(place for place in self.place if place.board in (board.name, *board.aliases))


def resolve(wanted: str, board: Board, observer: Observer = NOBODY) -> str:
    """The one port that a device, a glob, VID:PID, a URL, a labgrid place or a bench's file means.

    DeviceError when nothing is there or all is in use, UsageError for a bench without this board.
    """
    if wanted.endswith(".toml"):
        return _take(Path(wanted), board, observer)
    if wanted.startswith("labgrid://"):
        return labgrid.acquire(wanted)
    return serial.resolve(wanted)


def has(wanted: str, board: Board) -> bool:
    """Whether `wanted` is no bench, or one with a place for the board."""
    return not wanted.endswith(".toml") or bool(read(Path(wanted)).of(board))


def read(file: Path) -> Bench:
    """UsageError for what is no bench."""
    table, _ = paths.read_toml(file)
    try:
        return Bench.model_validate(table)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        raise UsageError(
            f"{file}: {key}: {first['msg']}", "a [[place]] has `board = ...` and `port = ...`"
        ) from None


def _take(file: Path, board: Board, observer: Observer) -> str:
    bench = read(file)
    places = bench.of(board)
    if not places:
        there = ", ".join(sorted({place.board for place in bench.place}))
        raise UsageError(f"{file} has no place for {board.name}", f"it has places for {there}")
    ours = next((place for place in places if place.port in _held), None)
    if ours is not None:
        return resolve(ours.port, board)
    deadline, waiting = time.monotonic() + bench.wait_s, False
    while True:
        busy, gone = [], []
        for place in places:
            lock = FileLock(_lock_file(place.port))
            try:
                lock.acquire(blocking=False)
            except Timeout:
                busy.append(place.port)
                continue
            try:
                port = _there(place.port, board)
            except DeviceError as error:
                lock.release()
                gone.append(str(error))
                continue
            _held[place.port] = lock
            return port
        if not busy:
            raise DeviceError(f"no {board.name} of {file} is there: {'; '.join(gone)}", "is it plugged in?")
        if time.monotonic() >= deadline:
            raise DeviceError(
                f"every {board.name} of {file} has been in use for {bench.wait_s:g} s: {', '.join(busy)}",
                "wait for the other run, or raise `wait_s`",
            )
        if not waiting:
            observer.say(f"waiting for a {board.name}: {', '.join(busy)} in use")
        waiting = True
        time.sleep(_POLL)


def _there(port: str, board: Board) -> str:
    found = resolve(port, board)
    if "://" not in found and not found.upper().startswith("COM") and not Path(found).exists():
        raise DeviceError(f"there is no port {found}")
    return found


def _lock_file(port: str) -> Path:
    folder = paths.cache() / "places"
    folder.mkdir(exist_ok=True)
    return folder / f"{hashlib.sha256(port.encode()).hexdigest()[:16]}.lock"
