# SPDX-License-Identifier: Apache-2.0
"""docs/blocks.md says which blocks there are and what their keys may be.

TINYEDGE_GOLDEN=write pytest tests/golden  writes it anew.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tinyedge import cli
from tinyedge.commands import blocks

FILE = Path(__file__).resolve().parents[2] / "docs" / "blocks.md"


def test_the_document_is_current() -> None:
    text = blocks.document(blocks.described()) + "\n"
    if os.environ.get("TINYEDGE_GOLDEN") == "write":
        FILE.write_text(text, encoding="utf-8")
    assert text == FILE.read_text(encoding="utf-8")


def test_the_command_lists_blocks_with_their_keys(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["blocks", "--json"])
    assert ended.value.code == 0
    listed = {entry["name"]: entry for entry in json.loads(capsys.readouterr().out)["blocks"]}
    assert listed["window"]["keys"] == [{"name": "rows", "type": "whole number > 0", "default": ""}]
    assert listed["fft"]["place"] == "before" and "int32 [1, frames" in listed["fft"]["shapes"]
    assert "level" not in listed and "fourier" not in listed
