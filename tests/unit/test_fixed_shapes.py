# SPDX-License-Identifier: Apache-2.0
"""An input that is only the shape of a result becomes the shape that the file gives that result."""

from __future__ import annotations

import pytest

from tests import single_op
from tests.single_op import Node
from tinyedge import passes
from tinyedge.graph import Quantization, Tensor
from tinyedge.model import fixed_shapes, tflite

SCALE = Quantization((0.5,), (0,))


def reshaped(shape: tuple[int, ...], outputs: tuple[str, ...] = ("y",), twice: bool = False) -> bytes:
    """RESHAPE of 12 numbers to an input, which may also be read as numbers."""
    tensors = [
        Tensor("wanted", (2,), "int32"),
        Tensor("x", (12,), "int8", SCALE),
        Tensor("y", shape, "int8", SCALE),
        Tensor("sum", (2,), "int32"),
    ]
    nodes = [Node("RESHAPE", ("x", "wanted"), ("y",), {})]
    nodes += [Node("ADD", ("wanted", "wanted"), ("sum",), {})] if twice else []
    return single_op.pack(tensors, nodes, ["wanted", "x"], outputs)


def test_it_is_constant_and_no_input() -> None:
    graph = tflite.lower(fixed_shapes.settled(reshaped((3, 4)), "m"), "m")
    assert graph.inputs == ("x",)
    wanted = graph.tensors["wanted"].data
    assert wanted is not None and wanted.tolist() == [3, 4]
    assert passes.problems(passes.legalize(graph)) == []


@pytest.mark.parametrize(
    "data",
    [
        reshaped((-1, 4)),
        reshaped((3, 4, 1)),
        reshaped((3, 4), ("y", "wanted")),
        reshaped((3, 4), ("y", "sum"), twice=True),
        b"no model",
    ],
    ids=["open", "of another rank", "an output, too", "also numbers", "damaged"],
)
def test_other_models_stay_as_they_are(data: bytes) -> None:
    assert fixed_shapes.settled(data, "m") is data
