# SPDX-License-Identifier: Apache-2.0
"""Takes a frozen graph of TensorFlow, gives one without what its quantizer needlessly leaves in float.

The new forms have the same values in float: x * x for SQUARE, x * -1 for NEG, and so on.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

_SELU_SCALE, _SELU_ALPHA = 1.0507009873554805, 1.6732632423543772  # Klambauer et al. 2017, appendix 1
_RANK_OF_IMAGES = 4
_MOST_AXES = 4  # of SQUARED_DIFFERENCE; TensorFlow takes it apart when there are more


def rewrite(function: Any, scheme: str) -> Any:
    """A frozen concrete function, written with operators that have an integer form in this scheme."""
    from tensorflow.python.eager import wrap_function

    graph = function.graph.as_graph_def()
    found = [node for node in graph.node if _is_concerned(function.graph, node, scheme)]
    if not found:
        return function
    for node in found:
        operation = function.graph.get_operation_by_name(node.name)
        _FORMS[node.op](_Writer(graph.node, node, operation))
    return wrap_function.function_from_graph_def(
        graph, [tensor.name for tensor in function.inputs], [tensor.name for tensor in function.outputs]
    )


def _is_concerned(graph: Any, node: Any, scheme: str) -> bool:
    if node.op not in _FORMS:
        return False
    operation = graph.get_operation_by_name(node.name)
    if not operation.inputs[0].dtype.is_floating:
        return False
    if node.op == "SquaredDifference":
        rank = operation.outputs[0].shape.rank
        # LiteRT's kernel has no int16, though TensorFlow writes it.
        return scheme != "int8" or (rank is not None and rank > _MOST_AXES)
    if node.op in ("ArgMax", "ArgMin"):
        return _without_sign_of_zero(operation) is not None
    if node.op == "Mul":
        return scheme != "int8" and _hard_swish(operation) is not None
    if node.op == "Sum":
        return scheme != "int8" and _summed(operation) is not None
    if node.op == "Minimum":
        return scheme != "int8" and _limited(operation) is not None
    if node.op == "MatrixBandPart":
        return _band(operation) is not None
    if node.op == "BiasAdd":
        return _along_second(operation) is not None
    if node.op == "Neg" and _is_of_gelu(operation):
        return False
    if node.op == "Neg" and scheme == "int8":
        # TensorFlow knows a PReLU by relu(-x) and by its negated constant, and has an operator for it.
        followers = {reader.type for reader in operation.outputs[0].consumers()}
        return "Relu" not in followers and not _is_constant(operation.inputs[0].op)
    return node.op in ("Square", "Neg") or scheme != "int8"


def _without_sign_of_zero(operation: Any) -> Any | None:
    """What Keras 3 finds the largest of, before it put a tiny number for -0, which integers do not have."""
    import numpy as np
    import tensorflow as tf

    chosen = operation.inputs[0].op
    if chosen.type not in ("Select", "SelectV2"):
        return None
    value = tf.get_static_value(chosen.inputs[1])
    tiny = value is not None and np.size(value) == 1 and abs(np.ravel(value)[0]) <= np.finfo(np.float32).tiny
    return chosen.inputs[2] if tiny else None


def _is_of_gelu(negated: Any) -> bool:
    """Is it in 0.5 * x * erfc(-x * sqrt(0.5))? By that TensorFlow knows a GELU; it has none for erfc."""
    products = [reader for reader in negated.outputs[0].consumers() if reader.type == "Mul"]
    return any(reader.type == "Erfc" for each in products for reader in each.outputs[0].consumers())


def _is_constant(operation: Any) -> bool:
    while operation.type == "Identity":
        operation = operation.inputs[0].op
    return bool(operation.type == "Const")


def _hard_swish(product: Any) -> tuple[Any, Any] | None:
    """(x, relu6(x + 3)) where this is x * (relu6(x + 3) / 6): TensorFlow has 8 bits for it alone."""
    for x, share in (product.inputs, reversed(product.inputs)):
        if share.op.type not in ("Mul", "RealDiv"):
            continue
        for part in share.op.inputs:
            if part.op.type == "Relu6" and any(given is x for given in part.op.inputs[0].op.inputs):
                return x, part
    return None


def _summed(operation: Any) -> int | None:
    """How many numbers a SUM adds up for one of its results."""
    import numpy as np
    import tensorflow as tf

    axes, shape = tf.get_static_value(operation.inputs[1]), operation.inputs[0].shape
    if axes is None or not shape.is_fully_defined():
        return None
    return math.prod(int(shape[int(axis)]) for axis in np.ravel(axes))


def _limited(operation: Any) -> tuple[Any, float] | None:
    """(x, c) where this is min(1 / sqrt(x), c)."""
    import numpy as np
    import tensorflow as tf

    for root, limit in (operation.inputs, reversed(operation.inputs)):
        value = tf.get_static_value(limit)
        if root.op.type == "Rsqrt" and value is not None and np.size(value) == 1 and np.ravel(value)[0] > 0:
            return root.op.inputs[0], float(np.ravel(value)[0])
    return None


def _band(operation: Any) -> Any | None:
    """1 where a MatrixBandPart keeps an element, 0 elsewhere."""
    import numpy as np
    import tensorflow as tf

    below, above = (tf.get_static_value(limit) for limit in operation.inputs[1:])
    shape = operation.inputs[0].shape
    if below is None or above is None or not shape.is_fully_defined():
        return None
    return tf.linalg.band_part(np.ones(shape[-2:], np.float32), int(below), int(above)).numpy()


def _along_second(operation: Any) -> Any | None:
    """What a BiasAdd adds along the second axis, shaped for a sum, where TensorFlow cannot convert it.

    Keras 3 writes a sum with a constant of one row of numbers so; the converter takes any for an image.
    """
    import tensorflow as tf

    rank, bias = operation.inputs[0].shape.rank, operation.inputs[1].op
    while bias.type in ("Identity", "Squeeze"):
        bias = bias.inputs[0].op
    value = tf.get_static_value(bias.outputs[0])
    if operation.get_attr("data_format") != b"NCHW" or value is None or rank in (None, _RANK_OF_IMAGES):
        return None
    return value.reshape(-1, *[1] * (rank - 2))


class _Writer:
    """Adds nodes beside `node` and makes it another operator in the end."""

    def __init__(self, nodes: Any, node: Any, operation: Any) -> None:
        self._nodes, self.node, self.operation = nodes, node, operation
        self._type = node.attr["T"].type
        self.inputs = list(node.input)

    def add(self, op: str, *inputs: str) -> str:
        """A new node; its name."""
        name = f"{self.node.name}/{op}_{len(self._nodes)}"
        added = self._nodes.add(name=name, op=op, input=inputs)
        added.attr["T"].type = self._type
        return name

    def copy(self, op: str) -> str:
        """A new node that is what this one was, but for the operator; its name."""
        name = f"{self.node.name}/{op}_{len(self._nodes)}"
        self._nodes.add().CopyFrom(self.node)
        self._nodes[-1].name, self._nodes[-1].op = name, op
        return name

    def number(self, value: Any) -> str:
        """A new constant, of one number or of many; its name."""
        from tensorflow.python.framework import tensor_util

        name = f"{self.node.name}/number_{len(self._nodes)}"
        added = self._nodes.add(name=name, op="Const")
        added.attr["dtype"].type = self._type
        tensor = tensor_util.make_tensor_proto(value, dtype=self._type)
        added.attr["value"].tensor.CopyFrom(tensor)
        return name

    def become(self, op: str, *inputs: str) -> None:
        """What the node computes from now on, under its own name."""
        if op != self.node.op:
            for key in [key for key in self.node.attr if key != "T"]:
                del self.node.attr[key]
        self.node.op = op
        del self.node.input[:]
        self.node.input.extend(inputs)


def _arg(writer: _Writer) -> None:
    plain = _without_sign_of_zero(writer.operation)
    assert plain is not None, "asked before"
    writer.become(writer.node.op, plain.name, writer.inputs[1])


def _neg(writer: _Writer) -> None:
    # Not 0 - x: a constant of zeros has no scale in int16.
    writer.become("Mul", writer.inputs[0], writer.number(-1.0))


def _square(writer: _Writer) -> None:
    writer.become("Mul", writer.inputs[0], writer.inputs[0])


def _squared_difference(writer: _Writer) -> None:
    difference = writer.add("Sub", *writer.inputs)
    writer.become("Mul", difference, difference)


def _sum(writer: _Writer) -> None:
    # The mean has a kernel of 16 bits.
    count = _summed(writer.operation)
    assert count is not None, "asked before"
    writer.become("Mul", writer.copy("Mean"), writer.number(float(count)))


def _limit(writer: _Writer) -> None:
    # MINIMUM has one scale for all three, and 16 bits do not reach from a limit of 1e6 to what is meant.
    found = _limited(writer.operation)
    assert found is not None, "asked before"
    least = writer.number(1 / found[1] ** 2)
    writer.become("Rsqrt", writer.add("Maximum", _name(found[0]), least))


def _hard(writer: _Writer) -> None:
    found = _hard_swish(writer.operation)
    assert found is not None, "asked before"
    x, gate = found
    writer.become("Mul", writer.add("Mul", _name(x), writer.number(1 / 6)), _name(gate))


def _kept(writer: _Writer) -> None:
    writer.become("Mul", writer.inputs[0], writer.number(_band(writer.operation)))


def _sum_along_second(writer: _Writer) -> None:
    writer.become("AddV2", writer.inputs[0], writer.number(_along_second(writer.operation)))


def _name(tensor: Any) -> str:
    return str(tensor.name).removesuffix(":0")


def _elu(writer: _Writer) -> None:
    writer.become("AddV2", writer.add("Relu", writer.inputs[0]), _below(writer))


def _selu(writer: _Writer) -> None:
    above = writer.add("Mul", writer.add("Relu", writer.inputs[0]), writer.number(_SELU_SCALE))
    below = writer.add("Mul", _below(writer), writer.number(_SELU_SCALE * _SELU_ALPHA))
    writer.become("AddV2", above, below)


def _below(writer: _Writer) -> str:
    """exp(min(x, 0)) - 1."""
    power = writer.add("Exp", writer.add("Minimum", writer.inputs[0], writer.number(0.0)))
    return writer.add("Sub", power, writer.number(1.0))


_FORMS: dict[str, Callable[[_Writer], None]] = {
    "ArgMax": _arg,
    "ArgMin": _arg,
    "BiasAdd": _sum_along_second,
    "Elu": _elu,
    "MatrixBandPart": _kept,
    "Minimum": _limit,
    "Mul": _hard,
    "Neg": _neg,
    "Selu": _selu,
    "Square": _square,
    "SquaredDifference": _squared_difference,
    "Sum": _sum,
}
