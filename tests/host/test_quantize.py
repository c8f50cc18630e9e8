# SPDX-License-Identifier: Apache-2.0
"""Keras models of every kind become integer models, the same each time, or are refused in one sentence."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib.util
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests import usage, zoo
from tests.conftest import lacking
from tinyedge import build, model, passes, recording
from tinyedge.errors import TinyedgeError, ToolMissing, Unsupported, UsageError
from tinyedge.model import tflite
from tinyedge.model.keras import converter, layer_error, quantize, tensor_table
from tinyedge.model.keras.quantize import Quantized
from tinyedge.oracle import Oracle

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
EXAMPLE = ROOT / "examples" / "motion-classifier" / "model.keras"


@pytest.fixture(scope="module", autouse=True)
def tensorflow() -> None:
    if importlib.util.find_spec("tensorflow") is None:
        lacking('pip install "tinyedge[keras]"')


@pytest.fixture(scope="module", autouse=True)
def one_process(tensorflow: None) -> Iterator[None]:
    """TensorFlow is imported once for most of these tests, which takes longer than all that they do."""
    with converter.Converter() as kept, pytest.MonkeyPatch.context() as patch:
        patch.setattr(quantize, "Converter", lambda: contextlib.nullcontext(kept))
        yield


@pytest.fixture
def own_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each conversion has a process of its own, as a user's has."""
    monkeypatch.setattr(quantize, "Converter", converter.Converter)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models and recordings, made by keras_files.py."""
    folder = tmp_path_factory.mktemp("keras")
    subprocess.run(
        [sys.executable, str(HERE / "keras_files.py"), str(folder)],
        check=True,
        capture_output=True,
        timeout=600,
    )
    return folder


@pytest.fixture(scope="module")
def calibration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random windows for the example's classifier, with labels."""
    path = tmp_path_factory.mktemp("calibration") / "c.npz"
    rng = np.random.default_rng(1)
    np.savez(path, x=rng.normal(size=(60, 40, 6, 1)), y=rng.integers(0, 4, 60))
    return path


@pytest.fixture(scope="module")
def made(calibration: Path) -> Quantized:
    """The example's classifier in int8."""
    return quantize.convert(EXAMPLE, calibration, samples=50)


@pytest.fixture(scope="module")
def plain(files: Path) -> Quantized:
    """The plain dense network from its `.keras` file."""
    return quantize.convert(files / "plain.keras", files / "x.npz")


def test_int8_of_the_example(made: Quantized) -> None:
    assert made.warnings == ()
    table = tensor_table.read(made.data)
    assert [(s.shape, s.dtype) for s in table.inputs] == [((1, 40, 6, 1), "int8")]
    assert [(s.shape, s.dtype) for s in table.outputs] == [((1, 4), "int8")]
    assert {w.spec.dtype for w in table.written} == {"int8"} and table.islands == ()
    report = layer_error.measure(made)
    assert {"filters", "depthwise", "pointwise", "activity"} <= {e.name for e in report.layers}
    assert min(e.sqnr_db for e in report.layers) > 20
    assert report.frames == 60 and report.metric == "accuracy"
    assert report.real is not None and report.integer == pytest.approx(report.real, abs=0.1)


@pytest.mark.usefixtures("own_process")
def test_what_tensorflow_leaves_in_float_becomes_tables(files: Path, tmp_path: Path) -> None:
    (tmp_path / "smooth.tflite").write_bytes(quantize.quantize(files / "smooth.keras", files / "x.npz"))
    report = zoo.replay(tmp_path / "smooth.tflite", "host", tmp_path / "out", 20)
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (20, 0)
    # ELU, SELU and what is between them are one.
    assert [layer.op for layer in report.build.layers] == ["fully_connected", "table", "fully_connected"]


def test_the_same_input_gives_the_same_bytes(made: Quantized, calibration: Path) -> None:
    seen = []
    again = quantize.quantize(EXAMPLE, calibration, samples=50, progress=lambda *p: seen.append(p))
    assert again == made.data
    assert seen == [(done, 50) for done in range(1, 51)]


