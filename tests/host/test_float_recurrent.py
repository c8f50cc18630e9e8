# SPDX-License-Identifier: Apache-2.0
"""Recurrent layers of float files, as loops or as LSTMs, become integer models, exact as all others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from tests import judged, single_op
from tests.conftest import needed
from tests.host.test_loops import TIMES, looped
from tests.single_op import Node
from tinyedge.errors import Unsupported
from tinyedge.graph import Array, Tensor
from tinyedge.model import float_file, float_lstm, tflite
from tinyedge.model.keras import pieces
from tinyedge.model.keras.looping import FROM_NETWORK, SEQUENCE, Hole
from tinyedge.model.keras.quantize import Quantized
from tinyedge.ops import lstm
from tinyedge.oracle import Oracle, flatbuffer, model_file

FRAMES = 20
STARTED = Hole("cell", TIMES, (FROM_NETWORK, FROM_NETWORK), (SEQUENCE,))
LSTM = ("UNIDIRECTIONAL_SEQUENCE_LSTM", "BIDIRECTIONAL_SEQUENCE_LSTM")


def frames(data: bytes) -> dict[str, Array]:
    graph = tflite.lower(data, "model")
    rng = np.random.default_rng(1)
    return {n: rng.normal(0, 1, (FRAMES, *graph.tensors[n].shape)).astype(np.float32) for n in graph.inputs}


def made_integer(data: bytes, folder: Path, scheme: str = "int8") -> Quantized:
    needed("litert_quantizer", 'pip install "tinyedge[quantizer]"')
    file, samples = folder / "model.tflite", folder / "samples.npz"
    file.write_bytes(data)
    # A first dimension of 1 is the batch, which samples do not have.
    without: dict[str, Any] = {name: v[:, 0] if v.shape[1] == 1 else v for name, v in frames(data).items()}
    np.savez(samples, **without)
    return float_file.convert(file, samples, scheme)


def computed(data: bytes, feed: dict[str, Array]) -> list[Array]:
    with Oracle(data, "model") as oracle:
        return oracle.run_many({port.index: feed[port.name] for port in oracle.inputs})


def _by_slices(model: Any) -> None:
    """A row between what two SLICEs keep, as older converters write TensorList's items."""
    body = model.subgraphs[2]
    put = body.operators[-1]
    before, row, _ = put.inputs
    counter, following = body.inputs[0], body.outputs[0]

    def number(name: bytes, *values: int) -> int:
        return pieces.constant(model, body, name, np.array(values, np.int32))

    place, behind = (pieces.tensor(body, n, body.tensors[counter], [2]) for n in (b"extent", b"next"))
    parts = [pieces.tensor(body, n, body.tensors[before], [1, 5]) for n in (b"ahead", b"behind")]
    for part in parts:
        body.tensors[part].shapeSignature = [-1, 5]
    join, cut = schema.ConcatenationOptionsT(axis=0), schema.SliceOptionsT()
    body.operators[-2:] = [
        pieces.operator(model, "CONCATENATION", [counter, number(b"all", -1)], [place], join),
        pieces.operator(model, "CONCATENATION", [following, number(b"none", 0)], [behind], join),
        pieces.operator(model, "SLICE", [before, number(b"start", 0, 0), place], [parts[0]], cut),
        pieces.operator(model, "SLICE", [before, behind, number(b"rest", -1, -1)], [parts[1]], cut),
        pieces.operator(model, "CONCATENATION", [parts[0], row, parts[1]], list(put.outputs), join),
    ]


def _by_lists(model: Any) -> None:
    """A list of TensorFlow's, which LiteRT alone cannot run."""
    graph, body = model.subgraphs[0], model.subgraphs[2]

    def custom(name: bytes, inputs: list[int], outputs: list[int]) -> Any:
        made = pieces.operator(model, "CUSTOM", inputs, outputs)
        model.operatorCodes[-1].customCode = name
        return made

    put = body.operators[-1]
    before, row, _ = put.inputs
    body.operators[-2:] = [custom(b"FlexTensorListSetItem", [before, body.inputs[0], row], list(put.outputs))]
    at, loop = next(
        (i, o) for i, o in enumerate(graph.operators) if isinstance(o.builtinOptions, schema.WhileOptionsT)
    )
    stacked = loop.outputs[-1]
    handle, reserved = (pieces.tensor(graph, n, graph.tensors[stacked], []) for n in (b"list", b"reserved"))
    shape = pieces.constant(model, graph, b"shape", np.array([1, 5], np.int32))
    count = pieces.constant(model, graph, b"count", np.array(TIMES, np.int32))
    loop.inputs, loop.outputs = [*loop.inputs[:-1], reserved], [*loop.outputs[:-1], handle]
    graph.operators.insert(at + 1, custom(b"FlexTensorListStack", [handle, shape], [stacked]))
    graph.operators.insert(at, custom(b"FlexTensorListReserve", [shape, count], [reserved]))
    graph.tensors[stacked].shape = [TIMES, 1, 5]
    lists = [(graph, handle), (graph, reserved), (body, before), (body, put.outputs[0])]
    for holder, number in (*lists, (model.subgraphs[1], model.subgraphs[1].inputs[-1])):
        holder.tensors[number].type = schema.TensorType.VARIANT


