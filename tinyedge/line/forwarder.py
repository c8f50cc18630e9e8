# SPDX-License-Identifier: Apache-2.0
"""Takes bytes of a line on which a sensor's firmware prints rows of numbers, gives the rows.

The form is that of Edge Impulse's data forwarder: a line a sample, numbers separated by commas, tabs or
semicolons, LF or CR LF; a number may have its name before it (`x:1.5`), as Arduino's plotter has it.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

_SEPARATOR = re.compile(r" *[,;\t] *| +")
_LONGEST = 4096  # bytes of a line: beyond, it is no text


@dataclass
class Rows:
    """Rows as they come; `columns` of the first two lines that agree, unless it is given.

    The first line is dropped: who listens from somewhere in it on may see 5.1 where 25.1 was meant. skipped:
    lines that were no row (boot messages, halves of lines); the first such line behind a row is `broken`.
    """

    columns: int | None = None
    skipped: int = 0
    broken: str = ""
    _rest: bytes = b""
    _held: list[tuple[float, ...]] = field(default_factory=list)
    _seen: bool = False
    _begun: bool = False

    def feed(self, data: bytes) -> list[tuple[float, ...]]:
        """The rows that these bytes complete."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if lines and not self._begun:
            self._begun, lines = True, lines[1:]
        if len(self._rest) > _LONGEST:
            self._rest = b""
            self.skipped += 1
        return [row for line in lines for row in self._line(line)]

    def _line(self, line: bytes) -> list[tuple[float, ...]]:
        text = line.strip(b"\r\0 \t").decode("ascii", "replace")
        if not text:
            return []
        row = numbers(text)
        if row is None or (self.columns is not None and len(row) != self.columns):
            self.skipped += 1
            if self._seen and not self.broken:
                self.broken = text[:40]
            return []
        if self.columns is None:
            self._held, before = [row], self._held
            if not before or len(before[0]) != len(row):
                self.skipped += len(before)
                return []
            self.columns, self._seen = len(row), True
            return [before[0], row]
        self._seen = True
        return [row]


def numbers(text: str) -> tuple[float, ...] | None:
    """The finite numbers of a line; None where it holds anything else."""
    found = []
    for cell in _SEPARATOR.split(text.strip()):
        value = cell.rpartition(":")[2]
        if "_" in value or not value.isascii():
            return None
        try:
            found.append(float(value))
        except ValueError:
            return None
    return tuple(found) if found and all(map(math.isfinite, found)) else None
