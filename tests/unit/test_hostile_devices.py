# SPDX-License-Identifier: Apache-2.0
"""Devices that lie, go silent or answer late: one sentence in bounded time, whatever they say."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from typing import Any

import pytest

from tests import builds
from tests.roms.firmware import BUILD
from tests.roms.liar import Liar
from tinyedge.errors import DeviceError
from tinyedge.line.device import Device, connect
from tinyedge.line.frames import Type
from tinyedge.line.patience import AT_LEAST, AT_LEAST_EMULATED, Patience

SOON = 20.0  # s: well below what a user would wait for


LIES: list[tuple[dict[str, Any], str]] = [
    ({"payload": 0}, "claims frames of 0 bytes"),
    ({"payload": 4}, "claims frames of 4 bytes"),
    ({"payload": 65535}, "claims frames of 65,535 bytes"),
    ({"hz": 0}, "claims 0 ticks a second"),
    ({"models": 0}, "claims 0 models"),
    ({"models": 255}, "claims 255 models"),
    ({"unit": 9}, "a hello of another form"),
    ({"cut": 12}, "a hello of another form"),
    ({"texts": b"9\0b\0m\0" + b"12" * 8 + b"\0"}, "a hello of another form"),
    ({"texts": b"\xff\xfe\0b\0" + b"12" * 8 + b"\0"}, "a hello of another form"),
    ({"arena": 0}, "claims an arena of 0 bytes"),
    ({"arena": 2**32 - 1}, "claims an arena of 4,294,967,295 bytes"),
    ({"arena": 64}, "claims an arena of 64 bytes, and its build has 8"),
    ({"state": 2**32 - 1}, "claims a state of 4,294,967,295 bytes"),
    ({"state": 4}, "claims a state of 4 bytes, and its build has 0"),
    ({"layers": 0}, "claims 0 layers"),
    ({"layers": 1}, "claims 1 layers, and its build has 2"),
    ({"layers": 65536}, "claims 65,536 layers"),
    ({"layers": 2**32 - 1}, "claims 4,294,967,295 layers"),
    ({"inputs": 0}, "claims 0 inputs"),
    ({"outputs": 65535}, "claims 65,535 outputs, and its build has 1"),
    ({"names": b"m\0"}, "nothing sensible is said of model 0"),
    ({"names": b""}, "nothing sensible is said of model 0"),
    ({"names": b"\x1b[2J\0" + b"ab" * 8 + b"\0"}, "runs another build"),
]


@pytest.mark.parametrize(("lie", "words"), LIES)
def test_a_hello_that_cannot_be_is_one_sentence(lie: dict[str, Any], words: str) -> None:
    with pytest.raises(DeviceError, match=words) as caught:
        connect(Liar(**lie), BUILD, timeout=1)
    assert caught.value.hint and "\n" not in str(caught.value)


def test_random_hellos_are_refused_or_right() -> None:
    """Whatever the numbers, a Device that comes of it can be worked with."""
    dice = random.Random(20)
    edges = (0, 1, 2, 4, 8, 255, 65535)
    for _ in range(400):
        lie: dict[str, Any] = {"unit": dice.choice((0, 1, 2, 3)), "payload": dice.choice((*edges, 64, 1024))}
        lie |= {
            "models": dice.choice((0, 1, 1, 2)),
            "hz": dice.choice((0, 1, 2**32 - 1)),
            "credit": 2**32 - 1,
        }
        lie |= {key: dice.choice(edges) for key in ("arena", "state", "layers", "inputs", "outputs")}
        try:
            device = connect(Liar(**lie), None, timeout=1)
        except DeviceError:
            continue
        device.write(0, bytes(device.model.arena_size))
        device.read(0, 8) if device.model.arena_size >= 8 else None
        device.run()
        assert device.hello.units_per_tick > 0


def silent(device: Device, what: Any) -> str:
    """What is said of a device that does not answer `what`."""
    start = time.monotonic()
    with pytest.raises(DeviceError) as caught:
        what(device)
    assert time.monotonic() - start < SOON
    return str(caught.value)


def test_silence_after_the_hello_is_told_as_soon_as_the_work_could_be_done() -> None:
    """The layers of BUILD are nothing to compute, so that a run is over in no time on any core."""
    device = connect(Liar(mute=(Type.RUN, Type.INFER)), BUILD, timeout=1, limit=0.5, clock_hz=64_000_000)
    said = silent(device, Device.run)
    assert "no answer to RUN for 5." in said and "5 s is more than it can take on any core" in said


def test_silence_while_the_models_are_described_is_told() -> None:
    start = time.monotonic()
    with pytest.raises(DeviceError, match="no answer to MODEL"):
        connect(Liar(mute=(Type.MODEL,)), BUILD, timeout=1, limit=0.5)
    assert time.monotonic() - start < SOON


def test_models_that_are_described_slowly_share_one_limit() -> None:
    start = time.monotonic()
    with pytest.raises(DeviceError, match="no answer to MODEL"):
        connect(Liar(models=16, slow={Type.MODEL: 0.2}), timeout=1, limit=0.5)
    assert time.monotonic() - start < 16 * 0.2


def test_answers_that_are_always_one_behind_are_told() -> None:
    device = connect(Liar(stale=(Type.RESET_STATE,)), BUILD, timeout=1, limit=0.5)
    assert "no answer to RESET_STATE" in silent(device, Device.reset_state)


def test_silence_of_an_emulator_has_no_cable_and_may_be_a_busy_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Patience, "_seconds", lambda self, instructions: 0.5)
    device = connect(Liar(mute=(Type.RUN,)), BUILD, timeout=1, limit=0.5)
    with pytest.raises(DeviceError, match=r"no answer to RUN for 0\.5 s") as caught:
        device.run()
    assert "on any core" not in str(caught.value)
    assert caught.value.hint == "run it with less beside it on this machine, or on the board (-p PORT)"


def test_patience_follows_the_work_and_the_clock() -> None:
    layers = [
        replace(builds.layer("a"), macs=1_000_000),
        builds.layer("b", "relu", builds.slot("y", 1, 0, 4000)),
    ]
    emulated, chip = Patience.with_layers(layers), Patience.with_layers(layers, 64_000_000)
    assert emulated.of(0, 2) == AT_LEAST_EMULATED + 34.0 and emulated.of(1, 2) == AT_LEAST_EMULATED + 2.0
    assert chip.of(0, 2) == AT_LEAST + 2.125
    assert Patience.with_layers(layers, emulated=2e5).of(0, 2) == AT_LEAST_EMULATED + 170.0
    assert Patience().of(0, 2) > 60  # of a model that nobody described
