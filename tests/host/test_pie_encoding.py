# SPDX-License-Identifier: Apache-2.0
"""The ESP32-S3's vector instructions as firmware/kernels/pie/encoding.h has them, against an assembler's."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from tests.conftest import absent, lacking
from tinyedge import paths

COMPILER = "xtensa-lx106-elf-gcc"
FLAGS = ("-mabi=call0", "-ffreestanding", "-O2", "-Wall", "-Wextra", "-Werror", "-DTE_LX_BYTES")
# As GNU as 2.40 has them with Espressif's description of the core (espressif/xtensa-overlays, in
# XTENSA_GNU_CONFIG): p is a5, by is a9.
INSTRUCTIONS = (
    ("TE_PIE_VLD(s, 0, p, 0)", "ee.vld.128.ip q0, a5, 0", "540083"),
    ("TE_PIE_VLD(s, 7, p, 16)", "ee.vld.128.ip q7, a5, 16", "5481b3"),
    ("TE_PIE_VLD(s, 5, p, -16)", "ee.vld.128.ip q5, a5, -16", "54ffe3"),
    ("TE_PIE_VLD_XP(s, 6, p, by)", "ee.vld.128.xp q6, a5, a9", "5429bd"),
    ("TE_PIE_VLD_XP(s, 3, p, by)", "ee.vld.128.xp q3, a5, a9", "54a99d"),
    ("TE_PIE_VLD_USAR(s, 5, p, 16)", "ee.ld.128.usar.ip q5, a5, 16", "5481a1"),
    ("TE_PIE_VST(s, 6, p, 32)", "ee.vst.128.ip q6, a5, 32", "5402ba"),
    ("TE_PIE_SRC(s, 1, 2, 7)", "ee.src.q q1, q2, q7", "14a3fc"),
    ("TE_PIE_SRC(s, 6, 5, 4)", "ee.src.q q6, q5, q4", "6453ec"),
    ("TE_PIE_LD_ACCX(s, p, 8)", "ee.ld.accx.ip a5, 8", "54010e"),
    ("TE_PIE_LD_ACCX(s, p, -8)", "ee.ld.accx.ip a5, -8", "547f4e"),
    ("TE_PIE_ACCX(s, sum)", "rur.accx_0 a4", "0040e3"),
    ("TE_PIE_MAC_LD(s, 7, p, 16, 3, 6)", "ee.vmulas.s8.accx.ld.ip q7, a5, 16, q3, q6", "5ef10af3"),
    ("TE_PIE_MAC_LD(s, 2, p, -32, 4, 1)", "ee.vmulas.s8.accx.ld.ip q2, a5, -32, q4, q1", "5f0e82fd"),
    ("TE_PIE_ACCX_UPPER(s, sum)", "rur.accx_1 a4", "1040e3"),
    ("TE_PIE_MAC_S16_LD(s, 7, p, 16, 3, 6)", "ee.vmulas.s16.accx.ld.ip q7, a5, 16, q3, q6", "5ef108f3"),
    ("TE_PIE_LANES_LD(s, 7, p, 16, 6, 7)", "ee.vmulas.s8.qacc.ld.ip q7, a5, 16, q6, q7", "5fb18bf3"),
    ("TE_PIE_ZERO(s, 0)", "ee.zero.q q0", "a47fcd"),
    ("TE_PIE_ZERO(s, 7)", "ee.zero.q q7", "a4fffd"),
    ("TE_PIE_XOR(s, 1, 2, 7)", "ee.xorq q1, q2, q7", "64bdcd"),
    ("TE_PIE_XOR(s, 6, 5, 4)", "ee.xorq q6, q5, q4", "9439fd"),
    ("TE_PIE_XOR(s, 3, 4, 1)", "ee.xorq q3, q4, q1", "a4b1dd"),
    ("TE_PIE_ZIP(s, 2, 7)", "ee.vzip.8 q2, q7", "d4a3fc"),
    ("TE_PIE_ZIP(s, 5, 0)", "ee.vzip.8 q5, q0", "d453cc"),
    ("TE_PIE_UNZIP(s, 2, 7)", "ee.vunzip.8 q2, q7", "a4a3fc"),
    ("TE_PIE_UNZIP(s, 5, 0)", "ee.vunzip.8 q5, q0", "a453cc"),
    ("TE_PIE_MAX(s, 1, 2, 7)", "ee.vmax.s8 q1, q2, q7", "44fa8e"),
    ("TE_PIE_MAX(s, 6, 5, 4)", "ee.vmax.s8 q6, q5, q4", "4465be"),
    ("TE_PIE_MIN(s, 1, 2, 7)", "ee.vmin.s8 q1, q2, q7", "74fa8e"),
    ("TE_PIE_MIN(s, 0, 0, 2)", "ee.vmin.s8 q0, q0, q2", "74308e"),
    ("TE_PIE_MAX_S16(s, 1, 2, 7)", "ee.vmax.s16 q1, q2, q7", "24fa8e"),
    ("TE_PIE_MAX_S16(s, 6, 5, 4)", "ee.vmax.s16 q6, q5, q4", "2465be"),
    ("TE_PIE_MIN_S16(s, 0, 0, 2)", "ee.vmin.s16 q0, q0, q2", "54308e"),
    ("TE_PIE_SUB_S16(s, 1, 2, 7)", "ee.vsubs.s16 q1, q2, q7", "d4fa8e"),
    ("TE_PIE_LESS_S16(s, 6, 5, 4)", "ee.vcmp.lt.s16 q6, q5, q4", "f445be"),
    ("TE_PIE_ZERO_QACC(s)", "ee.zero.qacc", "440825"),
    ("TE_PIE_WIDE_LD(s, 7, p, 16, 6, 7)", "ee.vmulas.s16.qacc.ld.ip q7, a5, 16, q6, q7", "5fb189f3"),
    ("TE_PIE_WIDE_LD(s, 2, p, -32, 4, 1)", "ee.vmulas.s16.qacc.ld.ip q2, a5, -32, q4, q1", "5f0e81fd"),
    ("TE_PIE_WIDE_SHIFT(s, 2, by)", "ee.srcmb.s16.qacc q2, a9, 0", "9472dd"),
    ("TE_PIE_WIDE_SHIFT(s, 5, by)", "ee.srcmb.s16.qacc q5, a9, 0", "94f2ed"),
    ("TE_PIE_LD_QACC_LL(s, p, 16)", "ee.ld.qacc_l.l.128.ip a5, 16", "540100"),
    ("TE_PIE_LD_QACC_LH(s, p, -4)", "ee.ld.qacc_l.h.32.ip a5, -4", "547f56"),
    ("TE_PIE_LD_QACC_HL(s, p, 16)", "ee.ld.qacc_h.l.128.ip a5, 16", "540106"),
    ("TE_PIE_LD_QACC_HH(s, p, 12)", "ee.ld.qacc_h.h.32.ip a5, 12", "54031e"),
    ("TE_PIE_ST_QACC_LL(s, p, -16)", "ee.st.qacc_l.l.128.ip a5, -16", "547f4c"),
    ("TE_PIE_ST_QACC_LH(s, p, 16)", "ee.st.qacc_l.h.32.ip a5, 16", "54041d"),
    ("TE_PIE_ST_QACC_HL(s, p, 16)", "ee.st.qacc_h.l.128.ip a5, 16", "54010d"),
    ("TE_PIE_ST_QACC_HH(s, p, 4)", "ee.st.qacc_h.h.32.ip a5, 4", "540112"),
)
HEAD = """
#include "kernels/pie/pie.h"
const int8_t *pointer; int32_t number;
"""
FUNCTION = """
__attribute__((section(".text.instruction{i}"))) void instruction{i}(void) {{
    register int8_t *p __asm__("a5") = 0; register int32_t by __asm__("a9") = 0;
    register int32_t sum __asm__("a4") = 0;
    {macro};
}}
"""


def assemble(text: str, suffix: str, folder: Path, *flags: str) -> ELFFile:
    if shutil.which(COMPILER) is None:
        lacking(f"{COMPILER} is not on PATH (apt-get install gcc-xtensa-lx106)")
    source = (folder / "instructions").with_suffix(suffix)
    source.write_text(text, encoding="utf-8")
    made = source.with_suffix(".o")
    command = [COMPILER, *flags, f"-I{paths.firmware()}", "-c", str(source), "-o", str(made)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
    return ELFFile(made.open("rb"))


def test_macros_are_the_bytes_of_their_instructions(tmp_path: Path) -> None:
    # A pointer that is set would be an instruction more; an unset one is none
    functions = [
        FUNCTION.format(i=i, macro=macro).replace(" = 0", "") for i, (macro, _, _) in enumerate(INSTRUCTIONS)
    ]
    flags = (*FLAGS, "-Wno-uninitialized", "-Wno-unused-variable", "-Wno-unused-but-set-variable")
    made = assemble(HEAD + "".join(functions), ".c", tmp_path, *flags)
    for i, (macro, instruction, expected) in enumerate(INSTRUCTIONS):
        section = made.get_section_by_name(f".text.instruction{i}")
        assert section.data().startswith(bytes.fromhex(expected)), (macro, instruction, section.data().hex())


def test_the_bytes_are_an_assembler_s(tmp_path: Path) -> None:
    if not os.environ.get("XTENSA_GNU_CONFIG"):
        absent("XTENSA_GNU_CONFIG does not name Espressif's description of the ESP32-S3")
    text = "".join(f" {instruction}\n" for _, instruction, _ in INSTRUCTIONS)
    made = assemble(text, ".S", tmp_path).get_section_by_name(".text").data()
    assert made == bytes.fromhex("".join(expected for _, _, expected in INSTRUCTIONS))


@pytest.mark.parametrize(
    ("flags", "header", "refused"),
    [
        # What Espressif's LLVM and GCC predefine for -mcpu=esp32 and -mcpu=esp32s3.
        (("-D__XTENSA_EL__", "-D__XCHAL_MAX_INSTRUCTION_SIZE=3"), None, "an ESP32 without them"),
        (("-D__XTENSA_EL__", "-D__XCHAL_MAX_INSTRUCTION_SIZE=4"), None, None),
        (("-D__XTENSA_EL__",), 3, "an ESP32 without them"),
        (("-D__XTENSA_EL__",), 4, None),
        (("-D__XTENSA_EL__",), None, None),
        (("-D__XTENSA_EL__", "-DTE_LX_BYTES"), 3, None),
        (("-DTE_PIE_MODEL",), None, None),
        ((), None, "compile for it"),
    ],
)
def test_compilers_for_chips_without_the_vectors_are_refused(
    tmp_path: Path, flags: tuple[str, ...], header: int | None, refused: str | None
) -> None:
    if shutil.which("gcc") is None:
        lacking("gcc is not on PATH (apt-get install gcc)")
    if header is not None:
        (tmp_path / "xtensa" / "config").mkdir(parents=True)
        text = f"#define XCHAL_MAX_INSTRUCTION_SIZE\t{header}\t/* max instr bytes (3..8) */\n"
        (tmp_path / "xtensa" / "config" / "core-isa.h").write_text(text)
    guard = paths.firmware() / "kernels" / "pie" / "isa.h"
    command = ["gcc", *flags, f"-I{tmp_path}", "-fsyntax-only", "-Wall", "-Werror", "-x", "c", str(guard)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (ended.returncode != 0) == (refused is not None), ended.stderr
    assert refused is None or refused in ended.stderr
