# SPDX-License-Identifier: Apache-2.0
"""The wheel carries its data and nothing else, and works outside the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tinyedge.process import commit

_ROOT = Path(__file__).resolve().parents[2]
_FOLDERS = ("boards", "docs", "templates", "firmware")
_MAN = Path("docs/man")


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, made from this checkout and unpacked as pip does it."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=_ROOT,
        check=True,
        capture_output=True,
        timeout=120,
    )
    (wheel,) = folder.glob("tinyedge-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


@pytest.mark.parametrize("folder", _FOLDERS)
def test_the_wheel_carries_every_data_file(unpacked: Path, folder: str) -> None:
    whole = (file for file in (_ROOT / folder).rglob("*") if _ROOT / _MAN not in file.parents)
    here = {file.relative_to(_ROOT / folder) for file in whole if file.is_file()}
    carried = unpacked / "tinyedge" / "_data" / folder
    there = {file.relative_to(carried) for file in carried.rglob("*") if file.is_file()}
    assert here
    assert there == here


def test_the_wheel_carries_man_pages_and_that_it_is_typed(unpacked: Path) -> None:
    (carried,) = unpacked.glob("tinyedge-*.data/data/share/man/man1")
    assert {file.name for file in carried.iterdir()} == {file.name for file in (_ROOT / _MAN).iterdir()}
    assert (unpacked / "tinyedge" / "py.typed").is_file()


def test_the_wheel_carries_the_licence_that_exports_hold(unpacked: Path) -> None:
    carried = unpacked / "tinyedge" / "_data" / "LICENSE"
    assert carried.read_bytes() == (_ROOT / "LICENSE").read_bytes()


def test_wheel_and_source_distribution_know_their_commit(unpacked: Path, tmp_path: Path) -> None:
    wanted = commit.of(_ROOT)
    carried = unpacked / "tinyedge" / "_data"
    assert commit.of(carried) == wanted
    build = [sys.executable, "-m", "hatchling", "build", "-d", str(tmp_path)]
    subprocess.run([*build, "-t", "sdist"], cwd=_ROOT, check=True, capture_output=True, timeout=120)
    (packed,) = tmp_path.glob("tinyedge-*.tar.gz")
    with tarfile.open(packed) as archive:
        archive.extractall(tmp_path, filter="data")
    source = tmp_path / packed.name.removesuffix(".tar.gz")
    assert commit.of(source) == wanted
    # The very wheel of the checkout, byte for byte, from a folder without Git.
    subprocess.run([*build, "-t", "wheel"], cwd=source, check=True, capture_output=True, timeout=120)
    (again,), (first,) = tmp_path.glob("*.whl"), unpacked.parent.glob("*.whl")
    assert again.read_bytes() == first.read_bytes()


def test_the_wheel_carries_nothing_that_was_built(unpacked: Path) -> None:
    names = {part for file in unpacked.rglob("*") for part in file.relative_to(unpacked).parts}
    assert not names & {"recordings", "build", "report.html", "__pycache__", "tests"}


def test_the_unpacked_wheel_lists_its_boards(unpacked: Path, tmp_path: Path) -> None:
    script = "import sys, tinyedge.cli as cli; print(cli.__file__, file=sys.stderr); cli.main()"
    ended = subprocess.run(
        [sys.executable, "-c", script, "boards", "--json"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(unpacked)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr.startswith(str(unpacked))
    assert {board["name"] for board in json.loads(ended.stdout)["boards"]} >= {"host", "mps3-an547"}
