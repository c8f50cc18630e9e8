# SPDX-License-Identifier: Apache-2.0
"""Takes the probe that `--energy` names, gives what one inference takes: the integral between the edges of
the board's marker pin. What cannot be measured is an error, and never a number.

A probe is a file of probes/: `connect(port, settings) -> Probe`, the settings as text from `--energy`, a
UsageError for one that it does not have; `KEYS` names them. Its module imports what drives it when it is
needed, since a driver is nobody's but its owner's.
"""

from __future__ import annotations

import importlib
import pkgutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from tinyedge.build import CLOSED
from tinyedge.energy.pulses import Pulses, Samples
from tinyedge.errors import DeviceError, InvalidMeasurement, UsageError

_FIRST = 5.0  # s until the first sample
_LAST = 1.0  # s that the last samples may need to arrive
_ENDS = 6.0  # s until a probe is given up that does not end measuring
LEAST = 10
"""Samples that an inference must last: an edge is known to one of them, so the energy to a tenth."""
_DIFFERS = 0.05  # share by which the board's own time may differ from the marker's: as a clock may be wrong
_EDGES = 2  # samples by which it may, too


@dataclass(frozen=True)
class Energy:
    """What one inference took, in microjoules: mean, least and greatest of `inferences`.

    volts: of the supply, as `probe` was told or set it. mean_s: how long the marker was high. sample_s: the
    time between two samples.
    """

    __pydantic_config__ = CLOSED
    probe: str
    volts: float
    inferences: int
    mean_uj: float
    min_uj: float
    max_uj: float
    mean_s: float
    sample_s: float


class Probe(Protocol):
    """What measures a board's current and sees its marker pin."""

    @property
    def name(self) -> str:
        """What it is and where."""

    @property
    def volts(self) -> float:
        """Of the board's supply."""

    @property
    def sample_s(self) -> float:
        """Seconds between two samples."""

    def samples(self) -> Iterator[Samples | None]:
        """What it measures from now on, at least every second; None where samples were lost.

        Closing the iterator ends it. DeviceError where the probe is gone.
        """

    def close(self) -> None:
        """Give it back; a board that it feeds is without power then."""


class Meter:
    """A probe, from its opening until `close`; beside it runs what is measured."""

    def __init__(self, probe: Probe) -> None:
        self.probe = probe

    def start(self) -> None:
        """Measure from here on; DeviceError where the probe gives no samples."""
        self._pulses = Pulses()
        self._error: Exception | None = None
        self._begun, self._news, self._end = threading.Event(), threading.Condition(), threading.Event()
        self._thread = threading.Thread(target=self._follow, name="energy", daemon=True)
        self._thread.start()
        if not self._begun.wait(_FIRST):
            self.stop()
            raise DeviceError(f"{self.probe.name} gives no samples", "unplug the probe and plug it in again")

    def finish(self, inferences: int, seconds: float | None) -> Energy:
        """What was measured since `start`, when the board has run so many `inferences`.

        seconds: how long the board's own clock says that they took in all; None where it has none.
        InvalidMeasurement where markers are missing, cut off or not the board's; DeviceError where the probe
        has gone.
        """
        with self._news:
            self._news.wait_for(lambda: self._error or self._pulses.count >= inferences, _LAST)
        self.stop()
        if self._error is not None:
            raise self._error
        if self._thread.is_alive():
            raise DeviceError(f"{self.probe.name} sends no whole samples", "is it the kit's first port?")
        return _judged(self.probe, self._pulses, inferences, seconds)

    def stop(self) -> None:
        """Measure no longer; `start` may be called again."""
        self._end.set()
        self._thread.join(_ENDS)

    def close(self) -> None:
        """Give the probe back."""
        self.probe.close()

    def _follow(self) -> None:
        try:
            for samples in self.probe.samples():
                with self._news:
                    self._pulses.feed(samples)
                    self._news.notify()
                self._begun.set()
                if self._end.is_set():
                    return
        except Exception as error:  # `finish` raises it, whatever it is
            with self._news:
                self._error = error
                self._news.notify()
            self._begun.set()


def connect(text: str) -> Meter:
    """The meter of PROBE:PORT[,KEY=VALUE...]; UsageError, ToolMissing or DeviceError."""
    name, _, rest = text.partition(":")
    port, *pairs = rest.split(",")
    if name not in names() or not port:
        raise UsageError(
            f"{text!r} names no energy probe: there is {', '.join(names())}",
            "write PROBE:PORT, as in --energy ppk2:/dev/ttyACM1,volts=3.3",
        )
    module = importlib.import_module(f"{__name__}.probes.{name}")
    settings: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or key not in module.KEYS or key in settings:
            raise UsageError(
                f"{pair!r} is no setting of a {name}",
                f"settings: {', '.join(map('{}=...'.format, module.KEYS))}",
            )
        settings[key] = value
    return Meter(module.connect(port, settings))


def names() -> list[str]:
    """The names of the probes, sorted."""
    from tinyedge.energy import probes

    return sorted(info.name for info in pkgutil.iter_modules(probes.__path__))


def _judged(probe: Probe, pulses: Pulses, inferences: int, seconds: float | None) -> Energy:
    if pulses.count != inferences:
        wires = (
            "is the probe's input at the board's marker pin, with a common ground and the logic's voltage?"
        )
        lost = f", and {pulses.gaps} times samples were lost" if pulses.gaps else ""
        raise InvalidMeasurement(
            f"{probe.name}: the marker was high {pulses.count} times for {inferences} inferences{lost}",
            "plug the probe in directly, and let nothing else load this machine" if lost else wires,
        )
    mean_s = pulses.samples / inferences * probe.sample_s
    if pulses.samples < LEAST * inferences:
        raise InvalidMeasurement(
            f"{probe.name}: an inference lasts {mean_s * 1e6:.3g} us, and the probe samples every"
            f" {probe.sample_s * 1e6:.3g} us: {LEAST} samples are too few to know where it begins and ends",
            "measure a longer model, or a slower clock",
        )
    if seconds is not None and abs(pulses.samples * probe.sample_s - seconds) > (
        _DIFFERS * seconds + _EDGES * inferences * probe.sample_s
    ):
        raise InvalidMeasurement(
            f"{probe.name}: the marker was high for {mean_s * 1e3:.4g} ms an inference, and the board counted"
            f" {seconds / inferences * 1e3:.4g} ms",
            "is it another pin, or an emulator behind the port?",
        )
    if pulses.clipped:
        raise InvalidMeasurement(
            f"{probe.name}: {pulses.clipped} samples are beyond its range, or it is not calibrated there",
            "the board takes more current than the probe can tell, or the probe wants to be calibrated",
        )
    energies = [charge * probe.sample_s * probe.volts * 1e6 for charge in pulses.charges]
    if sum(energies) <= 0:
        raise InvalidMeasurement(
            f"{probe.name}: {inferences} inferences took {sum(energies):.3g} uJ",
            "does the board's current flow through the probe, and in the direction that it says?",
        )
    return Energy(
        probe=probe.name,
        volts=probe.volts,
        inferences=inferences,
        mean_uj=sum(energies) / inferences,
        min_uj=min(energies),
        max_uj=max(energies),
        mean_s=mean_s,
        sample_s=probe.sample_s,
    )
