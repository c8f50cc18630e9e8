# SPDX-License-Identifier: Apache-2.0
"""Takes a linked ELF and its objects, gives the size table: every symbol with its part, flash and RAM."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tinyedge import names
from tinyedge.board import Board
from tinyedge.toolchain import elf_file
from tinyedge.toolchain.elf_file import Elf
from tinyedge.toolchain.image import Symbol


@dataclass(frozen=True)
class Sizes:
    """Totals in bytes, and the symbols that they are made of, largest address last."""

    flash: int
    ram: int
    symbols: tuple[Symbol, ...]


@dataclass(frozen=True)
class _Section:
    name: str
    address: int
    size: int
    in_flash: bool
    in_ram: bool


def defined(objects: Mapping[str, Path]) -> dict[str, set[str]]:
    """Name of every function and object that the compiled units define -> the units (.c) that define it."""
    units: dict[str, set[str]] = {}
    for unit, file in objects.items():
        for named in _named(elf_file.read(file)):
            units.setdefault(named.name, set()).add(unit)
    return units


def measure(elf: Path, board: Board, part_of: Callable[[str, str], str]) -> Sizes:
    """Size of an image. `part_of(name, source file name or "")` gives the part of a symbol.

    What no symbol covers (string literals, constants, alignment) is listed per section as "(unnamed)".
    """
    file = elf_file.read(elf)
    sections = [_section(section, board) for section in file.sections]
    held: dict[int, list[_Named]] = {index: [] for index in range(len(sections))}
    for named in _named(file):
        held[named.section].append(named)
    rows = [row for index, section in enumerate(sections) for row in _rows(section, held[index], part_of)]
    rows.sort(key=lambda row: (row.address, row.name))
    flash, ram = sum(row.flash for row in rows), sum(row.ram for row in rows)
    return Sizes(flash, ram, tuple(rows))


@dataclass(frozen=True)
class _Named:
    """A function or object, the section that holds it, and the source file when its name is local."""

    section: int
    address: int
    size: int
    name: str
    source: str


def _named(file: Elf) -> list[_Named]:
    """Every function and object that is defined, by place; of two at one place the larger first."""
    found = []
    source, arm = "", file.machine == elf_file.ARM
    for symbol in file.symbols:
        if symbol.kind == elf_file.FILE:
            source = symbol.name
        if symbol.kind not in (elf_file.FUNCTION, elf_file.OBJECT) or symbol.section is None:
            continue
        # On Arm, bit 0 of a function's address says that it is Thumb code.
        thumb = arm and symbol.kind == elf_file.FUNCTION
        address = symbol.value & ~1 if thumb else symbol.value
        found.append(
            _Named(symbol.section, address, symbol.size, symbol.name, source if symbol.local else "")
        )
    return sorted(found, key=lambda named: (named.section, named.address, -named.size, named.name))


def _section(section: elf_file.Section, board: Board) -> _Section:
    address, size, held = section.address, section.size, not section.empty
    allocated = bool(section.flags & elf_file.ALLOCATED) and size > 0
    if board.memory is None:
        in_ram = allocated and bool(section.flags & elf_file.WRITABLE)
        in_flash = allocated and held
    else:
        memory = board.memory
        in_ram = allocated and any(r.holds(address) for r in (memory.ram, memory.code) if r is not None)
        # A section that is in RAM and has contents is copied from flash: by start-up (.data), or all of it by
        # a boot ROM. A NOLOAD section of lld may be of a type with contents; what has no file contents in a
        # segment costs no flash.
        copied = section.name not in names.CLEARED if memory.code is not None else section.name == ".data"
        in_flash = allocated and held and (not in_ram or copied)
    return _Section(section.name, address, size, in_flash, in_ram)


def _rows(section: _Section, held: list[_Named], part_of: Callable[[str, str], str]) -> list[Symbol]:
    if not (section.in_flash or section.in_ram):
        return []
    rows = []
    covered = section.address
    for named in held:
        # A symbol may begin inside another (an alias of a part of it): each byte counts once.
        start, end = max(named.address, covered), named.address + named.size
        if end > start:
            part = part_of(named.name, named.source)
            rows.append(_symbol(named.name, part, section, start, end - start))
            covered = end
    rest = section.size - sum(max(row.flash, row.ram) for row in rows)
    if section.name == names.STACK:
        rows.append(_symbol("(stack)", "stack", section, section.address, rest))
    elif rest > 0:
        rows.append(_symbol(f"(unnamed in {section.name})", "other", section, section.address, rest))
    return rows


def _symbol(name: str, part: str, section: _Section, address: int, size: int) -> Symbol:
    flash, ram = (size if there else 0 for there in (section.in_flash, section.in_ram))
    return Symbol(name, part, section.name, address, flash, ram)
