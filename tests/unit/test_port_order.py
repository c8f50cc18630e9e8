# SPDX-License-Identifier: Apache-2.0
"""Inputs and outputs that TensorFlow put into any order stand in that of the network again."""

from __future__ import annotations

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tests import single_op
from tests.single_op import Node
from tinyedge.graph import Quantization, Tensor
from tinyedge.model import tflite
from tinyedge.model.keras import port_order
from tinyedge.oracle import flatbuffer, model_file


def test_ports_get_the_order_of_the_network() -> None:
    scale = Quantization((float(np.float32(0.05)),), (0,))
    tensors = [Tensor(name, (1, 4), "int8", scale) for name in ("a", "b", "sum", "twice")]
    options = {"fusedActivationFunction": 0}
    nodes = [Node("ADD", ("a", "b"), ("sum",), options), Node("ADD", ("a", "a"), ("twice",), options)]
    model = flatbuffer.unpack(single_op.pack(tensors, nodes, ["b", "a"], ["twice", "sum"]))
    ports = {"inputs": {"first": 0, "second": 1}, "outputs": {"output_1": 3, "output_0": 2}}
    maps = {
        side: [schema.TensorMapT(name=name.encode(), tensorIndex=index) for name, index in names.items()]
        for side, names in ports.items()
    }
    model.signatureDefs = [schema.SignatureDefT(**maps, signatureKey=b"serving_default", subgraphIndex=0)]
    restored = port_order.restored(model_file.finished(model), ["first", "second"])
    graph = tflite.lower(restored, "model")
    assert (graph.inputs, graph.outputs) == (("a", "b"), ("sum", "twice"))
