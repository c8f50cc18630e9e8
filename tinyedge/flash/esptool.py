# SPDX-License-Identifier: Apache-2.0
"""Takes the files of a build, gives an Espressif chip that holds them: runs Espressif's esptool as a command.

esptool is under the GPL: it runs in a process of its own and is never imported.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from pydantic import Field

from tinyedge.board import Board, Keys, keys
from tinyedge.errors import DeviceError, ToolMissing, UsageError
from tinyedge.flash import Progress
from tinyedge.process import packages
from tinyedge.process.follow import Ended, follow
from tinyedge.transport import serial

NEEDS_PORT = True
TAKES_ELF = False
_INSTALL = packages.install("esptool")
_SILENCE = 60.0  # s; erasing 1 MB may take esptool 40 s without a word
_BAUD = 460_800
_WRITING = re.compile(r"Writing at 0x[0-9a-f]+ .*?([0-9.]+)% ")
_FATAL = re.compile(r"(?:A fatal error occurred|A serial exception error occurred): (.*)")
_ADVICE = re.compile(r"\. This can have |\s*For troubleshooting|\s*https?://")  # ours follows as the hint
_OTHER_CHIP = re.compile(r"This chip is (\S+), not (\S+)\.")
_NO_STUB = "--no-stub"
_WRITTEN = 0.9  # share of the time that writing takes, about; the rest is verifying


class Facts(Keys):
    """`chip` as esptool --chip has it; `at`: the offset in flash of each file, by its name.

    `baud` for flashing, in bit/s. `stub`: let esptool run its own loader, which is faster than the ROM's.
    """

    chip: str
    at: dict[str, Annotated[int, Field(ge=0)]]
    baud: Annotated[int, Field(gt=0)] = _BAUD
    stub: bool = True


def install() -> str | None:
    """As flash.install."""
    return None if _program() else _INSTALL


def flash(
    board: Board, files: tuple[Path, ...], port: str | None, baud: int | None, progress: Progress
) -> str:
    """As flash.flash. esptool compares a hash after writing; verify-flash asks for it again afterwards."""
    wanted = keys(board, "flasher", Facts)
    assert port is not None
    program = _program()
    if not program:
        raise ToolMissing("esptool is not installed", _INSTALL)
    places: list[str] = []
    for file in files:
        if file.name not in wanted.at:
            raise UsageError(f"{board.name}: flasher.at does not say where {file.name} goes")
        places += [f"{wanted.at[file.name]:#x}", str(file)]
    serial.require(port)
    common = [*program, "--chip", wanted.chip, "--port", port, "--baud", str(baud or wanted.baud)]
    common += [] if wanted.stub else [_NO_STUB]
    written = _Written([file.stat().st_size for file in files], progress)
    write = ["write-flash", *places]
    ended = follow([*common, *write], "esptool", _SILENCE, tell=written.line)
    by = ""
    if ended.code != 0 and wanted.stub and _lacks_stub(ended):
        # Some chips in secure modes, and emulated ones, do not run esptool's loader; their ROM has its own.
        common.append(_NO_STUB)
        by = ", by the ROM's own loader: esptool's did not start"
        ended = follow([*common, *write], "esptool", _SILENCE, tell=written.line)
    if ended.code != 0:
        when = f"after {written.share:.0%} of the image" if written.share else "at the start"
        raise _failed(ended, port, when)
    ended = follow([*common, "verify-flash", *places], "esptool", _SILENCE)
    if ended.code != 0:
        raise _failed(ended, port, "while verifying")
    progress(1.0)
    return f"MD5 of the flash, after writing and once more{by}"


def _lacks_stub(ended: Ended) -> bool:
    """Whether esptool reached the ROM, and failed at putting its own loader into the chip."""
    text = "\n".join(ended.lines)
    return "Uploading stub flasher" in text and "Stub flasher running" not in text


class _Written:
    """How much of all files esptool has written, told by its lines."""

    def __init__(self, sizes: Sequence[int], progress: Progress) -> None:
        self.share = 0.0
        self._sizes = sizes
        self._file = 0
        self._progress = progress

    def line(self, text: str) -> None:
        writing = _WRITING.search(text)
        if writing and self._file < len(self._sizes):
            done = sum(self._sizes[: self._file]) + self._sizes[self._file] * float(writing[1]) / 100
            self.share = max(self.share, done / max(sum(self._sizes), 1))
            self._progress(self.share * _WRITTEN)
        self._file += text.startswith("Wrote ")


def _program() -> list[str]:
    """esptool of our own environment, else that on PATH; empty when there is none."""
    if importlib.util.find_spec("esptool"):
        return [sys.executable, "-P", "-m", "esptool"]
    found = shutil.which("esptool")
    return [found] if found else []


def _failed(ended: Ended, port: str, when: str) -> DeviceError:
    found = next((match[1] for line in ended.lines if (match := _FATAL.search(line))), None)
    said = found or (ended.lines[-1] if ended.lines else f"it ended with exit code {ended.code}")
    other = _OTHER_CHIP.search(said)
    if other:
        return DeviceError(
            f"the chip on {port} is {other[1]}, and the image is for {other[2]}",
            "build for the board that is plugged in, or plug in the other one",
        )
    if "Failed to connect" in said:
        return DeviceError(
            f"the boot ROM on {port} does not answer ({said.rpartition(': ')[2]})",
            "hold BOOT, press RESET, release BOOT, and try again; is the cable good for data?",
        )
    if "Could not open" in said:
        return DeviceError(f"cannot open {port}", "is the board plugged in, is the address right?")
    if "Verification failed" in said or "MD5" in said:
        return DeviceError(
            f"the flash on {port} does not hold what esptool wrote ({said})",
            "flash again; when it happens twice, the flash chip or its supply is bad",
        )
    if "could not open port" in said:
        said = "the port has gone"
    return DeviceError(
        f"esptool could not flash {port}, {when}: {_ADVICE.split(said)[0].rstrip('.')}",
        "check the cable and the board's supply, then flash again: it starts from the beginning",
    )
