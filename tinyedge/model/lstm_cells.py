# SPDX-License-Identifier: Apache-2.0
"""Takes an integer TFLite model, gives it with cells of LSTMs in a scale that LiteRT's kernel computes with.

TensorFlow gives cells the power of two that just holds their range. LiteRT's tanh has 0 to 6 integer bits, so
scales from 2^-15 on, and leaves its result unset for all others (PortableApplyTanh of TFLite's
portable_tensor_utils.cc). Cells that stay below a half then have a bit less; it is for who makes a model, not
for who compiles one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ai_edge_litert import schema_py_generated as schema

from tinyedge.oracle import flatbuffer, model_file

FINEST = 2.0**-15
_KIND = schema.BuiltinOperator.UNIDIRECTIONAL_SEQUENCE_LSTM
_MEMORY = 19
"""Number of the operator's input that the cells are."""


def settled(model: bytes) -> bytes:
    """The model with no cells finer than FINEST; the same bytes where there are none."""
    file = _unpacked(model)
    changed = False
    for graph, operator in _layers(file):
        quantization = graph.tensors[operator.inputs[_MEMORY]].quantization
        if quantization.scale is not None and quantization.scale[0] < FINEST:
            quantization.scale = [FINEST]
            changed = True
    return model_file.finished(file) if changed else model


def named(model: bytes, names: Sequence[str]) -> bytes:
    """The model with these names for what its LSTMs give, in order, and for what is taken of that alone.

    TensorFlow calls them after the operator. The same bytes where there are not as many LSTMs as names.
    """
    file = _unpacked(model)
    layers = list(_layers(file))
    if not layers or len(layers) != len(names):
        return model
    for (graph, operator), name in zip(layers, names, strict=True):
        made = int(operator.outputs[0])
        readers = [other for other in graph.operators if made in map(int, other.inputs)]
        ends = [int(other.outputs[0]) for other in readers if len(other.outputs) == 1]
        for number, label in ((made, name), *((end, f"{name}/last") for end in ends)):
            if graph.tensors[number].name.startswith(b"tfl."):
                graph.tensors[number].name = label.encode()
    return model_file.finished(file)


def _unpacked(model: bytes) -> Any:
    """The objects of a model that has such layers; None for others, which are most."""
    root = schema.Model.GetRootAs(model, 0)
    codes = [root.OperatorCodes(i).BuiltinCode() for i in range(root.OperatorCodesLength())]
    return flatbuffer.unpack(model) if _KIND in codes else None


def _layers(file: Any) -> Iterator[tuple[Any, Any]]:
    """Graph and operator of each LSTM."""
    for graph in [] if file is None else file.subgraphs:
        for operator in graph.operators:
            if file.operatorCodes[operator.opcodeIndex].builtinCode == _KIND:
                yield graph, operator
