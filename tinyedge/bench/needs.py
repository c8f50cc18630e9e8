# SPDX-License-Identifier: Apache-2.0
"""Takes a board, gives the programs that it needs, which are missing, and the commands that install them."""

from __future__ import annotations

import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from tinyedge import flash
from tinyedge.board import Board
from tinyedge.errors import ToolMissing
from tinyedge.process import environment, packages
from tinyedge.process.packages import APT, PIP, Package
from tinyedge.toolchain import compilers, emulators

_LIMIT = 1800  # s that an installation may take
# Methods of tinyedge/flash/ that are not called after the program that they run.
_FLASHERS = {"stm32": "stm32loader"}


@dataclass(frozen=True)
class Need:
    """A program that a board needs, or may use; `install` is how to install it, None when it is here.

    brought_by: the packages that bring it, with the versions that are here.
    """

    board: str
    what: str
    needed: bool
    install: str | None
    brought_by: tuple[Package, ...] = ()


def of(board: Board) -> list[Need]:
    """What `board` needs to build and, where it has an emulator, to run with nothing attached."""
    # A second compiler is the user's choice; the default one is needed.
    default = compilers.default(board)
    found = [
        _need(
            board,
            f"compiler {name}",
            compilers.missing(board, name),
            compilers.program(facts, name),
            name == default,
        )
        for name, facts in board.core.compilers.items()
    ]
    if board.emulator:
        program = board.emulator.command[0].replace("{elf}", "this machine")
        found.append(_need(board, f"emulator {program}", emulators.missing(board), program, True))
    if board.flasher:
        name, install = board.flasher.method, flash.method(board).install()
        found.append(_need(board, f"flasher {name}", install, _FLASHERS.get(name, name), False))
    return found


def _need(board: Board, what: str, install: str | None, program: str, needed: bool) -> Need:
    return Need(board.name, what, needed, install, packages.of(program))


def of_models() -> list[Need]:
    """What reading a trained model needs, whatever the board."""
    here = all(importlib.util.find_spec(name) for name in ("tensorflow", "tf_keras"))
    install = None if here else packages.install("tensorflow")
    brought_by = packages.of("tensorflow")
    return [Need("any", "TensorFlow (.keras, .h5, SavedModel)", False, install, brought_by), *of_onnx(False)]


def of_onnx(needed: bool = True) -> list[Need]:
    """What reading .onnx files needs: a program in an environment of its own, one need for each step."""
    tool = environment.ONNX2TF
    what = f"{tool.program} (.onnx)"
    if tool.there():
        return [Need("any", what, needed, None)]
    steps = [shlex.join(step) for step in tool.commands()]
    return [Need("any", f"{what}, step {i + 1}", needed, step) for i, step in enumerate(steps)]


def commands(missing: Iterable[Need]) -> list[list[str]]:
    """The commands that install `missing`: Debian's packages in one go, by sudo if need be; then others."""
    lines = list(dict.fromkeys(need.install for need in missing if need.install))
    debian = [word for line in lines if line.startswith(APT) for word in line.removeprefix(APT).split()]
    steps = []
    if debian:
        root = ["sudo"] if hasattr(os, "geteuid") and os.geteuid() != 0 else []
        steps = [
            [*root, "apt-get", "update", "-q"],
            [*root, *APT.split(), "-y", "-q", *dict.fromkeys(debian)],
        ]
    # -P: a pip.py in the folder that we are in is none of ours.
    pip = [sys.executable, "-P", "-m", "pip", "install"]
    steps += [[*pip, *shlex.split(line.removeprefix(PIP))] for line in lines if line.startswith(PIP)]
    return steps + [shlex.split(line) for line in lines if not line.startswith((APT, PIP))]


def run(command: list[str]) -> None:
    """Run an installation, its output on stderr. ToolMissing when it cannot be started or fails."""
    line = shlex.join(command)
    if shutil.which(command[0]) is None:
        raise ToolMissing(f"there is no {command[0]} to run: {line}", "run it by hand, as your system has it")
    try:
        ended = subprocess.run(command, stdout=sys.stderr, timeout=_LIMIT, check=False)
    except subprocess.TimeoutExpired as error:
        raise ToolMissing(f"{line} had not ended after {_LIMIT} s", "run it by hand") from error
    if ended.returncode != 0:
        raise ToolMissing(f"{line} failed with exit code {ended.returncode}", "its own words are above")
