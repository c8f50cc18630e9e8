# SPDX-License-Identifier: Apache-2.0
"""Float and dynamic-range .tflite files become integer models that our C computes as LiteRT does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests import judged, single_op, zoo
from tests.conftest import needed, shared_path
from tests.single_op import Node
from tinyedge import model as models
from tinyedge import passes
from tinyedge.errors import Unsupported, UsageError
from tinyedge.graph import Quantization, Tensor
from tinyedge.model import float_file, integer_pieces, tflite
from tinyedge.model.keras import layer_error, tensor_table
from tinyedge.ops.case import Window
from tinyedge.oracle import Oracle, model_file


@pytest.fixture(scope="module", autouse=True)
def quantizer() -> None:
    needed("litert_quantizer", 'pip install "tinyedge[quantizer]"')


def network(smooth: bool = False) -> bytes:
    """Convolutions, RELU6, LEAKY_RELU, a sum, SQUEEZE, MINIMUM, dense layers, all float32; also an ELU."""
    rng = np.random.default_rng(3)
    tensors: list[Tensor] = []
    nodes: list[Node] = []

    def value(name: str, *shape: int) -> str:
        tensors.append(Tensor(name, shape, "float32"))
        return name

    def weights(name: str, *shape: int) -> str:
        tensors.append(Tensor(name, shape, "float32", None, rng.normal(0, 0.4, shape).astype(np.float32)))
        return name

    def layer(operator: str, inputs: tuple[str, ...], output: str, **options: object) -> str:
        nodes.append(Node(operator, inputs, (output,), options))
        return output

    window = {"strideH": 1, "strideW": 1, "dilationHFactor": 1, "dilationWFactor": 1, "padding": 0}
    x = value("x", 1, 8, 6, 2)
    first = layer(
        "CONV_2D", (x, weights("w0", 4, 3, 3, 2), weights("b0", 4)), value("c", 1, 8, 6, 4), **window
    )
    first = layer("ELU", (first,), value("e", 1, 8, 6, 4)) if smooth else first
    first = layer("RELU6", (first,), value("r", 1, 8, 6, 4))
    second = layer(
        "DEPTHWISE_CONV_2D",
        (first, weights("w1", 1, 3, 3, 4), weights("b1", 4)),
        value("d", 1, 8, 6, 4),
        **window,
        depthMultiplier=1,
    )
    second = layer("LEAKY_RELU", (second,), value("l", 1, 8, 6, 4), alpha=0.2)
    total = layer("ADD", (first, second), value("a", 1, 8, 6, 4))
    axes = Tensor("axes", (2,), "int32", None, np.array([1, 2], np.int32))
    tensors.append(axes)
    mean = layer("MEAN", (total, "axes"), value("m", 1, 1, 1, 4), keepDims=True)
    flat = layer("SQUEEZE", (mean,), value("s", 1, 4), squeezeDims=[1, 2])
    up = layer("FULLY_CONNECTED", (flat, weights("w2", 5, 4), weights("b2", 5)), value("u", 1, 5))
    down = layer("FULLY_CONNECTED", (flat, weights("w3", 5, 4), weights("b3", 5)), value("v", 1, 5))
    least = layer("MINIMUM", (up, down), value("n", 1, 5))
    layer("SOFTMAX", (least,), value("y", 1, 5), beta=1.0)
    return single_op.pack(tensors, nodes, ["x"], ["y"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("float")
    (path / "network.tflite").write_bytes(network())
    rng = np.random.default_rng(4)
    np.savez(path / "x.npz", x=rng.normal(size=(60, 8, 6, 2)), y=rng.integers(0, 5, 60))
    return path


@pytest.mark.parametrize("scheme", ["int8", "int16x8"])
def test_every_layer_is_integer_and_exact(scheme: str, folder: Path, tmp_path: Path) -> None:
    made = float_file.convert(folder / "network.tflite", folder / "x.npz", scheme)
    dtype = {"int8": "int8", "int16x8": "int16"}[scheme]
    table = tensor_table.read(made.data)
    assert {written.spec.dtype for written in table.written} == {dtype} and table.islands == ()
    assert [spec.dtype for spec in (*table.inputs, *table.outputs)] == [dtype, dtype]
    kinds = [written.kind for written in table.written]
    assert not {"quantize", "dequantize"} & set(kinds) and {"relu6", "squeeze", "minimum"} <= set(kinds)
    report = layer_error.measure(made)
    assert len(report.layers) == 10 and min(layer.sqnr_db for layer in report.layers) > 15
    file = tmp_path / "made.tflite"
    file.write_bytes(made.data)
    replayed = zoo.replay(file, "host", tmp_path / "out", 20)
    assert (replayed.bit_exact.frames, replayed.bit_exact.mismatches) == (20, 0)
    assert float_file.convert(folder / "network.tflite", folder / "x.npz", scheme).data == made.data


def test_a_function_that_no_integer_kernel_has_is_a_table(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "smooth.tflite").write_bytes(network(smooth=True))
    made = float_file.convert(tmp_path / "smooth.tflite", folder / "x.npz")
    file = tmp_path / "made.tflite"
    file.write_bytes(made.data)
    report = zoo.replay(file, "host", tmp_path / "out", 20)
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (20, 0)
    kinds = [layer.op for layer in report.build.layers]
    assert kinds.count("table") == 1
    with pytest.raises(Unsupported, match="'e' \\(ELU\\)"):
        float_file.convert(tmp_path / "smooth.tflite", folder / "x.npz", "int16x8")


@pytest.mark.parametrize(
    ("dtype", "kinds"), [("int16", ["mul"]), ("int8", ["dequantize", "square", "quantize"])]
)
def test_a_square_of_16_bits_is_a_product(dtype: str, kinds: list[str], tmp_path: Path) -> None:
    scales = {"int8": (0.05, 0.1), "int16": (2e-4, 1e-3)}[dtype]
    before, after = (Quantization((scale,), (0,)) for scale in scales)
    tensors = [
        Tensor("x", (1, 300), dtype, before),
        Tensor("real", (1, 300), "float32"),
        Tensor("squared", (1, 300), "float32"),
        Tensor("y", (1, 300), dtype, after),
    ]
    nodes = [
        Node("DEQUANTIZE", ("x",), ("real",), {}),
        Node("SQUARE", ("real",), ("squared",), {}),
        Node("QUANTIZE", ("squared",), ("y",), {}),
    ]
    graph = integer_pieces.complete(tflite.lower(single_op.pack(tensors, nodes, ["x"], ["y"]), "square"))
    assert [op.kind for op in graph.ops] == kinds
    file = tmp_path / "square.tflite"
    file.write_bytes(model_file.write(graph))
    report = zoo.replay(file, "host", tmp_path / "out", 20)
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (20, 0)


def island(operator: str, inputs: list[Tensor], output: Tensor, **options: object) -> list[str]:
    """Kinds of operators of an int8 model in which one computes in float, when it has been completed."""
    reals = [replace(t, name=f"real_{t.name}", dtype="float32", quantization=None) for t in inputs]
    made = replace(output, name="made", dtype="float32", quantization=None)
    ends = [Node("DEQUANTIZE", (t.name,), (r.name,), {}) for t, r in zip(inputs, reals, strict=True)]
    one = Node(operator, tuple(r.name for r in reals), (made.name if output.quantization else "y",), options)
    last = [Node("QUANTIZE", ("made",), ("y",), {})] if output.quantization else []
    tensors = [*inputs, *reals, *([made] if last else []), replace(output, name="y")]
    data = single_op.pack(tensors, [*ends, one, *last], [t.name for t in inputs], ["y"])
    return [op.kind for op in integer_pieces.complete(tflite.lower(data, "island")).ops]


def test_what_takes_integers_for_numbers_of_its_own_stays_in_float() -> None:
    one, two = Quantization((0.02,), (3,)), Quantization((0.05,), (-7,))
    a, b = Tensor("a", (2, 40), "int8", one), Tensor("b", (2, 40), "int8", two)
    # LiteRT's FLOOR_DIV of int8 divides the stored numbers, whatever their scales and zero points.
    kinds = island("FLOOR_DIV", [a, b], replace(a, quantization=two))
    assert kinds == ["dequantize", "dequantize", "floor_div", "quantize"]
    assert island("NOT_EQUAL", [a, b], Tensor("", (2, 40), "bool")) == ["not_equal"]
    # What only moves numbers does it at the scale of its input.
    joined = Tensor("", (4, 40), "int8", two)
    kinds = island("CONCATENATION", [a, replace(a, name="c")], joined, axis=0)
    assert kinds == ["concatenation", "quantize"]
    # Or at that of its output, which b has already.
    kinds = island("CONCATENATION", [a, b], joined, axis=0)
    assert kinds == ["dequantize", "quantize", "concatenation"]


def test_weights_of_a_dynamic_range_model_are_those_of_the_float_one() -> None:
    graph = tflite.lower(network(), "network")
    whole, stored = graph.tensors["w0"], np.arange(-36, 36, dtype=np.int8).reshape(4, 3, 3, 2)
    scales = Quantization((0.5, 0.25, 0.125, 2.0), (0, 0, 0, 0), 0)
    hybrid = replace(whole, dtype="int8", data=stored, quantization=scales)
    half = replace(graph.tensors["b0"], dtype="float16", data=np.array([1, 2, 3, 4], np.float16))
    tensors = {**graph.tensors, "w0": hybrid, "b0": half}
    found = float_file.real_graph(replace(graph, tensors=tensors)).tensors
    assert found["w0"].data is not None and found["w0"].quantization is None
    wanted = stored * np.array([0.5, 0.25, 0.125, 2.0], np.float32).reshape(4, 1, 1, 1)
    assert np.array_equal(found["w0"].data, wanted)
    assert found["b0"].data is not None and found["b0"].data.tolist() == [1, 2, 3, 4]
    assert {t.dtype for t in found.values()} == {"float32", "int32"}


def old() -> bytes:
    """A convolution and softmax in the uint8 scheme of TensorFlow 1: weights with a zero point."""
    rng = np.random.default_rng(5)
    weights = Tensor(
        "w",
        (4, 3, 3, 2),
        "uint8",
        Quantization((0.01,), (120,)),
        rng.integers(0, 256, (4, 3, 3, 2), np.uint8),
    )
    bias = Tensor("b", (4,), "int32", Quantization((0.0003,), (0,)), rng.integers(-900, 900, 4, np.int32))
    tensors = [
        Tensor("x", (1, 5, 5, 2), "uint8", Quantization((0.03,), (128,))),
        weights,
        bias,
        Tensor("c", (1, 5, 5, 4), "uint8", Quantization((0.25,), (127,))),
        Tensor("y", (1, 5, 5, 4), "uint8", Quantization((1 / 256,), (0,))),
        Tensor("real", (1, 5, 5, 4), "float32"),
    ]
    window = {"strideH": 1, "strideW": 1, "dilationHFactor": 1, "dilationWFactor": 1, "padding": 0}
    nodes = [
        Node("CONV_2D", ("x", "w", "b"), ("c",), window),
        Node("SOFTMAX", ("c",), ("y",), {"beta": 1.0}),
        Node("DEQUANTIZE", ("y",), ("real",), {}),
    ]
    return single_op.pack(tensors, nodes, ["x"], ["real"])


def test_a_model_of_tensorflow_1_can_be_made_int8_with_data(tmp_path: Path) -> None:
    graph = tflite.lower(old(), "old")
    # In real numbers it computes what LiteRT makes of the file, but for the rounding of its steps.
    real = float_file.real_graph(graph)
    assert [op.kind for op in real.ops] == ["conv_2d", "softmax"]
    x = np.random.default_rng(6).integers(0, 256, (40, 1, 5, 5, 2), np.uint8)
    floats = (np.float32(0.03) * (x.astype(np.float32) - 128)).astype(np.float32)
    with Oracle(old(), "old") as before, Oracle(model_file.write(real), "real") as after:
        wanted = before.run_many({before.inputs[0].index: x})[0]
        found = after.run_many({after.inputs[0].index: floats})[0]
    assert np.abs(found - wanted).max() < 0.13  # half a step of 0.25 before the softmax
    (tmp_path / "old.tflite").write_bytes(old())
    np.save(tmp_path / "x.npy", floats[:, 0])
    made = float_file.convert(tmp_path / "old.tflite", tmp_path / "x.npy")
    kept = tflite.lower(made.data, "new").tensors["c"].quantization
    assert kept is not None and kept.scale == pytest.approx((0.25,), rel=1e-6) and kept.zero_point == (-1,)
    (tmp_path / "new.tflite").write_bytes(made.data)
    report = zoo.replay(tmp_path / "new.tflite", "host", tmp_path / "out", 20)
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (20, 0)


def test_without_calibration_data_it_is_one_sentence(folder: Path) -> None:
    loaded = models.load(folder / "network.tflite")
    with pytest.raises(Unsupported, match="it is a float model") as caught:
        passes.optimize(tflite.lower(loaded.data, loaded.name))
    assert "--calibrate DATA" in caught.value.hint and "(" not in str(caught.value)


def test_load_makes_it_integer_and_leaves_an_integer_model_alone(folder: Path) -> None:
    loaded = models.load(folder / "network.tflite", folder / "x.npz")
    assert passes.problems(passes.legalize(tflite.lower(loaded.data, "m"))) == [] and loaded.real is not None
    file = zoo.OURS / "tiny_cnn.tflite"
    assert models.load(file, folder / "x.npz").data == file.read_bytes()
    with pytest.raises(UsageError, match="integer already"):
        float_file.convert(file, folder / "x.npz")


def test_the_ranges_are_those_of_litert(folder: Path) -> None:
    """Of one frame of zeros, everything up to the first bias is zero, and that is said."""
    np.savez(folder / "zeros.npz", x=np.zeros((1, 8, 6, 2)))
    made = float_file.convert(folder / "network.tflite", folder / "zeros.npz")
    assert any("'x' is 0 in every frame" in warning for warning in made.warnings)


@pytest.mark.parametrize("name", ["float", "dynamic_range"])
def test_what_people_have(name: str, tmp_path: Path) -> None:
    source = shared_path("cases", "models", f"{name}.tflite")
    x = np.random.default_rng(0).normal(size=(60, 64, 3))
    np.save(tmp_path / "x.npy", x)
    made = float_file.convert(source, tmp_path / "x.npy")
    (tmp_path / "made.tflite").write_bytes(made.data)
    report = zoo.replay(tmp_path / "made.tflite", "host", tmp_path / "out", 20)
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (20, 0)


def test_what_the_quantizer_has_no_integers_for(tmp_path: Path) -> None:
    """A slope a channel, a part that nobody reads, a product and a kernel of one scale, and that at the end.

    Before them a channel that training left dead, with weights of 1e-9 beside a bias of 0.2, which has more
    than 32 bits at their scale.
    """
    rng = np.random.default_rng(5)
    weights = rng.normal(0, 0.4, (6, 6)).astype(np.float32)
    weights[1] *= 1e-9
    bias = np.array([0.3, -0.2, 0.1, 0, 0.2, -0.1], np.float32)
    tensors = [
        Tensor("x", (4, 6), "float32"),
        Tensor("weights", (6, 6), "float32", None, weights),
        Tensor("bias", (6,), "float32", None, bias),
        Tensor("slopes", (1, 6), "float32", None, rng.uniform(0.1, 0.6, (1, 6)).astype(np.float32)),
        Tensor("axis", (), "int32", None, np.array(1, np.int32)),
        *(Tensor(name, (4, 6), "float32") for name in ("dense", "bent")),
        Tensor("turn", (3, 3), "float32", None, np.diag([1.0, 1.2, 0.8]).astype(np.float32)),
        *(Tensor(name, (4, 3), "float32") for name in ("read", "unread", "turned", "y")),
    ]
    nodes = [
        Node("FULLY_CONNECTED", ("x", "weights", "bias"), ("dense",), {}),
        Node("PRELU", ("dense", "slopes"), ("bent",), {}),
        Node("SPLIT", ("axis", "bent"), ("read", "unread"), {"numSplits": 2}),
        Node("BATCH_MATMUL", ("read", "turn"), ("turned",), {}),
        Node("L2_NORMALIZATION", ("turned",), ("y",), {}),
    ]
    (tmp_path / "model.tflite").write_bytes(single_op.pack(tensors, nodes, ["x"], ["y"]))
    np.savez(tmp_path / "x.npz", x=rng.normal(size=(20, 4, 6)).astype(np.float32))
    made = float_file.convert(tmp_path / "model.tflite", tmp_path / "x.npz")
    graph = passes.optimize(tflite.lower(made.data, "model"))
    kinds = ["fully_connected", "prelu", "split", "batch_matmul", "l2_normalization"]
    assert [op.kind for op in graph.ops][:5] == kinds
    held = graph.input(graph.ops[0], 2)
    assert held.data is not None and held.quantization is not None
    assert np.allclose(held.data * np.array(held.quantization.scale), bias, atol=1e-3)
    assert judged.judge({"model": made.data}, tmp_path / "out").equal == ["model"]
    assert layer_error.measure(made).outputs[0].sqnr_db > 25


def test_a_number_that_is_counted_is_rounded_as_it_is(tmp_path: Path) -> None:
    """Heads that find points count places, and converters write these counts as floats, rounded."""
    tensors = [
        Tensor("x", (1, 40), "int8", Quantization((0.1,), (0,))),
        Tensor("axis", (1,), "int32", None, np.array([1], np.int32)),
        Tensor("place", (1,), "int32"),
        Tensor("real", (1,), "float32"),
        Tensor("y", (1,), "int8", Quantization((0.25,), (-128,))),
    ]
    nodes = [
        Node("ARG_MAX", ("x", "axis"), ("place",), {"outputType": 2}),
        Node("CAST", ("place",), ("real",), {"inDataType": 2, "outDataType": 0}),
        Node("QUANTIZE", ("real",), ("y",), {}),
    ]
    graph = integer_pieces.complete(tflite.lower(single_op.pack(tensors, nodes, ["x"], ["y"]), "places"))
    assert [op.kind for op in graph.ops] == ["arg_max", "cast", "quantize"]
    assert judged.judge({"places": model_file.write(graph)}, tmp_path).equal == ["places"]


def test_what_cannot_be_made_integer_is_named(tmp_path: Path) -> None:
    tensors = [Tensor(name, (1, 6), "float32") for name in ("a", "b", "power", "own")]
    own = [Node("CUSTOM Mine", ("a",), ("own",), {})]
    with pytest.raises(Unsupported, match="with 'own' \\(CUSTOM MINE\\) in it"):
        float_file.real_graph(tflite.lower(single_op.pack(tensors, own, ["a"], ["own"]), "model"))
    nodes = [Node("POW", ("a", "b"), ("power",), {})]
    (tmp_path / "model.tflite").write_bytes(single_op.pack(tensors, nodes, ["a", "b"], ["power"]))
    values = np.random.default_rng(1).normal(size=(10, 6)).astype(np.float32)
    np.savez(tmp_path / "x.npz", a=np.abs(values), b=values)
    with pytest.raises(Unsupported, match="no integer kernel computes 'power' \\(POW\\)"):
        float_file.convert(tmp_path / "model.tflite", tmp_path / "x.npz")
    np.savez(tmp_path / "x.npz", a=values, b=values)  # no power of what is below 0
    with pytest.raises(UsageError, match="'power' is nan to nan"):
        float_file.convert(tmp_path / "model.tflite", tmp_path / "x.npz")


def test_an_integer_model_with_a_piece_in_float_is_made_integer_with_data(tmp_path: Path) -> None:
    scale = Quantization((0.05,), (0,))
    tensors = [
        Tensor("x", (1, 4, 6, 1), "int8", scale),
        Tensor("real", (1, 4, 6, 1), "float32"),
        Tensor("largest", (1, 3, 5, 1), "float32"),
        Tensor("back", (1, 3, 5, 1), "int8", scale),
        Tensor("y", (1, 3, 5, 1), "int8", Quantization((0.1,), (0,))),
    ]
    pool = Window((1, 4, 6, 1), (2, 2), padding=1)
    nodes = [
        Node("DEQUANTIZE", ("x",), ("real",), {}),
        Node("MAX_POOL_2D", ("real",), ("largest",), pool.pool_options),
        Node("QUANTIZE", ("largest",), ("back",), {}),
        Node("ADD", ("back", "back"), ("y",), {"fusedActivationFunction": 0}),
    ]
    (tmp_path / "model.tflite").write_bytes(single_op.pack(tensors, nodes, ["x"], ["y"]))
    np.savez(tmp_path / "x.npz", x=np.random.default_rng(2).normal(size=(20, 4, 6, 1)).astype(np.float32))
    with pytest.raises(Unsupported, match="float inside the model") as refused:
        passes.optimize(tflite.lower(models.load(tmp_path / "model.tflite").data, "model"))
    assert "--calibrate DATA" in refused.value.hint
    made = float_file.convert(tmp_path / "model.tflite", tmp_path / "x.npz")
    assert [op.kind for op in tflite.lower(made.data, "model").ops] == ["max_pool_2d", "add"]
    assert judged.judge({"model": made.data}, tmp_path / "out").equal == ["model"]


def test_a_function_alone_is_a_table(tmp_path: Path) -> None:
    tensors = [Tensor(name, (1, 6), "float32") for name in ("x", "y")]
    nodes = [Node("FLOOR", ("x",), ("y",), {})]
    (tmp_path / "model.tflite").write_bytes(single_op.pack(tensors, nodes, ["x"], ["y"]))
    values = np.random.default_rng(1).normal(size=(10, 6)).astype(np.float32)
    np.savez(tmp_path / "x.npz", x=values)
    made = float_file.convert(tmp_path / "model.tflite", tmp_path / "x.npz")
    assert judged.judge({"model": made.data}, tmp_path / "out").equal == ["model"]
