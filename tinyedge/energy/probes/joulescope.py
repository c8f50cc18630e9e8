# SPDX-License-Identifier: Apache-2.0
"""Takes the serial number of a Joulescope, or `any`, gives a probe, by its maker's pyjoulescope_driver.

That is under Apache-2.0. A Joulescope measures current and voltage, a million times a second and more. The
marker is one of its general-purpose inputs, 0 unless `channel` says otherwise.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import queue
import time
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyedge.energy.pulses import Samples
from tinyedge.errors import DeviceError, ToolMissing, UsageError
from tinyedge.process import packages

KEYS = ("channel",)
_ANY = "any"
_DRIVER = "pyjoulescope_driver"
_CHANNELS = 4
_SILENCE = 1.0  # s without a sample: it is gone
_Samples = NDArray[Any]


class _Stream:
    """What came of a signal, and is not used yet: the samples from number `first` to the one before `end`."""

    def __init__(self) -> None:
        self.first = self.end = -1
        self._parts: list[_Samples] = []

    def add(self, number: int, part: _Samples) -> bool:
        """Append; False where samples before these were lost, and only these are left."""
        follows = number == self.end or self.end < 0
        if number != self.end:
            self.first, self._parts = number, []
        self._parts.append(part)
        self.end = number + len(part)
        return follows

    def take(self, first: int, end: int) -> _Samples:
        """The samples from `first` to `end`; they, and those before, are used."""
        whole = np.concatenate(self._parts)
        taken, rest = whole[first - self.first : end - self.first], whole[end - self.first :]
        self.first, self._parts = end, [rest]
        return taken


class Joulescope:
    """An open Joulescope. volts: what it measured first; sample_s: as its samples came."""

    def __init__(self, serial: str, channel: int) -> None:
        self.name = f"joulescope {serial}"
        self.volts, self.sample_s = 0.0, 1e-6
        self._library: Any = importlib.import_module(_DRIVER)
        try:
            self._driver = self._library.Driver()
        except (RuntimeError, OSError) as error:
            raise DeviceError(f"{self.name}: {error}", "is USB there, and may you use it?") from error
        try:
            self._path = self._find(serial)
            self._driver.open(self._path)
            self._driver.publish(f"{self._path}/s/i/range/mode", "auto")
        except (RuntimeError, OSError) as error:  # a time-out is an OSError
            self._driver.finalize()
            raise DeviceError(f"{self.name}: {error}", "is no other program on it?") from error
        except BaseException:
            self._driver.finalize()
            raise
        self._signals = {f"{self._path}/s/{name}": name[0] for name in ("i", "v", f"gpi/{channel}")}

    def samples(self) -> Iterator[Samples | None]:
        """As Probe."""
        came: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()

        def put(topic: str, value: Any) -> None:
            came.put((topic, value))

        streams = {which: _Stream() for which in "ivg"}
        try:
            for topic in self._signals:
                self._driver.subscribe(f"{topic}/!data", "pub", put)
                self._driver.publish(f"{topic}/ctrl", 1)
            heard = time.monotonic()
            while True:
                # A signal that says nothing is no probe that measures, however much the others say.
                left = heard + _SILENCE - time.monotonic()
                if left <= 0:
                    raise queue.Empty
                topic, value = came.get(timeout=left)
                which = self._signals[topic.removesuffix("/!data")]
                factor = value["decimate_factor"]
                self.sample_s = factor / value["sample_rate"]
                data = value["data"]
                part = np.unpackbits(data, bitorder="little") if which == "g" else data
                if not streams[which].add(value["sample_id"] // factor, part):
                    yield None
                for samples in self._together(streams):
                    yield samples
                    heard = time.monotonic()
        except (queue.Empty, RuntimeError, OSError) as error:
            why = f"no sample came for {_SILENCE:g} s" if isinstance(error, queue.Empty) else str(error)
            raise DeviceError(f"{self.name} has gone: {why}", "was the probe unplugged?") from error
        finally:
            with contextlib.suppress(RuntimeError, OSError):
                for topic in self._signals:
                    self._driver.unsubscribe(f"{topic}/!data", put)
                    self._driver.publish(f"{topic}/ctrl", 0)

    def close(self) -> None:
        """As Probe."""
        with contextlib.suppress(RuntimeError, OSError):
            self._driver.close(self._path)
        self._driver.finalize()

    def _find(self, serial: str) -> str:
        there = {path.rsplit("/", 1)[-1]: path for path in self._driver.device_paths()}
        if not there:
            raise DeviceError("no Joulescope is plugged in", "is USB there, and may you use it?")
        found = list(there.values()) if serial == _ANY else [there[serial]] if serial in there else []
        if len(found) != 1:
            raise DeviceError(
                f"{serial} names no one of the Joulescopes here: {', '.join(there)}",
                "--energy joulescope:SERIAL",
            )
        return str(found[0])

    def _together(self, streams: Mapping[str, _Stream]) -> Iterator[Samples]:
        """What has come of all three signals.

        Power is told as current at the voltage that was measured first, so that a charge at that voltage is
        the energy, whatever the supply does.
        """
        first = max(stream.first for stream in streams.values())
        end = min(stream.end for stream in streams.values())
        if end <= first:
            return
        current, voltage, marked = (streams[which].take(first, end) for which in "ivg")
        lost = np.isnan(current) | np.isnan(voltage)
        if self.volts == 0.0 and not lost.all():
            self.volts = float(np.nanmean(voltage.astype(np.float64)))
        power = np.where(lost, 0.0, current.astype(np.float64) * voltage)
        amperes = power / self.volts if self.volts else np.zeros(len(power))
        yield Samples(amperes, marked.astype(np.bool_), lost)


def connect(port: str, settings: Mapping[str, str]) -> Joulescope:
    """As energy.connect."""
    channel = settings.get("channel", "0")
    if channel not in map(str, range(_CHANNELS)):
        raise UsageError(f"channel={channel}: a Joulescope has inputs 0 to {_CHANNELS - 1}")
    if importlib.util.find_spec(_DRIVER) is None:
        raise ToolMissing(
            f"{_DRIVER}, which drives the Joulescope, is not installed",
            f"run: {packages.install(_DRIVER)}",
        )
    return Joulescope(port, int(channel))
