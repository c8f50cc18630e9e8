# SPDX-License-Identifier: Apache-2.0
"""Takes a TFLite model whose last outputs are its last inputs of the next run, gives one with variables.

So a recurrent layer keeps its state between runs (Keras' stateful=True): LiteRT and tinyedge alike read a
variable, start it from zeros, and assign it at the end.
"""

from __future__ import annotations

from typing import Any

from ai_edge_litert import schema_py_generated as schema

from tinyedge.model.keras.pieces import operator, rescaled, zeros
from tinyedge.oracle import model_file


def close(data: bytes, count: int) -> bytes:
    """The model without its last `count` inputs and outputs, which become variables that start as zeros."""
    model = schema.ModelT.InitFromPackedBuf(data, 0)
    graph = model.subgraphs[0]
    before, after = list(graph.inputs)[-count:], list(graph.outputs)[-count:]
    graph.inputs, graph.outputs = list(graph.inputs)[:-count], list(graph.outputs)[:-count]
    # These name the inputs and outputs that were.
    model.signatureDefs = []
    start = schema.SubGraphT(name=b"start", tensors=[], inputs=[], outputs=[], operators=[])
    first = [operator(model, "CALL_ONCE", [], [], schema.CallOnceOptionsT(len(model.subgraphs)))]
    last: list[Any] = []
    for number, (old, new) in enumerate(zip(before, after, strict=True)):
        tensor = graph.tensors[old]
        handle = _handle(model, graph, first, number)
        first.append(operator(model, "READ_VARIABLE", [handle], [old]))
        value = rescaled(model, graph, new, tensor, last)
        last.append(operator(model, "ASSIGN_VARIABLE", [handle, value], []))
        inner = _handle(model, start, start.operators, number)
        first_value = zeros(model, start, tensor.name + b"/start", tensor)
        start.operators.append(operator(model, "ASSIGN_VARIABLE", [inner, first_value], []))
    graph.operators = [*first, *graph.operators, *last]
    model.subgraphs.append(start)
    return model_file.finished(model)


def _handle(model: Any, graph: Any, operators: list[Any], number: int) -> int:
    """A new tensor that names variable `number`, made by a new operator."""
    name = f"kept_{number}"
    graph.tensors.append(
        schema.TensorT(name=name.encode(), shape=[], type=schema.TensorType.RESOURCE, buffer=0, hasRank=True)
    )
    made = len(graph.tensors) - 1
    options = schema.VarHandleOptionsT(container=b"", sharedName=name.encode())
    operators.append(operator(model, "VAR_HANDLE", [], [made], options))
    return made
