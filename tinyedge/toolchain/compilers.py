# SPDX-License-Identifier: Apache-2.0
"""Takes a board and the name of a compiler, gives the command lines that compile and link for the board."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tinyedge import paths
from tinyedge.board import Board, CompilerFacts
from tinyedge.errors import ToolMissing, UsageError
from tinyedge.process import packages
from tinyedge.toolchain import jobs

_COMMON = (
    "-std=c11",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-Wconversion",
    "-ffunction-sections",
    "-fdata-sections",
    "-fomit-frame-pointer",
    "-fno-unwind-tables",
    "-fno-asynchronous-unwind-tables",
    # Line tables, so that a fault's address leads to a line; no absolute path in them.
    "-g1",
    "-I.",
    "-Iruntime",
)
# -fstack-size-section and -fstack-usage write down the stack frame of every function.
_FAMILY = {
    "clang": ("-fstack-size-section", "-fdebug-compilation-dir=."),
    # GCC guesses what may be uninitialized, by what it happens to unroll: no reason to refuse a build.
    "gcc": ("-fstack-usage", "-fno-common", "-Wno-maybe-uninitialized"),
}
# Model code for size keeps its vector loops, which -Oz would not make: a tenth fewer instructions for some
# 100 bytes.
_LEVELS = {
    "clang": {"speed": ("-O3",), "size": ("-Os",), "runtime": ("-Oz",)},
    "gcc": {"speed": ("-O3",), "size": ("-Os",), "runtime": ("-Os",)},
}
# `zig cc` turns -O3 and -Oz into -O2 and -Os, and drops local names at -Os: -Xclang says what was meant.
_ZIG_CC_LEVELS = {
    "speed": ("-O3", "-Xclang", "-O3"),
    "size": ("-O2", "-Xclang", "-Os"),
    "runtime": ("-O2", "-Xclang", "-Oz"),
}
# Bare metal: the runtime is what defines memcpy, which the compiler must not find a call of memcpy in.
_RUNTIME = {"clang": ("-fno-builtin",), "gcc": ("-fno-builtin", "-fno-tree-loop-distribute-patterns")}


@dataclass(frozen=True)
class Compiler:
    """A compiler for one board, found on this machine; `version` is its own word."""

    name: str
    family: str
    version: str
    board: Board
    facts: CompilerFacts

    def compile_command(self, unit: str, target: str, folder: Path, level: str) -> list[str]:
        """The command that, run in `folder`, compiles `unit` (.c) to `target` (.o).

        `level`: what a unit of the model is optimised for, "speed" or "size"; "runtime" for all else.
        """
        levels = _ZIG_CC_LEVELS if self._zig_cc else _LEVELS[self.family]
        ports = (f"-Iports/{folder}" for folder in self.board.port_folders)
        flags = [*self.facts.flags, *_COMMON, *ports, *_FAMILY[self.family]]
        flags += levels[level]
        if self.family == "gcc":
            # GCC notes the folder that it works in, whole, which differs from build to build.
            flags.append(f"-ffile-prefix-map={folder.resolve()}=.")
        if self.board.memory is not None and level == "runtime":
            flags += _RUNTIME[self.family]
        return [*self.facts.command, *flags, "-c", unit, "-o", target]

    def link_command(self, objects: Sequence[str], target: str) -> list[str]:
        """The command that links the objects to `target`, run where `linker.ld` is."""
        linker = self.facts.linker or self.facts.command
        flags = () if self.facts.linker else self.facts.flags
        return [*linker, *flags, *self.facts.link, *objects, *self.facts.libraries, "-o", target]

    @property
    def identity(self) -> tuple[str, ...]:
        """What tells this compiler from all others: its version, its programs, their sizes and times."""
        program = self.facts.command[0]
        parts = [program] if self.family == "clang" else [program, *_parts_of_gcc(program)]
        return (self.version, *(word for part in parts for word in _stamp(part)))

    @property
    def environment(self) -> dict[str, str]:
        """What the commands need beside the user's environment."""
        return _zig_environment() if self.name == "zig" else {}

    @property
    def _zig_cc(self) -> bool:
        return self.name == "zig" and self.facts.command[-1] == "cc"


def find(board: Board, name: str | None = None) -> Compiler:
    """Find the compiler `name` for a board: one that boards/cores/ names, a program, or a prefix ending in -.

    ToolMissing tells how to install it; UsageError when there is none of that name for the board.
    """
    name = name or default(board)
    known = board.core.compilers
    if name in known:
        facts, family = known[name], _family(name)
    else:
        family = _family_of_program(name + "gcc" if name.endswith("-") else name, board)
        facts = _named_by_user(board, name, family)
    command = _program(facts, board, name)
    if command is None:
        raise ToolMissing(
            f"the compiler {name} for {board.name} is not installed", f"run: {how_to_install(facts, name)}"
        )
    places = _zig_places() if name == "zig" else {}
    facts = facts.model_copy(
        update={
            # Commands run in the folder of the sources, and a PATH may name folders from here.
            "command": (os.path.abspath(command), *facts.command[1:]),  # noqa: PTH100 (links stay, `..` goes)
            "flags": _fill(facts.flags, places),
            "linker": _fill(facts.linker, places),
        }
    )
    return Compiler(name, family, _version(facts, name), board, facts)


