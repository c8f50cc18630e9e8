# SPDX-License-Identifier: Apache-2.0
"""Takes the runtime's memory functions, compiled for this machine, holds them against the C library's."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import lacking
from tests.model_runner import SANITIZERS, WARNINGS
from tinyedge import paths

RENAMED = [f"-D{name}=te_{name}" for name in ("memcpy", "memmove", "memset", "memcmp")]
PROGRAM = """
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

void *te_memcpy(void *restrict to, const void *restrict from, size_t size);
void *te_memmove(void *to, const void *from, size_t size);
void *te_memset(void *to, int value, size_t size);

enum { ROOM = 96, MOST = 45 }; /* two rounds of words and what is left, at any place */

static uint8_t ours[ROOM], theirs[ROOM], others[ROOM];

static void fresh(void) {
    for (unsigned i = 0; i < ROOM; i++) {
        ours[i] = theirs[i] = (uint8_t)(i * 37 + 1);
        others[i] = (uint8_t)(i * 53 + 7);
    }
}

static void same(const void *got, const uint8_t *to) {
    assert(got == to);
    assert(memcmp(ours, theirs, ROOM) == 0);
}

int main(void) {
    for (size_t size = 0; size <= MOST; size++) {
        for (size_t to = 0; to < 8; to++) {
            fresh();
            memset(theirs + to, 0x1C3, size);
            same(te_memset(ours + to, 0x1C3, size), ours + to);
            for (size_t from = 0; from < 8; from++) {
                fresh();
                memcpy(theirs + to, others + from, size);
                same(te_memcpy(ours + to, others + from, size), ours + to);
            }
        }
        for (size_t to = 0; to < MOST; to++) { /* below, at and behind all of `from`, and between */
            fresh();
            memmove(theirs + to, theirs + 22, size);
            same(te_memmove(ours + to, ours + 22, size), ours + to);
        }
    }
    return 0;
}
"""


@pytest.mark.parametrize("anywhere", [False, True])
def test_all_sizes_and_places_are_those_of_the_library(tmp_path: Path, anywhere: bool) -> None:
    """`anywhere`: as on a core that loads words from any address, which UBSan holds to what types say."""
    gcc = shutil.which("gcc")
    if gcc is None:
        lacking("there is no gcc on PATH")
    (tmp_path / "hal.h").write_text("#include <stdint.h>\n#define HAL_FREESTANDING 1\n")
    (tmp_path / "main.c").write_text(PROGRAM)
    runtime = paths.firmware() / "runtime"
    flags = ["-std=c11", "-O2", *WARNINGS, *SANITIZERS, "-iquote", str(tmp_path)]
    core = ["-D__ARM_FEATURE_UNALIGNED=1"] if anywhere else []
    (tmp_path / "memory.c").write_bytes((runtime / "memory.c").read_bytes())
    (tmp_path / "bytes.h").write_bytes((runtime / "bytes.h").read_bytes())
    unit = [gcc, *flags, *core, "-ffreestanding", *RENAMED, "-c", str(tmp_path / "memory.c")]
    subprocess.run([*unit, "-o", str(tmp_path / "memory.o")], check=True, timeout=120)
    program = tmp_path / "program"
    whole = [gcc, *flags, str(tmp_path / "main.c"), str(tmp_path / "memory.o"), "-o", str(program)]
    subprocess.run(whole, check=True, timeout=120)
    subprocess.run([program], check=True, timeout=120)
