# SPDX-License-Identifier: Apache-2.0
"""No command writes over what it reads, whether an option names it or tinyedge.toml, nor over a report."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import pytest

from tinyedge import cli

TOML = 'model = "toml.tflite"\nboard = "host"\n[replay]\nfile = "toml.npz"\n'
FILES = ("m.tflite", "x.npz", "l.csv", "g.npz", "toml.tflite", "toml.npz", "a.json", "r.csv")
CASES = {
    "quantize m.tflite --calibrate x.npz -o m.tflite": "write over m.tflite, which MODEL names",
    "quantize m.tflite --calibrate x.npz -o ./x.npz": "write over x.npz, which --calibrate names",
    "quantize m.tflite --calibrate x.npz --labels l.csv -o link": "which --labels names",
    "features r.csv -o r.csv": "which REC names",
    "features r.csv -o toml.npz --labels toml.npz": "which --labels names",
    "test m.tflite --replay x.npz --junit m.tflite": "--junit would write over m.tflite, which MODEL names",
    "test m.tflite --replay x.npz --html x.npz": "which --replay names",
    "test m.tflite --replay x.npz --golden g.npz --png g.npz": "which --golden names",
    "test m.tflite --replay x.npz --html r --junit ./r": "--html would write over r, which --junit names",
    "test --html toml.npz": "which tinyedge.toml names",
    "test --markdown tinyedge.toml": "which tinyedge.toml names",
    "profile --html toml.tflite": "which tinyedge.toml names",
    "profile --compare a.json g.npz --html g.npz": "which --compare names",
    "compare a.json g.npz --markdown a.json": "which A names",
    "matrix x.npz m.tflite --markdown m.tflite": "which [MODEL]... names",
    "build m.tflite -o m.tflite": "--output would write over m.tflite, which MODEL names",
    "export m.tflite --format single -o m.tflite": "which MODEL names",
    f"check {'x' * 256}": "MODEL: no file can be called so",
    f"test m.tflite --calibrate {'x' * 5000}": "--calibrate: no file can be called so",
}


@pytest.mark.parametrize("line", CASES)
def test_no_command_writes_over_what_it_reads(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in FILES:
        Path(name).write_text(name)
    Path("tinyedge.toml").write_text(TOML)
    Path("link").symlink_to("l.csv")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    warned = io.StringIO()
    with contextlib.redirect_stderr(warned):
        assert cli._run(line.split()) == 2
    assert CASES[line] in warned.getvalue(), warned.getvalue()
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
