# SPDX-License-Identifier: Apache-2.0
"""Takes a Graph as a file has it, gives it as our operators read it, and every reason why they cannot."""

from __future__ import annotations

from dataclasses import replace

from tinyedge import ops
from tinyedge.errors import Unsupported
from tinyedge.graph import Graph, Op
from tinyedge.ops import window
from tinyedge.ops.check import QUANTIZE
from tinyedge.passes import instead

NOTHING = "use its input as it is; or is this the model that was meant, with all its layers?"
BORDER = ("quantize", "dequantize")
"""What stands between integers and floats."""
WEIGHTED = ("conv_2d", "depthwise_conv_2d", "fully_connected", "transpose_conv")
LARGEST = 2**31 - 1
"""A dimension of a flattened image and of the dense layer behind it, which count with 32 bits."""
FIX = "give the layer sizes that do not depend on the data"


def read(graph: Graph) -> tuple[Graph, list[Unsupported]]:
    """The graph with every operator's attributes, and all reasons for which it cannot be compiled.

    An operator that is listed among them may be left without attributes.
    """
    if not graph.ops:
        return graph, [
            Unsupported("it computes nothing: no layer is left between its input and output", NOTHING)
        ]
    if is_float(graph):
        known = ops.operators()
        own = [op for op in graph.ops if op.kind.startswith("custom ") and op.kind.upper() not in known]
        return graph, [Unsupported("it is a float model", QUANTIZE), *map(_own, own)]
    found, read_ops = [], []
    for op in graph.ops:
        try:
            if "body" in op.attrs:
                body, inside = read(op.attrs["body"])
                op = replace(op, attrs={**op.attrs, "body": body})
                found += inside
            op = understood(graph, op)
            check(graph, op)
        except Unsupported as error:
            found.append(error)
        read_ops.append(op)
    return replace(graph, ops=tuple(read_ops)), found


def _own(op: Op) -> Unsupported:
    """Why a float model cannot be made integer with an operator that LiteRT does not have."""
    what = f"layer {op.name!r} ({op.kind.upper()}): neither TensorFlow Lite nor tinyedge has this operator"
    return Unsupported(what, instead.of(op.kind.upper()))


def is_old(graph: Graph) -> bool:
    """Are its weights uint8 with a zero point, as TensorFlow 1 made them?"""
    used = [
        graph.tensors[op.inputs[1] or ""]
        for op in graph.ops
        if op.kind in WEIGHTED and len(op.inputs) > 1 and op.inputs[1]
    ]
    return any(tensor.data is not None and tensor.dtype == "uint8" for tensor in used)


def is_float(graph: Graph) -> bool:
    """Does it compute in float, as a whole? A model with float pieces in it does not."""
    # What a float model only rounds, by QUANTIZE and DEQUANTIZE, it does not compute in integers.
    makes = [graph.tensors[name] for op in graph.ops if op.kind != "quantize" for name in op.outputs]
    integer = any(t.quantization is not None and t.dtype in ("int8", "uint8", "int16") for t in makes)
    return not integer and any(t.dtype == "float32" for t in makes)


def meets_floats(graph: Graph, op: Op) -> bool:
    """Does the operator read or give some?"""
    return any(graph.tensors[name].dtype == "float32" for name in (*filter(None, op.inputs), *op.outputs))


def problems(graph: Graph) -> list[Unsupported]:
    """Every reason for which a layer cannot be compiled, in the order of the layers."""
    return read(graph)[1]


def understood(graph: Graph, op: Op) -> Op:
    """The operator with the attributes that our own one reads; raises Unsupported where it cannot."""
    operator = ops.operators().get(op.kind.upper())
    # A quantizer may make a table of it, or of what it is a part of.
    real = any(graph.tensors[name].dtype == "float32" for name in op.outputs) and " " not in op.kind
    hint = QUANTIZE if real else instead.of(op.kind.upper())
    ops.require(operator is not None, graph, op, "tinyedge does not have this operator", hint)
    assert operator is not None
    if op.source is None or op.attrs:
        return op
    inputs = tuple(None if name is None else graph.tensors[name] for name in op.inputs)
    options = op.source.options
    if op.source.intermediates:
        options = {**options, "intermediates": op.source.intermediates}
    try:
        return replace(op, attrs=operator.read(options, inputs))
    except Unsupported as error:
        raise Unsupported(f"layer {op.name!r} ({op.kind.upper()}): {error}", error.hint) from error


def check(graph: Graph, op: Op) -> None:
    """Raise Unsupported unless our operator computes `op`, which has its attributes."""
    for name in (*graph.activations(op), *op.outputs):
        sizes = graph.tensors[name].shape
        ops.require(-1 not in sizes, graph, op, f"the shape of {name!r} is not known before it runs", FIX)
    operator = ops.lookup(op.kind)
    states = "" if op.source is None or operator.stateful else ", ".join(graph.states_of(op))
    ops.require(not states, graph, op, f"it reads the state {states}", "remove the state")
    for name in (*graph.activations(op), *op.outputs):  # before anything is computed for so many
        sizes = graph.tensors[name].shape
        flat = op.kind == "fully_connected" or operator.calls is None
        most = LARGEST if flat else window.MAX_DIMENSION
        good = all(1 <= size <= most for size in sizes)
        limit = f"dimensions of 1 to {most} are possible"
        ops.require(good, graph, op, f"{name!r} has shape {sizes}", limit)
    shapes = operator.infer(graph, op)
    actual = tuple(graph.tensors[n].shape for n in op.outputs)
    what = f"its output is {actual}, not {shapes}"
    ops.require(shapes == actual, graph, op, what, "convert the model again")
