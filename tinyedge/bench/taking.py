# SPDX-License-Identifier: Apache-2.0
"""Takes an open line on which a sensor's firmware prints samples, gives a CSV that replays."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tinyedge import paths
from tinyedge.errors import DeviceError, InvalidMeasurement, UsageError
from tinyedge.line.forwarder import Rows
from tinyedge.line.link import Transport
from tinyedge.line.samples import Row, Sent
from tinyedge.project import Input
from tinyedge.text import hertz

_WAIT = 0.1  # s of one read
SILENT = 5.0
"""s without a row, after which nothing will come."""
MEASURE = 2.0
"""s over which the rate is measured where nobody states it."""
_OFF = 0.05  # share by which rows may arrive slower than stated until it is said


@dataclass(frozen=True)
class Taken:
    """rows written; rate_hz: that their times are counted by; measured_hz: by this machine's clock.

    skipped: lines that were no row of numbers; broken: the first of them behind a row. lost: numbered
    rows that did not come, which are gaps.
    """

    rows: int
    channels: tuple[str, ...]
    rate_hz: float
    measured_hz: float
    skipped: int
    broken: str
    lost: int
    warnings: tuple[str, ...]


@dataclass
class _Either:
    """Rows of te_samples.h's frames, times `step`, from the first of them on; else of text, counted."""

    text: Rows
    step: float | None
    sent: Sent = field(default_factory=Sent)
    _count: int = 0

    @property
    def columns(self) -> int | None:
        return self.sent.channels if self.sent.channels is not None else self.text.columns

    def feed(self, data: bytes) -> list[Row]:
        found = self.sent.feed(data) if not self._count else []
        if self.sent.channels is not None and self.step is not None:
            return [(at, tuple(self.step * value for value in row)) for at, row in found]
        if self.sent.channels is not None:
            return found
        rows, start = self.text.feed(data), self._count
        self._count += len(rows)
        return list(enumerate(rows, start))


def take(
    pipe: Transport,
    out: Path,
    signal: Input,
    label: str | None = None,
    seconds: float | None = None,
    progress: Callable[[int], object] = lambda rows: None,
    clock: Callable[[], float] = time.monotonic,
) -> Taken:
    """Write rows as they come until `seconds` are over or Ctrl-C; the file appears when it is whole.

    Times are counted, by `signal.rate_hz` or by the rate measured over the first seconds, since lines arrive
    in bursts. What te_samples.h sends becomes physical by `signal.lsb`, unless [input] is in steps, and rows
    that the line lost leave gaps. UsageError where rows have another number of columns than [input] has
    channels, DeviceError when nothing comes or the line is gone before there was a row.
    """
    text = Rows(None if signal.channels is None else len(signal.channels))
    rows = _Either(text, None if signal.type == "int16" else signal.lsb)
    written, spanned, rate = 0, 0, signal.rate_hz
    held: list[Row] = []
    first = last = start = clock()
    with paths.scratch(out) as folder, (folder / "rows").open("w", encoding="utf-8", newline="") as file:
        with suppress(KeyboardInterrupt):
            while seconds is None or clock() - start < seconds:
                found = rows.feed(pipe.read(_WAIT))
                now = clock()
                if found:
                    if not written and not held:
                        first, start = now, now
                    last = now
                elif now - last > SILENT:
                    break
                held += found
                if rate is None and found and now - first >= MEASURE and len(held) > 1:
                    rate = _round((held[-1][0] + 1) / (now - first))
                if rate is not None and rows.columns is not None and held:
                    if not written:
                        _check_channels(pipe.name, rows, signal)
                        file.write(",".join(("time_s", *_names(signal, rows.columns), *_label(label))) + "\n")
                    for at, row in held:
                        cells = (f"{at / rate:.12g}", *map(repr, row), *([label] if label else []))
                        file.write(",".join(cells) + "\n")
                    written, spanned = written + len(held), held[-1][0] + 1
                    progress(len(held))
                    held = []
        if not written:
            raise _nothing(pipe.name, text, len(held), signal)
        file.flush()
        paths.move(folder / "rows", out)
    assert rate is not None and rows.columns is not None
    measured = spanned / max(last - first, 1e-9)
    return Taken(
        written,
        _names(signal, rows.columns),
        rate,
        measured,
        text.skipped,
        text.broken,
        rows.sent.lost,
        _warnings(rows, rate, measured, last - first),
    )


def _label(label: str | None) -> tuple[str, ...]:
    return ("label",) if label else ()


def _names(signal: Input, columns: int) -> tuple[str, ...]:
    return signal.channels or tuple(f"channel_{i + 1}" for i in range(columns))


def _round(rate: float) -> float:
    """To three digits: a clock of this machine over two seconds knows no more."""
    return float(f"{rate:.3g}")


def _warnings(rows: _Either, rate: float, measured: float, length: float) -> tuple[str, ...]:
    told = []
    if length > MEASURE and abs(measured / rate - 1) > _OFF:
        told.append(
            f"rows came at {hertz(measured)}, their times are counted at {hertz(rate)}:"
            " samples are lost on the line, or rate_hz is wrong"
        )
    if rows.text.broken:
        told.append(
            f"{rows.text.skipped} lines were no row of {rows.columns} numbers, such as {rows.text.broken!r}"
        )
    if rows.sent.lost:
        told.append(
            f"the line lost {rows.sent.lost:,} rows: gaps in the recording; is the baud rate too low?"
        )
    if rows.sent.restarts:
        told.append(f"the firmware started anew {rows.sent.restarts} times: gaps in the recording")
    return tuple(told)


def _check_channels(name: str, rows: _Either, signal: Input) -> None:
    if signal.channels is not None and rows.columns != len(signal.channels):
        raise UsageError(
            f"{name}: the firmware sends {rows.columns} channels, [input] names {len(signal.channels)}",
            "correct `channels` under [input], or what te_samples was given",
        )


def _nothing(name: str, rows: Rows, held: int, signal: Input) -> Exception:
    if held:
        return InvalidMeasurement(
            f"{name}: {held:,} rows came, too few to tell their rate from, which takes {MEASURE:g} s",
            "record longer, or state `rate_hz` under [input] of tinyedge.toml",
        )
    if rows.skipped and signal.channels is not None:
        return UsageError(
            f"{name}: no line has {len(signal.channels)} numbers, as [input] has channels;"
            f" {rows.skipped} lines came",
            "print one line a sample, numbers separated by commas; is the baud rate right?",
        )
    if rows.skipped:
        return InvalidMeasurement(
            f"{name}: {rows.skipped} lines came, and none is a row of numbers",
            "print one line a sample, numbers separated by commas; is the baud rate right?",
        )
    return DeviceError(
        f"{name}: nothing came in {SILENT:g} s", "does the firmware print its samples? is it the right port?"
    )
