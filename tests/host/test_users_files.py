# SPDX-License-Identifier: Apache-2.0
"""Whole commands in a folder of the user's: nothing is lost there, on a full disk or when killed."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import hostile, zoo
from tests.conftest import absent
from tinyedge import made

MODEL = zoo.OURS / "tiny_ae.tflite"
ROOT = Path(made.__file__).resolve().parents[1]
MINE = {
    "src/main.c": "int main(void) { return 0; }\n",
    "notes.txt": "mine\n",
    "build/host/notes.txt": "mine\n",
}


def _tinyedge(folder: Path, *arguments: str, **more: Any) -> subprocess.CompletedProcess[str]:
    ended: subprocess.CompletedProcess[str] = subprocess.run(
        [sys.executable, "-m", "tinyedge", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=hostile.PATIENCE,
        **more,
    )
    return ended


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with files of the user's where a build puts its own."""
    folder = tmp_path / "project"
    for path, text in MINE.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    shutil.copy(MODEL, folder / "net.tflite")
    (folder / "tinyedge.toml").write_text('model = "net.tflite"\nboard = "host"\n')
    return folder


def _still_there(folder: Path) -> bool:
    return all((folder / path).read_text() == text for path, text in MINE.items())


def test_a_build_into_the_project_keeps_what_is_the_users(project: Path) -> None:
    ended = _tinyedge(project, "build", "-o", ".", "--compiler", "gcc")
    assert ended.returncode == 0, ended.stderr
    assert _still_there(project) and (project / "src" / "app.c").is_file()
    assert _tinyedge(project, "build", "-o", ".", "--compiler", "gcc", "--optimize", "size").returncode == 0
    assert _still_there(project)


@pytest.mark.parametrize("name", ["src/app.c", "build.json", "model.tflite", "image.json", "firmware.elf"])
@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_build_refuses_to_take_the_place_of_anything(project: Path, name: str, kind: str) -> None:
    there = project / name
    there.mkdir() if kind == "folder" else there.write_text("mine")
    ended = _tinyedge(project, "build", "-o", ".", "--compiler", "gcc")
    assert ended.returncode == 2 and there.name in ended.stderr and "Traceback" not in ended.stderr
    assert there.is_dir() or there.read_text() == "mine"
    assert _still_there(project)


def test_a_file_system_that_is_really_full(project: Path, tmp_path: Path) -> None:
    mount = [
        "unshare",
        "-rm",
        "sh",
        "-c",
        'mount -t tmpfs -o size="$1"k tmpfs "$2" && shift 2 && exec "$@"',
        "sh",
    ]
    try:
        able = (
            subprocess.run([*mount, "64", str(tmp_path), "true"], stderr=subprocess.DEVNULL).returncode == 0
        )
    except FileNotFoundError:
        able = False
    if not able:
        absent("this user may not mount a tmpfs of its own (unshare -rm)")
    out = tmp_path / "out"
    out.mkdir()
    for size in ("16", "120", "260"):  # KiB: at the sources, at the objects, at the image
        ended = subprocess.run(
            [*mount, size, str(out), sys.executable, "-m", "tinyedge", "build", "-o", str(out / "b")],
            cwd=project,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=hostile.PATIENCE,
        )
        assert ended.returncode == 2 and "Traceback" not in ended.stderr, (size, ended.stderr)
        assert ended.stderr.startswith("error:") and "report it" not in ended.stderr, (size, ended.stderr)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_build_that_is_killed_at_any_moment_loses_nothing(project: Path) -> None:
    chance = random.Random(hostile.seed())
    command = [sys.executable, "-m", "tinyedge", "build", "--compiler", "gcc"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for i in range(24 if hostile.LONG else 4):
        optimize = ("speed", "size")[i % 2]
        process = subprocess.Popen(
            [*command, "--optimize", optimize], cwd=project, env=environment, stdout=subprocess.DEVNULL
        )
        time.sleep(chance.uniform(0.3, 3.0))
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=30)
        assert _still_there(project), hostile.seed()
    ended = _tinyedge(project, "build", "--compiler", "gcc")
    assert ended.returncode == 0, ended.stderr
    assert _still_there(project) and not list((project / "build" / "host").glob(".*.tmp"))


def _closed(*numbers: int) -> Callable[[], None]:
    def close() -> None:
        for number in numbers:
            os.close(number)

    return close


@pytest.mark.skipif(sys.platform == "win32", reason="preexec_fn")
def test_closed_and_full_streams(project: Path) -> None:
    for numbers in ((1,), (2,), (1, 2), (0, 1, 2)):
        ended = _tinyedge(project, "check", preexec_fn=_closed(*numbers))
        assert ended.returncode == 0 and "Traceback" not in ended.stderr, (numbers, ended.stderr)
    said = _tinyedge(project, "check", "no.tflite", "--json", preexec_fn=_closed(2))
    assert said.returncode == 2 and said.stdout.startswith("{")
    if Path("/dev/full").exists():
        with Path("/dev/full").open("w") as full:
            command = [sys.executable, "-m", "tinyedge", "check"]
            ended = subprocess.run(
                command,
                cwd=project,
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                timeout=60,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )
        assert ended.returncode == 2 and ended.stderr.count("\n") <= 2 and "Traceback" not in ended.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps a folder that is in use")
def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    ended = _tinyedge(folder, "boards", preexec_fn=lambda: os.rmdir(folder))  # noqa: PTH106
    assert ended.returncode == 2 and "the current folder is gone" in ended.stderr
