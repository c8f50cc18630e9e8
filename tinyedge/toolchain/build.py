# SPDX-License-Identifier: Apache-2.0
"""Takes Sources, a Board and a folder, gives the Image: writes the C tree, compiles and links it there."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path, PurePosixPath

from tinyedge import images, made, names, paths
from tinyedge.board import Board
from tinyedge.emit import Sources
from tinyedge.errors import DoesNotFit, TinyedgeError, UsageError
from tinyedge.toolchain import compilers, image, jobs
from tinyedge.toolchain.compilers import Compiler
from tinyedge.toolchain.image import Image, StackBound
from tinyedge.toolchain.jobs import Finished
from tinyedge.toolchain.objects import Unit
from tinyedge.toolchain.objects import compile as compile_units

ELF = "firmware.elf"
_OBJECTS = "obj"
LINKER = "linker.ld"
LINKER_FLASH = "linker_flash.ld"
"""Where a boot ROM loads the image into RAM: tried when RAM is too small, it leaves the model in flash."""
# A change of what the record or the image holds makes older records worthless: count up.
_RECORD_VERSION = 4
_OVERFLOW = re.compile(r"region [`']?(\w+)'?:? overflowed by (\d+) bytes")
_BAUD = re.compile(r"link\.baud: ([^\"\n]+)")
_UNWRITABLE = re.compile(
    r"No space left on device|Disk quota exceeded|File too large|NoSpaceLeft|DiskQuota|FileTooBig"
)
_HOOK = re.compile(rf"kernels/{names.HOOK}/(\w+\.c):(\d+):(?:\d+:)? (?:fatal )?error: ([^\n]+)")
_PARTS = {"weight": "weights", "constant": "constants", "state": "constants", "shared": "kernels"}
_UNDEFINED = re.compile(r"undefined (?:symbol: |reference to [`'])(\w+)")


def compile(
    sources: Sources,
    board: Board,
    out: Path,
    extra_flags: Sequence[str] = (),
) -> Image:
    """Build `out/firmware.elf` from `sources`, which are left in `out/src`.

    Nothing is compiled when `out` holds the image of the same sources, flags and compiler version. On an
    error or an interrupt `out` stays as it was, and what in it is not of a build always does (made.py).
    `extra_flags` go to the compiler and to the linking (for a sanitizer, say). ToolMissing without the
    compiler; DoesNotFit when the board has less memory; UsageError when `out` takes no files.
    """
    tool = compilers.find(board, sources.options.compiler)
    key = _key(sources, board, tool, extra_flags)
    paths.sweep(out / "src")
    known = image.load(out, key)
    if known is not None and (out / "src").is_dir() and made.settled(out, image.RECORD):
        return known
    made.check(out, (ELF, image.RECORD, *_tree(sources)))
    fresh = not out.exists()
    try:
        with paths.scratch(out / "src") as folder:
            built = _build(sources, board, tool, folder, extra_flags)
            shutil.rmtree(folder / _OBJECTS)
            # The record goes first and comes last: between, the folder holds no build.
            made.remove(out, image.RECORD)
            made.put(out, folder)
            built = replace(built, elf=out / ELF, files=tuple(out / file.name for file in built.files))
            image.save(built, key)
    except BaseException:
        if fresh:
            with suppress(OSError):
                out.rmdir()
        raise
    return built


def left(sources: Sources, made: Image) -> set[str]:
    """What `compile` leaves in its folder: POSIX paths from there on."""
    return {image.RECORD, made.elf.name, *(file.name for file in made.files), *_tree(sources)}


def _tree(sources: Sources) -> Iterable[str]:
    return (f"src/{path}" for path in sources.files)


def _build(sources: Sources, board: Board, tool: Compiler, folder: Path, extra_flags: Sequence[str]) -> Image:
    tree = folder / "src"
    for name, content in sources.files.items():
        file = tree / PurePosixPath(name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    objects = {unit: f"../{_OBJECTS}/{index}.o" for index, unit in enumerate(sources.units)}
    (folder / _OBJECTS).mkdir()
    units = [
        Unit(
            unit,
            objects[unit],
            (*_compile(sources, tool, unit, objects[unit], tree), *extra_flags),
            (*_compile(sources, tool, unit, "", Path()), *extra_flags),
        )
        for unit in sources.units
    ]
    answers = compile_units(units, sources.files, tree, tool.identity, tool.environment)
    for unit, ended in zip(sources.units, answers, strict=True):
        if ended.code != 0 or not (tree / objects[unit]).is_file():
            raise _unreachable_baud(board, ended.text) or _refused(tool, f"compile {unit}", ended)
    link = [*tool.link_command(list(objects.values()), f"../{ELF}"), *extra_flags]
    ended = jobs.run(link, tree, tool.environment)
    if ended.code != 0 and LINKER_FLASH in sources.files and "ram" in _overflows(ended.text):
        link = [LINKER_FLASH if word == LINKER else word for word in link]
        ended = jobs.run(link, tree, tool.environment)
    if ended.code != 0 or not (folder / ELF).is_file():
        raise _unlinked(tool, board, ended)
    return _measured(sources, board, tool, folder, objects)


def _measured(
    sources: Sources, board: Board, tool: Compiler, folder: Path, objects: Mapping[str, str]
) -> Image:
    from tinyedge.toolchain import elf, stack  # which read ELF files with a package of many modules

    if not elf.is_elf(folder / ELF):
        why = "what this machine runs is no ELF file: its sizes and its stack are not measured"
        return Image(
            folder / ELF,
            (folder / ELF,),
            sources.build_id,
            tool.version,
            None,
            None,
            None,
            StackBound(None, why),
            (),
        )
    files = {unit: (folder / "src" / name).resolve() for unit, name in objects.items()}
    parts = _Parts(sources, elf.defined(files))
    sizes = elf.measure(folder / ELF, board, parts.of)
    frames = None
    if tool.family == "gcc":
        # Of assembly GCC knows no frames.
        made = (file for unit, file in files.items() if unit.endswith(".c"))
        frames = stack.gcc_frames(file.with_suffix(".su") for file in made)
    bound = stack.bound(folder / ELF, board, frames)
    reserved = board.memory.stack if board.memory else None
    if bound.bytes is not None and reserved is not None and bound.bytes > reserved:
        raise UsageError(
            f"the stack can get {bound.bytes} bytes deep, and {board.name} reserves {reserved}",
            f"raise `stack` in a copy of {board.name}.toml, and give that file as the board",
        )
    return Image(
        elf=folder / ELF,
        files=images.make(folder / ELF, board, folder),
        build_id=sources.build_id,
        compiler=tool.version,
        flash=sizes.flash,
        ram=sizes.ram,
        stack_size=reserved,
        stack=bound,
        symbols=sizes.symbols,
    )


def _compile(sources: Sources, tool: Compiler, unit: str, target: str, folder: Path) -> list[str]:
    return tool.compile_command(unit, target, folder, sources.model_units.get(unit, "runtime"))


def _key(sources: Sources, board: Board, tool: Compiler, extra_flags: Sequence[str]) -> str:
    nowhere = Path("/")  # wherever it is built, it is the same
    commands = [_compile(sources, tool, unit, "", nowhere) for unit in sources.units]
    facts = {
        "record": _RECORD_VERSION,
        "compiler": tool.version,
        "commands": [*commands, tool.link_command([], "")],
        "extra_flags": list(extra_flags),
        "board": board.model_dump(mode="json"),
        "build_id": sources.build_id,
    }
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode())
    for name in sorted(sources.files):
        content = sources.files[name]
        digest.update(f"\n{name} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


class _Parts:
    """Which part of the firmware a symbol belongs to, by the unit that defines it and by its name."""

    def __init__(self, sources: Sources, units: Mapping[str, set[str]]) -> None:
        self._units = units
        self._model = set(sources.model_units)
        self._prefixes = sources.prefixes
        kernels = (PurePosixPath(name) for name in sources.files if name.startswith("kernels/"))
        self._kernels = tuple(names.kernel(k.stem, k.parent.name) for k in kernels if k.suffix == ".c")

    def of(self, name: str, source: str) -> str:
        """The part (see image.PARTS) of a symbol; `source` is the file that a local symbol comes from."""
        units = self._units.get(name, set())
        unit = next((u for u in sorted(units) if PurePosixPath(u).name == PurePosixPath(source).name), None)
        unit = unit or min(units, default=None)
        if unit is None:
            return "library"
        if unit in self._model:
            return self._of_model(name)
        if name == names.ARENA:
            return "arena"
        if names.is_state(name):
            return "state"
        return "port" if unit.startswith("ports/") else "runtime"

    def _of_model(self, name: str) -> str:
        for prefix in self._prefixes:
            found = names.generated(name, prefix)
            if found is not None:
                return _PARTS.get(found.kind, "model")
        # A kernel's own helpers begin with its name.
        return "kernels" if name.startswith(self._kernels) else "model"


def _unreachable_baud(board: Board, text: str) -> UsageError | None:
    """The error for a rate that the UART does not have, as the port's compile-time check words it."""
    found = _BAUD.search(text)
    if found is None:
        return None
    return UsageError(
        f"{board.name} cannot do {board.link.baud} bit/s: {found[1]}",
        "choose another rate: `--baud`, or `baud` in [link] of the board's file",
    )


