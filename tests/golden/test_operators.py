# SPDX-License-Identifier: Apache-2.0
"""`tinyedge operators` says what the code can do."""

from __future__ import annotations

import json

import pytest

from tinyedge import cli


def test_the_command_lists_operators_with_types(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["operators", "--json"])
    assert ended.value.code == 0
    listed = {entry["name"]: entry for entry in json.loads(capsys.readouterr().out)["operators"]}
    assert listed["CONV_2D"] == {"name": "CONV_2D", "types": ["int16", "int8"], "piece": False}
    assert listed["EXP"] == {"name": "EXP", "types": ["int16"], "piece": True}
    assert "TABLE" not in listed
