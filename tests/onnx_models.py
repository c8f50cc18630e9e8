# SPDX-License-Identifier: Apache-2.0
"""Takes a folder, writes small ONNX models into it; a script for a Python that has the package onnx.

float.onnx, and qdq.onnx, which rounds its input and its weights by QuantizeLinear and DequantizeLinear;
elsewhere_*.onnx, whose numbers are in files that are none of theirs.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np

SCALE = 2.0**-5
"""With which qdq.onnx rounds its input."""


def write(folder: Path, rounded: bool) -> None:
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    rng = np.random.default_rng(0)
    nodes, constants = [], []

    def constant(name: str, value: Any) -> str:
        constants.append(numpy_helper.from_array(value, name))
        return name

    def node(kind: str, inputs: list[str], output: str, **options: Any) -> str:
        nodes.append(helper.make_node(kind, inputs, [output], **options))
        return output

    def weights(name: str, *shape: int) -> str:
        values = rng.normal(0, 0.3, shape).astype(np.float32)
        if not rounded or len(shape) == 1:
            return constant(name, values)
        whole = np.clip(np.round(values * 64), -127, 127).astype(np.int8)
        parts = [constant(f"{name}_q", whole), constant(f"{name}_s", np.float32(1 / 64))]
        return node("DequantizeLinear", parts, f"{name}_d")

    x = "x"
    if rounded:
        pair = [constant("s", np.float32(SCALE)), constant("z", np.int8(0))]
        quantized = node("QuantizeLinear", [x, *pair], "xq")
        x = node("DequantizeLinear", [quantized, *pair], "xd")
    x = node("Conv", [x, weights("w0", 4, 2, 3, 3), weights("b0", 4)], "c", pads=[1, 1, 1, 1], strides=[2, 2])
    x = node("Relu", [x], "r")
    x = node("Flatten", [node("MaxPool", [x], "p", kernel_shape=[2, 2], strides=[2, 2])], "f")
    x = node("Gemm", [x, weights("w1", 8, 3), weights("b1", 3)], "g")
    node("Softmax", [x], "y")
    ports = [
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)]
        for name, shape in (("x", ["batch", 2, 8, 4]), ("y", ["batch", 3]))
    ]
    graph = helper.make_graph(nodes, "net", *ports, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    onnx.save(model, str(folder / ("qdq.onnx" if rounded else "float.onnx")))


PLACES = ("../../../../etc/passwd", "/etc/passwd", "link")
"""Where the numbers of elsewhere_*.onnx are; the last is in a graph within a node."""


def write_elsewhere(folder: Path) -> None:
    from onnx import TensorProto, helper

    for i, place in enumerate(PLACES):
        tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[4])
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value=place)
        ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 4]) for name in ("x", "y")]
        node, held = helper.make_node("Add", ["x", "w"], ["y"]), [tensor]
        if place == PLACES[-1]:
            inner = helper.make_graph([node], "inner", [], [ports[1]], [tensor])
            node = helper.make_node("If", ["c"], ["y"], then_branch=inner, else_branch=inner)
            held = [helper.make_tensor("c", TensorProto.BOOL, [], [True])]
        graph = helper.make_graph([node], "net", [ports[0]], [ports[1]], held)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
        (folder / f"elsewhere_{i}.onnx").write_bytes(model.SerializeToString())


if __name__ == "__main__":
    for choice in (False, True):
        write(Path(sys.argv[1]), choice)
    write_elsewhere(Path(sys.argv[1]))
