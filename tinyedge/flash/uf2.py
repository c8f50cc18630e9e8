# SPDX-License-Identifier: Apache-2.0
"""Takes a UF2 file, gives an RP2040 or RP2350 that took it: copies it to its boot ROM's drive."""

from __future__ import annotations

import contextlib
import os
import re
import string
import sys
import time
from pathlib import Path

from tinyedge import transport
from tinyedge.board import Board, Keys, keys
from tinyedge.errors import DeviceError, TinyedgeError, UsageError
from tinyedge.flash import Progress, single

NEEDS_PORT = False
TAKES_ELF = False
_INFO = "INFO_UF2.TXT"
_TOUCH = 1200  # bit/s: opening and closing a USB serial port at this rate asks firmware to start its boot ROM
_APPEAR = 10.0  # s until the drive is mounted after that
_RESTART = 15.0  # s until the chip restarts after the last block, which removes the drive
_STEP = 64 * 1024


class Facts(Keys):
    """`board_id`: what the line Board-ID of INFO_UF2.TXT says, on the drive of this board's boot ROM."""

    board_id: str


def install() -> str | None:
    """As flash.install."""
    return None


def flash(
    board: Board, files: tuple[Path, ...], port: str | None, baud: int | None, progress: Progress
) -> str:
    """As flash.flash; `port` is the drive's folder, or a serial port to reset at 1200 bit/s, or None.

    The boot ROM checks each block and restarts when it has them all; nothing can be read back.
    """
    wanted = keys(board, "flasher", Facts).board_id
    image = single(board, files, ".uf2").read_bytes()
    drive = _find(wanted, port, board.name)
    _copy(image, drive / "firmware.uf2", progress)
    deadline = time.monotonic() + _RESTART
    while _board_id(drive) == wanted:
        if time.monotonic() >= deadline:
            raise DeviceError(
                f"{drive} took {len(image)} bytes and did not restart in {_RESTART:g} s",
                "the image is not for this chip, or damaged: is --board right?",
            )
        time.sleep(0.1)
    progress(1.0)
    return "the boot ROM restarted, as it does when it has every block; it cannot be read back"


def _find(wanted: str, port: str | None, board: str) -> Path:
    """The drive of the boot ROM; DeviceError when it does not appear."""
    if port is not None and Path(port).is_dir():
        if _board_id(Path(port)) != wanted:
            raise DeviceError(
                f"{port} is not the drive of {board} (its {_INFO} has no line Board-ID: {wanted})",
                "hold BOOTSEL while you plug the board in",
            )
        return Path(port)
    found = _drives(wanted)
    if not found and port is not None:
        _touch(port)
        deadline = time.monotonic() + _APPEAR
        while not found and time.monotonic() < deadline:
            time.sleep(0.2)
            found = _drives(wanted)
    if not found:
        raise DeviceError(
            f"no mounted drive has the Board-ID {wanted}",
            "hold BOOTSEL while you plug the board in, mount the drive, or name its folder: -p FOLDER",
        )
    if len(found) > 1:
        names = ", ".join(str(folder) for folder in found)
        raise UsageError(f"{len(found)} boards show a drive {wanted}: {names}", "name one of them: -p FOLDER")
    return found[0]


def _touch(port: str) -> None:
    # A port that cannot be opened is no reason to stop: the user may have pressed the button already.
    with contextlib.suppress(TinyedgeError):
        transport.open(port, baud=_TOUCH).close()


def _drives(wanted: str) -> list[Path]:
    return [folder for folder in _mounted() if _board_id(folder) == wanted]


def _board_id(folder: Path) -> str | None:
    """The Board-ID of a UF2 drive, None for any other folder."""
    try:
        text = (folder / _INFO).read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    found = re.search(r"^Board-ID:\s*(\S+)", text, re.MULTILINE)
    return found[1] if found else None


def _mounted() -> list[Path]:
    """Where drives are mounted on this machine."""
    if sys.platform == "win32":
        return [Path(f"{letter}:/") for letter in string.ascii_uppercase]
    if sys.platform == "darwin":
        return list(Path("/Volumes").glob("*"))
    try:
        lines = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return []
    # The second word of a line; blanks in it are written as three octal digits.
    words = (line.split(" ")[1] for line in lines if line.count(" ") >= 1)
    return [Path(re.sub(r"\\(\d{3})", lambda digits: chr(int(digits[1], 8)), word)) for word in words]


def _copy(image: bytes, target: Path, progress: Progress) -> None:
    sent = 0
    try:
        with target.open("wb", buffering=0) as file:
            for at in range(0, len(image), _STEP):
                file.write(image[at : at + _STEP])
                # Not before the drive has it: progress would only tell how fast the system's cache is.
                os.fsync(file.fileno())
                sent = at + len(image[at : at + _STEP])
                progress(0.95 * sent / len(image))
    except OSError as error:
        # The chip restarts as soon as it has the last block, perhaps before the system has closed the file.
        if sent + _STEP < len(image) or (target.parent.is_dir() and _board_id(target.parent) is not None):
            raise DeviceError(
                f"cannot write to {target.parent} after {sent} of {len(image)} bytes: {error.strerror}",
                "plug the board in again with BOOTSEL held, and flash again",
            ) from error
