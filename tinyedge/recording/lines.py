# SPDX-License-Identifier: Apache-2.0
"""Takes a text file, gives its lines as a table has them: without banners, time stamps, brackets, NULs.

Terminals and boot loaders write before the table, the Arduino IDE puts the clock before each line, and
programs print lists in brackets. What is taken away is recognised from the first lines, and noted.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

_SAMPLE = 50  # lines that are looked at
_LONGEST = 1 << 20  # characters of a line: a file without line ends is no table
_STAMP = re.compile(r"\s*(\d\d:\d\d:\d\d[.,]\d{3}) -> ")
_OPENING, _CLOSING = "[({<", "])}>"
_LABVIEW = "***End_of_Header***"  # two of them: https://www.ni.com/docs, "LabVIEW Measurement File"
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*')


@dataclass(frozen=True)
class Form:
    """How the lines of a file hold its table.

    separator: as a line `sep=;`, which spreadsheets write, says it. stamped: the Arduino IDE's clock stands
    before each line. bracketed: each line is a list in brackets. labview: LabVIEW's header goes before.
    skipped: lines before the table.
    """

    encoding: str
    comments: tuple[str, ...]
    separator: str | None = None
    stamped: bool = False
    bracketed: bool = False
    labview: bool = False
    skipped: int = 0


def sample(path: Path, form: Form) -> list[str]:
    """The first lines, without what `form` takes away."""
    return [line for _, line in islice(lines(path, form), _SAMPLE)]


def lines(path: Path, form: Form, separator: str = "") -> Iterator[tuple[int, str]]:
    """Lines that are neither blank nor comments, with their numbers in the file, from 1.

    With a `separator`, a clock before a line is its first cell.
    """
    for number, stamp, line in islice(_parts(path, form), form.skipped, None):
        yield number, (f"{stamp}{separator}{line}" if form.stamped and separator else line)


def recognise(path: Path, encoding: str, comments: tuple[str, ...]) -> Form:
    """The form without the lines to be skipped, which only a separator can tell (`preamble`)."""
    form = Form(encoding, comments)
    first = sample(path, form)
    said = _SEPARATOR_LINE.fullmatch(first[0]) if first else None
    if said:
        form, first = Form(encoding, comments, said[1], skipped=1), first[1:]
    stamped = bool(first) and all(_STAMP.match(line) for line in first)
    bare = [_STAMP.sub("", line).strip() for line in first]
    bracketed = bool(bare) and all(
        line[0] in _OPENING and line[-1] == _CLOSING[_OPENING.index(line[0])] for line in bare if line
    )
    ends = [at for at, line in enumerate(first, 1) if line.startswith(_LABVIEW)]
    skipped = form.skipped + (ends[-1] if ends else 0)
    return Form(encoding, comments, form.separator, stamped, bracketed, bool(ends), skipped)


def preamble(found: list[str], separator: str) -> int:
    """How many of the first lines have at most half as many cells as most lines: they are not the table's."""
    counts = [len(cells) for cells in csv.reader(found, delimiter=separator)]
    usual = max(Counter(counts).items(), key=lambda each: (each[1], each[0]))[0] if counts else 0
    short = (at for at, count in enumerate(counts) if 2 * count > usual)
    return next(short, 0)


def encoding(path: Path) -> str:
    """By the byte order mark, or NULs beside Latin letters; UTF-8 if all of it is, else Latin-1."""
    with path.open("rb") as file:
        start = file.read(64)
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    if len(start) > 2 and b"\0" in start:
        if not any(start[1::2]):
            return "utf-16-le"
        if not any(start[::2]):
            return "utf-16-be"
    try:
        with path.open(encoding="utf-8-sig") as text:
            while text.read(1 << 20):
                pass
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8-sig"


def _parts(path: Path, form: Form) -> Iterator[tuple[int, str, str]]:
    """A line's number in the file, the clock before it, or "", and the line."""
    number = 0
    with path.open(encoding=form.encoding, newline="") as file:
        while line := file.readline(_LONGEST):
            number += 1
            if len(line) == _LONGEST:
                raise csv.Error(f"a line of more than {_LONGEST:,} characters")
            if not line.strip() or line.lstrip().startswith(form.comments):
                continue
            stamp = _STAMP.match(line) if form.stamped else None
            rest = line[stamp.end() :] if stamp else line
            if form.bracketed:
                rest = rest.strip().strip(_OPENING + _CLOSING) + "\n"
            yield number, (stamp[1] if stamp else ""), rest
