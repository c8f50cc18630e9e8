# SPDX-License-Identifier: Apache-2.0
"""What a converter leaves in float, or in a scale that no kernel takes, is made integer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from tests import single_op
from tests.single_op import Node
from tinyedge import ops, passes
from tinyedge.graph import Array, Quantization, Tensor
from tinyedge.model import integer_pieces, lacking, lstm_cells, tflite
from tinyedge.oracle import Oracle, model_file
from tinyedge.passes import move_integers


def islands() -> bytes:
    """An ELU, a copy and another input, concatenated and turned in float."""
    narrow = Quantization((0.05,), (3,))
    tensors = [
        Tensor("x", (1, 4, 6), "int8", narrow),
        Tensor("z", (1, 4, 2), "int8", Quantization((0.02,), (-7,))),
        *(Tensor(name, (1, 4, 6), "float32") for name in ("x_real", "elu")),
        Tensor("z_real", (1, 4, 2), "float32"),
        Tensor("joined", (1, 4, 14), "float32"),
        Tensor("turned", (1, 14, 4), "float32"),
        Tensor("order", (3,), "int32", None, np.array([0, 2, 1], np.int32)),
        Tensor("y", (1, 14, 4), "int8", Quantization((0.04,), (-1,))),
    ]
    nodes = [
        Node("DEQUANTIZE", ("x",), ("x_real",), {}),
        Node("DEQUANTIZE", ("z",), ("z_real",), {}),
        Node("ELU", ("x_real",), ("elu",), {}),
        Node("CONCATENATION", ("elu", "x_real", "z_real"), ("joined",), {"axis": 2}),
        Node("TRANSPOSE", ("joined", "order"), ("turned",), {}),
        Node("QUANTIZE", ("turned",), ("y",), {}),
    ]
    return single_op.pack(tensors, nodes, ["x", "z"], ["y"])


def test_numbers_are_rounded_before_they_are_moved() -> None:
    graph = integer_pieces.complete(tflite.lower(islands(), "islands"))
    real = [op.kind for op in graph.ops if graph.output(op).dtype == "float32"]
    assert set(real) == {"dequantize", "elu"}
    made = lacking.replaced(model_file.write(graph), "made")
    assert passes.problems(passes.legalize(tflite.lower(made, "made"))) == []
    rng = np.random.default_rng(2)
    x, z = (rng.integers(-128, 128, (50, 1, 4, width), np.int8) for width in (6, 2))

    def run(model: bytes) -> Any:
        # Not by the resolver of the reference kernels: it has no ELU.
        plain = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
        interpreter = Interpreter(model_content=model, experimental_op_resolver_type=plain)
        interpreter.allocate_tensors()
        ports, found = interpreter.get_input_details(), []
        for frame in zip(x, z, strict=True):
            for port, value in zip(ports, frame, strict=True):
                interpreter.set_tensor(port["index"], value)
            interpreter.invoke()
            found.append(interpreter.get_tensor(interpreter.get_output_details()[0]["index"]))
        return np.stack(found)

    moved = move_integers.run(tflite.lower(islands(), "islands"))
    assert np.array_equal(run(islands()), run(model_file.write(moved)))


def test_cells_of_an_lstm_get_a_scale_that_litert_computes_with() -> None:
    case = next(ops.operators()["UNIDIRECTIONAL_SEQUENCE_LSTM"].cases())
    inputs = list(case.inputs)
    cells = inputs[19]
    assert cells is not None
    inputs[19] = replace(cells, quantization=Quantization((2.0**-16,), (0,)))
    fine = single_op.single(replace(case, inputs=tuple(inputs)))
    (problem,) = passes.problems(passes.legalize(tflite.lower(fine, "fine")))
    assert "cells have scale 2^-16" in str(problem)
    made = lstm_cells.settled(fine)
    assert passes.problems(passes.legalize(tflite.lower(made, "made"))) == []
    assert lstm_cells.settled(made) == made
    with Oracle(made, "made") as judge:
        given: dict[int | str, Array] = {p.index: np.ones((1, *p.shape), np.int8) for p in judge.inputs}
        assert judge.run_many(given)[0].any()
    plain = single_op.single(replace(case, output=replace(case.outputs[0], name="tfl.lstm")))
    assert [op.name for op in tflite.lower(lstm_cells.named(plain, ["heard"]), "named").ops] == ["heard"]
    assert lstm_cells.named(plain, ["one", "more"]) == plain
