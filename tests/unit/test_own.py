# SPDX-License-Identifier: Apache-2.0
"""What is kept of quantising and of learning is that of the code at hand: other code does it again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tinyedge.bench import learn
from tinyedge.model import Model, quantized
from tinyedge.process import own
from tinyedge.project import Task
from tinyedge.toolchain import inputs


def test_a_change_of_any_file_is_another_tinyedge(tmp_path: Path) -> None:
    (tmp_path / "ops").mkdir()
    file = tmp_path / "ops" / "add.py"
    file.write_text("1")
    seen = [own.digest({"tinyedge": tmp_path})]
    file.write_text("2")
    seen.append(own.digest({"tinyedge": tmp_path}))
    file.rename(tmp_path / "ops" / "sub.py")
    seen.append(own.digest({"tinyedge": tmp_path}))
    assert len(set(seen)) == 3
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "add.pyc").write_text("made by running it")
    assert own.digest({"tinyedge": tmp_path}) == seen[-1]


def test_other_code_quantises_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model, data = tmp_path / "model.keras", tmp_path / "data.npz"
    model.write_bytes(b"a model")
    data.write_bytes(b"what it is calibrated with")
    known = quantized._key(model, data, "int8")
    assert known is not None and known == quantized._key(model, data, "int8")
    monkeypatch.setattr(own, "python", lambda: "other")
    assert quantized._key(model, data, "int8") not in (None, known)


def test_other_code_learns_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "normal.csv"
    file.write_text("x\n1\n")
    model, task = Model(b"", "m", "0" * 64, "m.tflite"), Task(normal=file)
    known = learn._key(model, task)
    assert known == learn._key(model, task)
    monkeypatch.setattr(inputs, "tinyedge", lambda: "other")
    assert learn._key(model, task) != known
