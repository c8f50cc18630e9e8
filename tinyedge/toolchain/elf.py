# SPDX-License-Identifier: Apache-2.0
"""Takes a linked ELF and its objects, gives the size table: every symbol with its part, flash and RAM."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from tinyedge.board import Board, Region
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


def defined(objects: Mapping[str, Path]) -> dict[str, set[str]]:
    """Name of every function and object that the compiled units define -> the units (.c) that define it."""
    units: dict[str, set[str]] = {}
    for unit, file in objects.items():
        with file.open("rb") as stream:
            for symbol in _symbols(ELFFile(stream)):
                units.setdefault(symbol.name, set()).add(unit)
    return units


def measure(elf: Path, board: Board, part_of: Callable[[str, str], str]) -> Sizes:
    """Size of an image. `part_of(name, source file name or "")` gives the part of a symbol.

    What no symbol covers (string literals, constants, alignment) is listed per section as "(unnamed)".
    """
    with elf.open("rb") as stream:
        file = ELFFile(stream)
        sections = [_section(section, board) for section in file.iter_sections()]
        covered: dict[int, int] = {}
        rows: list[Symbol] = []
        for index, address, size, name, source in _unique(file):
            section = sections[index]
            if not (section.in_flash or section.in_ram):
                continue
            # A symbol may begin inside another (an alias of a part of it): count each byte once.
            size = max(0, min(size, address + size - covered.get(index, section.address)))
            if size == 0:
                continue
            start = address if index not in covered else max(address, covered[index])
            covered[index] = start + size
            rows.append(_row(name, part_of(name, source), section, start, size))
        rows += _unnamed(sections, rows)
    rows.sort(key=lambda row: (row.address, row.name))
    flash, ram = sum(row.flash for row in rows), sum(row.ram for row in rows)
    return Sizes(flash, ram, tuple(rows))


def _symbols(file: ELFFile) -> list[Any]:
    table = file.get_section_by_name(".symtab")
    if not isinstance(table, SymbolTableSection):
        return []
    return [
        symbol
        for symbol in table.iter_symbols()
        if symbol["st_info"]["type"] in ("STT_FUNC", "STT_OBJECT") and isinstance(symbol["st_shndx"], int)
    ]


def _unique(file: ELFFile) -> list[tuple[int, int, int, str, str]]:
    """(section index, address, size, name, source) of every named thing, sorted by address."""
    table = file.get_section_by_name(".symtab")
    if not isinstance(table, SymbolTableSection):
        return []
    found = []
    source = ""
    thumb = file["e_machine"] == "EM_ARM"
    for symbol in table.iter_symbols():
        kind = symbol["st_info"]["type"]
        if kind == "STT_FILE":
            source = symbol.name
        if kind not in ("STT_FUNC", "STT_OBJECT") or not isinstance(symbol["st_shndx"], int):
            continue
        # Bit 0 of a function's address says that it is Thumb code.
        address = symbol["st_value"] & ~1 if thumb and kind == "STT_FUNC" else symbol["st_value"]
        local = symbol["st_info"]["bind"] == "STB_LOCAL"
        found.append((symbol["st_shndx"], address, symbol["st_size"], symbol.name, source if local else ""))
    return sorted(found, key=lambda row: (row[0], row[1], -row[2], row[3]))


def _section(section: Any, board: Board) -> _Section:
    flags, address, size = section["sh_flags"], section["sh_addr"], section["sh_size"]
    allocated = bool(flags & _ALLOCATED) and size > 0
    held = section["sh_type"] != "SHT_NOBITS"
    if board.memory is None:
        in_ram = allocated and bool(flags & _WRITABLE)
        in_flash = allocated and held
    else:
        in_ram = allocated and _inside(address, board.memory.ram)
        # A section that is in RAM and has contents is copied from flash at start-up (.data). A NOLOAD section
        # of lld may be of a type with contents; what has no file contents in a segment costs no flash.
        in_flash = allocated and held and (not in_ram or section.name == ".data")
    return _Section(section.name, address, size, in_flash, in_ram)


def _inside(address: int, region: Region) -> bool:
    return region.origin <= address < region.origin + region.length


def _row(name: str, part: str, section: _Section, address: int, size: int) -> Symbol:
    return Symbol(
        name,
        part,
        section.name,
        address,
        size if section.in_flash else 0,
        size if section.in_ram else 0,
    )


def _unnamed(sections: list[_Section], rows: list[Symbol]) -> list[Symbol]:
    named: dict[tuple[str, int], int] = {}
    by_range = [section for section in sections if section.in_flash or section.in_ram]
    for row in rows:
        for section in by_range:
            if (
                section.name == row.section
                and section.address <= row.address < section.address + section.size
            ):
                key = (section.name, section.address)
                named[key] = named.get(key, 0) + max(row.flash, row.ram)
                break
    rest = []
    for section in by_range:
        size = section.size - named.get((section.name, section.address), 0)
        if size > 0:
            part = "stack" if section.name == ".stack" else "other"
            name = "(stack)" if part == "stack" else f"(unnamed in {section.name})"
            rest.append(_row(name, part, section, section.address, size))
    return rest
