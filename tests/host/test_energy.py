# SPDX-License-Identifier: Apache-2.0
"""Energy of an inference, measured by a Power Profiler Kit at a pseudo-terminal through the library of its
owners; and everything for which there is no energy.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import fake_device, relay, trials
from tests.conftest import needed
from tests.roms import joulescope, ppk2
from tinyedge import cli, energy
from tinyedge.bench import energy as bench
from tinyedge.energy import Energy
from tinyedge.energy.probes import joulescope as probe
from tinyedge.energy.pulses import Pulses, Samples
from tinyedge.errors import DeviceError, InvalidMeasurement, UsageError
from tinyedge.line.device import Device
from tinyedge.recording import Recording

FRAMES = 6


class Marking(fake_device.FakeDevice):
    """A device that moves the probe's marker around a run of some milliseconds, and counts its time in us.

    high: how long the marker is high, if not as long as the run. counts: times too much. silent: a frame
    without a marker.
    """

    def __init__(
        self,
        kit: ppk2.Kit | joulescope.Scope,
        high: float | None = None,
        counts: float = 1.0,
        silent: int = -1,
    ) -> None:
        super().__init__()
        self._kit, self._high, self._counts, self._silent = kit, high, counts, silent
        self.hello.tick_unit, self.hello.ticks_hz = "cycles", 1_000_000
        self.pulled: threading.Event | None = None

    def run(self, first: int = 0, last: int | None = None) -> int:
        marks = self.frames != self._silent
        begun = time.monotonic()
        if marks:
            self._kit.mark(begun)
        super().run(first, last)
        time.sleep(0.004)
        ended = time.monotonic()
        if marks:
            self._kit.mark(ended if self._high is None else begun + self._high)
        if self.pulled is not None and self.frames == FRAMES // 2:
            self.pulled.set()
        return round((ended - begun) * 1e6 * self._counts)


def _recording() -> Recording:
    spec = fake_device.build().inputs[0].spec
    return Recording(Path("x.npz"), (spec,), (np.arange(4 * FRAMES, dtype=np.int8).reshape(FRAMES, 4),))


def _measure(kit: ppk2.Kit, device: Marking, settings: str = "volts=3.3") -> Energy:
    needed("ppk2lab", "pip install ppk2lab")
    with ppk2.plugged(kit, device.pulled) as port:
        meter = energy.connect(f"ppk2:{port},{settings}")
        try:
            return bench.measure(device, fake_device.build(), _recording(), meter)
        finally:
            meter.close()


@pytest.mark.parametrize(
    ("settings", "channel", "mode", "volts"),
    [("volts=3.3", 0, 1, 3.3), ("volts=1.8,mode=source,channel=5", 5, 2, 1.8)],
)
def test_the_energy_is_the_integral_between_the_edges(
    settings: str, channel: int, mode: int, volts: float
) -> None:
    kit = ppk2.Kit(channel)
    found = _measure(kit, Marking(kit), settings)
    assert (kit.mode, kit.millivolts, kit.power) == (mode, round(volts * 1000), 0)  # off again
    each = [kit.amperes(ppk2.BUSY) * volts * samples / ppk2.RATE * 1e6 for samples in kit.lengths]
    assert (found.inferences, found.volts, found.sample_s) == (FRAMES, volts, 1e-5)
    assert (found.mean_uj, found.min_uj, found.max_uj) == pytest.approx(
        (sum(each) / FRAMES, min(each), max(each)), rel=1e-9
    )
    assert found.mean_s == pytest.approx(sum(kit.lengths) / ppk2.RATE / FRAMES, rel=1e-9)


@pytest.mark.parametrize(
    ("kit", "facts", "said"),
    [
        ({"channel": 3}, {}, "the marker was high 0 times for 6 inferences"),
        ({}, {"silent": 2}, "the marker was high 5 times for 6 inferences"),
        ({"lose": 300}, {}, "times samples were lost"),
        ({"busy": (4, 0x3FFF)}, {}, "samples are beyond its range"),
        ({}, {"high": 5e-5}, "10 samples are too few"),
        ({}, {"counts": 2.0}, "and the board counted"),
        ({"lies": {"UG": "inf"}}, {}, "beyond its range, or it is not calibrated"),
        ({"lies": {"UG": "1e300"}}, {}, "beyond its range, or it is not calibrated"),
        ({"lies": {"R": "1e-320"}}, {}, "beyond its range, or it is not calibrated"),
        ({"lies": {"UG": "-1"}}, {}, "6 inferences took -"),
    ],
    ids=[
        *("another pin", "a run without", "samples lost", "saturated", "too short", "another clock"),
        *("infinite", "huge", "no resistor", "backwards"),
    ],
)
def test_what_is_no_measurement_is_no_number(
    kit: Any, facts: Any, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(energy, "_LAST", 0.6)  # most of these wait for edges that do not come
    profiler = ppk2.Kit(**kit)
    with pytest.raises(InvalidMeasurement, match=said):
        _measure(profiler, Marking(profiler, **facts))


@pytest.mark.parametrize("fact", ["HW", "VDD", "mode"])
def test_what_a_kit_says_of_itself_is_not_believed(fact: str) -> None:
    kit = ppk2.Kit(lies={fact: "9" * 5000})
    with pytest.raises(DeviceError, match=r"ppk2 at .*: cannot convert float infinity"):
        _measure(kit, Marking(kit))


class Stuck:
    """A probe whose samples end in the middle of one, and whose line does not."""

    name, volts, sample_s = "stuck", 3.3, 1e-5

    def __init__(self) -> None:
        self.closed = threading.Event()

    def samples(self) -> Iterator[Samples | None]:
        yield None
        self.closed.wait(60)

    def close(self) -> None:
        self.closed.set()


def test_a_probe_that_does_not_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    for patience in ("_LAST", "_ENDS"):
        monkeypatch.setattr(energy, patience, 0.1)
    meter = energy.Meter(Stuck())
    meter.start()
    with pytest.raises(DeviceError, match="stuck sends no whole samples"):
        meter.finish(1, None)
    meter.close()


def _scoped(scope: joulescope.Scope, monkeypatch: pytest.MonkeyPatch, asked: str = "001234") -> Energy:
    monkeypatch.setitem(sys.modules, "pyjoulescope_driver", scope)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: scope)
    meter = energy.connect(f"joulescope:{asked}")
    try:
        return bench.measure(Marking(scope), fake_device.build(), _recording(), meter)
    finally:
        meter.close()


@pytest.mark.parametrize(("asked", "channel"), [("001234", 0), ("any,channel=3", 3)])
def test_a_joulescope_measures_the_voltage_too(
    asked: str, channel: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = joulescope.Scope(channel)
    found = _scoped(scope, monkeypatch, asked)
    power = float(joulescope.BUSY) * float(joulescope.VOLTS)
    each = [power * samples / joulescope.RATE * 1e6 for samples in scope.lengths]
    assert (found.inferences, found.sample_s) == (FRAMES, 1e-6)
    assert found.volts == pytest.approx(float(joulescope.VOLTS), rel=1e-9)
    assert (found.mean_uj, found.min_uj, found.max_uj) == pytest.approx(
        (sum(each) / FRAMES, min(each), max(each)), rel=1e-6
    )
    with pytest.raises(DeviceError, match="000001 names no one of the Joulescopes here: 001234"):
        energy.connect("joulescope:000001")
    assert scope.published[f"{joulescope.PATH}/s/i/range/mode"] == "auto"
    assert {scope.published[f"{joulescope.PATH}/s/{name}/ctrl"] for name in ("i", "v")} == {0}  # off again


def test_the_driver_of_its_maker_has_what_ours_is_shown_with() -> None:
    driver = needed("pyjoulescope_driver", "pip install pyjoulescope_driver").Driver
    ours = {name for name in vars(joulescope.Scope) if name[0].islower()} - {"mark"}
    assert {"open", "publish", "subscribe"} < ours <= set(dir(driver))


@pytest.mark.parametrize(
    ("facts", "error", "said"),
    [
        ({"there": False}, DeviceError, "no Joulescope is plugged in"),
        ({"channel": 2}, DeviceError, "joulescope 001234 has gone: no sample came"),
        ({"stops": 3}, DeviceError, r"has gone: no sample came for 0\.3 s"),
        ({"missing": True}, InvalidMeasurement, "samples are beyond its range"),
        ({"lose": 2}, InvalidMeasurement, "times samples were lost"),
    ],
    ids=["none there", "an input that says nothing", "unplugged", "no number", "blocks lost"],
)
def test_what_a_joulescope_did_not_measure_is_no_number(
    facts: Any, error: type[Exception], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(energy, "_LAST", 0.6)
    monkeypatch.setattr(probe, "_SILENCE", 0.3)
    with pytest.raises(error, match=said):
        _scoped(joulescope.Scope(**facts), monkeypatch)


def test_a_probe_that_is_unplugged_is_told() -> None:
    kit = ppk2.Kit()
    device = Marking(kit)
    device.pulled = threading.Event()
    with pytest.raises(DeviceError, match=r"ppk2 at .* has gone"):
        _measure(kit, device)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ppk2", "names no energy probe"),
        ("ppk3:/dev/x", "names no energy probe: there is joulescope, ppk2"),
        ("joulescope:any,channel=7", "has inputs 0 to 3"),
        ("joulescope:any,volts=3", "'volts=3' is no setting of a joulescope"),
        ("ppk2:/dev/x", "the voltage is not set"),
        ("ppk2:/dev/x,volts=12", "takes 0.8 to 5.0 V"),
        ("ppk2:/dev/x,volts=nan", "are numbers"),
        ("ppk2:/dev/x,volts=3,mode=off", "has ampere and source"),
        ("ppk2:/dev/x,volts=3,channel=8", "and D0 to D7"),
        ("ppk2:/dev/x,volts=3,volts=4", "'volts=4' is no setting"),
        ("ppk2:/dev/x,ampere", "'ampere' is no setting of a ppk2"),
    ],
)
def test_what_names_no_probe_is_said(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as refused:
        energy.connect(text)
    assert refused.value.exit_code == 2


def test_a_port_without_a_kit_is_said(tmp_path: Path) -> None:
    needed("ppk2lab", "pip install ppk2lab")
    with pytest.raises(DeviceError, match=r"ppk2 at .*nothing"):
        energy.connect(f"ppk2:{tmp_path / 'nothing'},volts=3")


@pytest.mark.parametrize("size", [1, 3, 7, 100])
def test_pulses_are_the_same_in_runs_of_any_length(size: int) -> None:
    """High from the start is no pulse; a pulse over several runs is one; one that lost samples is none."""
    marked = np.array([1, 1, 0, 0, 1, 1, 1, 0, 1, 0, 0, 1], np.bool_)
    amperes = np.arange(12.0)
    found = Pulses()
    for at in range(0, 12, size):
        part = slice(at, at + size)
        found.feed(Samples(amperes[part], marked[part], amperes[part] == 5))
    assert (found.charges, found.samples, found.clipped) == ([4 + 5 + 6, 8], 4, 1)
    found.feed(None)
    found.feed(Samples(amperes[:4], np.array([1, 0, 1, 0], np.bool_), marked[:4]))
    assert (found.charges, found.gaps) == ([15, 8, 2], 1)


@pytest.mark.parametrize(
    ("board", "port", "said"),
    [
        ("nrf52840-dk", ["-p", "/dev/null"], "nrf52840-dk has no marker"),
        ("plain.toml", ["-p", "/dev/null"], "a free one, into its file"),
        ("mine.toml", ["-p", "/dev/null"], "the voltage is not set"),
    ],
)
def test_the_command_says_what_is_missing(
    board: str, port: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from tinyedge.board import show

    (tmp_path / "plain.toml").write_text(show.show("nrf52840-dk"), encoding="utf-8")
    mine = show.show("nrf52840-dk").replace("[memory]", 'marker = "P0.04"\n[memory]')
    (tmp_path / "mine.toml").write_text(mine, encoding="utf-8")
    model, x = tmp_path / "m.tflite", tmp_path / "x.npy"
    model.write_bytes(trials.convolution().data)
    np.save(x, np.zeros((2, 4), np.int8))
    name = str(tmp_path / board) if board.endswith(".toml") else board
    asked = ["test", str(model), "--board", name, *port, "--replay", str(x), "--energy", "ppk2:/dev/null"]
    with pytest.raises(SystemExit) as ended:
        cli.main(asked)
    assert ended.value.code == 2 and said in capsys.readouterr().err


def test_the_command_measures_beside_a_board_at_a_port(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All but the pin: the host's firmware at a TCP line, the kit at a port, the marker moved by hand."""
    needed("ppk2lab", "pip install ppk2lab")
    kit, infer = ppk2.Kit(), Device.infer

    def marked(self: Device, *asked: Any) -> Any:
        kit.mark(time.monotonic())
        try:
            return infer(self, *asked)
        finally:
            time.sleep(0.004)
            kit.mark(time.monotonic())

    monkeypatch.setattr(Device, "infer", marked)
    monkeypatch.setattr(bench, "check", lambda board: None)  # the host has no pin
    trial = trials.prepare("host", tmp_path)
    model, x = tmp_path / "conv.tflite", tmp_path / "x.npy"
    model.write_bytes(trial.model.data)
    np.save(x, trial.recording.values[0][:FRAMES])
    with ppk2.plugged(kit) as port, relay.attached(tmp_path / "firmware.elf", 1e9, tcp=True) as line:
        asked = ["test", str(model), "--board", "host", "-p", line.url, "--no-flash", "--replay", str(x)]
        with pytest.raises(SystemExit) as ended:
            cli.main([*asked, "-o", str(tmp_path / "out"), "--energy", f"ppk2:{port},volts=1.8", "--json"])
    said = capsys.readouterr()
    assert ended.value.code == 0, said.err
    found = json.loads(said.out)["energy"]
    each = [kit.amperes(ppk2.BUSY) * 1.8 * samples / ppk2.RATE * 1e6 for samples in kit.lengths]
    assert (found["inferences"], found["volts"]) == (FRAMES, 1.8)
    assert (found["mean_uj"], found["max_uj"]) == pytest.approx((sum(each) / FRAMES, max(each)), rel=1e-9)
    assert kit.power == 0 and "uJ" in said.err
