# SPDX-License-Identifier: Apache-2.0
"""Images and objects of 32 and 64 bits: sections, segments and symbols are those that pyelftools reads."""

from __future__ import annotations

from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from tests import toy_sources
from tinyedge import board as boards
from tinyedge import toolchain
from tinyedge.toolchain import elf_file
from tinyedge.toolchain.elf_file import Elf

KINDS = {"STT_FUNC": elf_file.FUNCTION, "STT_OBJECT": elf_file.OBJECT, "STT_FILE": elf_file.FILE}


@pytest.mark.parametrize("name", ["mps3-an547", "qemu-virt-rv32", "host"])
def test_files_are_read_as_another_reads_them(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, seen = elf_file.read, dict[str, int]()

    def compared(file: Path) -> Elf:
        found = read(file)
        with file.open("rb") as stream:
            compare(found, ELFFile(stream))
        seen[file.suffix] = seen.get(file.suffix, 0) + len(found.symbols)
        return found

    monkeypatch.setattr(elf_file, "read", compared)
    board = boards.load(name)
    toolchain.compile(toy_sources.make(board), board, tmp_path)
    assert seen[".elf"] > 20 and seen[".o"] > 20


def compare(found: Elf, known: ELFFile) -> None:
    assert found.entry == known["e_entry"]
    assert (found.machine == elf_file.ARM) == (known["e_machine"] == "EM_ARM")
    sections = list(known.iter_sections())
    assert [
        (s.name, s["sh_flags"], s["sh_addr"], s["sh_offset"], s["sh_size"], s["sh_type"] == "SHT_NOBITS")
        for s in sections
    ] == [tuple(section) for section in found.sections]
    for section, theirs in zip(found.sections, sections, strict=True):
        assert found.contents(section) == theirs.data()
    loaded = (segment for segment in known.iter_segments() if segment["p_type"] == "PT_LOAD")
    assert list(found.loaded) == [segment.data() for segment in loaded]
    symbols = list(known.get_section_by_name(".symtab").iter_symbols())
    assert len(symbols) == len(found.symbols)
    for symbol, theirs in zip(found.symbols, symbols, strict=True):
        kind, index = theirs["st_info"]["type"], theirs["st_shndx"]
        assert KINDS.get(kind) == (symbol.kind if symbol.kind in KINDS.values() else None)
        assert symbol.name == theirs.name or kind == "STT_SECTION"  # which it calls by the section's name
        assert symbol.local == (theirs["st_info"]["bind"] == "STB_LOCAL")
        assert symbol.section == (index if isinstance(index, int) else None)
        assert (symbol.value, symbol.size) == (theirs["st_value"], theirs["st_size"])
