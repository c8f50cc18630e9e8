# SPDX-License-Identifier: Apache-2.0
"""RISC-V vector kernels at every length of a vector register: random layers give LiteRT's bits."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tests import single_op, zoo
from tests.emulated import test_dense_mps3 as dense
from tests.emulated import test_fast_operators as operators
from tests.emulated import test_helium as helium
from tinyedge import paths
from tinyedge.ops import Case
from tinyedge.ops.case import Window
from tinyedge.options import Options

BOARD = "qemu-virt-rv32v"
LENGTHS = (64, 128, 256, 512)
"""Bits; the kernels are the same for all, and so is the image."""


def dense_layers(count: int) -> Iterator[Case]:
    rng = np.random.default_rng(11)
    yield from (dense.dense(rng, f"dense{i}") for i in range(count))


def sums(count: int) -> Iterator[Case]:
    rng = np.random.default_rng(12)
    yield from (dense.total(rng, f"sum{i}") for i in range(count))


ROWS = (
    # window, channels: of rows that are wider than vectors, of every stride, and of fewer taps than phases
    (Window((1, 7, 70, 1), (3, 3)), 5),
    (Window((1, 9, 40, 3), (3, 3), (2, 2), padding=1), 8),
    (Window((1, 20, 41, 1), (10, 8), (2, 2)), 4),
    (Window((2, 5, 37, 2), (2, 1), (1, 2)), 7),
    (Window((1, 12, 50, 1), (2, 5), (3, 3), (2, 1)), 3),
)


def rows(count: int) -> Iterator[Case]:
    for i in range(min(count, len(ROWS))):
        yield helium.convolution(np.random.default_rng(i), f"rows{i}", *ROWS[i], 1)


GENERATORS: dict[str, Callable[[int], Iterator[Case]]] = {
    "conv_2d": helium.convolutions,
    "depthwise_conv_2d": helium.depthwise,
    "fully_connected": dense_layers,
    "add_linear": sums,
    "rows": rows,
}


def layers() -> list[Case]:
    """Of every kind as many, for one image: what a build and an emulator take besides is taken once."""
    return [
        dataclasses.replace(case, name=f"{kind}_{case.name}")
        for kind, generate in GENERATORS.items()
        for case in generate(16)
    ]


def board_of(length: int, folder: Path) -> Path:
    """The board that tinyedge brings, with vectors of so many bits."""
    board = folder / f"rvv{length}.toml"
    facts = (paths.boards() / f"{BOARD}.toml").read_text(encoding="utf-8")
    assert facts.count("vlen=128") == 1
    core = "v=false,Zve32f=true,vlen=64" if length == 64 else f"v=true,vlen={length}"
    board.write_text(facts.replace("v=true,vlen=128", core), encoding="utf-8")
    return board


@pytest.mark.usefixtures("side_by_side")
@pytest.mark.parametrize("length", [length for length in LENGTHS if length != 128])
def test_operators_equal_litert(length: int, tmp_path: Path) -> None:
    """Those of test_fast_operators.py, which takes the board's own length."""
    file = tmp_path / "operators.tflite"
    file.write_bytes(single_op.merged(operators.layers("rvv")))
    board = str(board_of(length, tmp_path))
    report = zoo.replay(file, board, tmp_path / "out", operators.FRAMES, Options("speed"))
    assert {layer.kernel for layer in report.build.layers} == operators.kernels("rvv")
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (operators.FRAMES, 0), report.bit_exact


@pytest.mark.usefixtures("side_by_side")
@pytest.mark.parametrize("length", LENGTHS)
def test_random_layers_equal_litert(length: int, tmp_path: Path) -> None:
    """At 128 bits, the length of the board that tinyedge brings, the kernels are those for small code."""
    file = tmp_path / "layers.tflite"
    file.write_bytes(single_op.merged(layers()))
    options = Options("size" if length == 128 else "speed")
    report = zoo.replay(file, str(board_of(length, tmp_path)), tmp_path / "out", helium.FRAMES, options)
    kernels = {layer.kernel for layer in report.build.layers}
    assert {f"{kind}_s8_rvv" for kind in GENERATORS if kind != "rows"} <= kernels
    # Small code is of one kernel for convolutions.
    of_rows = [layer.kernel for layer in report.build.layers].count("conv_2d_s8_rows_rvv")
    assert of_rows >= len(ROWS) if options.optimize == "speed" else of_rows == 0
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (helium.FRAMES, 0), report.bit_exact
