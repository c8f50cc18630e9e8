# SPDX-License-Identifier: Apache-2.0
"""docs/tinyedge-toml.md has every key that the code reads; the example in it is read by that code."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tinyedge import project
from tinyedge.commands import keys


def test_the_example_is_a_project(tmp_path: Path) -> None:
    file = tmp_path / project.FILE_NAME
    file.write_text(keys.example(), encoding="utf-8")
    assert project.load(file).model == tmp_path / "model.keras"


@pytest.mark.parametrize("table", [name for name in keys.keys() if name != "budget"])  # noqa: SIM118
def test_the_example_has_every_key(table: str) -> None:
    read = tomllib.loads(keys.example())
    assert set(keys.keys()[table]) <= set(read.get(table, {}) if table else read)


def test_every_limit_is_named() -> None:
    words = set(re.findall(r"[a-z0-9_]+", keys.example()))
    missing = {key for key in keys.keys()["budget"] if key not in words and not key.startswith("latency_")}
    assert not missing
