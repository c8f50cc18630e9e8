# SPDX-License-Identifier: Apache-2.0
"""The helpers of model.h, _quantize, _dequantize and _argmax, in C and in C++, against LiteRT's operators."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests import single_op
from tests.conftest import lacking
from tinyedge import board as boards
from tinyedge import emit, passes
from tinyedge import plan as planner
from tinyedge.arithmetic.fixedpoint import LIMITS
from tinyedge.graph import Array, Quantization, Tensor
from tinyedge.model import tflite
from tinyedge.oracle import Oracle

MAIN = """
#include <stdio.h>
#include <string.h>
#include "m.h"
int main(void) {
    static M_TYPE arena[M_ARENA_SIZE + 1];
    float real;
    while (fread(&real, sizeof real, 1, stdin) == 1) {
        const M_TYPE number = m_input_quantize(real);
        const float back = m_output_dequantize(number);
        fwrite(&number, sizeof number, 1, stdout);
        fwrite(&back, sizeof back, 1, stdout);
    }
    memset(arena, 0, sizeof arena);
    m_output(arena)[3] = 7;
    m_output(arena)[5] = 7;
    return (int)m_output_argmax(arena);
}
"""


def _converted(operator: str, given: Tensor, made: Tensor, values: Array) -> Array:
    model = single_op.pack((given, made), [single_op.Node(operator, ("x",), ("y",), {})], ["x"], ["y"])
    with Oracle(model, "converter") as oracle:
        (out,) = oracle.run({oracle.inputs[0].index: values})
    return out


@pytest.mark.parametrize(
    ("dtype", "scale", "zero"),
    [("int8", 0.05, -20), ("int8", 1.0, 127), ("uint8", 1 / 255, 3), ("int16", 0.0001, 0)],
)
def test_real_values_become_what_litert_makes_of_them(
    dtype: str, scale: float, zero: int, tmp_path: Path
) -> None:
    quantization = Quantization((float(np.float32(scale)),), (zero,))
    x, y = Tensor("x", (1, 8), dtype, quantization), Tensor("y", (1, 8), dtype, quantization)
    node = single_op.Node("MAXIMUM", ("x", "x"), ("y",), {})
    model = single_op.pack((x, y), [node], ["x"], ["y"])
    plan = planner.plan(passes.optimize(tflite.lower(model, "m")), boards.load("host"))
    (tmp_path / "m.h").write_bytes(emit.emit_model(plan, "0" * 64, "m")["m.h"])
    halves = (np.arange(-300, 300) + 0.5).astype(np.float32) * np.float32(scale)
    edges = np.array([0.0, -0.0, 0.49999997, -0.49999997], np.float32)
    random = np.random.default_rng(9).normal(0, 200 * scale, 2000).astype(np.float32)
    # LiteRT itself is undefined where the quotient is no int32: 1e30 becomes its smallest number.
    beyond = np.array([-1e8, 1e8, -40000, 40000], np.float32) * np.float32(scale)
    real = np.concatenate(
        [halves, np.nextafter(halves, np.float32(0)), edges, edges * np.float32(scale), random, beyond]
    )
    floats, numbers = Tensor("x", real.shape, "float32", None), replace(y, shape=real.shape)
    wanted = _converted("QUANTIZE", floats, numbers, real)
    assert (wanted.min(), wanted.max()) == LIMITS[dtype]
    back = _converted("DEQUANTIZE", replace(numbers, name="x"), replace(floats, name="y"), wanted)
    for compiler, standard, file in (("gcc", "c11", "main.c"), ("g++", "c++11", "main.cpp")):
        program = shutil.which(compiler) or lacking(f"{compiler} is missing: apt-get install {compiler}")
        (tmp_path / file).write_text(MAIN)
        warnings = ("-Wall", "-Wextra", "-Werror", "-Wconversion", "-Wdouble-promotion")
        command = (program, f"-std={standard}", *warnings, f"-DM_TYPE={dtype}_t", file, "-o", "main")
        subprocess.run(command, cwd=tmp_path, check=True, timeout=60)
        ended = subprocess.run(
            [tmp_path / "main"], input=real.tobytes(), capture_output=True, timeout=60, check=False
        )
        assert ended.returncode == 3  # of two that are equal the first
        got = np.frombuffer(ended.stdout, np.dtype([("number", dtype), ("back", "<f4")]))
        assert np.array_equal(got["number"], wanted)
        assert np.array_equal(got["back"], back)
