# SPDX-License-Identifier: Apache-2.0
"""Models that keep state between runs: each frame of a long replay equals LiteRT, from the first on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from tests import single_op, zoo
from tests.single_op import Node
from tinyedge import graph as graphs
from tinyedge import passes
from tinyedge.errors import Unsupported, UsageError
from tinyedge.graph import Quantization, Tensor
from tinyedge.model import tflite

SCALE = Quantization((0.5,), (3,))
HANDLE = {"container": "", "sharedName": "kept"}
FRAMES = 1000


def smoother(initial: tuple[int, ...] | None = (9, -9, 0, 100), computed: bool = False) -> bytes:
    """y = (x + kept) / 2 in the scale's way, kept = y; with or without an initialiser."""
    tensors = [
        Tensor("x", (1, 4), "int8", SCALE),
        Tensor("handle", (), "resource"),
        Tensor("again", (), "resource"),
        Tensor("before", (1, 4), "int8", SCALE),
        Tensor("y", (1, 4), "int8", Quantization((1.0,), (3,))),
        Tensor("stored", (1, 4), "int8", SCALE),
    ]
    nodes = [
        Node("VAR_HANDLE", (), ("handle",), HANDLE),
        Node("READ_VARIABLE", ("handle",), ("before",), {}),
        Node("ADD", ("x", "before"), ("y",), {}),
        Node("QUANTIZE", ("y",), ("stored",), {}),
        Node("VAR_HANDLE", (), ("again",), HANDLE),
        Node("ASSIGN_VARIABLE", ("again", "stored"), (), {}),
    ]
    root = schema.ModelT.InitFromPackedBuf(single_op.pack(tensors, nodes, ["x"], ["y"]), 0)
    if initial is not None:
        _initialise(root, initial, computed)
    return single_op.finished(root)


def _initialise(root: schema.ModelT, initial: tuple[int, ...], computed: bool) -> None:
    """Add the graph that gives `kept` its first value, and the CALL_ONCE that runs it."""
    value = Tensor("value", (1, 4), "int8", SCALE, np.array([initial], np.int8))
    tensors = [Tensor("other", (), "resource"), value, Tensor("sum", (1, 4), "int8", SCALE)]
    nodes = [
        Node("VAR_HANDLE", (), ("other",), HANDLE),
        *([Node("ADD", ("value", "value"), ("sum",), {})] if computed else []),
        Node("ASSIGN_VARIABLE", ("other", "sum" if computed else "value"), (), {}),
    ]
    inner = schema.ModelT.InitFromPackedBuf(single_op.pack(tensors, nodes, [], []), 0)
    (called,) = inner.subgraphs
    for tensor in called.tensors:
        tensor.buffer += len(root.buffers)
    for operator in called.operators:
        operator.opcodeIndex += len(root.operatorCodes)
    once = schema.OperatorT(
        opcodeIndex=len(root.operatorCodes) + len(inner.operatorCodes),
        inputs=[],
        outputs=[],
        builtinOptionsType=schema.BuiltinOptions.CallOnceOptions,
        builtinOptions=schema.CallOnceOptionsT(initSubgraphIndex=1),
    )
    number = schema.BuiltinOperator.CALL_ONCE
    code = schema.OperatorCodeT(builtinCode=number, deprecatedBuiltinCode=127, version=1)
    root.buffers += inner.buffers
    root.operatorCodes += [*inner.operatorCodes, code]
    root.subgraphs[0].operators.insert(0, once)
    root.subgraphs.append(called)


def test_a_variable_becomes_a_state_with_its_first_value() -> None:
    graph = tflite.lower(smoother(), "smoother")
    assert [op.kind for op in graph.ops] == ["read_variable", "add", "quantize", "assign_variable"]
    assert {name: value.tolist() for name, value in graph.states.items()} == {"handle": [[9, -9, 0, 100]]}
    assert [graph.states_of(op) for op in (graph.ops[0], graph.ops[-1])] == [("handle",), ("handle",)]
    assert graph.tensors["handle"].quantization == SCALE
    assert "state  handle: state int8[1x4]" in graphs.dump(passes.optimize(graph))


def test_it_is_exact_over_many_runs(tmp_path: Path) -> None:
    file = tmp_path / "smoother.tflite"
    file.write_bytes(smoother())
    report = zoo.replay(file, "host", tmp_path / "out", FRAMES)
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (FRAMES, 0)


def test_a_state_without_a_first_value_is_refused() -> None:
    with pytest.raises(Unsupported, match="'before' \\(READ_VARIABLE\\): its state has no initial value"):
        tflite.lower(smoother(None), "smoother")


def test_a_first_value_that_is_computed_is_refused() -> None:
    with pytest.raises(Unsupported, match="first value of a state is computed, by 'sum' \\(ADD\\)"):
        tflite.lower(smoother(computed=True), "smoother")


def test_a_call_into_nowhere_is_a_damaged_file() -> None:
    root = schema.ModelT.InitFromPackedBuf(smoother(), 0)
    root.subgraphs[0].operators[0].builtinOptions.initSubgraphIndex = 7
    with pytest.raises(UsageError, match="subgraph 7"):
        tflite.lower(single_op.finished(root), "smoother")


@pytest.mark.parametrize("name", zoo.WAKE_WORDS)
def test_streaming_wake_words_are_exact(name: str, tmp_path: Path) -> None:
    report = zoo.replay(zoo.wake_word(name), "host", tmp_path, FRAMES)
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (FRAMES, 0)
