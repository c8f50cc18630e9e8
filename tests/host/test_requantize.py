# SPDX-License-Identifier: Apache-2.0
"""kernel.h and wide.h requantise as exact integer arithmetic does, at their limits too, under UBSan."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import lacking
from tinyedge import paths
from tinyedge.arithmetic import fixedpoint

PROGRAM = """
#include "kernels/wide.h"
#include <inttypes.h>
#include <stdio.h>

int main(void) {
    int64_t value, low;
    int32_t multiplier, shift;
    while (scanf("%" SCNd64 "%" SCNd32 "%" SCNd64 "%" SCNd32, &value, &multiplier, &low, &shift) == 4)
        printf("%" PRId32 "\\n", EXPRESSION);
    return 0;
}
"""
Row = tuple[int, int, int, int]


def twice(value: int, multiplier: int, low: int, shift: int) -> int:
    return int(fixedpoint.multiply_twice_rounded(np.array([value]), multiplier, shift)[0])


def wide(ties_away: bool) -> Callable[[int, int, int, int], int]:
    def exact(value: int, multiplier: int, low: int, shift: int) -> int:
        product = (value * (multiplier * 2**32 + low)) >> 32
        return (product + (1 << (shift - 1)) - (ties_away and value < 0)) >> shift

    return exact


CASES = {
    # expression, reference, bits of the value, smallest and largest multiplier, lower bits, shifts
    "te_requantize((int32_t)value, multiplier, shift)": (twice, 31, 2**30, False, range(-31, 1)),
    "te_requantize_once((int32_t)value, multiplier, shift)": (wide(True), 31, 2**30, False, range(31, 63)),
    "te_requantize_reduced(value, multiplier, shift)": (wide(False), 47, 2**14, False, range(31, 47)),
    "te_requantize_wide(value, multiplier, (uint32_t)low, shift, 1)": (
        wide(True),
        33,
        2**27,
        True,
        range(30, 63),
    ),
    "te_requantize_wide(value, multiplier, (uint32_t)low, shift, 0)": (
        wide(False),
        46,
        2**14,
        True,
        range(30, 47),
    ),
}


@pytest.mark.parametrize("core", ["", "-DTE_NARROW_PRODUCT"])
@pytest.mark.parametrize("expression", CASES)
def test_c_equals_exact_arithmetic(expression: str, core: str, tmp_path: Path) -> None:
    """Also as a core computes it whose multiplication gives 32 bits."""
    compiler = shutil.which("gcc")
    if compiler is None:
        lacking("gcc is not on PATH (apt-get install gcc)")
    reference, bits, floor, has_low, shifts = CASES[expression]
    source = tmp_path / "main.c"
    source.write_text(PROGRAM.replace("EXPRESSION", expression))
    flags = ["-std=c11", "-fsanitize=undefined", "-fno-sanitize-recover=all", f"-I{paths.firmware()}"]
    flags += [core] if core else []
    subprocess.run([compiler, *flags, source, "-o", tmp_path / "a.out"], check=True, timeout=60)
    limit = 2**bits - 1
    rng = np.random.default_rng(bits)
    edges = [-limit, limit, 0, 1, -1, 2, -2, 3, -3, 2**30, -(2**30)]
    values = [*edges, *rng.integers(-limit, limit, 40).tolist(), *rng.integers(-999, 999, 20).tolist()]
    multipliers = [floor, 2 * floor - 1, *rng.integers(floor, 2 * floor, 4).tolist()]
    lows = [0, 2**32 - 1, 123456789] if has_low else [0]
    rows: list[Row] = [(v, m, low, s) for v in values for m in multipliers for low in lows for s in shifts]
    # Callers keep results within 32 bits (tinyedge/ops/requantize.py).
    rows = [row for row in rows if -(2**31) <= reference(*row) < 2**31]
    text = "\n".join(" ".join(map(str, row)) for row in rows)
    done = subprocess.run([tmp_path / "a.out"], input=text, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert len(rows) > 5000
    assert [int(line) for line in done.stdout.split()] == [reference(*row) for row in rows]


def test_narrow_products_are_whole(tmp_path: Path) -> None:
    compiler = shutil.which("gcc")
    if compiler is None:
        lacking("gcc is not on PATH (apt-get install gcc)")
    source = tmp_path / "main.c"
    source.write_text(PROGRAM.replace("EXPRESSION", "te_product_high((int32_t)value, (int32_t)low)"))
    flags = ["-std=c11", "-fsanitize=undefined", "-fno-sanitize-recover=all", "-DTE_NARROW_PRODUCT"]
    flags += [f"-I{paths.firmware()}"]
    subprocess.run([compiler, *flags, source, "-o", tmp_path / "a.out"], check=True, timeout=60)
    ends = [side + near for side in (-(2**31), -(2**16), 0, 2**16, 2**31 - 1) for near in range(-2, 3)]
    ends = [end for end in ends if -(2**31) <= end < 2**31]
    ends += np.random.default_rng(4).integers(-(2**31), 2**31, 60).tolist()
    pairs = [(a, b) for a in ends for b in ends]
    text = "\n".join(f"{a} 0 {b} 0" for a, b in pairs)
    done = subprocess.run([tmp_path / "a.out"], input=text, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert [int(line) for line in done.stdout.split()] == [(a * b) >> 32 for a, b in pairs]
