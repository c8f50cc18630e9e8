# SPDX-License-Identifier: Apache-2.0
"""Takes a linked ELF and its objects, gives the size table: every symbol with its part, flash and RAM."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from tinyedge import names
from tinyedge.board import Board
from tinyedge.toolchain.image import Symbol

_ALLOCATED, _WRITABLE = 0x2, 0x1  # SHF_ALLOC, SHF_WRITE


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


def is_elf(file: Path) -> bool:
    """Whether it is an ELF file: what this machine runs is something else on macOS and Windows."""
    with file.open("rb") as stream:
        return stream.read(4) == b"\x7fELF"


def defined(objects: Mapping[str, Path]) -> dict[str, set[str]]:
    """Name of every function and object that the compiled units define -> the units (.c) that define it."""
    units: dict[str, set[str]] = {}
    for unit, file in objects.items():
        with file.open("rb") as stream:
            for named in _named(ELFFile(stream)):
                units.setdefault(named.name, set()).add(unit)
    return units


def measure(elf: Path, board: Board, part_of: Callable[[str, str], str]) -> Sizes:
    """Size of an image. `part_of(name, source file name or "")` gives the part of a symbol.

    What no symbol covers (string literals, constants, alignment) is listed per section as "(unnamed)".
    """
    with elf.open("rb") as stream:
        file = ELFFile(stream)
        sections = [_section(section, board) for section in file.iter_sections()]
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


def _named(file: ELFFile) -> list[_Named]:
    """Every function and object that is defined, by place; of two at one place the larger first."""
    table = file.get_section_by_name(".symtab")
    if not isinstance(table, SymbolTableSection):
        return []
    found = []
    source, arm = "", file["e_machine"] == "EM_ARM"
    for symbol in table.iter_symbols():
        kind, index = symbol["st_info"]["type"], symbol["st_shndx"]
        if kind == "STT_FILE":
            source = symbol.name
        if kind not in ("STT_FUNC", "STT_OBJECT") or not isinstance(index, int):
            continue
        # On Arm, bit 0 of a function's address says that it is Thumb code.
        thumb = arm and kind == "STT_FUNC"
        address = symbol["st_value"] & ~1 if thumb else symbol["st_value"]
        local = symbol["st_info"]["bind"] == "STB_LOCAL"
        found.append(_Named(index, address, symbol["st_size"], symbol.name, source if local else ""))
    return sorted(found, key=lambda named: (named.section, named.address, -named.size, named.name))


def _section(section: Any, board: Board) -> _Section:
    flags, address, size = section["sh_flags"], section["sh_addr"], section["sh_size"]
    allocated = bool(flags & _ALLOCATED) and size > 0
    held = section["sh_type"] != "SHT_NOBITS"
    if board.memory is None:
        in_ram = allocated and bool(flags & _WRITABLE)
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
