# SPDX-License-Identifier: Apache-2.0
"""CSV in the dialects of loggers and spreadsheets: separator, decimal mark, encoding and comments.

What [recording] of tinyedge.toml does not give is recognised from the first lines, and noted.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain, zip_longest
from pathlib import Path

from tinyedge.errors import UsageError
from tinyedge.project import Columns
from tinyedge.recording import lines, spool, times, units
from tinyedge.recording.formats import Column, Table, check_width
from tinyedge.recording.lines import Form

SUFFIXES = (".csv", ".tsv", ".txt", ".log", ".lvm")

_SEPARATORS = "\t;|, "  # a comma may be a decimal mark, so it comes behind what can only separate
_NAMES = {"\t": "tabs", ";": "semicolons", "|": "bars", " ": "blanks"}
_COMMENTS = ("#", "//", "%")
_DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+([eE][-+]?\d+)?")
_THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2},\d{3}")
_POINTS, _SMALL = re.compile(r"[-+]?[1-9]\d{0,2}\.\d{3}"), re.compile(r"[-+]?\d{1,3}")
_HEXADECIMAL = re.compile(r"\d+([eE]\d+)?")
_DATED, _FASTEST = 1e9, 1e5  # s since 1970, of 2001 to 2286; Hz
_BRACKETED = re.compile(r"^[\[(](.*)[\])]$")
_PLOTTED = re.compile(r"\s*([A-Za-z_][^:=]*?)\s*[:=]\s*([-+.\dnNiI]\S*)\s*")


@dataclass(frozen=True)
class _Dialect:
    form: Form
    separator: str
    decimal: str
    notes: tuple[str, ...]

    def rows(self, path: Path) -> Iterator[tuple[int, list[str]]]:
        """The cells of each row, and the number of its line in the file; of several, of the last."""
        at = 0

        def given() -> Iterator[str]:
            nonlocal at
            for number, line in lines.lines(path, self.form, self.separator):
                at = number
                yield line

        for cells in csv.reader(given(), delimiter=self.separator, skipinitialspace=True):
            yield at, cells


def read(path: Path, columns: Columns) -> Table:
    """Every row; a header is optional, and so is a `#` before comments."""
    try:
        dialect = _dialect(path, columns)
        return _table(path, dialect)
    except (OSError, UnicodeError, LookupError, csv.Error) as error:
        raise UsageError(
            f"cannot read {path}: it is not CSV text ({error})",
            "write the file again, or name its encoding under [recording]",
        ) from None


def _dialect(path: Path, columns: Columns) -> _Dialect:
    comments = _COMMENTS if columns.comment is None else (columns.comment,)
    form = lines.recognise(path, columns.encoding or lines.encoding(path), comments)
    sample = lines.sample(path, form)
    separator = columns.separator or form.separator or _separator(sample)
    before = lines.preamble(sample, separator)
    form = replace(form, skipped=form.skipped + before)
    rows = [[cell.strip() for cell in row] for row in csv.reader(sample[before + 1 :], delimiter=separator)]
    decimal = columns.decimal or _decimal(path, rows, separator)
    for cells in zip_longest(*rows, fillvalue=""):
        _check_decimal(path, [cell for cell in cells if cell])
    notes = ["the header of LabVIEW is left out"] if form.labview else []
    if before:
        notes.append(
            f"{before} lines before the table are left out, the last is `{sample[before - 1].strip()}`"
        )
    if columns.separator is None and separator != ",":
        notes.append(f"columns separated by {_NAMES.get(separator, separator)}")
    if columns.decimal is None and decimal == ",":
        notes.append("decimal commas")
    if columns.encoding is None and form.encoding != "utf-8-sig":
        notes.append(f"text taken as {form.encoding}")
    return _Dialect(form, separator, decimal, tuple(notes))


def _decimal(path: Path, rows: list[list[str]], separator: str) -> str:
    """A comma where numbers have one and none has a point, which beside commas of thousands it has."""
    cells = [cell for row in rows for cell in row]
    for column in zip_longest(*rows, fillvalue="") if separator != "," else ():
        grouped = [cell for cell in column if "." in cell]
        # Numbers below a thousand have no mark of thousands; where there are decimals, all have them.
        if all(map(_POINTS.fullmatch, grouped)) and grouped and any(map(_SMALL.fullmatch, column)):
            raise UsageError(
                f"{path}: nobody can tell whether the point in {grouped[0]!r} is a decimal one",
                'write `decimal = "."` under [recording] if it is, or numbers without thousands marks',
            )
    commas = [cell for cell in cells if _DECIMAL_COMMA.fullmatch(cell)]
    points = any("." in cell and _number(cell, ".") is not None for cell in cells)
    if not commas or points:
        return "."
    if all(_THOUSANDS.fullmatch(cell) for cell in commas):
        raise UsageError(
            f"{path}: nobody can tell whether the comma in {commas[0]!r} is a decimal one",
            'write `decimal = ","` or `decimal = "."` under [recording], and numbers without thousands marks',
        )
    return ","


def _check_decimal(path: Path, cells: list[str]) -> None:
    """UsageError for a column of hexadecimal numbers that happen to look like powers of ten: 0120, 1E05."""
    told = next((cell for cell in cells if not cell.isdigit()), None)
    if told and len(set(map(len, cells))) == 1 < len(cells) and all(map(_HEXADECIMAL.fullmatch, cells)):
        raise UsageError(
            f"{path}: nobody can tell whether {told!r} is hexadecimal", "write decimal numbers, as 100000.0"
        )


def _separator(sample: list[str]) -> str:
    """The first of _SEPARATORS that every line has equally often; else the one that most lines have."""
    counts = {mark: [line.strip().count(mark) for line in sample] for mark in _SEPARATORS}
    # A cut last line has fewer.
    whole = {mark: set(found[:-1] or found) for mark, found in counts.items()}
    for mark, found in whole.items():
        if len(found) == 1 and found != {0}:
            return mark
    usual = {mark: Counter(count for count in counts[mark] if count).most_common(1) for mark in _SEPARATORS}
    most = max(_SEPARATORS, key=lambda mark: usual[mark][0][1] if usual[mark] else 0)
    return most if any(counts[most]) else ","


def _table(path: Path, dialect: _Dialect) -> Table:
    rows = dialect.rows(path)
    begin = next(rows, None)
    if begin is None:
        raise _empty(path)
    first = [_plain(cell) for cell in begin[1]]
    plotted = _plotted(first, dialect)
    header = plotted is None and not any(_number(cell, dialect.decimal) is not None for cell in first)
    names = plotted or (first if header else [""] * len(first))
    rows = rows if header else chain([(begin[0], first)], rows)
    if header:
        names, rows = _units(names, rows)
    if dialect.form.stamped:
        names[0] = ""
    columns: list[spool.Column | list[str]] | None = None
    places: list[tuple[int, int]] = []
    expected = 0
    for row, (number, cells) in enumerate(rows):
        if number != expected:
            places.append((row, number))
        expected = number + 1
        if plotted is not None:
            cells = _unnamed(path, number, cells, names)
        if columns is None:
            names, columns = _begin(path, number, names, cells, dialect)
        _append(path, number, names, cells, columns, dialect)
    if columns is None:
        raise _empty(path)
    _check_words(path, places[0][1], names, columns, dialect)
    done: tuple[Column, ...] = tuple(
        column if isinstance(column, list) else column.done() for column in columns
    )
    clock = 0 if dialect.form.stamped else None
    table = Table(tuple(names), done, tuple(places), notes=dialect.notes, clock=clock)
    return table if header or plotted else _empatica(table)


def _empatica(table: Table) -> Table:
    """Of a wristband's file without names, where the first row is when it began and the second its rate."""
    cells = [column[:2] for column in table.columns if not isinstance(column, list) and len(column) > 2]
    if len(cells) != len(table.columns) or len({tuple(pair) for pair in cells}) != 1:
        return table
    start, rate = (float(value) for value in cells[0])
    if not (_DATED <= start < 10 * _DATED and 0 < rate < _FASTEST):
        return table
    return replace(
        table,
        columns=tuple(column[2:] for column in table.columns),
        lines=tuple((max(0, row - 2), line + max(0, 2 - row)) for row, line in table.lines),
        rate_hz=rate,
        notes=(*table.notes, "the first two rows are taken as a date and a rate, as Empatica writes them"),
    )


