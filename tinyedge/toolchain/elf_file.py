# SPDX-License-Identifier: Apache-2.0
"""Takes an ELF file that a compiler of ours made, gives its sections, segments and symbols.

Each is a table of records of one size, which is read at once. pyelftools, which parses field by field, takes
ten times as long for all the symbols of a build: a fifth of the time that a large one had.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

MAGIC = b"\x7fELF"
ARM = 40  # EM_ARM
FUNCTION, OBJECT, FILE = 2, 1, 4  # STT_FUNC, STT_OBJECT, STT_FILE
ALLOCATED, WRITABLE = 0x2, 0x1  # SHF_ALLOC, SHF_WRITE
_SYMBOLS, _EMPTY = 2, 8  # SHT_SYMTAB, SHT_NOBITS
_LOADED = 1  # PT_LOAD
_RESERVED = 0xFF00  # SHN_LORESERVE: from here on an index is no section's


class Section(NamedTuple):
    """`empty`: it takes no bytes of the file (SHT_NOBITS)."""

    name: str
    flags: int
    address: int
    offset: int
    size: int
    empty: bool


class Symbol(NamedTuple):
    """section: the index of the one that it lies in, None where it lies in none. local: STB_LOCAL."""

    name: str
    kind: int
    local: bool
    section: int | None
    value: int
    size: int


class _Form(NamedTuple):
    """How the tables of a file are laid out: struct's words, and what their fields are in our order.

    header: of the file, from byte 16 on. section: name, type, flags, address, offset, size, link. segment:
    type, offset, physical size. symbol: name, info, section, value, size.
    """

    header: str
    section: tuple[str, tuple[int, ...]]
    segment: tuple[str, tuple[int, ...]]
    symbol: tuple[str, tuple[int, ...]]


_FORMS = {
    1: _Form("HHIIIIIHHHHHH", ("10I", (0, 1, 2, 3, 4, 5, 6)), ("8I", (0, 1, 4)), ("3I2BH", (0, 3, 5, 1, 2))),
    2: _Form(
        "HHIQQQIHHHHHH", ("2I4Q2I2Q", (0, 1, 2, 3, 4, 5, 6)), ("2I6Q", (0, 2, 5)), ("I2BH2Q", (0, 1, 3, 4, 5))
    ),
}  # by EI_CLASS, of 32 and 64 bits
_ORDERS = {1: "<", 2: ">"}  # by EI_DATA


@dataclass(frozen=True)
class Elf:
    """An ELF file. machine: its number (ARM ...). entry: where it starts, with bit 0 as the file has it."""

    data: bytes
    machine: int
    entry: int
    sections: tuple[Section, ...]
    _form: _Form
    _order: str
    _segments: tuple[int, int]  # where they begin in the file, and how many there are
    _table: tuple[
        int, int, int
    ]  # of symbols: where it begins, its size, and the index of their names' section

    def named(self, name: str) -> bytes:
        """The contents of the section called `name`; nothing where there is none."""
        return next((self.contents(section) for section in self.sections if section.name == name), b"")

    def contents(self, section: Section) -> bytes:
        """The bytes of a section; zeros where it has none in the file."""
        if section.empty:
            return bytes(section.size)
        return self.data[section.offset : section.offset + section.size]

    @property
    def loaded(self) -> Iterator[bytes]:
        """The bytes of every segment that is loaded, in order."""
        begin, count = self._segments
        for kind, offset, size in _records(self.data, self._order, self._form.segment, begin, count):
            if kind == _LOADED:
                yield self.data[offset : offset + size]

    @cached_property
    def symbols(self) -> tuple[Symbol, ...]:
        """The symbol table; empty where the file has none."""
        begin, size, index = self._table
        if not size:
            return ()
        strings = self.contents(self.sections[index])
        count = size // struct.calcsize(self._order + self._form.symbol[0])
        return tuple(
            Symbol(
                _string(strings, name),
                info & 15,
                info < 16,
                at if 0 < at < _RESERVED else None,
                value,
                length,
            )
            for name, info, at, value, length in _records(
                self.data, self._order, self._form.symbol, begin, count
            )
        )


def is_elf(file: Path) -> bool:
    """Whether it is an ELF file: what this machine runs is something else on macOS and Windows."""
    with file.open("rb") as stream:
        return stream.read(len(MAGIC)) == MAGIC


def read(file: Path) -> Elf:
    """The file, whole."""
    data = file.read_bytes()
    form, order = _FORMS[data[4]], _ORDERS[data[5]]
    header = struct.unpack_from(order + form.header, data, 16)
    _, machine, _, entry, segments, begin, _, _, _, segment_count, _, count, names_at = header
    rows = list(_records(data, order, form.section, begin, count))
    names = rows[names_at] if rows else ()
    strings = data[names[4] : names[4] + names[5]] if names else b""
    sections = tuple(
        Section(_string(strings, name), flags, address, offset, size, kind == _EMPTY)
        for name, kind, flags, address, offset, size, _ in rows
    )
    table = next(((row[4], row[5], row[6]) for row in rows if row[1] == _SYMBOLS), (0, 0, 0))
    return Elf(data, machine, entry, sections, form, order, (segments, segment_count), table)


def _records(
    data: bytes, order: str, form: tuple[str, tuple[int, ...]], begin: int, count: int
) -> Iterator[tuple[int, ...]]:
    """The records of a table, each with the fields that `form` picks."""
    record = struct.Struct(order + form[0])
    picked = form[1]
    for fields in record.iter_unpack(data[begin : begin + count * record.size]):
        yield tuple([fields[index] for index in picked])


def _string(strings: bytes, at: int) -> str:
    return strings[at : strings.index(b"\0", at)].decode("utf-8", "replace")
