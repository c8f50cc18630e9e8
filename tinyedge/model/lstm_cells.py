# SPDX-License-Identifier: Apache-2.0
"""Takes an integer TFLite model, gives it with cells of LSTMs in a scale that LiteRT's kernel computes with.

TensorFlow gives cells the power of two that just holds their range. LiteRT's tanh has 0 to 6 integer bits, so
scales from 2^-15 on, and leaves its result unset for all others (PortableApplyTanh of TFLite's
portable_tensor_utils.cc). Cells that stay below a half then have a bit less; it is for who makes a model, not
for who compiles one.
"""

from __future__ import annotations

from ai_edge_litert import schema_py_generated as schema

from tinyedge.oracle import flatbuffer, model_file

FINEST = 2.0**-15
_MEMORY = 19
"""Number of the operator's input that the cells are."""


def settled(model: bytes) -> bytes:
    """The model with no cells finer than FINEST; the same bytes where there are none."""
    kind = schema.BuiltinOperator.UNIDIRECTIONAL_SEQUENCE_LSTM
    root = schema.Model.GetRootAs(model, 0)
    if all(root.OperatorCodes(i).BuiltinCode() != kind for i in range(root.OperatorCodesLength())):
        return model
    file = flatbuffer.unpack(model)
    changed = False
    for graph in file.subgraphs:
        for operator in graph.operators:
            if file.operatorCodes[operator.opcodeIndex].builtinCode == kind:
                quantization = graph.tensors[operator.inputs[_MEMORY]].quantization
                if quantization.scale is not None and quantization.scale[0] < FINEST:
                    quantization.scale = [FINEST]
                    changed = True
    return model_file.finished(file) if changed else model
