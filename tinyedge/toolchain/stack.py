# SPDX-License-Identifier: Apache-2.0
"""Takes a linked image, gives the deepest that its stack can get: frames summed along the deepest calls.

The frames are the compiler's own figures: section `.stack_sizes` (clang -fstack-size-section) or the .su
files (gcc -fstack-usage), or what Thumb instructions say, where that is more. The calls are read from the
image's instructions. Those through pointers are known where the runtime calls a model (names.THROUGH_MODEL):
to any function that a te_model of the image names. What cannot be known (a recursion, another call through
a pointer, a function of unknown frame) makes the bound unknown, with the reason.
"""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from elftools.elf.elffile import ELFFile

from tinyedge import names
from tinyedge.board import Board
from tinyedge.toolchain import riscv, thumb, xtensa
from tinyedge.toolchain.branch import Branch
from tinyedge.toolchain.image import StackBound

_WORD = 4
_DECODERS = {"thumb": thumb.branches, "riscv": riscv.branches, "xtensa": xtensa.branches}

_Decoder = Callable[[bytes, int, Sequence[tuple[int, int]]], Iterator[Branch]]


class _Unknown(Exception):
    """The bound cannot be known; the text says why."""


@dataclass(frozen=True)
class _Function:
    name: str
    frame: int | None
    calls: tuple[int, ...]
    indirect: bool
    vectors: bool


def gcc_frames(files: Iterable[Path]) -> dict[str, int]:
    """Function name -> frame in bytes, from GCC's .su files, of the functions whose frame is bounded."""
    frames: dict[str, int] = {}
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            place, size, kind = line.split("\t")
            # Clones of a function (`f.constprop`) go by its name: the largest frame holds for all.
            name = names.function_of(place.rsplit(":", 1)[-1])
            if kind in ("static", "dynamic,bounded"):
                # Two static functions of one name: the larger frame holds for both.
                frames[name] = max(int(size), frames.get(name, 0))
    return frames


def bound(elf: Path, board: Board, frames: Mapping[str, int] | None = None) -> StackBound:
    """The stack bound of an image; `frames` by function name where the image has no `.stack_sizes`.

    On top of the deepest chain from the reset handler come two exceptions: a handler, and a fault in it. All
    interrupts of a port have one priority, so no more than these nest. Each costs its frames and what the
    core pushes (`exception_frame` of the core).
    """
    if board.memory is None or board.core.instructions is None:
        return StackBound(None, f"the stack of {board.name} is not ours to bound")
    with elf.open("rb") as stream:
        file = ELFFile(stream)
        functions = _functions(file, frames, _DECODERS[board.core.instructions])
        reset = file["e_entry"] & ~1
        if board.core.instructions == "thumb":
            handlers = _vectors(file, functions, reset) - {reset}
        else:
            # But for Arm there is no table of handlers: all traps lead to one function.
            handlers = {address for address, function in functions.items() if function.name == names.TRAP}
    try:
        total, path = _deepest(reset, functions, ())
        above = sorted((_deepest(handler, functions, ()) for handler in handlers), reverse=True)
    except _Unknown as error:
        return StackBound(None, str(error))
    for depth, chain in above[:2]:
        total += depth + board.core.exception_frame
        path += (("(exception)", board.core.exception_frame), *chain)
    return StackBound(total, "", path)


def _functions(file: ELFFile, frames: Mapping[str, int] | None, decode: _Decoder) -> dict[int, _Function]:
    table = file.get_section_by_name(".symtab")
    symbols = list(table.iter_symbols()) if table else []
    sizes = _stack_sizes(file)
    data = _data_ranges(file, symbols)
    functions: dict[int, _Function] = {}
    sections: dict[int, tuple[int, bytes]] = {}
    of_models = _pointers(file, symbols)
    for symbol in symbols:
        if symbol["st_info"]["type"] != "STT_FUNC" or not isinstance(symbol["st_shndx"], int):
            continue
        address, index = symbol["st_value"] & ~1, symbol["st_shndx"]
        if index not in sections:
            section = file.get_section(index)
            sections[index] = (section["sh_addr"], section.data())
        start, held = sections[index]
        code = held[address - start : address - start + symbol["st_size"]]
        frame = sizes.get(address)
        if frame is None and frames is not None:
            frame = frames.get(names.function_of(symbol.name))
            if frame is None and decode is xtensa.branches:
                frame = xtensa.frame(code, address)  # of assembly, which GCC tells nothing of
        constants = _within(data, address, address + len(code))
        if frame is not None and decode is thumb.branches:
            # What assembly among C pushes is in no compiler's figure.
            frame = max(frame, thumb.frame(code, address, constants))
        found = list(decode(code, address, constants))
        # A call of itself is a recursion; any other branch within the function is none of ours. The only long
        # jump of Thumb-1 is BL.
        inside = range(address, address + len(code))
        calls = {
            branch.target
            for branch in found
            if branch.target is not None
            and (branch.target not in inside or (branch.call and branch.target == address))
        }
        indirect = any(b.target is None for b in found)
        if indirect and of_models and names.function_of(symbol.name) in names.THROUGH_MODEL:
            calls |= of_models
            indirect = False
        # The compiler's figure is without them, since their length is the core's.
        vectors = decode is riscv.branches and riscv.needs_vector_length(code)
        functions[address] = _Function(symbol.name, frame, tuple(sorted(calls)), indirect, vectors)
    return functions


