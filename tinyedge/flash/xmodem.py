# SPDX-License-Identifier: Apache-2.0
"""Takes an image, gives a chip whose boot menu received it by XMODEM-CRC (Himax WE2 and others)."""

from __future__ import annotations

import contextlib
import io
import logging
import time
from pathlib import Path
from typing import Annotated

from pydantic import Field

from tinyedge import transport
from tinyedge.board import Board, Keys, keys
from tinyedge.errors import DeviceError
from tinyedge.flash import Progress, single
from tinyedge.line.link import Transport

NEEDS_PORT = True
TAKES_ELF = False
_BAUD = 115_200
_MENU = 30.0  # s for the user to press reset, and for the menu to come
_ANSWER = 10.0  # s that a block may take
_AGAIN = 0.1  # s between two tries to reach the menu
_RETRIES = 5
_BLOCK = 128  # bytes


class Facts(Keys):
    """What is said around the transfer, as the boot menu of the chip wants it.

    `menu` is sent (with a carriage return) until `ready` comes; when `done` has come, `reply` is sent. `baud`
    in bit/s. `pad`: the byte that fills the last block of 128.
    """

    menu: str
    ready: str
    done: str
    reply: str
    baud: Annotated[int, Field(gt=0)] = _BAUD
    pad: Annotated[int, Field(ge=0, le=255)] = 0xFF


def install() -> str | None:
    """As flash.install."""
    return None


def flash(
    board: Board, files: tuple[Path, ...], port: str | None, baud: int | None, progress: Progress
) -> str:
    """As flash.flash. The receiver acknowledges the CRC of every block; nothing can be read back."""
    wanted = keys(board, "flasher", Facts)
    image = single(board, files, ".img").read_bytes()
    assert port is not None
    line = _Line(transport.open(port, baud=baud or wanted.baud))
    try:
        line.ask(f"{wanted.menu}\r".encode(), wanted.ready.encode(), _MENU)
        _send(line, image, bytes([wanted.pad]), progress)
        line.ask(b"", wanted.done.encode(), _MENU)
        line.write(f"{wanted.reply}\r".encode())
    finally:
        line.close()
    progress(1.0)
    return "the CRC of every block that the chip received"


def _send(line: _Line, image: bytes, pad: bytes, progress: Progress) -> None:
    from xmodem import XMODEM

    # What it logs are retries, which end well or in our error.
    logging.getLogger("xmodem").addHandler(logging.NullHandler())
    logging.getLogger("xmodem").propagate = False
    blocks = max(-(-len(image) // _BLOCK), 1)
    sent = 0

    def told(total: int, good: int, bad: int) -> None:
        nonlocal sent
        sent = good
        progress(good / blocks)

    modem = XMODEM(line.get, line.put, pad=pad)
    try:
        whole = modem.send(io.BytesIO(image), retry=_RETRIES, timeout=_ANSWER, quiet=True, callback=told)
    except BaseException:
        # The receiver would wait for the rest otherwise, and take our next menu key for a part of it.
        with contextlib.suppress(DeviceError):
            modem.abort(timeout=1)
        raise
    if not whole:
        raise DeviceError(
            f"{line.name}: the transfer broke off after {sent} of {blocks} blocks",
            "reset the board and flash again; at a lower --baud when it happens twice",
        )


class _Line:
    """A transport as XMODEM wants it: so many bytes, or None after so many seconds."""

    def __init__(self, pipe: Transport) -> None:
        self.name = pipe.name
        self._pipe = pipe
        self._arrived = b""

    def get(self, size: int, timeout: float = 1.0) -> bytes | None:
        """As xmodem.XMODEM wants `getc`."""
        deadline = time.monotonic() + timeout
        while len(self._arrived) < size and (left := deadline - time.monotonic()) > 0:
            self._arrived += self._pipe.read(left)
        if len(self._arrived) < size:
            return None
        data, self._arrived = self._arrived[:size], self._arrived[size:]
        return data

    def put(self, data: bytes, timeout: float = 1.0) -> int:
        """As xmodem.XMODEM wants `putc`."""
        self._pipe.write(bytes(data))
        return len(data)

    def write(self, data: bytes) -> None:
        """Send all of `data`."""
        self._pipe.write(data)

    def close(self) -> None:
        """Give back the port."""
        self._pipe.close()

    def ask(self, said: bytes, wanted: bytes, limit: float) -> None:
        """Say `said` again and again until `wanted` comes; DeviceError after `limit` seconds."""
        deadline = time.monotonic() + limit
        heard = self._arrived
        while wanted not in heard:
            if time.monotonic() >= deadline:
                raise DeviceError(
                    f"{self.name}: the boot menu did not come in {limit:g} s"
                    + (f"; it said {heard[-60:]!r}" if heard else ", nor any byte"),
                    "press the board's reset button while it waits; check --baud",
                )
            if said:
                self._pipe.write(said)
            heard += self._pipe.read(_AGAIN)
        self._arrived = heard[heard.index(wanted) + len(wanted) :]
