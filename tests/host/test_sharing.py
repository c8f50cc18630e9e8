# SPDX-License-Identifier: Apache-2.0
"""Optimised for size, layers share copies of kernels where that is smaller: LiteRT's bits, smaller images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests import model_runner, single_op, zoo
from tests.conftest import absent
from tests.model_runner import Job
from tinyedge import board as boards
from tinyedge import model as models
from tinyedge import ops, passes, pipeline
from tinyedge import plan as planner
from tinyedge.graph import Quantization, Tensor
from tinyedge.model import tflite
from tinyedge.ops import Call
from tinyedge.options import Options
from tinyedge.oracle import Oracle
from tinyedge.plan import sharing

FOLDERS = (zoo.OURS, zoo.SHARED / "mlperf")
SHAPE = (1, 5, 300, 3)
"""The length of a row fits no byte, that of a pixel does."""


def calls(*windows: int, zero_point: Sequence[int] = (0,)) -> list[list[Call]]:
    """A layer of one call for each window."""
    base = Call("pool_2d", "max_pool_2d_s8", {"kernel_height": 1, "in_height": 9, "in_zero_point": 0}, ())
    return [
        [replace(base, params={**base.params, "kernel_height": window, "in_zero_point": zero})]
        for window, zero in zip(windows, (*zero_point, *[0] * len(windows)), strict=False)
    ]


def copies(layers: list[list[Call]], *fast: int) -> tuple[sharing.Copy, ...]:
    """Of layers of which all but those in `fast` are to be small."""
    return sharing.copies(layers, [layer not in fast for layer in range(len(layers))])


def test_few_shapes_have_a_copy_each_and_many_share_one() -> None:
    few = copies(calls(1, 2, 1, 3, zero_point=(5, 0, -6)))
    assert few == (sharing.Copy(((0, 0), (2, 0)), (sharing.Own("in_zero_point", False, "int8_t", None),)),)
    (many,) = copies(calls(1, 2, 300, 4, 1))
    assert many.calls == tuple((layer, 0) for layer in range(5))
    assert many.own == (sharing.Own("kernel_height", False, None, None),)
    assert copies(calls(1, 1))[0].own == ()


def test_a_layer_with_much_work_shares_only_with_equal_ones() -> None:
    found = copies(calls(1, 2, 3, 4, 5, 6, 6), 1, 5, 6)
    assert [copy.calls for copy in found] == [((0, 0), (2, 0), (3, 0), (4, 0)), ((5, 0), (6, 0))]
    layers = dict(zip("abcd", calls(1, 2, 3, 3), strict=True))
    work = {"a": sharing.HOT - 3, "b": 1, "c": 1, "d": 1}
    assert sharing.small(layers, work, "balanced") == set()
    # Equal layers count as one.
    assert sharing.small(layers, {**work, "a": 2 * sharing.HOT - 3}, "balanced") == {"b"}
    assert sharing.small(layers, work, "speed") == set()
    assert sharing.small(layers, work, "size") == set(layers)


def test_work_is_what_takes_time() -> None:
    """Of depthwise layers a multiply-accumulate counts several times, of pools and sums an element does."""
    graph = passes.optimize(tflite.lower((zoo.OURS / "tiny_cnn.tflite").read_bytes(), "cnn"))
    known = {
        op.kind: sharing.work(graph, op) / (ops.lookup(op.kind).macs(graph, op) or 1) for op in graph.ops
    }
    assert (known["conv_2d"], known["fully_connected"], known["depthwise_conv_2d"]) == (
        1,
        1,
        4,
    )
    (pool,) = (op for op in graph.ops if op.kind == "average_pool_2d")
    read = graph.tensors[pool.inputs[0] or ""].size
    assert known["average_pool_2d"] == sharing.ELEMENT * read


def test_groups_are_what_copies_join() -> None:
    shared = [sharing.Copy(((1, 0), (4, 0)), ()), sharing.Copy(((4, 1), (6, 0)), ())]
    assert sharing.groups(shared, [0, 1, 3, 4, 6]) == [{0}, {1, 4, 6}, {3}]


SHAPES = ((1, 1, 1, 1), (1, 1, 1, 3), (1, 1, 300, 1), (1, 5, 1, 1), (1, 5, 300, 1), SHAPE)
"""Every shape that an array may be repeated from."""


def sums(shapes: Sequence[tuple[int, ...]] = SHAPES) -> bytes:
    """Sums of one input with arrays of these shapes, one after another."""
    scale = Quantization((float(np.float32(0.05)),), (-20,))
    rng = np.random.default_rng(8)
    arrays = [
        Tensor(f"c{i}", shape, "int8", scale, rng.integers(-128, 128, shape, np.int8))
        for i, shape in enumerate(shapes)
    ]
    values = [Tensor(f"x{i}", SHAPE, "int8", replace(scale, zero_point=(i,))) for i in range(len(shapes) + 1)]
    nodes = [
        single_op.Node("ADD", (f"x{i}", f"c{i}"), (f"x{i + 1}",), {"fusedActivationFunction": i % 2})
        for i in range(len(shapes))
    ]
    return single_op.pack((*values, *arrays), nodes, ["x0"], [values[-1].name])


def test_layers_that_share_a_copy_equal_litert(tmp_path: Path) -> None:
    plan = planner.plan(passes.optimize(tflite.lower(sums(), "sums")), boards.load("host"), Options("size"))
    assert any(own.count and own.byte is None for copy in plan.copies for own in copy.own)
    frames = np.random.default_rng(3).integers(-128, 128, (2, *SHAPE), np.int8)
    (results,) = model_runner.run(
        [Job("sums", sums(), [{"x0": frame} for frame in frames], "size")], tmp_path
    )
    with Oracle(sums(), "sums") as judge:
        (expected,) = judge.run_many({judge.inputs[0].index: frames})
    assert np.array_equal(np.stack([outputs[0] for outputs in results]), expected)


@pytest.mark.parametrize(
    ("board", "name"),
    [
        ("mps3-an547", "tiny_ae"),
        ("mps2-an386", "tiny_ae"),
        ("qemu-virt-rv32v", "tiny_cnn"),
        ("mps2-an386", "hello_world_int8"),  # whose layers share nothing
    ],
)
def test_size_is_never_larger_than_speed(board: str, name: str, tmp_path: Path) -> None:
    file = next(
        (folder / f"{name}.tflite" for folder in FOLDERS if (folder / f"{name}.tflite").is_file()), None
    )
    if file is None:
        absent(f"{name}.tflite is not here")
    model = models.load(file)
    small, fast = (
        pipeline.build(model, board, tmp_path / optimize, Options(optimize)).flash.total
        for optimize in ("size", "speed")
    )
    assert small is not None and fast is not None
    assert small <= fast
