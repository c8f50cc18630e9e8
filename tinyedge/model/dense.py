# SPDX-License-Identifier: Apache-2.0
"""Takes the objects of a TFLite file, makes tensors that it stores sparse dense, by LiteRT's own DENSIFY."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from typing import Any

from ai_edge_litert import schema_py_generated as schema

from tinyedge.graph import ITEM_SIZE
from tinyedge.oracle import flatbuffer, model_file
from tinyedge.oracle.kernels import LARGEST, Kernels, Refused


def settle(model: Any) -> None:
    """Change a schema.ModelT: such tensors hold all their elements, and DENSIFY, which gave them, is gone.

    Raises Refused where LiteRT does not make one dense, in its words, or all come to more than LARGEST bytes.
    """
    found = [tensor for tensor in _tensors(model) if tensor.sparsity is not None]
    if not found:
        return
    for tensor in found:
        # LiteRT believes these, and would count to any number.
        sizes = [int(each.denseSize) for each in tensor.sparsity.dimMetadata]
        if min(sizes) < 1 or math.prod(sizes) != math.prod(map(int, tensor.shape)):
            raise Refused("one states other sizes than its shape has")
    if (
        sum(math.prod(map(int, t.shape)) * ITEM_SIZE.get(flatbuffer.DTYPES.get(t.type, ""), 1) for t in found)
        > LARGEST
    ):
        raise Refused(f"sparse tensors come to more than {LARGEST >> 20} MB")
    with Kernels() as kernels:
        values = kernels.run_file(_alone(model, found), range(len(found) + 1, 2 * len(found) + 1))
    for tensor, dense in zip(found, values, strict=True):
        tensor.buffer, tensor.sparsity = model_file.held(model, dense), None
    for graph in model.subgraphs:
        kept, same = [], dict[int, int]()
        for operator in graph.operators:
            code = model.operatorCodes[operator.opcodeIndex]
            operator.inputs = [same.get(int(i), int(i)) for i in operator.inputs]
            if code.builtinCode == schema.BuiltinOperator.DENSIFY:
                same[int(operator.outputs[0])] = operator.inputs[0]
            else:
                kept.append(operator)
        graph.operators = kept


def _tensors(model: Any) -> Iterator[Any]:
    for graph in model.subgraphs:
        yield from graph.tensors


def _alone(model: Any, sparse: list[Any]) -> bytes:
    """A file of a float input that nobody reads, the sparse tensors, and behind them what each becomes."""
    made = schema.ModelT(version=model_file.VERSION, buffers=[schema.BufferT()])
    made.operatorCodes = [model_file.code("DENSIFY")]
    count = len(sparse)
    given = schema.TensorT(name=b"given", shape=[1], type=schema.TensorType.FLOAT32, hasRank=True)
    inputs, outputs = [], []
    for tensor in sparse:
        own = copy.copy(tensor)
        own.name, own.buffer = b"sparse", len(made.buffers)
        made.buffers.append(schema.BufferT(data=model.buffers[tensor.buffer].data))
        dense = schema.TensorT(name=b"dense", shape=tensor.shape, type=tensor.type, hasRank=True)
        dense.quantization = tensor.quantization
        inputs.append(own)
        outputs.append(dense)
    operators = [
        schema.OperatorT(opcodeIndex=0, inputs=[1 + i], outputs=[1 + count + i]) for i in range(count)
    ]
    graph = schema.SubGraphT(tensors=[given, *inputs, *outputs], inputs=[0], operators=operators)
    graph.outputs = [1 + count + i for i in range(count)]
    made.subgraphs = [graph]
    return model_file.finished(made)
