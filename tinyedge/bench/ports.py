# SPDX-License-Identifier: Apache-2.0
"""Takes what is plugged in, gives the serial ports, and which boards each may be by its VID:PID."""

from __future__ import annotations

from dataclasses import dataclass

from serial.tools import list_ports

from tinyedge import board as boards
from tinyedge.board import Board
from tinyedge.errors import DeviceError, UsageError


@dataclass(frozen=True)
class Plugged:
    """A serial port. `usb`: VID:PID in hexadecimal; None where it is no USB port. `boards`: names, sorted."""

    device: str
    usb: str | None
    description: str
    serial_number: str | None
    boards: tuple[str, ...]


def plugged() -> list[Plugged]:
    """Every serial port of this machine, by device."""
    known = [boards.load(name) for name in boards.names()]
    found = []
    for port in sorted(list_ports.comports()):
        usb = None if port.vid is None else f"{port.vid:04x}:{port.pid:04x}"
        fitting = tuple(board.name for board in known if usb in board.link.usb)
        words = "" if port.description in (None, "n/a") else port.description
        found.append(Plugged(port.device, usb, words, port.serial_number, fitting))
    return found


def find(board: Board) -> str:
    """The one port whose VID:PID fits `board`.

    DeviceError when none is plugged in, UsageError when several are, or the board file names no VID:PID.
    """
    if not board.link.usb:
        raise UsageError(
            f"no port is given, and {board.name} is not known by its USB port",
            "-p PORT; `tinyedge ports` lists them",
        )
    there = plugged()
    fitting = [port for port in there if port.usb in board.link.usb]
    if not fitting:
        others = ", ".join(f"{port.device} ({port.usb or 'no USB'})" for port in there) or "none"
        raise DeviceError(
            f"no port here belongs to {board.name} ({', '.join(board.link.usb)})",
            f"plug it in, or name the port: -p PORT; ports here: {others}",
        )
    if len(fitting) > 1:
        names = ", ".join(
            port.device + (f" (serial number {port.serial_number})" if port.serial_number else "")
            for port in fitting
        )
        raise UsageError(
            f"{len(fitting)} ports may be the {board.name}: {names}", "name one of them: -p PORT"
        )
    return fitting[0].device
