# SPDX-License-Identifier: Apache-2.0
"""The harness sees every difference, names the first layer, and never judges what it cannot know.

The device is a fake in plain numpy (tests/fake_device.py) and not LiteRT, which would judge itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace as changed
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import builds, tiny_models
from tests.fake_device import FakeDevice, build
from tinyedge.build import Build, Spec
from tinyedge.errors import DeviceError, InvalidMeasurement, UsageError
from tinyedge.judge import locate
from tinyedge.judge.harness import Replay, replay
from tinyedge.options import Rounding
from tinyedge.oracle import Oracle
from tinyedge.oracle.litert import LiteRt
from tinyedge.process.messages import Array
from tinyedge.recording import Recording


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    with Oracle(tiny_models.dense(), "dense") as judge:
        yield judge


def recording(frames: int = 6) -> Recording:
    """Inputs for which both sums are positive, so that a fault in either layer reaches the output."""
    x = np.random.default_rng(3).integers(1, 9, (frames, 4), np.int8) + np.array([0, 0, 9, 0], np.int8)
    return Recording(Path("x.npz"), (Spec("x", (1, 4), "int8", 1.0, 0),), (x,))


def run(oracle: Oracle, device: FakeDevice, rounding: Rounding = "litert", golden: Any = None) -> Replay:
    made = build(rounding)
    return replay(device, made, recording(), LiteRt.of(oracle, made), golden)


def right_outputs() -> Array:
    x = recording().values[0].astype(int)
    return np.asarray(np.maximum(x @ tiny_models.DENSE_W.T + tiny_models.DENSE_B, 0).astype(np.int8))


def test_a_right_device_is_bit_exact_in_every_frame(oracle: Oracle) -> None:
    result = run(oracle, FakeDevice(ticks=(5, 6, 7)))
    assert result.differing is not None and result.differing.tolist() == [0] * 6
    assert result.first_difference is None
    assert np.array_equal(result.outputs[0][:, 0], right_outputs())
    assert result.ticks.tolist() == [5, 6, 7, 5, 6, 7]
    assert result.stack_high_water == 272
    assert result.expected.judged_by == "LiteRT's reference kernels"


@pytest.mark.parametrize(("layer", "op", "name"), [(0, "fully_connected", "first"), (1, "relu", "second")])
def test_the_first_wrong_layer_is_named(oracle: Oracle, layer: int, op: str, name: str) -> None:
    result = run(oracle, FakeDevice(wrong_layer=layer, from_frame=2))
    assert result.differing is not None and result.differing.tolist() == [0, 0, 1, 1, 1, 1]
    found = result.first_difference
    assert found is not None and (found.layer, found.op, found.name, found.frame) == (layer, op, name, 2)
    assert (found.differing, found.elements, found.position) == (1, 2, (0, 0))
    assert found.device == found.reference + 1 == right_outputs()[2, 0] + 1
    assert str(found) == (
        f"layer {layer} {op} '{name}': 1 of 2 elements differ, first at [0, 0]: "
        f"device {found.device}, reference {found.reference}"
    )


def test_a_difference_is_where_the_file_has_it() -> None:
    """Of a tensor with six channels, the device has two."""
    made = build()
    first, second = made.layers
    slot = changed(first.outputs[0], channels=(2, 5), left_out=4)
    made = changed(made, layers=(changed(first, outputs=(slot,)), second))
    x = recording().values[0][0]
    sums = x.astype(int) @ tiny_models.DENSE_W.T + tiny_models.DENSE_B
    device = FakeDevice(wrong_layer=0)
    device.write(made.inputs[0].offset, x.tobytes())
    found = locate.layer_by_layer(device, made, {slot.name: sums.astype(np.int8)}, 0)
    assert found is not None and (found.layer, found.position) == (0, (0, 2))


def test_layers_that_are_right_one_by_one_are_not_blamed(oracle: Oracle) -> None:
    found = run(oracle, FakeDevice(wrong_layer=1, only_whole=True)).first_difference
    assert found is not None and found.layer is None
    assert "no single layer" in str(found) and "output 'y'" in str(found)


def test_tflm_rounding_of_dense_layers_is_not_judged_by_litert(oracle: Oracle) -> None:
    result = run(oracle, FakeDevice(wrong_layer=0), rounding="tflm")
    assert result.differing is None and result.first_difference is None
    assert "'first'" in result.expected.unjudged and "--golden" in result.expected.unjudged


def test_tflm_rounding_without_dense_layers_is_judged(oracle: Oracle) -> None:
    made = build("tflm")
    first, second = made.layers
    other = changed(made, layers=(changed(first, op="conv_2d"), second))
    result = replay(FakeDevice(wrong_layer=0), other, recording(), LiteRt.of(oracle, other))
    assert result.differing is not None and result.differing.all()


def test_recorded_outputs_judge_in_place_of_the_oracle(oracle: Oracle) -> None:
    golden = right_outputs()[:, np.newaxis]
    assert run(oracle, FakeDevice(), "tflm", [golden]).first_difference is None
    golden[4, 0, 1] += 1
    result = run(oracle, FakeDevice(), "tflm", [golden])
    assert result.differing is not None and result.differing.tolist() == [0, 0, 0, 0, 1, 0]
    assert result.first_difference is not None and result.first_difference.position == (0, 1)
    assert result.expected.judged_by == "recorded outputs"


@pytest.mark.parametrize(
    "golden", [[], [np.zeros((5, 1, 2), np.int8)], [np.zeros((6, 2), np.int16)], [np.zeros((6, 3), np.int8)]]
)
def test_recorded_outputs_that_do_not_fit_are_refused(oracle: Oracle, golden: list[Array]) -> None:
    with pytest.raises(UsageError, match="recorded outputs"):
        run(oracle, FakeDevice(), golden=golden)


def test_a_short_read_is_no_measurement(oracle: Oracle) -> None:
    with pytest.raises(InvalidMeasurement, match="1 of 2 bytes"):
        run(oracle, FakeDevice(short_read=True))


def float_build(scale: float) -> Build:
    """The build of float_borders(): the device starts behind QUANTIZE and ends before DEQUANTIZE."""
    r = builds.slot("r", 2, 256, 256, scale, 3)
    return builds.make(
        inputs=(builds.slot("q", 1, 0, 256, scale, 3),),
        outputs=(r,),
        layers=(builds.layer("relu", "relu", r),),
    )


class ReluDevice(FakeDevice):
    """relu(q) = max(q, zero point 3) on 256 values."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.arena = np.zeros(512, np.int8)

    def run(self, first: int = 0, last: int | None = None) -> int:
        self.arena[256:] = np.maximum(self.arena[:256], 3)
        return 9


