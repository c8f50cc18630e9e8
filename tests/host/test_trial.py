# SPDX-License-Identifier: Apache-2.0
"""A real build as a process of this machine, judged: what is right passes, and one changed bit is found."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import tiny_models, trials
from tests.conftest import shared_path
from tests.trials import Trial
from tinyedge import board as boards
from tinyedge import model as models
from tinyedge import pipeline, transport
from tinyedge.bench import trial
from tinyedge.energy import Meter
from tinyedge.energy.pulses import Samples
from tinyedge.errors import DeviceError, InvalidMeasurement
from tinyedge.graph import Array
from tinyedge.judge import locate, record
from tinyedge.judge.report import Report
from tinyedge.line import device as devices
from tinyedge.options import Options
from tinyedge.oracle import Oracle
from tinyedge.oracle.litert import LiteRt
from tinyedge.project import Budget
from tinyedge.recording import Recording
from tinyedge.recording.metrics import Metric

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    return trials.prepare("host", tmp_path_factory.mktemp("host"))


def test_every_frame_is_bit_exact_and_timed(case: Trial) -> None:
    report = case.run()
    assert report.verdict == "pass"
    assert report.bit_exact.frames == trials.FRAMES and report.latency.count == trials.FRAMES
    assert report.latency.unit == "ns" and 0 < report.latency.min <= report.latency.max
    assert report.memory.stack_high_water is None  # a process cannot tell, and does not pretend


def test_one_bit_of_a_weight_is_found_and_its_layer_named(case: Trial) -> None:
    report = case.run(case.with_another_weight())
    assert (report.verdict, report.exit_code) == ("fail", 1)
    found = report.bit_exact.first_difference
    assert found is not None and (found.layer, found.op) == (0, "conv_2d")
    assert found.name == case.build.layers[0].name


def test_a_budget_is_held_against_the_real_image(case: Trial) -> None:
    flash = case.build.flash.total
    assert flash is not None
    assert case.run(budget=Budget(flash=flash)).verdict == "pass"
    assert case.run(budget=Budget(flash=flash - 1)).verdict == "fail"


class Pulsing:
    """A probe that sees a pulse of 20 samples at 0.1 A for each of the trial's frames."""

    name, volts, sample_s = "a probe", 2.0, 1e-3

    def samples(self) -> Iterator[Samples | None]:
        high = np.repeat(np.tile([False, True], trials.FRAMES), 20)
        high = np.append(high, False)
        yield Samples(np.where(high, 0.1, 5.0), high, np.zeros(len(high), np.bool_))
        while True:
            time.sleep(0.01)
            yield Samples(np.zeros(1), np.zeros(1, np.bool_), np.zeros(1, np.bool_))

    def close(self) -> None:
        pass


def test_what_a_probe_measured_stands_in_the_report(case: Trial) -> None:
    report = case.run(meter=Meter(Pulsing()))
    document = json.loads(json.dumps(record.document(report), allow_nan=False))
    assert document["energy"] == {
        "probe": "a probe",
        "volts": 2.0,
        "inferences": trials.FRAMES,
        "sample_s": 1e-3,
        "mean_s": 0.02,
        **{f"{which}_uj": pytest.approx(4000) for which in ("mean", "min", "max")},
    }
    assert ("uJ per inference, mean", "4000") in report.rows()


def test_firmware_of_another_build_is_refused(case: Trial) -> None:
    build = replace(case.build, image=replace(case.build.image, build_id="0" * 16))
    with pytest.raises(DeviceError, match="another build"):
        Trial(case.board, case.model, build, case.out, case.recording).run()


