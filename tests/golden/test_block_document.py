# SPDX-License-Identifier: Apache-2.0
"""`tinyedge blocks` says which blocks there are and what their keys may be."""

from __future__ import annotations

import json

import pytest

from tinyedge import cli


def test_the_command_lists_blocks_with_their_keys(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["blocks", "--json"])
    assert ended.value.code == 0
    listed = {entry["name"]: entry for entry in json.loads(capsys.readouterr().out)["blocks"]}
    assert listed["window"]["keys"] == [{"name": "rows", "type": "whole number > 0", "default": ""}]
    assert listed["fft"]["place"] == "before" and "int32 [1, frames" in listed["fft"]["shapes"]
    assert "level" not in listed and "fourier" not in listed