def test_a_float_border_is_compared_as_the_integers_behind_it() -> None:
    q = np.arange(-128, 128, dtype=np.int8).reshape(1, 256)
    spec = Spec("q", (1, 256), "int8", 0.3, 3)
    with Oracle(tiny_models.float_borders(0.3, 3), "borders") as judge:
        build = float_build(0.3)
        frames = Recording(Path("q.npz"), (spec,), (q,))
        result = replay(ReluDevice(), build, frames, LiteRt.of(judge, build))
    assert result.differing is not None and result.differing.tolist() == [0]


def test_an_oracle_that_sees_other_integers_than_the_device_is_no_measurement() -> None:
    """The build claims another scale than the model has: QUANTIZE does not give back what is sent."""
    q = np.arange(-128, 128, dtype=np.int8).reshape(1, 256)
    spec = Spec("q", (1, 256), "int8", 0.4, 3)
    with (
        Oracle(tiny_models.float_borders(0.3, 3), "borders") as judge,
        pytest.raises(InvalidMeasurement, match="'q'"),
    ):
        build = float_build(0.4)
        replay(ReluDevice(), build, Recording(Path("q.npz"), (spec,), (q,)), LiteRt.of(judge, build))


@pytest.mark.parametrize("done", [1, 3, 6])
def test_what_a_vanished_port_gave_until_then_is_kept(oracle: Oracle, done: int) -> None:
    result = run(oracle, FakeDevice(gone_at=done, ticks=(5, 6, 7), wrong_layer=1, from_frame=done - 1))
    assert result.frames == done and len(result.replayed) == done and len(result.recording) == 6
    assert result.ticks.tolist() == [5, 6, 7, 5, 6, 7][:done]
    assert result.differing is not None and result.differing.tolist() == [0] * (done - 1) + [1]
    assert str(result.stopped) == "the port is gone" and result.stack_high_water is None
    found = result.first_difference
    assert found is not None and (found.frame, found.layer, found.name) == (done - 1, None, "output 'y'")


def test_a_port_that_vanishes_before_the_first_frame_leaves_nothing_to_judge(oracle: Oracle) -> None:
    with pytest.raises(DeviceError, match="the port is gone"):
        run(oracle, FakeDevice(gone_at=0))


def test_an_interrupted_replay_gives_no_result(oracle: Oracle) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(oracle, FakeDevice(interrupt_at=3))
