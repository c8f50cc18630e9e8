# SPDX-License-Identifier: Apache-2.0
"""The instructions that firmware/kernels/mac16/mac16.h has as bytes, against an assembler that knows them."""

from __future__ import annotations

import os
from pathlib import Path

from tests.conftest import absent
from tests.host.test_pie_encoding import FLAGS, assemble

# As GNU as 2.40 has them with Espressif's description of the core: see test_pie_encoding.py.
DOTS = (
    ("mov.n a7, a3", "7d03"),
    ("addi.n a5, a5, -1", "0b55"),
    ("mul.aa.ll a8, a8", "840874"),
    ("ldinc m0, a2", "040280"),
    ("ldinc m2, a7", "042780"),
    ("loop a4, 3f", "76840b"),
    ("mula.dd.ll.ldinc m1, a2, m0, m2", "041208"),
    ("mula.dd.hh.ldinc m3, a7, m0, m2", "04370b"),
    ("mula.dd.ll.ldinc m0, a2, m1, m3", "444208"),
    ("mula.dd.hh.ldinc m2, a7, m1, m3", "44670b"),
    ("3: rsr.acclo a9", "901003"),
    ("rsr.acchi a10", "a01103"),
    ("src a9, a10, a9", "909a81"),
)
DOT = (
    ("mov.n a10, a8", "ad08"),
    ("mul.aa.ll a8, a8", "840874"),
    ("ldinc m0, a2", "040280"),
    ("nop.n", "3df0"),
    ("nop", "f02000"),
    ("loop a4, 3f", "76841a"),
    ("l32i a6, a3, 0", "622300"),
    ("addi a3, a3, 4", "32c304"),
    ("and a7, a6, a5", "507610"),
    ("srli a6, a6, 8", "606841"),
    ("mula.da.ll.ldinc m1, a2, m0, a7", "741248"),
    ("mula.da.hh m0, a7", "74006b"),
    ("and a6, a6, a5", "506610"),
    ("mula.da.ll.ldinc m0, a2, m1, a6", "644248"),
    ("mula.da.hh m1, a6", "64406b"),
    ("3: rsr.acclo a9", "901003"),
    ("rsr.acchi a10", "a01103"),
    ("src a9, a10, a9", "909a81"),
)


def test_sums_are_these_instructions(tmp_path: Path) -> None:
    kept = "void *const kept[] = {(void *)te_mac16_dots, (void *)te_mac16_dot};"
    code = (
        assemble(f'#include "kernels/mac16/mac16.h"\n{kept}\n', ".c", tmp_path, *FLAGS)
        .get_section_by_name(".text")
        .data()
    )
    for listing in (DOTS, DOT):
        at = code.find(bytes.fromhex("".join(made for _, made in listing)))
        assert at > 0, code.hex()
        assert at % 8 == 0


def test_the_bytes_are_an_assembler_s(tmp_path: Path) -> None:
    if not os.environ.get("XTENSA_GNU_CONFIG"):
        absent("XTENSA_GNU_CONFIG does not name Espressif's description of the ESP32-S3")
    for i, listing in enumerate((DOTS, DOT)):
        lines = [" .begin no-transform", *(f" {line}" for line, _ in listing), " .end no-transform"]
        (tmp_path / str(i)).mkdir()
        made = assemble("\n".join(lines) + "\n", ".S", tmp_path / str(i))
        assert made.get_section_by_name(".text").data() == bytes.fromhex("".join(code for _, code in listing))