def with_lstms() -> bytes:
    """LSTMs of 5 cells over 6 rows of 4 numbers in float: one, one both ways, one both ways and joined."""
    rng = np.random.default_rng(7)
    tensors = {"x": Tensor("x", (1, 6, 4), "float32")}
    states, nodes, ends = [], [], list[str]()

    def add(name: str, *shape: int, data: bool = False) -> str:
        values = rng.normal(0, 0.6, shape).astype(np.float32) if data else None
        tensors[name] = Tensor(name, shape, "float32", None, values)
        return name

    for layer, outputs in (("one", ("y",)), ("two", ("z", "back")), ("both", ("joined",))):
        ways = (0,) if layer == "one" else (0, float_lstm.BACK)
        inputs: list[str | None] = [None] * (48 if len(ways) > 1 else lstm.COUNT)
        inputs[0] = "x"
        for way in ways:
            for gate in range(4):
                inputs[lstm.WEIGHTS[gate] + way] = add(f"{layer}/w{gate}_{way}", 5, 4, data=True)
                inputs[lstm.RECURRENT[gate] + way] = add(f"{layer}/r{gate}_{way}", 5, 5, data=True)
                inputs[lstm.BIAS[gate] + way] = add(f"{layer}/b{gate}_{way}", 5, data=True)
        for place in sum(float_lstm.STATES, ()) if len(ways) > 1 else (lstm.STATE, lstm.MEMORY):
            inputs[place] = add(f"{layer}/state{place}", 1, 5)
            states.append(inputs[place])
        for name in outputs:
            add(name, 1, 6, 10 if layer == "both" else 5)
        options: dict[str, Any] = {"fusedActivationFunction": lstm.TANH, "cellClip": 1.0, "timeMajor": False}
        options |= {"mergeOutputs": layer == "both"} if len(ways) > 1 else {}
        nodes.append(Node(LSTM[len(ways) > 1], tuple(inputs), outputs, options))
        ends += outputs
    return single_op.pack(tensors.values(), nodes, ["x"], ends, [name for name in states if name])


def test_the_steps_of_a_float_loop_stand_in_a_row() -> None:
    forms: dict[str, Callable[[Any], None]] = {"joined": lambda _: None, "cut": _by_slices, "list": _by_lists}
    results = []
    for name, form in forms.items():
        model = flatbuffer.unpack(looped(STARTED, dtype="float32"))
        form(model)
        data = model_file.finished(model)
        graph = float_file.real_graph(tflite.lower(data, name))
        kinds = [op.kind for op in graph.ops]
        assert "while" not in kinds and kinds.count("mul") == 2 * TIMES - 1
        feed = frames(data)
        results.append(computed(model_file.write(graph), feed)[0])
        if name != "list":
            assert np.array_equal(computed(data, feed)[0], results[-1])
    assert all(np.array_equal(result, results[0]) for result in results) and results[0].any()


def test_recurrent_layers_in_float_become_integers(tmp_path: Path) -> None:
    data = with_lstms()
    made = made_integer(data, tmp_path)
    feed, integer = frames(data), tflite.lower(made.data, "model")
    kinds = [op.kind for op in integer.ops]
    assert kinds.count("unidirectional_sequence_lstm") == 5
    assert {integer.tensors[name].dtype for op in integer.ops for name in op.outputs} == {"int8"}
    given = integer.tensors[integer.inputs[0]]
    bytes_in = np.clip(np.round(feed["x"] / given.scale) + given.zero_point, -128, 127).astype(np.int8)
    results = computed(data, feed), computed(made.real, feed), computed(made.data, {given.name: bytes_in})
    for name, before, real, found in zip(integer.outputs, *results, strict=True):
        assert np.array_equal(before, real)
        port = integer.tensors[name]
        assert np.abs((found.astype(float) - port.zero_point) * port.scale - before).max() < 0.06
    loop = made_integer(looped(STARTED, dtype="float32"), tmp_path)
    verdicts = judged.judge({"lstm": made.data, "loop": loop.data}, tmp_path / "judged")
    assert verdicts.equal == ["lstm", "loop"]
    with pytest.raises(Unsupported, match=r"'y' \(UNIDIRECTIONAL_SEQUENCE_LSTM\)") as caught:
        made_integer(data, tmp_path, "int16x8")
    assert "--scheme int8" in caught.value.hint