def default(board: Board) -> str:
    """The compiler taken for a board when none is named: its core's first, but for what is not installed."""
    known = board.core.compilers
    there = (n for n, facts in known.items() if not facts.if_installed or _program(facts, board, n))
    return next(there, next(iter(known)))


def missing(board: Board, name: str | None = None) -> str | None:
    """None when the compiler (the default one without a name) is there, else the command that installs it."""
    name = name or default(board)
    facts = board.core.compilers.get(name)
    if facts is None:
        return f"there is no compiler {name} for {board.name}"
    return None if _program(facts, board, name) else how_to_install(facts, name)


def how_to_install(facts: CompilerFacts, name: str) -> str:
    """The command that installs a compiler."""
    return packages.install(program(facts, name))


def program(facts: CompilerFacts, name: str) -> str:
    """What process/packages.py calls the compiler `name`."""
    return name if name == "zig" else facts.command[0]


def _family(name: str) -> str:
    return "clang" if name in ("zig", "clang") else "gcc"


def _family_of_program(program: str, board: Board) -> str:
    """ "gcc" or "clang", by what the program predefines; UsageError for one that is neither."""
    if shutil.which(program) is None:
        raise ToolMissing(f"there is no compiler {program}", f"give a program on PATH, or {_names(board)}")
    try:
        ended = jobs.run([program, "-dM", "-E", "-x", "c", "-"], Path.cwd(), {})
    except OSError as error:
        raise UsageError(f"cannot run {program}: {error.strerror}", f"compilers: {_names(board)}") from error
    if ended.code != 0 or "#define __GNUC__" not in ended.text:
        raise UsageError(
            f"{program} is no C compiler of GCC's or Clang's kind",
            f"give another program, or {_names(board)}",
        )
    return "clang" if "#define __clang__" in ended.text else "gcc"


def _named_by_user(board: Board, name: str, family: str) -> CompilerFacts:
    given = name + "gcc" if name.endswith("-") else name
    # Flags are those of the same program, else those of the first compiler of its family.
    kin = [facts for n, facts in board.core.compilers.items() if n != "zig" and _family(n) == family]
    kin.sort(key=lambda facts: facts.command[0] != Path(given).name)
    if not kin:
        names = ", ".join(board.core.compilers)
        raise UsageError(
            f"no flags are known for {name} on {board.name}", f"compilers of this board: {names}"
        )
    return kin[0].model_copy(update={"command": (given,)})


def _names(board: Board) -> str:
    return " or ".join(board.core.compilers)


def _program(facts: CompilerFacts, board: Board, name: str) -> str | None:
    if name == "zig":
        return _zig_places().get("{zig}")
    return shutil.which(facts.command[0]) or _elsewhere(facts)


def _elsewhere(facts: CompilerFacts) -> str | None:
    """The program where its own installer puts it, which no PATH names; of several versions the last."""
    found = []
    for place in facts.places:
        # Path.glob() takes no absolute pattern.
        at = Path(os.path.expanduser(place)).absolute()  # noqa: PTH111 (nobody's ~ stays one)
        found += sorted(Path(at.anchor).glob(str(at.relative_to(at.anchor) / facts.command[0])))
    return str(found[-1]) if found else None


def _zig_places() -> dict[str, str]:
    # The program itself and not `python -m ziglang`: it saves starting Python for every file.
    spec = importlib.util.find_spec("ziglang")
    if spec is None or spec.origin is None:
        return {}
    folder = Path(spec.origin).parent
    program = folder / ("zig.exe" if sys.platform == "win32" else "zig")
    return {"{zig}": str(program), "{zig_lib}": str(folder / "lib")} if program.is_file() else {}


def _fill(words: Sequence[str], places: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(places.get(word, word) for word in words)


def _zig_environment() -> dict[str, str]:
    folder = str(paths.cache() / "zig")
    return {"ZIG_GLOBAL_CACHE_DIR": folder, "ZIG_LOCAL_CACHE_DIR": folder}


def _parts_of_gcc(program: str) -> list[str]:
    """The programs that GCC's driver starts for a compilation, which packages may replace one by one."""
    told = [jobs.run([program, f"-print-prog-name={part}"], Path.cwd(), {}) for part in ("cc1", "as")]
    return [ended.text.strip() for ended in told if ended.code == 0]


def _stamp(program: str) -> tuple[str, ...]:
    found = shutil.which(program)
    if found is None:
        return (program,)
    state = Path(found).stat()
    return (str(Path(found).resolve()), str(state.st_size), str(state.st_mtime_ns))


def _version(facts: CompilerFacts, name: str) -> str:
    arguments = ["version"] if name == "zig" else ["--version"]
    try:
        ended = jobs.run([facts.command[0], *arguments], Path.cwd(), {})
    except OSError as error:
        raise ToolMissing(
            f"cannot run {facts.command[0]}: {error.strerror}", f"run: {how_to_install(facts, name)}"
        ) from error
    if ended.code != 0 or not ended.text.strip():
        raise ToolMissing(
            f"{facts.command[0]} does not tell its version", f"run: {how_to_install(facts, name)}"
        )
    first = ended.text.strip().splitlines()[0]
    return f"zig {first}" if name == "zig" else first