def _plain(cell: str) -> str:
    """A name on one line: quoted cells may have several."""
    return " ".join(cell.split())


def _plotted(cells: list[str], dialect: _Dialect) -> list[str] | None:
    """Names of the columns where each cell is `name:number`, as the Arduino IDE's plotter takes them."""
    stamp = cells[:1] if dialect.form.stamped else []
    end = [""] if len(cells) > 1 and not cells[-1] else []  # a separator behind each
    found = [_PLOTTED.fullmatch(cell) for cell in cells[len(stamp) : len(cells) - len(end)]]
    named = [match for match in found if match and _number(match[2], dialect.decimal) is not None]
    if not named or len(named) < len(found):
        return None
    return ["" for _ in stamp] + [match[1] for match in named] + end


def _unnamed(path: Path, number: int, cells: list[str], names: list[str]) -> list[str]:
    """The numbers of a row whose cells are `name:number`."""
    bare = []
    for at, cell in enumerate(cells):
        name = names[at] if at < len(names) else ""
        found = _PLOTTED.fullmatch(cell) if name else None
        if name and (found is None or found[1] != name):
            raise UsageError(
                f"{path}: row {number}, column {at + 1} is {cell.strip()[:40]!r}, not `{name}` and a number",
                "print every row with the same names in the same order",
            )
        bare.append(found[2] if found else cell)
    return bare


