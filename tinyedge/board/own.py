# SPDX-License-Identifier: Apache-2.0
"""Takes a board or core from a file of the user's own, refuses what would be more than facts.

A board's file may have come with somebody else's project. It says what there is, and never what is run: a
compiler or an emulator is one that a board of ours has, called in the same way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from tinyedge.board import port
from tinyedge.errors import UsageError

if TYPE_CHECKING:
    from tinyedge.board import Board, CompilerFacts, Core, Emulator

# What differs between cores, and says nothing but which core it is. (`-mllvm` is LLVM's own command line.)
_MACHINE = re.compile(r"(?!-mllvm)-m[a-z0-9-]+(=[A-Za-z0-9_+.-]+)?|--target=[A-Za-z0-9_.-]+")
# Options of QEMU that choose a machine and take a name; a machine has no properties, which may name files.
_CHOICES = {"-M": r"[A-Za-z0-9._-]+", "-cpu": r"[A-Za-z0-9._=,-]+", "-m": r"[0-9]+[KMG]?"}
_SIMULATOR = "labwired"
_THIS_MACHINE = "{elf}"
_PROGRAM = "a program of your own is named on the command line: --compiler, or -p exec://PROGRAM"


def check_core(core: Core, file: Path, known: Iterable[Core]) -> None:
    """UsageError unless each compiler of `core` is one of a core in `known`, but for the machine's flags."""
    ours = [_without_machine(facts) for other in known for facts in other.compilers.values()]
    for name, facts in core.compilers.items():
        if _without_machine(facts) not in ours:
            raise UsageError(
                f"{file}: compilers.{name} is none that tinyedge knows, with more changed than -m... flags",
                f"take a compiler from boards/cores/; {_PROGRAM}",
            )


def check_board(board: Board, file: Path, known: Iterable[Board]) -> None:
    """UsageError unless the emulator is that of a board in `known`.

    What is built with code from beside the board's file is not run as a program of this machine.
    """
    emulator = board.emulator
    if emulator is None:
        return
    ours = [(other.link.transport, _without_choices(other.emulator)) for other in known if other.emulator]
    if (board.link.transport, _without_choices(emulator)) not in ours:
        raise UsageError(
            f"{file}: emulator.command is none that tinyedge knows, with more changed than -M and -cpu",
            f"take one from boards/, with its link.transport; {_PROGRAM}",
        )
    foreign = port.own_folders(board)
    if emulator.command[0] == _THIS_MACHINE and foreign:
        raise UsageError(
            f"{file}: {foreign[0]} beside it would run as a program of this machine",
            "a port of your own is for a board, or for an emulated one",
        )


def _without_machine(facts: CompilerFacts) -> CompilerFacts:
    flags = tuple(flag for flag in facts.flags if not _MACHINE.fullmatch(flag))
    return facts.model_copy(update={"flags": flags})


def _without_choices(emulator: Emulator) -> tuple[str, ...]:
    words = list(emulator.command)
    if words[0] == _SIMULATOR:  # a chip or a file of ours, and perhaps a UART
        return (
            _SIMULATOR,
            *(word for word in words[1:] if not re.fullmatch(r"[A-Za-z0-9_-]+(\.yaml)?", word)),
        )
    for i, word in enumerate(words[:-1]):
        if word in _CHOICES and re.fullmatch(_CHOICES[word], words[i + 1]):
            words[i + 1] = word
    return tuple(words)
