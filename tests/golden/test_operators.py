# SPDX-License-Identifier: Apache-2.0
"""docs/operators.md says what the code can do.

TINYEDGE_GOLDEN=write pytest tests/golden  writes it anew.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tinyedge import cli
from tinyedge.commands import operators

FILE = Path(__file__).resolve().parents[2] / "docs" / "operators.md"


def test_the_document_is_current() -> None:
    text = operators.document(operators.supported()) + "\n"
    if os.environ.get("TINYEDGE_GOLDEN") == "write":
        FILE.write_text(text, encoding="utf-8")
    assert text == FILE.read_text(encoding="utf-8")


def test_the_command_lists_operators_with_types(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["operators", "--json"])
    assert ended.value.code == 0
    listed = {entry["name"]: entry for entry in json.loads(capsys.readouterr().out)["operators"]}
    assert listed["CONV_2D"] == {"name": "CONV_2D", "types": ["int16", "int8"], "piece": False}
    assert listed["EXP"] == {"name": "EXP", "types": ["int16"], "piece": True}
    assert "TABLE" not in listed