def _units(
    names: list[str], rows: Iterator[tuple[int, list[str]]]
) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """Names with the units that a second line of the header gives, and the rows below."""
    second = next(rows, None)
    if second is None:
        return names, rows
    bare = [_BRACKETED.sub(r"\1", cell.strip()) for cell in second[1]]
    if len(bare) != len(names) or not any(bare) or not all(map(_unit, filter(None, bare))):
        return names, chain([second], rows)
    return [f"{name} ({unit})" if unit else name for name, unit in zip(names, bare, strict=True)], rows


def _unit(text: str) -> bool:
    return units.known(text) or times.unit_of(f"time ({text})") is not None


def _empty(path: Path) -> UsageError:
    return UsageError(f"{path} holds no numbers", "write one row of numbers for each time step")


def _begin(
    path: Path, number: int, names: list[str], cells: list[str], dialect: _Dialect
) -> tuple[list[str], list[spool.Column | list[str]]]:
    """Names for all columns of the first row of numbers, and a column for each: of numbers or of words."""
    if len(cells) == len(names) + 1 and not cells[-1].strip():
        names = [*names, ""]  # every row ends with a separator, the header does not
    if dialect.form.labview and len(cells) == len(names) - 1:
        names = names[:-1]  # that of comments, of which there are none
    if len(cells) != len(names):
        raise _ragged(path, number, len(cells), len(names))
    check_width(path, len(cells))
    columns: list[spool.Column | list[str]] = [
        spool.Column() if _number(cell.strip(), dialect.decimal) is not None else [] for cell in cells
    ]
    return names, columns


def _append(
    path: Path,
    number: int,
    names: list[str],
    cells: list[str],
    columns: list[spool.Column | list[str]],
    dialect: _Dialect,
) -> None:
    if len(cells) != len(columns):
        raise _ragged(path, number, len(cells), len(columns))
    for at, (cell, column) in enumerate(zip(cells, columns, strict=True)):
        text = cell.strip()
        if isinstance(column, list):
            # Of words that go on for many rows, one is kept.
            column.append(column[-1] if column and column[-1] == text else text)
            continue
        value = _number(text, dialect.decimal)
        if value is None and [_plain(cell) for cell in cells] == names:
            raise UsageError(
                f"{path}: row {number} is the header again: the logger was started anew there",
                "cut the recording there, and replay each part",
            )
        if value is None:
            raise _no_number(path, number, at, names[at], text)
        column.append(value)


def _check_words(
    path: Path, first: int, names: list[str], columns: list[spool.Column | list[str]], dialect: _Dialect
) -> None:
    """A column that begins with a word holds words: with a number below, its beginning is the fault."""
    for at, column in enumerate(columns):
        if isinstance(column, list) and any(_number(cell, dialect.decimal) is not None for cell in column):
            raise _no_number(path, first, at, names[at], column[0])


def _no_number(path: Path, number: int, at: int, name: str, text: str) -> UsageError:
    called = f" ({name})" if name else ""
    return UsageError(
        f"{path}: row {number}, column {at + 1}{called} is {text[:40]!r}, not a number",
        "write numbers only, or name the column of labels: `label = ...` under [recording]",
    )


def _ragged(path: Path, number: int, found: int, wanted: int) -> UsageError:
    return UsageError(
        f"{path}: row {number} has {found} columns, the ones before have {wanted}",
        "give every row the same columns; if it is the last row, the logger was cut off: delete it",
    )


def _number(cell: str, decimal: str) -> float | None:
    if decimal == ",":
        if "." in cell:  # thousands, or a date
            return None
        cell = cell.replace(",", ".", 1)
    # float() also takes underscores and digits of other scripts, which no logger means as numbers.
    if "_" in cell or not cell.isascii():
        return None
    try:
        return float(cell)
    except ValueError:
        return None