@pytest.mark.usefixtures("own_process")
def test_splits_give_the_same_bytes_every_time(files: Path) -> None:
    # TensorFlow's quantizer once left SPLIT in float, or did not, by the addresses of its operators.
    np.savez(files / "left.npz", x=np.random.default_rng(0).normal(size=(40, 4)))
    made = {quantize.quantize(files / "splits.keras", files / "left.npz") for _ in range(3)}
    assert len(made) == 1 and "split" in {w.kind for w in tensor_table.read(made.pop()).written}


def test_int16x8_is_more_exact(calibration: Path) -> None:
    made = quantize.convert(EXAMPLE, calibration, "int16x8")
    table = tensor_table.read(made.data)
    assert table.inputs[0].dtype == table.outputs[0].dtype == "int16"
    assert {w.spec.dtype for w in table.written} == {"int16"}
    assert min(e.sqnr_db for e in layer_error.measure(made).layers) > 35


def test_the_error_report_sees_an_error(made: Quantized) -> None:
    good = layer_error.measure(made)
    # Damage a few weights of the integer model: only the layers from there on get worse.
    data = bytearray(made.data)
    kernel = made.data.index(_weights(made.data, "pointwise"))
    for i in range(64):
        data[kernel + i] ^= 0x55
    bad = layer_error.measure(dataclasses.replace(made, data=bytes(data)))
    before, after = ({e.name: e.sqnr_db for e in r.layers} for r in (good, bad))
    assert after["depthwise"] == before["depthwise"]
    assert after["pointwise"] < before["pointwise"] - 10
    assert bad.layers[0].name in ("pointwise", "average", "activity", "output")


def _weights(data: bytes, layer: str) -> bytes:
    from ai_edge_litert import schema_py_generated as schema

    read = schema.ModelT.InitFromPackedBuf(data, 0)
    graph = read.subgraphs[0]
    for op in graph.operators:
        if len(op.inputs) == 3 and layer in graph.tensors[op.outputs[0]].name.decode():
            return bytes(read.buffers[graph.tensors[op.inputs[1]].buffer].data)
    raise AssertionError(layer)


def test_a_keras_2_file(shared: Path, tmp_path: Path) -> None:
    np.savez(tmp_path / "c.npz", x=np.random.default_rng(0).random((20, 96, 96, 3), np.float32))
    old = quantize.convert(shared / "models" / "mlperf" / "vww_96.h5", tmp_path / "c.npz")
    assert old.origin.startswith("tf_keras")
    assert tensor_table.read(old.data).inputs[0].shape == (1, 96, 96, 3)
    assert 0.2 * len(old.real) < len(old.data) < 0.5 * len(old.real)
    assert "20 calibration samples" in old.warnings[0]


@pytest.mark.parametrize("name", ["plain.h5", "renumbered.h5", "plain_folder"])
def test_every_form_gives_the_same_network(files: Path, plain: Quantized, name: str) -> None:
    other = quantize.convert(files / name, files / "x.npz")
    for a, b in zip(layer_error.measure(plain).outputs, layer_error.measure(other).outputs, strict=True):
        assert (a.sqnr_db, a.rmse) == pytest.approx((b.sqnr_db, b.rmse))
    assert tensor_table.read(other.data).inputs[0].shape == (1, 6)


def test_open_dimensions_come_from_the_data(files: Path) -> None:
    (files / "signal.csv").write_text("\n".join("0.5,-1" for _ in range(30)))
    opened = quantize.convert(files / "open.keras", files / "signal.csv", window=8)
    assert tensor_table.read(opened.data).inputs[0].shape == (1, 8, 2)
    with pytest.raises(UsageError, match="leaves dimension 1 of its input 'signal' open"):
        quantize.convert(files / "open.keras", files / "signal.csv")


