# SPDX-License-Identifier: Apache-2.0
"""The bill of materials of a build lists what the build made."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from tests import zoo
from tinyedge import pipeline
from tinyedge.errors import UsageError
from tinyedge.options import Options
from tinyedge.toolchain import bill


def test_a_bill_is_of_the_build_beside_it(tmp_path: Path) -> None:
    """An earlier one, whose digests are of files that are no more, goes."""
    model = zoo.OURS / "tiny_ae.tflite"
    build = pipeline.build(model, "host", tmp_path, sbom=True)
    listed = {
        part["name"]: part["hashes"][0]["content"]
        for part in json.loads((tmp_path / bill.FILE).read_text(encoding="utf-8"))["components"]
        if part["type"] == "file"
    }
    assert listed[build.image.elf] == hashlib.sha256((tmp_path / build.image.elf).read_bytes()).hexdigest()
    pipeline.build(model, "host", tmp_path, Options(optimize="size"))
    assert not (tmp_path / bill.FILE).exists() and (tmp_path / "build.json").is_file()


def test_a_bill_that_is_the_user_s_own_stays(tmp_path: Path) -> None:
    """`build -o .` in a project that keeps one: only a build that would write one is refused, and before
    anything is removed."""
    model = zoo.OURS / "tiny_ae.tflite"
    (tmp_path / bill.FILE).write_text("mine", encoding="utf-8")
    pipeline.build(model, "host", tmp_path)
    with pytest.raises(UsageError, match="was not made by tinyedge, and would be lost"):
        pipeline.build(model, "host", tmp_path, sbom=True)
    assert (tmp_path / bill.FILE).read_text(encoding="utf-8") == "mine"
    assert (tmp_path / "build.json").is_file()
