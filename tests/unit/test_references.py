# SPDX-License-Identifier: Apache-2.0
"""References by tensor name, chained; replays of models with a state, followed by both sides from frame 0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest

from tests import builds, fake_device, tiny_models
from tests.fake_device import FakeDevice
from tinyedge.build import Build, Spec
from tinyedge.errors import InvalidMeasurement
from tinyedge.judge.harness import replay
from tinyedge.oracle import Oracle
from tinyedge.oracle.litert import LiteRt
from tinyedge.oracle.reference import Chain, Relay
from tinyedge.process.messages import Array
from tinyedge.recording import Recording

FRAMES = 6


def recording() -> Recording:
    """Small positive inputs, so that nothing saturates and ReLU passes everything."""
    x = np.random.default_rng(3).integers(1, 5, (FRAMES, 4), np.int8) + np.array([0, 0, 9, 0], np.int8)
    return Recording(Path("x.npz"), (Spec("x", (1, 4), "int8", 1.0, 0),), (x,))


class CountingDevice(FakeDevice):
    """The dense model, whose first layer also adds how many runs there were since the reset."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.count = 99  # whatever ran before the replay

    def reset_state(self) -> None:
        super().reset_state()
        self.count = 0

    def run(self, first: int = 0, last: int | None = None) -> int:
        ticks = super().run(first, 1 if last is None else min(last, 1)) if first == 0 else 0
        if first == 0:
            self.arena[4:6] += self.count
            self.count += 1
        return ticks + (super().run(max(first, 1), 2) if last is None or last > 1 else 0)


@dataclass
class Counting:
    """What CountingDevice should do, on paper."""

    count: int = 55
    asked: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)
    name = "paper"
    needs = ("x",)

    def knows(self, tensor: str) -> bool:
        return tensor in ("dense", "y")

    def reset(self) -> None:
        self.count = 0

    def follow(self, given: Mapping[str, Array], wanted: Sequence[str]) -> dict[str, Array]:
        self.asked.append((len(given["x"]), tuple(wanted)))
        x = given["x"].reshape(-1, 4).astype(int)
        counts = self.count + np.arange(len(x))[:, np.newaxis]
        self.count += len(x)
        sums = x @ tiny_models.DENSE_W.T + tiny_models.DENSE_B + counts
        right = {"dense": sums, "y": np.maximum(sums, 0)}
        return {name: right[name].astype(np.int8).reshape(-1, 1, 2) for name in wanted}


def stateful() -> Build:
    return replace(fake_device.build(), ram=builds.ram(8, state=4))


def test_a_replay_begins_with_a_reset_on_both_sides() -> None:
    device = CountingDevice()
    result = replay(device, stateful(), recording(), Counting())
    assert device.resets == 1
    assert result.differing is not None and not result.differing.any()
    assert result.expected.judged_by == "paper"


@pytest.mark.parametrize("layer", [0, 1])
def test_the_first_wrong_layer_of_a_later_frame_is_found_by_replaying_all_before_it(layer: int) -> None:
    device, paper = CountingDevice(wrong_layer=layer, from_frame=3), Counting()
    # In the second pass the fake counts frames on; from there it is wrong in every frame.
    result = replay(device, stateful(), recording(), paper)
    assert result.differing is not None and result.differing.tolist() == [0, 0, 0, 1, 1, 1]
    found = result.first_difference
    assert found is not None and (found.frame, found.layer, found.differing) == (3, layer, 1)
    assert found.device == found.reference + 1  # and not by three frames of counting more
    assert device.resets == 2
    assert paper.asked == [(6, ("y",)), (3, ()), (1, ("dense", "y"))]


def test_without_a_state_the_one_frame_is_enough() -> None:
    device = FakeDevice(wrong_layer=1, from_frame=3)
    with Oracle(tiny_models.dense(), "dense") as oracle:
        build = fake_device.build()
        found = replay(device, build, recording(), LiteRt.of(oracle, build)).first_difference
    assert found is not None and (found.frame, found.layer) == (3, 1)
    assert device.resets == 1 and device.frames == FRAMES  # the frames of the replay, and one more


