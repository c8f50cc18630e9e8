# SPDX-License-Identifier: Apache-2.0
"""Takes an ELF, gives a chip that holds it, through a debug probe: runs pyocd as a command."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from tinyedge import paths
from tinyedge.board import Board, Keys, keys
from tinyedge.errors import DeviceError, ToolMissing
from tinyedge.flash import Progress, single
from tinyedge.process import packages
from tinyedge.process.follow import Ended, follow

NEEDS_PORT = False
TAKES_ELF = True
_PROGRAM = "pyocd"
_INSTALL = packages.install("pyocd")
_SILENCE = 120.0  # s; a slow probe erases a large chip without a word
_LOG = re.compile(r"^\d{7} [A-Z] (.*?)(?: \[\w+\])?$")  # milliseconds, level, text, module


class Facts(Keys):
    """`target` as `pyocd list --targets` has it; `pack`: it comes with a CMSIS pack, not with pyocd."""

    target: str
    pack: bool = False


def install() -> str | None:
    """As flash.install."""
    return None if shutil.which(_PROGRAM) else _INSTALL


def flash(
    board: Board, files: tuple[Path, ...], port: str | None, baud: int | None, progress: Progress
) -> str:
    """As flash.flash; `port` and `baud` are the serial line's and of no use to a probe."""
    wanted = keys(board, "flasher", Facts)
    elf = single(board, files, ".elf")
    if shutil.which(_PROGRAM) is None:
        raise ToolMissing("pyocd is not installed", _INSTALL)
    probe = ["--target", wanted.target, "--no-wait"]
    load = [_PROGRAM, "load", *probe, "--no-reset", "--format", "elf", str(elf)]
    ended = follow(load, _PROGRAM, _SILENCE)
    if ended.code != 0:
        raise _failed(ended, wanted)
    progress(0.7)
    with paths.temporary() as scratch:
        commands: list[str] = []
        segments = list(_segments(elf))
        for index, (address, data) in enumerate(segments):
            part = scratch / f"{index}.bin"
            part.write_bytes(data)
            commands += ["--command", f'compare {address:#x} "{part.as_posix()}"']
        ended = follow([_PROGRAM, "commander", *probe, *commands, "--command", "reset"], _PROGRAM, _SILENCE)
    if ended.code != 0:
        raise _failed(ended, wanted)
    # `compare` says what it found and leaves the exit code alone.
    same = sum("bytes match" in line for line in ended.lines)
    if same != len(segments):
        found = next((line for line in ended.lines if "Mismatch" in line), "it did not compare every segment")
        raise DeviceError(f"the chip does not hold the image: {found}", "flash again")
    progress(1.0)
    return "read back and compared"


def _segments(elf: Path) -> Iterator[tuple[int, bytes]]:
    """Load address and bytes of what lies in flash."""
    from elftools.elf.elffile import ELFFile

    with elf.open("rb") as file:
        for segment in ELFFile(file).iter_segments("PT_LOAD"):
            if segment["p_filesz"]:
                yield segment["p_paddr"], segment.data()


def _failed(ended: Ended, wanted: Facts) -> DeviceError:
    said = ended.lines[-1] if ended.lines else f"it ended with exit code {ended.code}"
    log = _LOG.match(said)
    said = log[1] if log else said
    if "No target device" in said or any("No connected debug probes" in line for line in ended.lines):
        return DeviceError("pyocd finds no debug probe", "plug it in; `pyocd list` shows what it sees")
    if "not recognized" in said and wanted.pack:
        return DeviceError(f"pyocd does not know {wanted.target}", f"pyocd pack install {wanted.target}")
    return DeviceError(f"pyocd could not flash {wanted.target}: {said}", "check probe, cable and supply")