def test_several_inputs(files: Path) -> None:
    made = quantize.convert(files / "two.keras", files / "two.npz")
    assert [(s.name, s.shape) for s in tensor_table.read(made.data).inputs] == [
        ("left", (1, 4)),
        ("right", (1, 2)),
    ]
    assert layer_error.measure(made).outputs[0].sqnr_db > 30


@pytest.mark.parametrize(
    ("name", "kind", "says"),
    [
        (
            "sharp.keras",
            Unsupported,
            r"layer 'sharp' \(GREATER\): .*layer 'sharp' \(SELECT_V2\): .* in float",
        ),
        (
            "many.keras",
            Unsupported,
            "layer 'volume' .Conv3D.: .*'Erfinv' between 'volume' and 'last' .Erfinv.: TensorFlow Lite does",
        ),
        ("loop_folder", Unsupported, "a recurrent layer in a SavedModel"),
        ("flex_folder", Unsupported, "the operation 'Erfinv' .Erfinv.: TensorFlow Lite does not have it"),
        ("mystery.keras", UsageError, "layer 'mystery' is of the class 'Mystery', which is not Keras' own"),
        ("negative.keras", UsageError, "what layer 'batch_.*' computes with is no number"),
        ("lambda.h5", UsageError, "layer 'mine' is a Lambda"),
        ("only.weights.h5", UsageError, "holds weights and no model"),
        ("noise.keras", UsageError, "is not a Keras model, or it is damaged"),
        ("cut.keras", UsageError, "is not a Keras model, or it is damaged"),
        ("empty_folder", UsageError, "without a saved_model.pb"),
        ("none.keras", UsageError, "there is no model"),
        ("x.npz", UsageError, "is not a model that can be quantised"),
        ("made.tflite", UsageError, "is converted already"),
    ],
)
def test_what_is_refused(files: Path, name: str, kind: type[TinyedgeError], says: str) -> None:
    (files / "noise.keras").write_bytes(bytes(range(256)))
    (files / "cut.keras").write_bytes((files / "plain.keras").read_bytes()[:3000])
    (files / "made.tflite").write_bytes(b"\x1c\x00\x00\x00TFL3")
    (files / "empty_folder").mkdir(exist_ok=True)
    with pytest.raises(kind, match=says) as caught:
        data = files / {"loop_folder": "signal.npz", "many.keras": "voxels.npz"}.get(name, "x.npz")
        quantize.convert(files / name, data, "int16x8" if name == "sharp.keras" else "int8")
    assert caught.value.hint and "\n" not in str(caught.value)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals")
