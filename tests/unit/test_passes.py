# SPDX-License-Identifier: Apache-2.0
"""Passes: what they change, and what they leave alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests import pad_conv, tiny_models
from tinyedge import passes
from tinyedge.errors import Unsupported
from tinyedge.graph import Graph, Op, Quantization, Tensor, verify
from tinyedge.model import tflite


def lowered(model: bytes, name: str = "padded") -> Graph:
    return passes.read(tflite.lower(model, name))[0]


def kinds(graph: Graph) -> list[str]:
    return [op.kind for op in graph.ops]


def float_borders() -> Graph:
    return tflite.lower(tiny_models.float_borders(), "borders")


def test_float_borders_become_the_integers_behind_them() -> None:
    graph = passes.apply("strip_float_border", float_borders())
    assert kinds(graph) == ["relu"]
    assert graph.inputs == ("q",) and graph.outputs == ("r",)
    assert sorted(graph.tensors) == ["q", "r"]


def test_an_integer_model_keeps_its_borders() -> None:
    graph = tflite.lower(tiny_models.dense(), "dense")
    assert passes.apply("strip_float_border", graph) == graph


def test_a_float_input_with_two_readers_stays_and_is_refused() -> None:
    graph = float_borders()
    again = Tensor("again", (1, 256), "int8", graph.tensors["q"].quantization)
    graph = replace(
        graph,
        tensors={**graph.tensors, "again": again},
        ops=(*graph.ops, Op("quantize", "second", ("x",), ("again",))),
        outputs=(*graph.outputs, "again"),
    )
    verify(graph)
    assert passes.apply("strip_float_border", graph).inputs == ("x",)
    with pytest.raises(Unsupported, match="from float"):
        passes.optimize(graph)


def test_a_float_output_that_a_layer_reads_stays_and_is_refused() -> None:
    graph = float_borders()
    copy = replace(graph.tensors["y"], name="copy")
    graph = replace(
        graph,
        tensors={**graph.tensors, "copy": copy},
        ops=(*graph.ops, Op("reshape", "copying", ("y",), ("copy",), {"shape": (1, 256)})),
        outputs=("y", "copy"),
    )
    verify(graph)
    assert passes.apply("strip_float_border", graph).outputs == ("y", "copy")
    with pytest.raises(Unsupported, match="float inside"):
        passes.optimize(graph)


def test_the_same_float_output_twice_stays_twice() -> None:
    graph = replace(float_borders(), outputs=("y", "y"))
    assert passes.apply("strip_float_border", graph).outputs == ("r", "r")


@pytest.mark.parametrize("kinds_left", [("quantize",), ("dequantize",), ()])
def test_a_model_without_a_layer_is_refused_in_a_sentence(kinds_left: tuple[str, ...]) -> None:
    graph = float_borders()
    kept = tuple(op for op in graph.ops if op.kind in kinds_left)
    first = kept[0].inputs[0] if kept else "q"
    last = kept[-1].outputs[0] if kept else "q"
    with pytest.raises(Unsupported, match="it computes nothing"):
        passes.optimize(replace(graph, ops=kept, inputs=(str(first),), outputs=(last,)))


@pytest.mark.parametrize("operator", ["CONV_2D", "DEPTHWISE_CONV_2D"])
def test_a_zero_border_becomes_padding(operator: str) -> None:
    before = lowered(pad_conv.model(operator, sizes=((0, 0), (1, 2), (3, 0), (0, 0))))
    graph = passes.apply("fold_pad", before)
    assert kinds(before) == ["pad", operator.lower()] and kinds(graph) == [operator.lower()]
    (convolution,) = graph.ops
    found = tuple(convolution.attrs[key] for key in ("pad_y", "pad_y_end", "pad_x", "pad_x_end"))
    assert found == (1, 2, 3, 0)
    assert convolution.inputs[0] == "input" and "padded" not in graph.tensors
    assert passes.problems(graph) == []


def test_padding_adds_to_what_the_convolution_has() -> None:
    before = lowered(pad_conv.model("CONV_2D", same=True))
    old, new = before.ops[1].attrs, passes.apply("fold_pad", before).ops[0].attrs
    assert old["pad_y"] == 1 and new["pad_y"] == old["pad_y"] + 1
    assert new["pad_x_end"] == old["pad_x_end"] + 1


@pytest.mark.parametrize(
    "change",
    [
        {"sizes": ((0, 0), (1, 1), (1, 1), (1, 0))},
        {"sizes": ((1, 0), (1, 1), (1, 1), (0, 0))},
        {"value": 4},
        {"padded": Quantization((0.25,), (3,))},
        {"keep": True},
    ],
    ids=["channels", "batch", "another value", "another scale", "border is an output"],
)
def test_a_border_that_is_no_padding_stays(change: dict[str, Any]) -> None:
    graph = lowered(pad_conv.model("CONV_2D", **change))
    assert passes.apply("fold_pad", graph) == graph


def test_a_border_that_two_layers_read_stays() -> None:
    graph = lowered(pad_conv.model("CONV_2D"))
    second = replace(graph.ops[1], name="second", outputs=("other",))
    other = replace(graph.tensors["output"], name="other")
    graph = replace(
        graph,
        tensors={**graph.tensors, "other": other},
        ops=(*graph.ops, second),
        outputs=("output", "other"),
    )
    assert passes.apply("fold_pad", graph) == graph


def test_a_border_of_zero_given_as_value_becomes_padding() -> None:
    graph = passes.apply("fold_pad", lowered(pad_conv.model("CONV_2D", value=3)))
    assert kinds(graph) == ["conv_2d"]


def test_a_pass_that_breaks_the_graph_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from tinyedge.passes import fold_pad

    monkeypatch.setattr(fold_pad, "run", lambda graph: replace(graph, ops=graph.ops[1:]))
    graph = lowered(pad_conv.model("CONV_2D"))
    with pytest.raises(AssertionError, match="fold_pad"):
        passes.apply("fold_pad", graph)


def test_all_problems_are_found_in_order() -> None:
    graph = lowered(pad_conv.model("CONV_2D", same=True))
    wrong = {"padded": replace(graph.tensors["padded"], dtype="int16")}
    graph = replace(graph, tensors={**graph.tensors, **wrong})
    assert [str(p).split()[1] for p in passes.problems(graph)] == ["'padded'", "'output'"]
    assert np.all([p.hint for p in passes.problems(graph)])