def test_frames_judged_before_the_firmware_died_are_reported(
    case: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process is killed for real, after three frames: what a pulled cable is to a board."""
    opened: list[Any] = []
    open_board = transport.open_board

    def remembered(*given: Any) -> Any:
        opened.append(open_board(*given))
        return opened[-1]

    done = 0

    def kill_at_three(frames: int) -> None:
        nonlocal done
        done += frames
        if done == 3:
            opened[0]._child._process.kill()

    monkeypatch.setattr(transport, "open_board", remembered)
    budget, metric = Budget(flash=1 << 30, accuracy_min=0.5), Metric("none")
    host = boards.load(case.board)
    report = trial.run(
        case.model, host, case.build, case.out, case.recording, metric, budget, progress=kill_at_three
    )
    assert (report.verdict, report.exit_code) == ("incomplete", 4)
    assert report.bit_exact.frames == report.replay.frames == 3 < trials.FRAMES
    assert report.stopped.startswith(f"stopped after 3 of {trials.FRAMES} frames: ")
    assert {line.name: line.ok for line in report.budgets} == {
        "bit_exact": None,
        "flash": True,
        "accuracy_min": None,
    }


def test_a_float_model_that_overflows_is_no_measurement(case: Trial) -> None:
    spec = case.recording.inputs[0]
    model = replace(case.model, real=tiny_models.exponential(list(spec.shape)))
    x = np.zeros((3, *spec.frame), np.float32)
    x[2].flat[0] = 1000.0
    recording = replace(case.recording, values=(x,), labels=np.zeros(3, np.int64))
    with pytest.raises(InvalidMeasurement, match="not finite, first in frame 2"):
        trial.run(model, boards.load("host"), case.build, case.out, recording, Metric("accuracy"), Budget())


@pytest.mark.parametrize("name", ["tiny_ae_float_io", "tiny_cnn", "tiny_cnn_int16x8"])
def test_every_layer_alone_equals_the_reference(name: str, tmp_path: Path) -> None:
    """What names the first wrong layer must not blame a right one, also where a pass fused some."""
    model = models.load(ROOT / "tests" / "models" / f"{name}.tflite")
    board = boards.load("host")
    build = pipeline.build(model, board, tmp_path)
    source = build.inputs[0]
    chance = np.random.default_rng(3)
    limits = np.iinfo(source.dtype)
    frame = chance.integers(limits.min, limits.max + 1, (1, *source.shape), limits.dtype)
    with (
        Oracle(model.data, name) as oracle,
        devices.connect(transport.open_board(board, tmp_path / build.image.elf), build) as device,
    ):
        reference = LiteRt.of(oracle, build)
        tensors = reference.follow({source.name: frame}, locate.tensors(build, reference))
        assert len(tensors) >= len(build.layers) - 1
        source.write(device, frame[0])
        right = {name: values[0] for name, values in tensors.items()}
        assert locate.layer_by_layer(device, build, right, 0) is None


def test_tflm_rounding_is_judged_by_recorded_outputs_alone(tmp_path: Path) -> None:
    """ad01 is all dense layers: LiteRT's reference cannot judge it, TFLM's own recorded outputs can."""
    model = models.load(shared_path("models", "mlperf", "ad01_int8.tflite"))
    recorded = json.loads(shared_path("golden", "tflm.json").read_text())[model.name]
    golden = [np.stack([np.frombuffer(bytes.fromhex(text), np.int8) for text in recorded])]
    board = boards.load("host")
    build = pipeline.build(model, board, tmp_path, Options(rounding="tflm"))
    spec = build.inputs[0].spec
    x = lcg_bytes(len(recorded) * spec.size).view(np.int8).reshape(-1, *spec.frame)
    recording = Recording(Path("lcg.npz"), (spec,), (x,))

    def run(golden: list[Array] | None) -> Report:
        return trial.run(model, board, build, tmp_path, recording, Metric("none"), Budget(), golden=golden)

    assert run(golden).verdict == "pass"
    unjudged = run(None)
    assert (unjudged.verdict, unjudged.exit_code) == ("not judged", 3)
    assert unjudged.bit_exact.frames is None and "dense" in unjudged.bit_exact.unjudged
    golden[0] = golden[0].copy()
    golden[0][1, 7] ^= 1
    assert run(golden).exit_code == 1


def lcg_bytes(count: int) -> Array:
    """The input bytes of golden/tflm.json, as it describes them."""
    state, data = 12345, bytearray()
    for _ in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        data.append(state >> 24)
    return np.frombuffer(bytes(data), np.uint8)
