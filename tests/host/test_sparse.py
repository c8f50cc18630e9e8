# SPDX-License-Identifier: Apache-2.0
"""Tensors that a file stores sparse are read as LiteRT makes them dense."""

from __future__ import annotations

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from tests import single_op
from tests.single_op import Node
from tinyedge.errors import UsageError
from tinyedge.graph import Array, Tensor
from tinyedge.model import tflite
from tinyedge.model.keras import pieces
from tinyedge.oracle import flatbuffer, model_file


def _sparse(weights: Array) -> bytes:
    """A dense layer whose weights [rows, columns] are in a file row by row, without their zeros."""
    rows, columns = weights.shape
    tensors = [
        Tensor("x", (1, columns), "float32"),
        Tensor("w", weights.shape, "float32", None, weights),
        Tensor("y", (1, rows), "float32"),
    ]
    nodes = [Node("FULLY_CONNECTED", ("x", "w", None), ("y",), {"fusedActivationFunction": 0})]
    model = flatbuffer.unpack(single_op.pack(tensors, nodes, ["x"], ["y"]))
    graph = model.subgraphs[0]
    places = [np.flatnonzero(row) for row in weights]
    ends = np.cumsum([0, *map(len, places)])
    held = (
        schema.Int32VectorT(values=[int(n) for n in ends]),
        schema.Int32VectorT(values=[int(n) for n in np.concatenate(places)]),
    )
    kinds, vector = schema.DimensionType, schema.SparseIndexVector.Int32Vector
    graph.tensors[1].sparsity = schema.SparsityParametersT(
        traversalOrder=[0, 1],
        dimMetadata=[
            schema.DimensionMetadataT(format=kinds.DENSE, denseSize=rows),
            schema.DimensionMetadataT(
                format=kinds.SPARSE_CSR,
                denseSize=columns,
                arraySegmentsType=vector,
                arraySegments=held[0],
                arrayIndicesType=vector,
                arrayIndices=held[1],
            ),
        ],
    )
    given = weights[weights != 0].astype("<f4").tobytes()
    model.buffers[graph.tensors[1].buffer].data = np.frombuffer(given, np.uint8)
    dense = pieces.tensor(graph, b"dense", graph.tensors[1])
    graph.operators.insert(0, pieces.operator(model, "DENSIFY", [1], [dense]))
    graph.operators[1].inputs = [0, dense, -1]
    return model_file.finished(model)


def test_weights_that_are_stored_sparse_are_read() -> None:
    weights = np.array([[0, 1.5, 0, -2], [0, 0, 0, 0], [3, 0, 0.25, 0]], np.float32)
    data = _sparse(weights)
    graph = tflite.lower(data, "model")
    assert [op.kind for op in graph.ops] == ["fully_connected"]
    found = graph.input(graph.ops[0], 1).data
    assert found is not None and np.array_equal(found, weights)
    model = flatbuffer.unpack(data)
    columns = model.subgraphs[0].tensors[1].sparsity.dimMetadata[1]
    rows = model.subgraphs[0].tensors[1].sparsity.dimMetadata[0]
    rows.denseSize = 2**31 - 1  # LiteRT took minutes to count so far
    with pytest.raises(UsageError, match="one states other sizes than its shape has"):
        tflite.lower(model_file.finished(model), "model")
    rows.denseSize = 3
    columns.arrayIndices.values = [2**30, *columns.arrayIndices.values[1:]]  # beyond the row
    with pytest.raises(UsageError):
        tflite.lower(model_file.finished(model), "model")