def test_a_crash_of_the_converter_is_told(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with converter.Converter() as doomed:
        monkeypatch.setattr(quantize, "Converter", lambda: contextlib.nullcontext(doomed))
        with pytest.raises(
            UsageError, match=r"the TensorFlow process was ended by signal 11 on .*plain\.keras \(convert\)"
        ):
            quantize.convert(
                files / "plain.keras",
                files / "x.npz",
                progress=lambda done, total: os.kill(doomed.pid, signal.SIGSEGV),
            )


@pytest.mark.usefixtures("own_process")
def test_a_load_that_never_ends_is_given_up(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(converter, "LOAD_SECONDS", 0.2)  # importing TensorFlow alone takes longer
    with pytest.raises(UsageError, match=r"loading .*plain\.keras took more than"):
        quantize.convert(files / "plain.keras", files / "x.npz")


def test_calibration_data_are_checked(files: Path, tmp_path: Path) -> None:
    np.savez(tmp_path / "nan.npz", x=np.full((3, 6), np.nan))
    with pytest.raises(UsageError, match="NaN at frame 0"):
        quantize.convert(files / "plain.keras", tmp_path / "nan.npz")
    np.savez(tmp_path / "wide.npz", x=np.zeros((3, 7)))
    with pytest.raises(UsageError, match=r"shape \[3, 7\], the model's input 'vector' needs \[N, 6\]"):
        quantize.convert(files / "plain.keras", tmp_path / "wide.npz")
    with pytest.raises(UsageError, match="no quantisation scheme 'int4'"):
        quantize.convert(files / "plain.keras", files / "x.npz", "int4")


def test_a_constant_input_is_warned_of(tmp_path: Path) -> None:
    np.savez(tmp_path / "flat.npz", x=np.ones((50, 6)))
    flat = recording.load(tmp_path / "flat.npz", [build.Spec("vector", (1, 6), "float32")])
    (warning,) = quantize.calibration_warnings(tmp_path / "flat.npz", flat)
    assert "every value of 'vector' is 1" in warning


def test_without_tensorflow(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ToolMissing) as caught:
        quantize.convert(files / "plain.keras", files / "x.npz")
    assert caught.value.hint == 'pip install "tinyedge[keras]"' and caught.value.exit_code == 5


def test_model_load(files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINYEDGE_CACHE", str(tmp_path))
    first = model.load(files / "silent.keras", files / "x.npz")
    assert (first.name, first.origin) == ("silent", "silent.keras, int8, calibrated with x.npz")
    assert "'silent' gives only zeros" in first.warnings[0]
    monkeypatch.setattr(quantize, "convert", lambda *a, **k: pytest.fail("converted again"))
    assert model.load(files / "silent.keras", files / "x.npz") == first
    monkeypatch.undo()
    with pytest.raises(UsageError, match="is a float model, and no calibration data"):
        model.load(files / "plain.keras")


def test_the_command(files: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tinyedge", "quantize", str(files / "plain.keras")]
    command += ["--calibrate", str(files / "x.npz"), "--json", "-o", str(tmp_path / "out" / "m.tflite")]
    done = usage.run(command, tmp_path, {**os.environ, "PYTHONPATH": str(ROOT)})
    assert done.code == 0 and done.seconds < 120, (done.seconds, done.stderr)
    document = json.loads(done.stdout)
    assert document["bytes"] == (tmp_path / "out" / "m.tflite").stat().st_size
    assert document["layers"][0].keys() >= {"name", "op", "sqnr_db", "rmse", "max_error"}
    assert document["accuracy"]["metric"] == "accuracy"
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["m.tflite"]
    for chatter in ("tensorflow", "WARNING", "cuda", "oneDNN", "absl"):
        assert chatter not in done.stderr


def test_a_float_piece_becomes_a_table(files: Path) -> None:
    made = quantize.convert(files / "island.keras", files / "x.npz")
    kinds = [op.kind for op in passes.optimize(tflite.lower(made.data, "island")).ops]
    assert kinds == ["fully_connected", "table", "fully_connected"]


def test_a_sketch_has_the_structure_of_the_model(files: Path, plain: Quantized) -> None:
    sketch = quantize.sketch(files / "plain.keras")
    shapes = [[w.spec.shape for w in tensor_table.read(data).written] for data in (sketch, plain.data)]
    assert shapes[0] == shapes[1]
    with pytest.raises(UsageError, match="leaves dimension 1 of its input 'signal' open"):
        quantize.sketch(files / "open.keras")
    assert tensor_table.read(quantize.sketch(files / "open.keras", window=8)).inputs[0].shape == (1, 8, 2)


def test_a_silent_layer_is_named(files: Path) -> None:
    made = quantize.convert(files / "silent.keras", files / "x.npz")
    assert [w for w in made.warnings if "only zeros" in w and "'silent'" in w]


def test_weights_named_on_windows(shared: Path, tmp_path: Path) -> None:
    windows = shared / "cases" / "models" / "windows_keras2.keras"
    np.savez(tmp_path / "c.npz", x=np.random.default_rng(0).random((40, 16, 16, 1), np.float32))
    made = quantize.convert(windows, tmp_path / "c.npz")
    assert made.origin.startswith("tf_keras") and layer_error.measure(made).outputs[0].sqnr_db > 25


@pytest.mark.parametrize("kind", ["GRU", "SimpleRNN", "LSTM", "both_ways", "cells"])
def test_recurrent_layers_are_rebuilt(files: Path, kind: str) -> None:
    made = quantize.convert(files / f"recurrent_{kind}.keras", files / "signal.npz")
    goes_on = [warning for warning in made.warnings if "goes on from where the last run ended" in warning]
    assert len(goes_on) == (kind == "LSTM")
    assert layer_error.measure(made).outputs[0].sqnr_db > 20
    table = tensor_table.read(made.data)
    assert table.islands == () and {spec.dtype for spec in (*table.inputs, *table.outputs)} == {"int8"}


LASTING = ("GRU.keras", "cells.keras", "LSTM.keras", "variables")


@pytest.mark.parametrize(
    ("name", "scheme"),  # TensorFlow has an LSTM's operator in 8 bits only
    [*((name, "int8") for name in LASTING), *((name, "int16x8") for name in LASTING if "LSTM" not in name)],
)
def test_what_is_stateful_keeps_its_state(name: str, scheme: str, files: Path, tmp_path: Path) -> None:
    kind = Path(name).stem
    made = quantize.convert(files / f"lasting_{name}", files / "frames.npz", scheme)
    frames = np.load(files / "frames.npz")["x"][:, np.newaxis]
    wanted = np.load(files / "followed.npz")[kind]  # what Keras itself gives, frame after frame
    with Oracle(made.real, "float") as real:
        (found,) = real.run_many({real.inputs[0].index: frames})
    assert np.allclose(found.reshape(wanted.shape), wanted, rtol=1e-4, atol=1e-5)
    file = tmp_path / "made.tflite"
    file.write_bytes(made.data)
    report = zoo.replay(file, "host", tmp_path / "out", 60)
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (60, 0)
    assert report.build.ram.state > 0 and made.warnings == ()
    assert layer_error.measure(made).outputs[0].sqnr_db > 20


def test_long_recurrent_layers_are_loops(files: Path, tmp_path: Path) -> None:
    made = quantize.convert(files / "long.keras", files / "long.npz")
    (tmp_path / "made.tflite").write_bytes(made.data)
    report = zoo.replay(tmp_path / "made.tflite", "host", tmp_path / "out", 10)
    assert [layer.name for layer in report.build.layers if layer.op == "while"] == ["first", "second"]
    assert report.bit_exact.mismatches == 0 and layer_error.measure(made).outputs[0].sqnr_db > 25


def test_normalisation_stays_in_integers(files: Path) -> None:
    made = quantize.convert(files / "normal.keras", files / "x.npz")
    table = tensor_table.read(made.data)
    assert table.islands == () and "rsqrt" in {written.kind for written in table.written}
    assert layer_error.measure(made).outputs[0].sqnr_db > 15


def test_what_tensorflow_has_in_8_bits_only_is_written_otherwise(files: Path, tmp_path: Path) -> None:
    made = quantize.convert(files / "narrow.keras", files / "signal.npz", "int16x8")
    assert layer_error.measure(made).outputs[0].sqnr_db > 30
    (tmp_path / "narrow.tflite").write_bytes(made.data)
    report = zoo.replay(tmp_path / "narrow.tflite", "host", tmp_path / "out", 10)
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (10, 0)


def test_an_input_that_nothing_reads_stays_an_input(files: Path, tmp_path: Path) -> None:
    made = quantize.convert(files / "unused.keras", files / "two.npz")
    assert made.warnings == ("the model does not use its input 'right'; it may hold anything",)
    (tmp_path / "unused.tflite").write_bytes(made.data)
    report = zoo.replay(tmp_path / "unused.tflite", "host", tmp_path / "out", 10)
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (10, 0)
    # What it hands on as it is, has the range of the data: here of both signs, none of it cut off.
    passed = report.build.outputs[1]
    assert passed.spec.scale is not None
    real = np.load(files / "two.npz")["through"]
    assert np.ptp(real) / 256 < passed.spec.scale < np.ptp(real) / 200
    with pytest.raises(Unsupported, match="does not use its input 'right', which TensorFlow cannot quantise"):
        quantize.convert(files / "unused.keras", files / "two.npz", "int16x8")
