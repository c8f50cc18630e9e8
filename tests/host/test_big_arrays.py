# SPDX-License-Identifier: Apache-2.0
"""Megabytes of weights: string literals that compile to the bytes of lists of numbers, in little memory."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from tests import exports, single_op, usage
from tests.single_op import Node
from tinyedge import board as boards
from tinyedge import emit, passes
from tinyedge import plan as planner
from tinyedge.graph import Quantization, Tensor
from tinyedge.model import tflite

ROOT = Path(__file__).resolve().parents[2]
MEMORY = 250 << 20
"""Bytes that a build of 5 MB of weights takes at most, compiler included; lists of numbers took 520 MB."""
SECONDS = 8.0
"""Processor time of it; lists of numbers took 13 s."""


def _dense(outputs: int, inputs: int) -> bytes:
    rng = np.random.default_rng(0)
    values = rng.integers(-128, 128, (outputs, inputs), np.int8)
    values.flat[:256] = np.arange(-128, 128)
    tensors = [
        Tensor("x", (1, inputs), "int8", Quantization((0.1,), (0,))),
        Tensor("w", values.shape, "int8", Quantization((0.005,), (0,)), values),
        Tensor("y", (1, outputs), "int8", Quantization((1.0,), (0,))),
    ]
    options = {"fusedActivationFunction": 0, "weightsFormat": 0, "keepNumDims": False}
    return single_op.pack(tensors, [Node("FULLY_CONNECTED", ("x", "w"), ("y",), options)], ["x"], ["y"])


def test_a_literal_is_the_same_bytes(tmp_path: Path) -> None:
    graph = passes.optimize(tflite.lower(_dense(17, 31), "dense"))
    plan = planner.plan(graph, boards.load("host"))
    gcc = exports.tool("gcc", "apt-get install gcc")
    objects, sources = [], []
    for name, brief in (("numbers", None), ("literal", 1)):
        folder = tmp_path / name
        for path, data in emit.emit_model(plan, "0" * 64, brief=brief).items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        exports.run([gcc, "-std=c11", *exports.WARNINGS, "-I.", "-c", "te_dense.c", "-o", "x.o"], folder)
        objects.append((folder / "x.o").read_bytes())
        sources.append((folder / "te_dense_data.h").read_text())
    assert objects[0] == objects[1]
    assert "nonstring" in sources[1] and "nonstring" not in sources[0]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no getrusage")
def test_five_megabytes_build_in_little_memory_and_time(tmp_path: Path) -> None:
    (tmp_path / "big.tflite").write_bytes(_dense(2236, 2236))
    command = [sys.executable, "-m", "tinyedge", "build", "big.tflite", "--board", "host", "-o", "out"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    used = usage.run(command, tmp_path, environment)
    assert used.code == 0, used.stderr
    assert used.memory < MEMORY and used.seconds < SECONDS, (used.memory, used.seconds)
