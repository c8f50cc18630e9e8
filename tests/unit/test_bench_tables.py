# SPDX-License-Identifier: Apache-2.0
"""The committed tables of odd shapes: what costs more than the limit is listed, each with its reason."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.bench import shapes

_ROW = re.compile(r"\| [a-z ]+ \| (\w+) \| \w+ \| ([\d.]+) \| (\**)([\d.]+)\3 \|")


@pytest.mark.parametrize("table", sorted(shapes.TABLES.glob("*.md")), ids=lambda path: path.stem)
def test_what_is_beyond_the_limit_has_a_reason(table: Path) -> None:
    listed = tomllib.loads((shapes.TABLES / "exceptions.toml").read_text(encoding="utf-8")).get(
        table.stem, {}
    )
    rows = [_ROW.fullmatch(line) for line in table.read_text(encoding="utf-8").splitlines()]
    found = {row[1]: (bool(row[3]), float(row[4])) for row in rows if row}
    assert list(found) == [layer.name for _, layer in shapes.layers()], "measure again: the list has changed"
    assert {name for name, (beyond, _) in found.items() if beyond} == set(listed)
    # Bold is the word of the program that wrote the table; a table that was edited says otherwise here.
    assert all((ratio >= shapes.LIMIT) >= beyond for beyond, ratio in found.values())
    assert all((ratio > shapes.LIMIT) <= beyond for beyond, ratio in found.values())
    assert all(len(reason) > 10 for reason in listed.values())


def test_exceptions_are_of_boards_that_are_measured() -> None:
    listed = tomllib.loads((shapes.TABLES / "exceptions.toml").read_text(encoding="utf-8"))
    assert set(listed) <= {table.stem for table in shapes.TABLES.glob("*.md")}
