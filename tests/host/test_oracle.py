# SPDX-License-Identifier: Apache-2.0
"""The oracle: right numbers, many frames, repaired metadata, a clear error from every kind of bad model."""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import threading
import time

import numpy as np
import pytest

from tests import tiny_models
from tests.conftest import shared_path
from tinyedge import oracle
from tinyedge.errors import InvalidMeasurement, TinyedgeError, UsageError
from tinyedge.oracle import Oracle
from tinyedge.process import worker
from tinyedge.process.messages import Array

POSIX = pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no SIGSTOP on this system")


def dense_by_hand(x: Array) -> Array:
    sums = x.astype(int) @ tiny_models.DENSE_W.T + tiny_models.DENSE_B
    return np.asarray(np.clip(sums, 0, 127).astype(np.int8))


def test_outputs_and_layers_of_a_model_computed_by_hand() -> None:
    x = np.array([[1, -2, 3, 5]], np.int8)
    with Oracle(tiny_models.dense(), "dense") as judge:
        assert [p.name for p in judge.inputs] == ["x"] and judge.outputs[0].shape == (1, 2)
        assert judge.run({"x": x})[0].tolist() == [[31, 0]]
        layers = judge.tensors({0: x}, [3, 4, 3])
    assert layers[3].tolist() == [[31, -1]] and layers[4].tolist() == [[31, 0]]


def test_many_frames_cross_the_chunk_size_in_order() -> None:
    x = np.random.default_rng(1).integers(-8, 8, (3 * oracle.CHUNK_FRAMES + 1, 1, 4), np.int8)
    with Oracle(tiny_models.dense()) as judge:
        assert np.array_equal(judge.run_many({0: x})[0][:, 0], dense_by_hand(x[:, 0]))


def test_harmless_metadata_is_repaired_in_a_copy() -> None:
    """LiteRT refuses axis 3 on a vector, which published models carry; no number depends on it."""
    x = np.array([[1, -2, 3, 5]], np.int8)
    with Oracle(tiny_models.dense(bias_axis=3)) as judge:
        assert judge.run({0: x})[0].tolist() == [[31, 0]]


def test_a_newer_version_of_the_same_operator_is_lowered_in_a_copy() -> None:
    """TensorFlow's converter writes TILE 3; the reference resolver ends at 2, with the same kernel."""
    with Oracle(tiny_models.tile(version=3)) as judge:
        assert judge.run({0: np.array([[1, -2]], np.int8)})[0].tolist() == [[1, -2, 1, -2, 1, -2]]


def test_a_sum_is_that_of_signed_bytes() -> None:
    """LiteRT 2.3's reference kernel of SUM reads int8 as uint8; the oracle runs a product with ones."""
    with Oracle(tiny_models.total()) as judge:
        assert judge.run({0: np.array([[100, -2, -128]], np.int8)})[0].tolist() == [[-30]]


def test_every_int8_value_passes_a_float_border() -> None:
    """The value fed for q is (q - zero point) * scale in float32: QUANTIZE must give q back, for all 256."""
    q = np.arange(-128, 128, dtype=np.int8).reshape(1, 256)
    with Oracle(tiny_models.float_borders(scale=0.3, zero_point=3)) as judge:
        x = (q.astype(np.float32) - 3) * np.float32(0.3)
        tensors = judge.tensors({0: x}, [1, 2])
    assert np.array_equal(tensors[1], q)
    assert np.array_equal(tensors[2], np.maximum(q, 3))


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({}, "was not given"),
        ({0: np.zeros((1, 4), np.float32)}, "float32"),
        ({0: np.zeros((1, 5), np.int8)}, "[1, 5]"),
        ({0: np.zeros((1, 4), np.int8), "other": np.zeros((1, 4), np.int8)}, "2 inputs given"),
    ],
)
def test_inputs_that_do_not_fit_are_refused(inputs: dict[int | str, Array], words: str) -> None:
    with Oracle(tiny_models.dense(), "dense") as judge, pytest.raises(UsageError) as caught:
        judge.run(inputs)
    assert words in str(caught.value) and "dense" in str(caught.value)


def test_no_frames_are_refused() -> None:
    with Oracle(tiny_models.dense()) as judge, pytest.raises(UsageError):
        judge.run_many({0: np.zeros((0, 1, 4), np.int8)})


@pytest.mark.parametrize("data", [b"", b"TFL3", b"\x00" * 64, tiny_models.dense()[:200]])
def test_a_file_that_is_no_model_names_the_model(data: bytes) -> None:
    with pytest.raises(UsageError, match="'broken'"):
        Oracle(data, "broken")


