# SPDX-License-Identifier: Apache-2.0
"""The documents in docs/ that are made from the code say what the code says.

TINYEDGE_GOLDEN=write pytest tests/golden  writes them anew.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tinyedge.commands import blocks, keys, operators

DOCS = Path(__file__).resolve().parents[2] / "docs"
MADE: dict[str, Callable[[], str]] = {
    "blocks.md": lambda: blocks.document(blocks.described()),
    "operators.md": lambda: operators.document(operators.supported()),
    "tinyedge-toml.md": keys.document,
}


@pytest.mark.parametrize("name", MADE)
def test_the_document_is_current(name: str) -> None:
    file, text = DOCS / name, MADE[name]() + "\n"
    if os.environ.get("TINYEDGE_GOLDEN") == "write":
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def test_every_document_is_made() -> None:
    assert {file.name for file in DOCS.iterdir()} == set(MADE)