def _refused(tool: Compiler, what: str, ended: Finished) -> TinyedgeError:
    unwritable = _UNWRITABLE.search(ended.text)
    if unwritable:
        return UsageError(
            f"{tool.version} could not {what}: {unwritable[0]}",
            "make room, there and in TMPDIR and TINYEDGE_CACHE",
        )
    if ended.code < 0:
        return UsageError(
            f"{tool.version} could not {what}: it was ended by signal {-ended.code}",
            "are memory, disk or a limit (`ulimit -a`) too small for it?",
        )
    hook = _HOOK.search(ended.text)
    if hook:
        raise UsageError(
            f"{tool.version} refuses the hook {hook[1]}: line {hook[2]}: {hook[3]}",
            "correct it; firmware/kernels/hook.h says how one is written",
        )
    said = ended.text.splitlines()
    lines = [line for line in said if "error" in line] or said or ["it said nothing"]
    return TinyedgeError(
        f"{tool.version} could not {what}: {lines[0]}",
        "this is a defect of tinyedge (or of a compiler that it was not tried with): please report it",
    )


def _overflows(text: str) -> dict[str, int]:
    """Memory region -> bytes too many, from what a linker says."""
    over: dict[str, int] = {}
    for region, size in _OVERFLOW.findall(text):
        over[region] = max(int(size), over.get(region, 0))
    return over


def _unlinked(tool: Compiler, board: Board, ended: Finished) -> TinyedgeError:
    over = _overflows(ended.text)
    if over and board.memory is not None:
        region, size = next(iter(over.items()))
        return DoesNotFit(board.name, region, getattr(board.memory, region).length, size)
    missing = sorted(set(_UNDEFINED.findall(ended.text)))
    return _refused(tool, f"link ({', '.join(missing)} undefined)" if missing else "link", ended)
