# SPDX-License-Identifier: Apache-2.0
"""Takes a binary, gives an STM32 or GD32 that holds it: runs stm32loader against the ROM's UART bootloader.

The protocol is ST's AN3155 (8E1); GD32 parts have the same. stm32loader is under the GPL: it runs in a
process of its own and is never imported.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import sys
from pathlib import Path
from typing import Annotated

from pydantic import Field

from tinyedge.board import Board, Keys, keys
from tinyedge.errors import DeviceError, ToolMissing, UsageError
from tinyedge.flash import Progress, single
from tinyedge.process import packages
from tinyedge.process.follow import Ended, follow
from tinyedge.transport import serial

NEEDS_PORT = True
TAKES_ELF = False
_INSTALL = packages.install("stm32loader")
_SILENCE = 60.0  # s; it waits 30 s for the chip to erase itself
_BAUD = 115_200
_AT = re.compile(r"(Write|Read) \d+ bytes at 0x([0-9A-Fa-f]+)")
_EXCEPTION = re.compile(r"^(?:\w+\.)+(\w+): (.*)")
_MISMATCH = re.compile(r"First mismatch at address: (0x[0-9A-Fa-f]+)")


class Facts(Keys):
    """`address`: where the binary goes. `baud` of the bootloader, bit/s; it measures what the host speaks."""

    address: Annotated[int, Field(ge=0)]
    baud: Annotated[int, Field(gt=0)] = _BAUD


def install() -> str | None:
    """As flash.install."""
    return None if _program() else _INSTALL


def flash(
    board: Board, files: tuple[Path, ...], port: str | None, baud: int | None, progress: Progress
) -> str:
    """As flash.flash. Erases the whole flash first: erasing by sector differs between the parts."""
    wanted = keys(board, "flasher", Facts)
    file = single(board, files, ".bin")
    assert port is not None
    if "://" in port:
        raise UsageError(f"stm32loader cannot flash over {port}", "give the serial port that the board is on")
    program = _program()
    if not program:
        raise ToolMissing("stm32loader is not installed", _INSTALL)
    serial.require(port)
    address = f"{wanted.address:#x}"
    options = ["--port", port, "--baud", str(baud or wanted.baud), "--address", address]
    options += ["--erase", "--write", "--verify", "--go-address", address, "--verbose", "--no-progress"]
    size = max(file.stat().st_size, 1)
    share = 0.0

    def line(text: str) -> None:
        # Writing and reading back take about the same time.
        nonlocal share
        at = _AT.search(text)
        if at:
            done = min(max(int(at[2], 16) - wanted.address, 0) / size, 1.0)
            share = max(share, done / 2 + (at[1] == "Read") / 2)
            progress(share)

    ended = follow([*program, *options, str(file)], "stm32loader", _SILENCE, tell=line)
    if ended.code != 0:
        raise _failed(ended, port, share)
    if not any("Verification OK" in text for text in ended.lines):
        raise DeviceError(f"stm32loader did not verify the flash on {port}", "flash again")
    progress(1.0)
    return "read back and compared"


def _program() -> list[str]:
    """stm32loader of our own environment, else that on PATH; empty when there is none."""
    if importlib.util.find_spec("stm32loader"):
        return [sys.executable, "-P", "-m", "stm32loader"]
    found = shutil.which("stm32loader")
    return [found] if found else []


def _failed(ended: Ended, port: str, share: float) -> DeviceError:
    text = "\n".join(ended.lines)
    if "Can't init into bootloader" in text:
        return DeviceError(
            f"the ROM bootloader on {port} does not answer",
            "set BOOT0 high, press reset, try again; is this the UART that the bootloader listens to?",
        )
    mismatch = _MISMATCH.search(text)
    if mismatch:
        return DeviceError(
            f"the flash on {port} differs from the image, first at offset {mismatch[1]}",
            "flash again; when it happens twice, the flash is write-protected or worn",
        )
    said = ended.lines[-1] if ended.lines else f"it ended with exit code {ended.code}"
    exception = _EXCEPTION.match(said)
    said = exception[2] if exception else said
    if "NACK" in said or "Erase failed" in text:
        return DeviceError(
            f"the chip on {port} refuses to be {'written' if 'NACK' in said else 'erased'}",
            "is its flash protected? `stm32loader --unprotect` erases and frees it",
        )
    return DeviceError(
        f"stm32loader could not flash {port}, after {share:.0%} of the work: {said}",
        "check the cable and the board's supply, then flash again: it starts from the beginning",
    )
