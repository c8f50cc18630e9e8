# SPDX-License-Identifier: Apache-2.0
"""Takes an open ELF file, gives the symbols of its table, which is read at once: an image has thousands.

The form of a row is that of the System V ABI, "Symbol Table" (Elf32_Sym, Elf64_Sym).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from elftools.elf.elffile import ELFFile

OBJECT, FUNCTION, FILE = 1, 2, 4
"""Kinds (STT_OBJECT ...)."""
_LOCAL = 0  # STB_LOCAL
_RESERVED = 0xFF00  # SHN_LORESERVE: from here on it is no section
_NARROW = (("name", 4), ("value", 4), ("size", 4), ("info", 1), ("other", 1), ("section", 2))
_WIDE = (("name", 4), ("info", 1), ("other", 1), ("section", 2), ("value", 8), ("size", 8))


@dataclass(frozen=True, slots=True)
class Entry:
    """A row: `section` is the number of the one that holds it, None where none does (undefined, absolute)."""

    name: str
    kind: int
    local: bool
    section: int | None
    value: int
    size: int


def read(file: ELFFile) -> list[Entry]:
    """Every symbol, in the order of the table; none where the file has no table."""
    table = file.get_section_by_name(".symtab")
    if table is None:
        return []
    order = "<" if file.little_endian else ">"
    form = [(name, f"{order}u{size}") for name, size in (_WIDE if file.elfclass == 64 else _NARROW)]
    rows: np.ndarray[Any, Any] = np.frombuffer(table.data(), np.dtype(form))
    names: bytes = file.get_section(table["sh_link"]).data()
    found = []
    for name, info, section, value, size in zip(
        *(rows[field].tolist() for field in ("name", "info", "section", "value", "size")), strict=True
    ):
        text = names[name : names.index(0, name)].decode("utf-8", "replace")
        held = section if 0 < section < _RESERVED else None
        found.append(Entry(text, info & 15, info >> 4 == _LOCAL, held, value, size))
    return found
