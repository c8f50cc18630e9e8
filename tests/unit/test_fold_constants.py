# SPDX-License-Identifier: Apache-2.0
"""What depends on constants and shapes alone becomes constant, with LiteRT's values and shapes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from tests import single_op
from tests.single_op import Node
from tinyedge import passes
from tinyedge.errors import Unsupported, UsageError
from tinyedge.graph import Graph, Quantization, Tensor
from tinyedge.model import tflite

SCALE = Quantization((0.5,), (0,))


def ints(name: str, *values: int) -> Tensor:
    return Tensor(name, (len(values),), "int32", None, np.array(values, np.int32))


def flatten(batch: int = -1, add: Sequence[Node] = (), outputs: tuple[str, ...] = ("y",)) -> bytes:
    """As TensorFlow's converter writes Flatten with an open batch: RESHAPE to PACK(SHAPE(x)[0:1], 12)."""
    tensors = [
        Tensor("x", (batch, 4, 3), "int8", SCALE),
        ints("zero", 0),
        ints("one", 1),
        Tensor("rest", (), "int32", None, np.array(12, np.int32)),
        Tensor("shape", (3,), "int32"),
        Tensor("size", (), "int32"),
        Tensor("wanted", (2,), "int32"),
        Tensor("flat", (-1, -1), "int8", SCALE),
        Tensor("y", (-1, -1), "int8", SCALE),
        Tensor("sum", (2,), "int32"),
    ]
    nodes = [
        Node("SHAPE", ("x",), ("shape",), {"outType": 2}),
        Node("STRIDED_SLICE", ("shape", "zero", "one", "one"), ("size",), {"shrinkAxisMask": 1}),
        Node("PACK", ("size", "rest"), ("wanted",), {"valuesCount": 2}),
        Node("RESHAPE", ("x", "wanted"), ("flat",), {}),
        Node("RELU", ("flat",), ("y",), {}),
        *add,
    ]
    return single_op.pack(tensors, nodes, ["x"], outputs)


def folded(model: bytes) -> Graph:
    return passes.apply("fold_constants", tflite.lower(model, "model"))


def test_a_shape_computed_from_the_batch_is_constant() -> None:
    before = tflite.lower(flatten(), "model")
    assert before.tensors["x"].shape == (1, 4, 3) and before.tensors["y"].shape == (-1, -1)
    graph = passes.apply("fold_constants", before)
    assert [op.kind for op in graph.ops] == ["reshape", "relu"]
    assert graph.tensors["wanted"].data is not None and graph.tensors["wanted"].data.tolist() == [1, 12]
    assert graph.tensors["flat"].shape == graph.tensors["y"].shape == (1, 12)
    assert "size" not in graph.tensors
    assert passes.problems(passes.legalize(before)) == []


def test_an_output_of_the_model_stays_computed_and_is_refused_in_a_sentence() -> None:
    add = [Node("ADD", ("wanted", "wanted"), ("sum",), {})]
    model = flatten(add=add, outputs=("y", "sum"))
    assert "add" in [op.kind for op in folded(model).ops]
    with pytest.raises(Unsupported, match="'sum' \\(ADD\\)"):
        passes.optimize(tflite.lower(model, "model"))


def test_what_litert_refuses_stays_and_all_of_it_is_told() -> None:
    add = [Node("ADD", ("wanted", "zero"), ("sum",), {}), Node("ACOS", ("sum",), ("y",), {})]
    root = schema.ModelT.InitFromPackedBuf(flatten(add=add[:1], outputs=("sum", "y")), 0)
    for code in root.operatorCodes:  # LiteRT has no such operator
        if code.builtinCode in (schema.BuiltinOperator.PACK, schema.BuiltinOperator.RELU):
            code.builtinCode = schema.BuiltinOperator.CONCAT_EMBEDDINGS
            code.deprecatedBuiltinCode = code.builtinCode
    for operator in root.subgraphs[0].operators:
        if root.operatorCodes[operator.opcodeIndex].builtinCode == schema.BuiltinOperator.CONCAT_EMBEDDINGS:
            operator.builtinOptions, operator.builtinOptionsType = None, 0
    with pytest.raises(Unsupported) as caught:
        passes.optimize(tflite.lower(single_op.finished(root), "model"))
    text = str(caught.value)
    assert text.count("does not have this operator") == 2 and "'wanted'" in text and "'y'" in text
    assert "'flat' (RESHAPE)" in text and "\n" not in text and caught.value.hint


def test_an_input_that_stays_open_is_refused() -> None:
    tensors = [Tensor(name, (-1, -1, 3), "int8", SCALE) for name in "xy"]
    model = single_op.pack(tensors, [Node("RELU", ("x",), ("y",), {})], ["x"], ["y"])
    with pytest.raises(Unsupported, match="dimensions 1 of its input 'x' open"):
        tflite.lower(model, "model")


def test_several_signatures_are_named() -> None:
    root = schema.ModelT.InitFromPackedBuf(flatten(), 0)
    root.subgraphs *= 2
    root.signatureDefs = [
        schema.SignatureDefT(signatureKey=key, subgraphIndex=i)
        for i, key in enumerate((b"encode", b"decode"))
    ]
    with pytest.raises(UsageError, match="'encode', 'decode'"):
        tflite.lower(single_op.finished(root), "model")


def test_four_bits_are_read_as_the_eight_that_kernels_see() -> None:
    root = schema.ModelT.InitFromPackedBuf(flatten(), 0)
    (graph,) = root.subgraphs
    weights = next(t for t in graph.tensors if t.name == b"rest")
    weights.type, weights.shape = schema.TensorType.INT4, [3]
    root.buffers[weights.buffer].data = np.array([0x87, 0x0F], np.uint8)
    found = tflite.lower(single_op.finished(root), "model").tensors["rest"]
    assert found.dtype == "int8" and found.data is not None and found.data.tolist() == [7, -8, -1]


def test_data_behind_the_flatbuffer_are_read() -> None:
    root = schema.ModelT.InitFromPackedBuf(flatten(), 0)
    (graph,) = root.subgraphs
    buffer = root.buffers[next(t for t in graph.tensors if t.name == b"rest").buffer]
    buffer.data, buffer.offset, buffer.size = None, 1, 1
    start = len(single_op.finished(root))
    buffer.offset, buffer.size = start, 4
    model = single_op.finished(root) + np.array(77, "<i4").tobytes()
    found = tflite.lower(model, "model").tensors["rest"].data
    assert found is not None and found.item() == 77
    with pytest.raises(UsageError, match="beyond the end"):
        tflite.lower(model[:-1], "model")
