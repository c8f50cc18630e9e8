# SPDX-License-Identifier: Apache-2.0
"""Takes an open line on which a sensor's firmware prints samples, gives a CSV that replays."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tinyedge import paths, text
from tinyedge.errors import DeviceError, InvalidMeasurement, UsageError
from tinyedge.line.forwarder import Rows
from tinyedge.line.link import Transport
from tinyedge.project import Input

_WAIT = 0.1  # s of one read
SILENT = 5.0
"""s without a row, after which nothing will come."""
MEASURE = 2.0
"""s over which the rate is measured where nobody states it."""
_OFF = 0.05  # share by which rows may arrive slower than stated until it is said


@dataclass(frozen=True)
class Taken:
    """rows written; rate_hz: that their times are counted by; measured_hz: by this machine's clock.

    skipped: lines that were no row of numbers; broken: the first of them behind a row.
    """

    rows: int
    channels: tuple[str, ...]
    rate_hz: float
    measured_hz: float
    skipped: int
    broken: str
    warnings: tuple[str, ...]


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
    in bursts. UsageError where rows have another number of columns than [input] has channels, DeviceError
    when nothing comes or the line is gone before there was a row.
    """
    rows = Rows(None if signal.channels is None else len(signal.channels))
    written, rate = 0, signal.rate_hz
    held: list[tuple[float, ...]] = []
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
                if rate is None and now - first >= MEASURE and len(held) > 1:
                    rate = _round(len(held) / (now - first))
                if rate is not None and rows.columns is not None and held:
                    if not written:
                        file.write(",".join(("time_s", *_names(signal, rows.columns), *_label(label))) + "\n")
                    for row in held:
                        cells = (f"{written / rate:.12g}", *map(repr, row), *([label] if label else []))
                        file.write(",".join(cells) + "\n")
                        written += 1
                    progress(len(held))
                    held = []
        if not written:
            raise _nothing(pipe.name, rows, signal)
        file.flush()
        paths.move(folder / "rows", out)
    assert rate is not None and rows.columns is not None
    measured = written / max(last - first, 1e-9)
    return Taken(
        written,
        _names(signal, rows.columns),
        rate,
        measured,
        rows.skipped,
        rows.broken,
        _warnings(rows, rate, measured, last - first),
    )


def _label(label: str | None) -> tuple[str, ...]:
    return ("label",) if label else ()


def _names(signal: Input, columns: int) -> tuple[str, ...]:
    return signal.channels or tuple(f"channel_{i + 1}" for i in range(columns))


def _round(rate: float) -> float:
    """To three digits: a clock of this machine over two seconds knows no more."""
    return float(f"{rate:.3g}")


def _warnings(rows: Rows, rate: float, measured: float, length: float) -> tuple[str, ...]:
    told = []
    if length > MEASURE and abs(measured / rate - 1) > _OFF:
        told.append(
            f"rows came at {text.hertz(measured)}, their times are counted at {text.hertz(rate)}:"
            " samples are lost on the line, or rate_hz is wrong"
        )
    if rows.broken:
        told.append(f"{rows.skipped} lines were no row of {rows.columns} numbers, such as {rows.broken!r}")
    return tuple(told)


def _nothing(name: str, rows: Rows, signal: Input) -> Exception:
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