def test_flipped_bits_give_an_answer_or_an_error_of_ours() -> None:
    good, chance = tiny_models.dense(), random.Random(7)
    refused = 0
    for _ in range(25):
        data = bytearray(good)
        for _ in range(chance.randint(1, 6)):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        try:
            with Oracle(bytes(data), "flipped") as judge:
                judge.run({p.index: np.zeros(p.shape, p.dtype) for p in judge.inputs})
        except TinyedgeError as error:
            assert "flipped" in str(error)
            refused += 1
    assert refused > 0


@POSIX
def test_a_crash_of_the_kernels_names_the_model_and_the_signal() -> None:
    with Oracle(tiny_models.dense(), "dense") as judge:
        os.kill(judge._worker.pid, signal.SIGKILL)
        with pytest.raises(InvalidMeasurement, match=r"'dense'.*signal 9"):
            judge.run({0: np.zeros((1, 4), np.int8)})


@POSIX
def test_no_answer_in_time_is_an_error_and_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    with Oracle(tiny_models.dense(), "dense") as judge:
        monkeypatch.setattr(oracle, "FRAME_SECONDS", 0.3)
        os.kill(judge._worker.pid, signal.SIGSTOP)
        began = time.monotonic()
        with pytest.raises(InvalidMeasurement, match="no answer on 'dense'"):
            judge.run({0: np.zeros((1, 4), np.int8)})
        assert time.monotonic() - began < 20
    with pytest.raises(ProcessLookupError):
        os.kill(judge._worker.pid, 0)


@POSIX
def test_a_process_that_is_not_let_to_work_gets_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    x: dict[int | str, Array] = {0: np.ones((1, 4), np.int8)}
    worked = itertools.count()
    with Oracle(tiny_models.dense(), "dense") as judge:
        expected = judge.run(x)
        monkeypatch.setattr(oracle, "FRAME_SECONDS", 0.3)
        monkeypatch.setattr(worker, "_LOOK", 0.1)
        monkeypatch.setattr(worker, "_STARVED", 1000)
        monkeypatch.setattr(worker, "_processor_time", lambda pid: next(worked) / 100)
        os.kill(judge._worker.pid, signal.SIGSTOP)
        timer = threading.Timer(0.7, os.kill, (judge._worker.pid, signal.SIGCONT))
        timer.start()
        assert np.array_equal(judge.run(x)[0], expected[0])
        timer.join()


class Late(threading.Timer):
    """A timer whose thread gets to run only when the answer is there."""

    def cancel(self) -> None:
        super().cancel()
        self.function()


class Early(threading.Timer):
    """A timer whose time is over while the answer is on its way, before anybody has read it."""

    def start(self) -> None:
        super().start()
        self.function()


def test_a_timer_that_fires_behind_the_answer_kills_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    x: dict[int | str, Array] = {0: np.ones((1, 4), np.int8)}
    monkeypatch.setattr(threading, "Timer", Late)
    with Oracle(tiny_models.dense(), "dense") as judge:
        first = judge.run(x)
        assert np.array_equal(judge.run(x)[0], first[0])


def test_an_answer_whose_time_was_over_is_lost_at_once_and_not_by_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Oracle(tiny_models.dense(), "dense") as judge:
        monkeypatch.setattr(threading, "Timer", Early)
        with pytest.raises(InvalidMeasurement, match="no answer on 'dense'"):
            judge.run({0: np.zeros((1, 4), np.int8)})


@pytest.mark.parametrize(
    "name", ["kws_ref_model", "pretrainedResnet_quant", "vww_96_int8", "hello_world_int8"]
)
def test_equals_tflm_where_rounding_makes_no_difference(name: str) -> None:
    """TFLM's recorded outputs: an implementation that shares no code with this process judges the judge."""
    golden = json.loads(shared_path("golden", "tflm.json").read_text())
    model = shared_path("models", "mlperf", f"{name}.tflite").read_bytes()
    with Oracle(model, name) as judge:
        (port,) = judge.inputs
        state, frames = 12345, []
        for _ in golden[name]:
            data = bytearray()
            for _ in range(port.nbytes):
                state = (state * 1664525 + 1013904223) % 2**32
                data.append(state >> 24)
            frames.append(np.frombuffer(bytes(data), port.dtype).reshape(port.shape))
        (outputs,) = judge.run_many({port.index: np.stack(frames)})
    assert [o.tobytes().hex() for o in outputs] == golden[name]
