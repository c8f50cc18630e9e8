# SPDX-License-Identifier: Apache-2.0
"""A graph of one step, run for each row of a sequence, equals LiteRT's WHILE; other loops are refused."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from tests import judged, single_op
from tests.single_op import Node
from tinyedge import board, emit, micropython, passes
from tinyedge import graph as graphs
from tinyedge import plan as planner
from tinyedge.errors import Unsupported
from tinyedge.graph import Quantization, Tensor
from tinyedge.model import tflite
from tinyedge.model.keras import looping
from tinyedge.model.keras.looping import FROM_NETWORK, SEQUENCE, Hole
from tinyedge.oracle import flatbuffer, model_file

TIMES = 7
SIMPLE = Hole("cell", TIMES, (), (SEQUENCE,))
ADD = {"fusedActivationFunction": 0}


def tensor(name: str, shape: tuple[int, ...], scale: float = 0.05, dtype: str = "int8") -> Tensor:
    if dtype == "float32":
        return Tensor(name, shape, dtype)
    zero = 3 if dtype == "int8" else 0
    return Tensor(name, shape, dtype, Quantization((float(np.float32(scale)),), (zero,)))


def step(dtype: str = "int8") -> bytes:
    """state' = (row + state) * gate, gate' = row * gate: two states, in scales of their own."""
    row, state, gate = (tensor(n, (1, 5), s, dtype) for n, s in (("row", 0.03), ("s", 0.06), ("g", 0.04)))
    both, new, opened = (
        tensor(n, (1, 5), s, dtype) for n, s in (("both", 0.08), ("new", 0.07), ("gate", 0.04))
    )
    nodes = [
        Node("ADD", ("row", "s"), ("both",), ADD),
        Node("MUL", ("both", "g"), ("new",), ADD),
        Node("MUL", ("row", "g"), ("gate",), ADD),
    ]
    tensors = (row, state, gate, both, new, opened)
    return single_op.pack(tensors, nodes, ["row", "s", "g"], ["new", "gate"])


def network(holes: Sequence[Hole], dtype: str = "int8") -> bytes:
    """x, doubled, goes into each hole, with a and b where they start so; what comes back is doubled, too."""
    x, rows = tensor("x", (TIMES, 5), 0.05, dtype), tensor("rows", (TIMES, 5), 0.1, dtype)
    a, b = tensor("a", (1, 5), 0.02, dtype), tensor("b", (1, 5), 0.04, dtype)
    nodes = [Node("ADD", ("x", "x"), ("rows",), ADD)]
    outputs: list[str] = []
    given: list[str] = []
    back: list[str] = []
    tensors = [x, rows, a, b]
    started = any(FROM_NETWORK in hole.first for hole in holes)
    for hole in holes:
        given += ["rows", *(["a", "b"] if FROM_NETWORK in hole.first else [])]
        for wanted in hole.results:
            number = len(back)
            shape = (1, TIMES, 5) if wanted == SEQUENCE else (1, 5)
            tensors += [tensor(f"y{number}", shape, 0.07, dtype), tensor(f"z{number}", shape, 0.1, dtype)]
            nodes.append(Node("ADD", (f"y{number}",) * 2, (f"z{number}",), ADD))
            back.append(f"y{number}")
            outputs.append(f"z{number}")
    inputs = ["x", *(["a", "b"] if started else []), *back]
    return single_op.pack(tensors, nodes, inputs, [*outputs, *given])


def looped(*holes: Hole, dtype: str = "int8") -> bytes:
    return looping.join(network(holes, dtype), [step(dtype) for _ in holes], holes)


@pytest.mark.timeout(300)
def test_loops_equal_litert(tmp_path: Path) -> None:
    models = {
        "all": looped(Hole("cell", TIMES, (FROM_NETWORK, FROM_NETWORK), (SEQUENCE, 0, 1))),
        # The second begins where the first ended.
        "two": looped(replace(SIMPLE, results=(SEQUENCE, 0, 1)), Hole("other", TIMES, (1, 2), (0, SEQUENCE))),
        "wide": looped(replace(SIMPLE, results=(SEQUENCE, 1)), dtype="int16"),
    }
    verdicts = judged.judge(models, tmp_path)
    assert not verdicts.wrong and not verdicts.refused and set(verdicts.equal) == set(models)


def test_a_loop_is_a_layer_with_a_graph_inside() -> None:
    graph = passes.optimize(tflite.lower(looped(SIMPLE), "loop"))
    (loop,) = (op for op in graph.ops if op.kind == "while")
    assert loop.name == "cell" and (loop.attrs["times"], loop.attrs["carried"]) == (TIMES, 2)
    assert [op.kind for op in loop.attrs["body"].ops] == ["add", "mul", "mul", "quantize"]
    assert "body   input  s: int8[1x5]" in graphs.dump(graph)
    plan = planner.plan(graph, board.load("host"))
    (layer,) = (layer for layer in plan.layers if layer.op.kind == "while")
    assert layer.repeat is not None and layer.repeat.times == TIMES
    assert f"cell: {layer.kernel}, {TIMES} times" in planner.dump(plan)
    code = emit.emit_model(plan, "0" * 64)["te_loop.c"].decode()
    assert code.count(f"for (uint32_t step = 0; step < {TIMES}; step++) {{") == 1
    assert any("no loops" in str(problem) for problem in micropython.portable.problems(plan))


def _started_late(model: Any) -> None:
    counter = next(t for t in model.subgraphs[0].tensors if t.name == b"cell/start")
    model.buffers[counter.buffer].data = np.frombuffer(np.ones(1, np.int32).tobytes(), np.uint8)


def _endless(model: Any) -> None:
    limit = next(t for t in model.subgraphs[1].tensors if t.name == b"times")
    model.buffers[limit.buffer].data = np.frombuffer(np.full(1, 2**31 - 1, np.int32).tobytes(), np.uint8)


def _in_twos(model: Any) -> None:
    one = next(t for t in model.subgraphs[2].tensors if t.name == b"cell/step/one")
    model.buffers[one.buffer].data = np.frombuffer(np.full(1, 2, np.int32).tobytes(), np.uint8)


def _until_something_else(model: Any) -> None:
    operator = model.subgraphs[1].operators[0]
    model.operatorCodes[operator.opcodeIndex].builtinCode = schema.BuiltinOperator.LESS_EQUAL
    model.operatorCodes[operator.opcodeIndex].deprecatedBuiltinCode = schema.BuiltinOperator.LESS_EQUAL
    operator.builtinOptionsType = schema.BuiltinOptions.LessEqualOptions
    operator.builtinOptions = schema.LessEqualOptionsT()


def _of_columns(model: Any) -> None:
    take = next(
        o for o in model.subgraphs[2].operators if isinstance(o.builtinOptions, schema.GatherOptionsT)
    )
    take.builtinOptions.axis = 1


def _beside_the_row(model: Any) -> None:
    zeros = next(t for t in model.subgraphs[2].tensors if t.name == b"cell/empty/zeros")
    model.buffers[zeros.buffer].data = np.frombuffer(np.ones(1, np.int32).tobytes(), np.uint8)


def _of_two(model: Any) -> None:
    """A loop before it has the same step; each would be compiled, so that a small file became large."""
    graph = model.subgraphs[0]
    at = next(i for i, o in enumerate(graph.operators) if isinstance(o.builtinOptions, schema.WhileOptionsT))
    other = copy.copy(graph.operators[at])
    other.outputs = []
    for number in graph.operators[at].outputs:
        other.outputs.append(len(graph.tensors))
        graph.tensors.append(copy.copy(graph.tensors[int(number)]))
        graph.tensors[-1].name = b"other"
    graph.operators.insert(at, other)
    graph.outputs = [*graph.outputs, other.outputs[-1]]


@pytest.mark.parametrize(
    "change",
    [_of_two, _started_late, _endless, _in_twos, _until_something_else, _of_columns, _beside_the_row],
    ids=lambda change: change.__name__.strip("_"),
)
def test_other_loops_are_refused(change: Callable[[Any], None]) -> None:
    model = flatbuffer.unpack(looped(SIMPLE))
    change(model)
    with pytest.raises(Unsupported, match=r"'cell'.*its loop is not one over the rows of a tensor"):
        passes.optimize(tflite.lower(model_file.finished(model), "loop"))


def test_what_stands_in_a_loop_and_cannot_be_is_named() -> None:
    model = flatbuffer.unpack(looped(replace(SIMPLE, results=(0,))))
    code = model.subgraphs[2].operators[1].opcodeIndex
    model.operatorCodes[code].builtinCode = schema.BuiltinOperator.BITCAST
    model.operatorCodes[code].deprecatedBuiltinCode = 127
    model.subgraphs[2].operators[1].builtinOptions = None
    model.subgraphs[2].operators[1].builtinOptionsType = 0
    with pytest.raises(Unsupported, match=r"'both' \(BITCAST\): tinyedge does not have this operator"):
        passes.optimize(tflite.lower(model_file.finished(model), "loop"))
