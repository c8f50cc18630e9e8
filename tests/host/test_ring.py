# SPDX-License-Identifier: Apache-2.0
"""The receive ring keeps every byte in order, drops what goes beyond it, and outlives its counters' wrap."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.conftest import lacking
from tests.model_runner import SANITIZERS, WARNINGS
from tinyedge import paths

PROGRAM = """
#include <assert.h>
#include <string.h>
#include "ports/ring.h"

static struct ring ring;

/* Puts `count` bytes from `first` on, takes them in pieces of `piece`, and finds the first `kept` of them. */
static void pass(uint8_t first, unsigned count, size_t piece, unsigned kept) {
    for (unsigned i = 0; i < count; i++) {
        ring_put(&ring, (uint8_t)(first + i));
    }
    assert(ring_empty(&ring) == (count == 0));
    uint8_t bytes[HAL_RX_CREDIT + 8];
    unsigned taken = 0;
    for (size_t got; (got = ring_take(&ring, bytes, piece)) != 0; taken += (unsigned)got) {
        assert(got <= piece);
        for (size_t i = 0; i < got; i++) {
            assert(bytes[i] == (uint8_t)(first + taken + i));
        }
    }
    assert(taken == kept && ring_empty(&ring));
}

int main(void) {
    const uint32_t starts[] = {0, 5, UINT32_MAX - 3}; /* the last: both counters wrap on the way */
    for (unsigned s = 0; s < sizeof starts / sizeof *starts; s++) {
        memset(&ring, 0, sizeof ring);
        ring.put = ring.taken = starts[s];
        for (size_t piece = 1; piece <= HAL_RX_CREDIT + 1; piece++) {
            for (unsigned count = 0; count <= HAL_RX_CREDIT; count++) {
                pass((uint8_t)(count * 7 + piece), count, piece, count);
            }
            pass(3, HAL_RX_CREDIT + 5, piece, HAL_RX_CREDIT); /* full: the last five are dropped */
        }
    }
    return 0;
}
"""


def test_every_byte_comes_out_once_and_in_order(tmp_path: Path) -> None:
    gcc = shutil.which("gcc")
    if gcc is None:
        lacking("there is no gcc on PATH")
    (tmp_path / "hal_port.h").write_text("#define HAL_RX_CREDIT 16u\n")
    (tmp_path / "main.c").write_text(PROGRAM)
    folders = [f"-I{folder}" for folder in (tmp_path, paths.firmware(), paths.firmware() / "runtime")]
    program = tmp_path / "ring"
    subprocess.run(
        [gcc, *WARNINGS, *SANITIZERS, *folders, tmp_path / "main.c", "-o", program], check=True, timeout=60
    )
    subprocess.run([program], check=True, timeout=20)
