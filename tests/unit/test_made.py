# SPDX-License-Identifier: Apache-2.0
"""What we put into a folder of the user's, and what stays there whatever happens."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests import zoo
from tinyedge import made, paths, pipeline
from tinyedge.errors import UsageError


def _put(folder: Path, files: dict[str, str], whole: bool = False) -> None:
    with paths.scratch(folder / "src") as staged:
        for path, text in files.items():
            (staged / path).parent.mkdir(parents=True, exist_ok=True)
            (staged / path).write_text(text)
        made.put(folder, staged, whole=whole)


def _held(folder: Path) -> dict[str, str]:
    found = (file for file in folder.rglob("*") if file.is_file() and file.name != made.RECORD)
    return {file.relative_to(folder).as_posix(): file.read_text() for file in found}


def test_a_second_time_replaces_what_the_first_made_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "mine.c").write_text("mine")
    _put(tmp_path, {"elf": "1", "src/a.c": "1", "src/deep/gone.c": "1"})
    made.write(tmp_path, "build.json", "1")
    _put(tmp_path, {"elf": "2", "src/a.c": "2"})
    assert _held(tmp_path) == {"elf": "2", "src/a.c": "2", "src/mine.c": "mine", "build.json": "1"}
    assert not (tmp_path / "src" / "deep").exists()
    _put(tmp_path, {"elf": "3"}, whole=True)
    assert _held(tmp_path) == {"elf": "3", "src/mine.c": "mine"}


@pytest.mark.parametrize("name", ["elf", "src/a.c"])
def test_what_is_not_ours_is_refused_before_anything_changes(tmp_path: Path, name: str) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / name).write_text("theirs")
    with pytest.raises(UsageError, match="was not made by tinyedge, and would be lost"):
        _put(tmp_path, {"elf": "1", "src/a.c": "1"})
    assert _held(tmp_path) == {name: "theirs"}


def test_what_was_edited_is_refused_and_equal_content_is_not(tmp_path: Path) -> None:
    _put(tmp_path, {"elf": "1", "src/a.c": "1", "src/b.c": "1"})
    (tmp_path / "src" / "a.c").write_text("edited")
    with pytest.raises(UsageError, match=r"a\.c was edited since tinyedge made it"):
        _put(tmp_path, {"elf": "2", "src/a.c": "2"})
    assert _held(tmp_path) == {"elf": "1", "src/a.c": "edited", "src/b.c": "1"}
    _put(tmp_path, {"elf": "1", "src/a.c": "edited"})  # nothing would be lost
    with pytest.raises(UsageError, match="was not made"):
        (tmp_path / "build.json").write_text("theirs")
        made.write(tmp_path, "build.json", "ours")
    with pytest.raises(UsageError, match="was not made"):
        made.remove(tmp_path, "build.json")
    assert (tmp_path / "build.json").read_text() == "theirs"


@pytest.mark.parametrize("name", ["elf", "src", "src/a.c"])
def test_folders_and_links_in_the_way_are_refused(tmp_path: Path, name: str) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "a.c").write_text("1")
    folder = tmp_path / "out"
    for target in (home, home / "a.c"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).symlink_to(target)
        with pytest.raises(UsageError, match=r"not ours|not a folder of ours"):
            _put(folder, {"elf": "1", "src/a.c": "1"})
        (folder / name).unlink()
    assert _held(home) == {"a.c": "1"}
    if name != "src":
        (folder / name).mkdir()
        with pytest.raises(UsageError, match="is a folder, and not ours"):
            _put(folder, {"elf": "1", "src/a.c": "1"})


@pytest.mark.parametrize(
    "record",
    [
        "",
        "[]",
        "{}",
        '{"files": 3}',
        '{"files": {"a": 3}}',
        "[" * 100_000,
        '{"files": {"../x": "D", "/x": "D"}}',
    ],
)
def test_a_strange_record_removes_nothing(tmp_path: Path, record: str) -> None:
    (tmp_path / "x").write_text("outside")
    record = record.replace("D", made.digest(tmp_path / "x"))
    (tmp_path / "e").mkdir()
    (tmp_path / "e" / made.RECORD).write_text(record)
    (tmp_path / "e" / "a").write_text("theirs")
    _put(tmp_path / "e", {"y": "1"}, whole=True)
    assert (tmp_path / "x").read_text() == "outside" and (tmp_path / "e" / "a").read_text() == "theirs"


def test_a_failure_at_any_rename_leaves_all_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _put(tmp_path, {"elf": "1", "src/a.c": "1", "src/gone.c": "1"})
    before, real, failed = _held(tmp_path), made._move, 0
    for fails_at in range(1, 20):
        count = 0

        def move(source: Path, target: Path, at: int = fails_at) -> tuple[Path, Path]:
            nonlocal count
            count += 1
            if count == at:
                raise OSError(28, "No space left on device")
            return real(source, target)

        monkeypatch.setattr(made, "_move", move)
        try:
            _put(tmp_path, {"elf": "2", "src/a.c": "2", "src/new.c": "2"})
            break
        except UsageError as error:
            assert "No space left on device" in str(error)
            failed += 1
            assert _held(tmp_path) == before
    assert failed == 6 and _held(tmp_path) == {"elf": "2", "src/a.c": "2", "src/new.c": "2"}


_KILLED = """
import os, signal, sys
from pathlib import Path
from tinyedge import made, paths
folder, at, count = Path(sys.argv[1]), int(sys.argv[2]), 0
def watch(event, arguments):
    global count
    if event in ("open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "shutil.rmtree"):
        count += 1
        if count == at:
            os.kill(os.getpid(), signal.SIGKILL)
with paths.scratch(folder / "src") as staged:
    (staged / "src").mkdir()
    for name, text in (("elf", "2"), ("src/a.c", "2"), ("src/new.c", "2")):
        (staged / name).write_text(text)
    sys.addaudithook(watch)
    made.put(folder, staged)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_kill_at_any_moment_loses_nothing_of_the_users_and_the_next_run_clears_up(tmp_path: Path) -> None:
    for at in range(1, 60, 4):
        folder = tmp_path / str(at)
        (folder / "src").mkdir(parents=True)
        (folder / "src" / "mine.c").write_text("mine")
        _put(folder, {"elf": "1", "src/a.c": "1", "src/gone.c": "1"})
        ended = subprocess.run([sys.executable, "-c", _KILLED, str(folder), str(at)], timeout=30)
        assert (folder / "src" / "mine.c").read_text() == "mine"
        _put(folder, {"elf": "3", "src/a.c": "3"})
        made.write(folder, "build.json", "3")
        left = _held(folder)
        assert left == {"elf": "3", "src/a.c": "3", "src/mine.c": "mine", "build.json": "3"}, at
        assert not list(folder.glob(".*.tmp"))
        if ended.returncode == 0:
            break
    else:
        pytest.fail("it was killed every time: look further")


def test_what_a_living_process_or_another_machine_makes_is_left_alone(tmp_path: Path) -> None:
    machine = paths._machine()
    mine = tmp_path / f".src.{machine}-{os.getpid()}-0123456789ab.tmp"
    other = tmp_path / ".src.zzzzzz-999999999-0123456789ab.tmp"
    near = tmp_path / f".src.{machine}-999999999-0123456789ab.tmp.txt"
    dead = tmp_path / f".src.{machine}-999999999-0123456789ab.tmp"
    for folder in (mine, other, near, dead):
        (folder / "deep").mkdir(parents=True)
    with paths.scratch(tmp_path / "src"):
        assert mine.is_dir() and other.is_dir() and near.is_dir() and not dead.exists()


def test_the_record_is_json_and_says_the_same_for_the_same_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        _put(tmp_path / name, {"src/b.c": "1", "elf": "2"})
    texts = [(tmp_path / name / made.RECORD).read_text() for name in ("a", "b")]
    assert texts[0] == texts[1] and list(json.loads(texts[0])["files"]) == ["elf", "src/b.c"]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no lock of a folder")
def test_builds_of_one_folder_take_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three at once ended well, each, and left a folder that was none of theirs."""
    steps: list[str] = []
    begun = threading.Event()

    def compile(*arguments: object) -> None:
        steps.append("in")
        begun.set()
        time.sleep(0.3)
        steps.append("out")
        raise UsageError("the first one fails, and takes its empty folder with it")

    def build() -> None:
        with pytest.raises(UsageError, match="the first one fails"):
            pipeline.build(zoo.OURS / "tiny_ae.tflite", "host", tmp_path / "out")

    monkeypatch.setattr("tinyedge.pipeline.toolchain.compile", compile)
    threads = [threading.Thread(target=build) for _ in range(2)]
    threads[0].start()
    assert begun.wait(60)
    threads[1].start()
    for thread in threads:
        thread.join(60)
    assert steps == ["in", "out"] * 2 and not (tmp_path / "out").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no lock of a folder")
def test_a_folder_that_another_process_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = "import sys; from pathlib import Path; from tinyedge import made\n"
    code += "with made.alone(Path(sys.argv[1])): print('mine', flush=True); sys.stdin.read()"
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None and holder.stdout.readline() == b"mine\n"
    monkeypatch.setattr(made, "_PATIENCE", 0.1)
    with pytest.raises(UsageError, match="another process has been writing to"), made.alone(tmp_path):
        pass
    holder.kill()
    holder.communicate()
    with made.alone(tmp_path):
        pass


def test_what_came_of_something_is_known_while_every_file_is_as_it_was(tmp_path: Path) -> None:
    def put(text: str = "1") -> None:
        for name in ("elf", "src/a.c"):
            made.write(tmp_path, name, text)

    put()
    assert not made.whole(tmp_path, "model 1")
    made.conclude(tmp_path, "model 1", ["elf", "src/a.c"])
    assert made.whole(tmp_path, "model 1") and not made.whole(tmp_path, "model 2")
    made.write(tmp_path, "report.json", "1")  # what somebody else puts beside it changes nothing
    made.remove(tmp_path, "report.json")
    assert made.whole(tmp_path, "model 1")
    put("2")
    assert not made.whole(tmp_path, "model 1")
    put()
    assert made.whole(tmp_path, "model 1")
    record, there = tmp_path / made.RECORD, (tmp_path / "src" / "a.c")
    there.rename(tmp_path / "b.c")
    assert not made.whole(tmp_path, "model 1")
    there.symlink_to(tmp_path / "b.c")
    assert not made.whole(tmp_path, "model 1")
    there.unlink()
    (tmp_path / "b.c").rename(there)
    whole = record.read_text()
    assert made.whole(tmp_path, "model 1")
    for damaged in (
        whole[:-40],
        "[]",
        whole.replace('"is"', '"was"'),
        whole.replace('"files": {', '"files": 3, "x": {'),
        whole.replace('"src/a.c"', '"../out/src/a.c"'),
    ):
        record.write_text(damaged)
        assert damaged != whole and not made.whole(tmp_path, "model 1")
