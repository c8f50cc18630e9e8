# SPDX-License-Identifier: Apache-2.0
"""Takes a TFLite model whose last outputs are its last inputs of the next run, gives one with variables.

So a recurrent layer keeps its state between runs (Keras' stateful=True): LiteRT and tinyedge alike read a
variable, start it from zeros, and assign it at the end.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tinyedge.oracle import model_file

_BYTES = {
    schema.TensorType.INT8: np.int8,
    schema.TensorType.INT16: np.int16,
    schema.TensorType.FLOAT32: np.float32,
}


def close(data: bytes, count: int) -> bytes:
    """The model without its last `count` inputs and outputs, which become variables that start as zeros."""
    model = schema.ModelT.InitFromPackedBuf(data, 0)
    graph = model.subgraphs[0]
    before, after = list(graph.inputs)[-count:], list(graph.outputs)[-count:]
    graph.inputs, graph.outputs = list(graph.inputs)[:-count], list(graph.outputs)[:-count]
    # These name the inputs and outputs that were.
    model.signatureDefs = []
    start = schema.SubGraphT(name=b"start", tensors=[], inputs=[], outputs=[], operators=[])
    first = [_operator(model, "CALL_ONCE", [], [], schema.CallOnceOptionsT(len(model.subgraphs)))]
    last: list[Any] = []
    for number, (old, new) in enumerate(zip(before, after, strict=True)):
        tensor = graph.tensors[old]
        handle = _handle(model, graph, first, number)
        first.append(_operator(model, "READ_VARIABLE", [handle], [old]))
        value = _rescaled(model, graph, new, old, last)
        last.append(_operator(model, "ASSIGN_VARIABLE", [handle, value], []))
        inner = _handle(model, start, start.operators, number)
        zeros = _constant(model, start, tensor)
        start.operators.append(_operator(model, "ASSIGN_VARIABLE", [inner, zeros], []))
    graph.operators = [*first, *graph.operators, *last]
    model.subgraphs.append(start)
    return model_file.finished(model)


def _rescaled(model: Any, graph: Any, new: int, old: int, operators: list[Any]) -> int:
    """The tensor that has value `new` at the scale of `old`, by one more operator where that is another."""
    source, target = graph.tensors[new], graph.tensors[old]
    if target.quantization is None or _scale(source) == _scale(target):
        return new
    graph.tensors.append(
        schema.TensorT(
            name=target.name + b"/next",
            shape=target.shape,
            type=target.type,
            buffer=0,
            quantization=target.quantization,
            hasRank=True,
        )
    )
    made = len(graph.tensors) - 1
    operators.append(_operator(model, "QUANTIZE", [new], [made], schema.QuantizeOptionsT()))
    return made


def _scale(tensor: Any) -> tuple[list[float], list[int]] | None:
    quantization = tensor.quantization
    if quantization is None or quantization.scale is None:
        return None
    return list(map(float, quantization.scale)), list(map(int, quantization.zeroPoint))


def _handle(model: Any, graph: Any, operators: list[Any], number: int) -> int:
    """A new tensor that names variable `number`, made by a new operator."""
    name = f"kept_{number}"
    graph.tensors.append(
        schema.TensorT(name=name.encode(), shape=[], type=schema.TensorType.RESOURCE, buffer=0, hasRank=True)
    )
    made = len(graph.tensors) - 1
    options = schema.VarHandleOptionsT(container=b"", sharedName=name.encode())
    operators.append(_operator(model, "VAR_HANDLE", [], [made], options))
    return made


def _constant(model: Any, graph: Any, like: Any) -> int:
    """A new tensor of the number zero, in the type and with the zero point of `like`."""
    scale = _scale(like)
    values = np.full(list(like.shape), scale[1][0] if scale and scale[1] else 0, _BYTES[like.type])
    model.buffers.append(schema.BufferT(data=np.frombuffer(values.tobytes(), np.uint8)))
    graph.tensors.append(
        schema.TensorT(
            name=like.name + b"/start",
            shape=like.shape,
            type=like.type,
            buffer=len(model.buffers) - 1,
            quantization=like.quantization,
            hasRank=True,
        )
    )
    return len(graph.tensors) - 1


def _operator(model: Any, name: str, inputs: list[int], outputs: list[int], options: Any = None) -> Any:
    code = getattr(schema.BuiltinOperator, name)
    model.operatorCodes.append(
        schema.OperatorCodeT(builtinCode=code, deprecatedBuiltinCode=min(code, 127), version=1)
    )
    operator = schema.OperatorT(opcodeIndex=len(model.operatorCodes) - 1, inputs=inputs, outputs=outputs)
    if options is not None:
        kind = type(options).__name__.removesuffix("T")
        operator.builtinOptionsType = getattr(schema.BuiltinOptions, kind)
        operator.builtinOptions = options
    return operator
