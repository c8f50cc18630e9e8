# SPDX-License-Identifier: Apache-2.0
"""Takes the port of a Nordic Power Profiler Kit II, gives a probe, by the library ppk2lab (MIT).

The kit measures current, and the voltage is what it is told: in ampere mode (`mode=ampere`, the default) the
board has a supply of its own, in source mode the kit is it, at `volts`. The marker is one of its logic
inputs, D0 unless `channel` says otherwise; they want the board's logic voltage at VCC of that connector.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

import numpy as np

from tinyedge.energy.pulses import Samples
from tinyedge.errors import DeviceError, ToolMissing, UsageError
from tinyedge.process import packages

KEYS = ("volts", "mode", "channel")
_VOLTS = 0.8, 5.0
_MODES = ("ampere", "source")
_CHANNELS = 8
_FULL_SCALE = 0x3FFF  # of the converter's 14 bits
_MOST = 2e6  # microamperes; Nordic names 1 A. What its own calibration makes more of is nonsense
_BITS_OF_LOGIC = 24  # of a sample's 32: below them a counter, the range and the converter's bits


class Kit:
    """An open Power Profiler Kit II."""

    def __init__(self, port: str, millivolts: int, mode: str, channel: int) -> None:
        self.name = f"ppk2 at {port}"
        self.volts = millivolts / 1000
        self.sample_s = 1e-5
        self._channel = channel
        self._lab: Any = importlib.import_module("ppk2lab")
        try:
            self._kit = self._lab.PPK2.open(port=port, simulate=False)
        except Exception as error:  # not only its own: it takes apart what anything at that port may say
            raise DeviceError(
                f"{self.name}: {error}", "is it the kit's first port, and is no other program on it?"
            ) from error
        try:
            self._kit.set_mode(self._lab.Mode[mode.upper()])
            self._kit.set_source_voltage_mv(millivolts)
            self._kit.set_dut_power(True)
        except Exception as error:
            self._kit.close()
            raise DeviceError(f"{self.name}: {error}") from error

    def samples(self) -> Iterator[Samples | None]:
        """As Probe."""
        try:
            with closing(self._kit.stream()) as stream:
                for event in stream:
                    yield self._samples(event) if hasattr(event, "words") else None
        except Exception as error:
            raise DeviceError(f"{self.name} has gone: {error}", "was the probe unplugged?") from error

    def close(self) -> None:
        """As Probe."""
        self._kit.close()

    def _samples(self, block: Any) -> Samples:
        words = np.frombuffer(block.words, np.uint32)
        marked = (words >> _BITS_OF_LOGIC + self._channel & 1).astype(np.bool_)
        # The board is of interest while its marker is high; converting costs a tenth of a core.
        microamperes = (
            np.array(self._kit.calibration.convert_block(block, self.volts * 1000))
            if marked.any()
            else np.zeros(len(words))
        )
        clipped = (words & _FULL_SCALE) == _FULL_SCALE
        return Samples(microamperes * 1e-6, marked, clipped | ~(np.abs(microamperes) <= _MOST))


def connect(port: str, settings: Mapping[str, str]) -> Kit:
    """As energy.connect."""
    if "volts" not in settings:
        raise UsageError(
            "the voltage is not set: a PPK2 measures current alone", f"--energy ppk2:{port},volts=3.3"
        )
    try:
        millivolts = round(float(settings["volts"]) * 1000)
        channel = int(settings.get("channel", "0").removeprefix("D"))
    except (ValueError, OverflowError):
        raise UsageError("`volts` and `channel` are numbers", "volts=3.3,channel=0") from None
    mode = settings.get("mode", _MODES[0])
    if not _VOLTS[0] * 1000 <= millivolts <= _VOLTS[1] * 1000:
        raise UsageError(f"volts={settings['volts']}: a PPK2 takes {_VOLTS[0]} to {_VOLTS[1]} V")
    if mode not in _MODES or not 0 <= channel < _CHANNELS:
        raise UsageError(f"mode={mode},channel={channel}: a PPK2 has {' and '.join(_MODES)}, and D0 to D7")
    if importlib.util.find_spec("ppk2lab") is None:
        raise ToolMissing(
            "ppk2lab, which drives the PPK2, is not installed", f"run: {packages.install('ppk2lab')}"
        )
    return Kit(port, millivolts, mode, channel)