@dataclass
class Doubling:
    """Speaks for a tensor that a pass made: twice the dense layer's, of which it is told by the device."""

    name = "doubling"
    needs = ("dense",)

    def knows(self, tensor: str) -> bool:
        return tensor == "twice"

    def reset(self) -> None:
        pass

    def follow(self, given: Mapping[str, Array], wanted: Sequence[str]) -> dict[str, Array]:
        return {name: (2 * given["dense"].astype(int)).astype(np.int8) for name in wanted}


class DoublingDevice(FakeDevice):
    """The dense layer, then twice its result."""

    def run(self, first: int = 0, last: int | None = None) -> int:
        last = 2 if last is None else last
        if first == 0 and last > 0:
            super().run(0, 1)
        if last > 1:
            self.arena[6:8] = 2 * self.arena[4:6] + (self.wrong_layer == 1)
        return 7 * (last - first)


def doubling() -> Build:
    """The output has no number in the model file."""
    made = fake_device.build()
    twice = replace(made.outputs[0], name="twice", index=None)
    layers = (made.layers[0], replace(made.layers[1], name="double", op="mul", outputs=(twice,)))
    return replace(made, outputs=(twice,), layers=layers)


@pytest.mark.parametrize("wrong", [None, 0, 1])
def test_a_tensor_is_judged_by_the_first_reference_that_knows_it(wrong: int | None) -> None:
    build = doubling()
    with Oracle(tiny_models.dense(), "dense") as oracle:
        chain = Chain((LiteRt.of(oracle, build), Doubling()))
        result = replay(DoublingDevice(wrong_layer=wrong), build, recording(), chain)
    assert result.expected.judged_by == "LiteRT's reference kernels and doubling"
    assert set(result.ticks.tolist()) == {14}  # of both parts, between which the device is asked for "dense"
    found = result.first_difference
    assert result.differing is not None and result.differing.any() == (wrong is not None)
    if wrong is None:
        assert found is None
    else:  # also where what doubles is right about what the wrong layer gave it
        ops = ("fully_connected", "mul")
        assert found is not None and (found.layer, found.op, found.frame) == (wrong, ops[wrong], 0)


def test_an_output_that_nobody_knows_is_no_measurement() -> None:
    build = doubling()
    with (
        Oracle(tiny_models.dense(), "dense") as oracle,
        pytest.raises(InvalidMeasurement, match="nobody can say what 'twice' must be: LiteRT"),
    ):
        replay(DoublingDevice(), build, recording(), LiteRt.of(oracle, build))


@dataclass(frozen=True)
class Adding:
    """Knows one tensor: the sum of those that it needs, and `by`."""

    needs: tuple[str, ...]
    makes: str
    by: int
    name = "paper"

    def knows(self, tensor: str) -> bool:
        return tensor == self.makes

    def reset(self) -> None:
        pass

    def follow(self, given: Mapping[str, Array], wanted: Sequence[str]) -> dict[str, Array]:
        assert set(given) == set(self.needs) and set(wanted) <= {self.makes}
        return {name: np.asarray(sum(given.values()) + self.by) for name in wanted}


def test_a_relay_feeds_each_reference_with_what_those_before_it_give() -> None:
    before, network, behind = Adding(("x",), "f", 1), Adding(("f",), "y", 10), Adding(("y", "f"), "d", 100)
    relay = Relay((before, network, behind))
    assert relay.needs == ("x",) and relay.name == "paper" and relay.knows("y") and not relay.knows("x")
    found = relay.follow({"x": np.array([1, 2])}, ["d", "f"])
    assert {name: values.tolist() for name, values in found.items()} == {"d": [114, 116], "f": [2, 3]}
