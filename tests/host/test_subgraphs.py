# SPDX-License-Identifier: Apache-2.0
"""Operators that stand for a subgraph of their file are that subgraph, as LiteRT runs it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from flatbuffers import flexbuffers

from tests import judged, single_op
from tests.single_op import Node
from tinyedge import passes
from tinyedge.errors import Unsupported
from tinyedge.graph import Quantization, Tensor
from tinyedge.model import tflite
from tinyedge.oracle import flatbuffer

ADD = {"fusedActivationFunction": 0}


def value(name: str, scale: float) -> Tensor:
    return Tensor(name, (1, 6), "int8", Quantization((scale,), (3,)))


def part(nodes: list[Node], **scales: float) -> Any:
    """A model from its first tensor to its last."""
    names = list(scales)
    return flatbuffer.unpack(
        single_op.pack([value(n, s) for n, s in scales.items()], nodes, names[:1], names[-1:])
    )


def model(*targets: int, scale: float = 0.04, twice: str = "m", last: str = "c") -> bytes:
    """Subgraph 0 runs targets[0] from a to b, targets[1] from b to `last`; 1 is b = (a + a) * a, 2 c = b + b.

    With a third one, what 2 does is to run that. scale: of the result of 1, in place of b's; twice: the name
    of a + a there, which is doubled again where it is not m.
    """
    first = [Node("ADD", ("a", "a"), ("m",), ADD)]
    if twice != "m":
        first.append(Node("ADD", ("m", "m"), (twice,), ADD))
    nodes = [*first, Node("MUL", (twice, "a"), ("b",), ADD)]
    whole, second = (
        part(nodes, **{"a": 0.02, "m": 0.03, twice: 0.03, "b": scale}),
        part([Node("ADD", ("b", "b"), ("c",), ADD)], b=0.04, c=0.06),
    )
    composite = schema.BuiltinOperator.STABLEHLO_COMPOSITE
    whole.operatorCodes.append(schema.OperatorCodeT(builtinCode=composite, deprecatedBuiltinCode=127))
    outer = part([], **{"a": 0.02, "b": 0.04, last: 0.06}).subgraphs[0]
    outer.operators = [called(number, i) for i, number in enumerate(targets[:2])]
    if len(targets) > 2:
        second.subgraphs[0].operators = [called(targets[2], 0)]
    whole.subgraphs = [outer, *whole.subgraphs, *second.subgraphs]
    return single_op.finished(whole)


def called(number: int, at: int) -> Any:
    """An operator that is subgraph `number`, from tensor `at` to the next."""
    options = schema.StableHLOCompositeOptionsT()
    options.name, options.decompositionSubgraphIndex = "odml.part", number
    options.compositeAttributes = np.frombuffer(flexbuffers.Dumps({}), np.uint8)
    operator = schema.OperatorT(opcodeIndex=2, inputs=[at], outputs=[at + 1])
    operator.builtinOptions2Type = schema.BuiltinOptions2.StableHLOCompositeOptions
    operator.builtinOptions2 = options
    return operator


def test_subgraphs_in_a_row_are_their_operators(tmp_path: Path) -> None:
    data = model(1, 2)
    graph = tflite.lower(data, "model")
    assert [op.kind for op in graph.ops] == ["add", "mul", "add"] and graph.outputs == ("c",)
    assert judged.judge({"model": data}, tmp_path).equal == ["model"]


def test_names_that_meet_are_told_apart(tmp_path: Path) -> None:
    """Tensors inside are called b/m and b/m_, where the whole has a b/m."""
    data = model(1, 2, twice="m_", last="b/m")
    graph = tflite.lower(data, "model")
    assert len({name for op in graph.ops for name in op.outputs}) == len(graph.ops) == 4
    assert judged.judge({"model": data}, tmp_path).equal == ["model"]


def test_one_that_calls_itself_is_refused() -> None:
    with pytest.raises(Unsupported, match="call one another without end"):
        tflite.lower(model(1, 2, 2), "model")


def tower(height: int) -> bytes:
    """Each subgraph runs the next one twice, the last is a sum."""
    whole = flatbuffer.unpack(model(1, 2))
    last = whole.subgraphs[2]
    whole.subgraphs = [part([], a=0.04, m=0.04, b=0.04).subgraphs[0] for _ in range(height)]
    for at, graph in enumerate(whole.subgraphs):
        graph.operators = [called(at + 1, 0), called(at + 1, 1)]
    last.tensors[1].quantization.scale = last.tensors[0].quantization.scale
    last.operators[0].opcodeIndex = 0
    whole.subgraphs.append(last)
    return single_op.finished(whole)


def wide(operators: int, inputs: int) -> bytes:
    """A subgraph of one CONCATENATION, in a row of calls."""
    names = [f"k{i}" for i in range(inputs)]
    nothing = Quantization((0.02,), (3,))
    tensors = [value("a", 0.02), *(Tensor(name, (1, 0), "int8", nothing) for name in names), value("b", 0.02)]
    options = {"axis": 1, "fusedActivationFunction": 0}
    node = Node("CONCATENATION", ("a", *names), ("b",), options)
    whole = flatbuffer.unpack(single_op.pack(tensors, [node], ["a"], ["b"]))
    whole.operatorCodes += flatbuffer.unpack(model(1, 2)).operatorCodes[1:]
    row = part([], **{f"t{i}": 0.02 for i in range(operators + 1)}).subgraphs[0]
    row.operators = [called(1, at) for at in range(operators)]
    whole.subgraphs.insert(0, row)
    return single_op.finished(whole)


@pytest.mark.timeout(60)
def test_a_small_file_of_calls_becomes_no_large_model() -> None:
    """Names were looked for among a copy of all others, for each call: the tower took minutes."""
    assert len(tflite.lower(tower(5), "model").ops) == 32
    for data in (tower(15), wide(200, 250)):
        assert len(data) < 60_000
        begun = time.process_time()
        with pytest.raises(Unsupported, match=r"more than 20,000 operators or 40,000 tensors"):
            tflite.lower(data, "model")
        assert time.process_time() - begun < 10


def test_bytes_that_mean_another_number_inside_are_refused() -> None:
    with pytest.raises(Unsupported, match=r"STABLEHLO_COMPOSITE.*does not have this operator"):
        passes.optimize(tflite.lower(model(1, 2, scale=0.05), "model"))
