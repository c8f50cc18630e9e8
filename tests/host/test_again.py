# SPDX-License-Identifier: Apache-2.0
"""A build that finds its folder made from the same does nothing; of anything else it makes all anew.

What is another build is in tests/unit/test_inputs.py, what a folder must still hold in test_made.py there.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from tests import loaded, zoo
from tinyedge import made, paths, pipeline
from tinyedge.build import Build
from tinyedge.options import DEFAULT, Options

MODEL = zoo.OURS / "tiny_ae.tflite"
SIZE = Options(optimize="size")


def held(folder: Path) -> dict[str, bytes]:
    """All but the record, which also knows of what `tinyedge test` wrote there."""
    files = {str(file.relative_to(folder)): file for file in folder.rglob("*") if file.is_file()}
    return {name: file.read_bytes() for name, file in files.items() if name != made.RECORD}


def does(monkeypatch: pytest.MonkeyPatch, build: Callable[[], Build]) -> bool:
    """Whether `build` plans anything."""

    def plan(*_: object) -> NoReturn:
        raise KeyError("planned")

    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "settle", plan)
        try:
            build()
        except KeyError:
            return True
    return False


def test_the_same_again_does_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"

    def build(options: Options = DEFAULT, model: Path = MODEL, sbom: bool = True) -> Build:
        return pipeline.build(model, "host", out, options, sbom=sbom)

    first = build()
    whole, stamps = held(out), {file: file.stat().st_mtime_ns for file in out.rglob("*")}
    left = out / f".src.{paths._machine()}-999999999-0123456789ab.tmp"
    left.mkdir()  # of another build, which was killed before it put anything here
    assert not does(monkeypatch, build) and build() == first == Build.read(out)
    assert {file: file.stat().st_mtime_ns for file in out.rglob("*")} == stamps and not left.exists()
    made.write(out, "report.json", "what `tinyedge test` writes")
    assert not does(monkeypatch, build)
    made.remove(out, "report.json")
    other = tmp_path / MODEL.name
    other.write_bytes(MODEL.read_bytes() + b"\0")
    for another in (lambda: build(SIZE), lambda: build(model=other), lambda: build(sbom=False)):
        assert does(monkeypatch, another)
    assert not does(monkeypatch, build)  # what failed had not begun to write
    for name in (made.RECORD, *(name for name in whole if "/" not in name), "src/app.c"):
        (out / name).rename(tmp_path / "aside")
        assert does(monkeypatch, build), name
        (tmp_path / "aside").rename(out / name)
    assert not does(monkeypatch, build)
    (out / "build.json").unlink()
    assert build() == first and held(out) == whole
    build(SIZE)
    small = held(out)
    assert small != whole and does(monkeypatch, build)
    build()
    assert held(out) == whole
    fresh = pipeline.build(MODEL, "host", tmp_path / "fresh", sbom=True)
    assert fresh == first and held(tmp_path / "fresh") == whole


def test_the_same_again_imports_nothing_that_compiles_or_judges(tmp_path: Path) -> None:
    command = ("build", str(MODEL), "--board", "host", "-o", str(tmp_path / "out"))
    first, said = loaded.by(*command)
    again, said_again = loaded.by(*command)
    assert said == said_again and first - again >= {"jinja2", "elftools"}
    assert not again & {*loaded.NOT_OF_COMPILING}