def _within(data: Sequence[tuple[int, int]], begin: int, end: int) -> Sequence[tuple[int, int]]:
    """Those of the sorted ranges that reach into begin to end: a large image has some for each layer."""
    first = bisect.bisect_right(data, begin, key=lambda pair: pair[1])
    return data[first : bisect.bisect_left(data, end, key=lambda pair: pair[0])]


def _pointers(file: ELFFile, symbols: Sequence[Any]) -> set[int]:
    """The functions that the image's te_models name, by the words at their end (model.h).

    Any other word may be a number that happens to be the address of a function.
    """
    code = {s["st_value"] & ~1 for s in symbols if s["st_info"]["type"] == "STT_FUNC"}
    found = set()
    for symbol in symbols:
        if symbol["st_info"]["type"] == "STT_OBJECT" and names.is_descriptor(symbol.name):
            section = file.get_section(symbol["st_shndx"])
            end = symbol["st_value"] - section["sh_addr"] + symbol["st_size"]
            data = section.data()[end - names.MODEL_FUNCTIONS * _WORD : end]
            words = (int.from_bytes(data[i : i + _WORD], "little") & ~1 for i in range(0, len(data), _WORD))
            found |= code.intersection(words)
    return found


def _stack_sizes(file: ELFFile) -> dict[int, int]:
    section = file.get_section_by_name(".stack_sizes")
    data = section.data() if section else b""
    sizes: dict[int, int] = {}
    at = 0
    while at < len(data):
        address = int.from_bytes(data[at : at + _WORD], "little") & ~1
        at += _WORD
        size = shift = 0
        while True:  # ULEB128: seven bits a byte, the lowest first, bit 7 says that more follow
            byte = data[at]
            at += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        sizes[address] = size
    return sizes


def _data_ranges(file: ELFFile, symbols: list[Any]) -> list[tuple[int, int]]:
    # The ABIs' mapping symbols: $d begins data among the code, $t begins Thumb code and $x RISC-V code.
    marks = sorted(
        (symbol["st_value"], symbol.name[:2])
        for symbol in symbols
        if symbol.name[:2] in ("$d", "$t", "$x") and isinstance(symbol["st_shndx"], int)
    )
    last = (1 << 32, "$t")
    pairs = itertools.pairwise([*marks, last])
    return [(begin, end) for (begin, kind), (end, _) in pairs if kind == "$d"]


def _vectors(file: ELFFile, functions: Mapping[int, _Function], reset: int) -> set[int]:
    # The stack pointer, the reset handler, then those of exceptions and interrupts; before them may be what
    # the chip's boot ROM wants.
    table = next(s for s in file.iter_segments() if s["p_type"] == "PT_LOAD").data()
    words = [int.from_bytes(table[i : i + _WORD], "little") & ~1 for i in range(0, len(table), _WORD)]
    first = words.index(reset) if reset in words else 0
    handlers = set()
    for word in words[first : first + 15 + 480]:
        if word == 0:
            continue
        if word not in functions:
            break
        handlers.add(word)
    return handlers


def _deepest(
    address: int, functions: Mapping[int, _Function], above: tuple[int, ...]
) -> tuple[int, tuple[tuple[str, int], ...]]:
    function = functions.get(address)
    if function is None:
        raise _Unknown(f"nothing is known of the code at 0x{address:08x}")
    if address in above:
        raise _Unknown(f"{function.name} can call itself")
    if function.indirect:
        raise _Unknown(f"{function.name} calls through a pointer")
    if function.vectors:
        raise _Unknown(f"{function.name} keeps vectors on the stack, whose length is the core's")
    if function.frame is None:
        raise _Unknown(f"the compiler tells no stack frame of {function.name}")
    calls = (_deepest(call, functions, (*above, address)) for call in function.calls)
    depth, path = max(calls, default=(0, ()))
    return depth + function.frame, ((function.name, function.frame), *path)
