# SPDX-License-Identifier: Apache-2.0
"""Takes a port, a URL or an emulated board, gives the open byte pipe to it; a file here is a transport.

A transport's module has SCHEMES, the URL schemes that it opens with open_url(url, **options), and may have
open_emulator(command, elf) for boards whose TOML names it.
"""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from tinyedge.errors import UsageError
from tinyedge.line.link import Transport

if TYPE_CHECKING:
    from tinyedge.board import Board

PORT = "port"  # the scheme of what is no URL: a device, a glob or VID:PID


def open(url: str, **options: Any) -> Transport:
    """Open a serial port or a URL; of `options` (such as baud, in bit/s) a transport takes what it knows.

    UsageError for an unknown scheme, DeviceError when the pipe cannot be opened.
    """
    head, separator, _ = url.partition("://")
    scheme = head.lower() if separator else PORT
    known: list[str] = []
    for info in pkgutil.iter_modules(__path__):
        module = _module(info.name)
        if scheme in module.SCHEMES:
            transport: Transport = module.open_url(url, **options)
            return transport
        known += [f"{name}://" for name in module.SCHEMES if name != PORT]
    raise UsageError(f"there is no transport for {url}", f"give a serial port or one of {', '.join(known)}")


def open_board(board: Board, elf: Path, url: str | None = None, baud: int | None = None) -> Transport:
    """Open `url`; without one, start the board's emulator on `elf`.

    UsageError when the board has no emulator, ToolMissing when that is not installed, else as `open`.
    """
    if url is not None:
        return open(url, baud=baud or board.link.baud, reset=board.link.reset)
    if board.emulator is None:
        raise UsageError(f"{board.name} has no emulator", "say which port it is on: -p PORT")
    known = [info.name for info in pkgutil.iter_modules(__path__)]
    if board.link.transport not in known:
        raise UsageError(
            f"{board.name}: there is no transport {board.link.transport!r}", f"transports: {', '.join(known)}"
        )
    module = _module(board.link.transport)
    if not hasattr(module, "open_emulator"):
        raise UsageError(f"{board.name}: the transport {board.link.transport!r} starts no emulator")
    transport: Transport = module.open_emulator(board.emulator.command, elf)
    return transport


def emulated_rate(board: Board) -> float | None:
    """Instructions a second that the board's emulator does at least, where it is so slow that it says so."""
    if board.emulator is None:
        return None
    emulator = getattr(_module(board.link.transport), "Emulator", None)
    rate: float | None = getattr(emulator, "instructions_per_second", None)
    return rate


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"{__name__}.{name}")
