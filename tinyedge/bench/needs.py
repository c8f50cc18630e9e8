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
from tinyedge.toolchain import compilers, emulators

_APT = "apt-get install --no-install-recommends "
_LIMIT = 1800  # s that an installation may take


@dataclass(frozen=True)
class Need:
    """A program that a board needs, or may use; `install` is how to install it, None when it is here."""

    board: str
    what: str
    needed: bool
    install: str | None


def of(board: Board) -> list[Need]:
    """What `board` needs to build and, where it has an emulator, to run with nothing attached."""
    # A second compiler is the user's choice; the default one is needed.
    found = [
        Need(board.name, f"compiler {name}", name == compilers.default(board), compilers.missing(board, name))
        for name in board.core.compilers
    ]
    if board.emulator:
        program = board.emulator.command[0].replace("{elf}", "this machine")
        found.append(Need(board.name, f"emulator {program}", True, emulators.missing(board)))
    if board.flasher:
        install = flash.method(board).install()
        found.append(Need(board.name, f"flasher {board.flasher.method}", False, install))
    return found


def of_models() -> list[Need]:
    """What reading a trained model needs, whatever the board."""
    here = all(importlib.util.find_spec(name) for name in ("tensorflow", "tf_keras"))
    install = None if here else "pip install 'tinyedge[keras]'"
    return [Need("any", "TensorFlow (.keras, .h5, SavedModel)", False, install)]


def commands(missing: Iterable[Need]) -> list[list[str]]:
    """The commands that install `missing`: Debian's packages in one go, by sudo if need be; then others."""
    lines = list(dict.fromkeys(need.install for need in missing if need.install))
    packages = [word for line in lines if line.startswith(_APT) for word in line.removeprefix(_APT).split()]
    others = [shlex.split(line) for line in lines if not line.startswith(_APT)]
    steps = []
    if packages:
        root = ["sudo"] if hasattr(os, "geteuid") and os.geteuid() != 0 else []
        steps = [
            [*root, "apt-get", "update", "-q"],
            [*root, *_APT.split(), "-y", "-q", *dict.fromkeys(packages)],
        ]
    return steps + [[sys.executable, "-m", *words] if words[0] == "pip" else words for words in others]


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
