# SPDX-License-Identifier: Apache-2.0
"""Files are written whole or not at all, and the data folders are found."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tinyedge import made, paths
from tinyedge.errors import UsageError
from tinyedge.judge import comparison, record
from tinyedge.model import onnx_file, tflite


def test_data_folders_hold_what_their_names_say() -> None:
    assert (paths.boards() / "mps3-an547.toml").is_file()
    assert (paths.templates() / "linker.ld.j2").is_file()
    assert (paths.firmware() / "runtime").is_dir()


def test_installed_data_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "_data" / "boards").mkdir(parents=True)
    monkeypatch.setattr(paths, "_PACKAGE", tmp_path)
    assert paths.boards() == tmp_path / "_data" / "boards"
    assert paths.firmware() == tmp_path.parent / "firmware"


def test_write_atomic_makes_parents_and_replaces(tmp_path: Path) -> None:
    file = tmp_path / "a" / "b.txt"
    paths.write_atomic(file, "first")
    paths.write_atomic(file, b"second")
    assert file.read_bytes() == b"second"
    assert [found.name for found in file.parent.iterdir()] == ["b.txt"]


def test_write_atomic_onto_a_folder_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "taken"
    folder.mkdir()
    with pytest.raises(UsageError, match=r"cannot write .*taken"):
        paths.write_atomic(folder, b"x")
    assert [found.name for found in tmp_path.iterdir()] == ["taken"]


def test_a_file_where_a_folder_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UsageError, match=r"cannot make the folder .*file"):
        paths.write_atomic(tmp_path / "file" / "x", b"x")


def test_an_interrupted_write_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "x"
    paths.write_atomic(file, "old")

    def interrupt(self: Path, target: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        paths.write_atomic(file, "new")
    assert file.read_text() == "old"
    assert [found.name for found in tmp_path.iterdir()] == ["x"]


def test_scratch_is_removed_however_the_block_ends(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), paths.scratch(tmp_path / "out") as folder:
        (folder / "half").write_text("written")
        assert folder.parent == tmp_path
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_what_killed_processes_left_for_a_while_is_swept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    kill = "import os\nfrom tinyedge import paths\nwith paths.temporary(): os.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", kill], env={**os.environ, "TMPDIR": str(tmp_path)})
    (left,) = tmp_path.iterdir()
    others = tmp_path / left.name.replace(".tinyedge.", ".tinyedge.0")  # of another machine
    others.mkdir()
    with paths.temporary() as folder, paths.temporary() as second:
        assert {*tmp_path.iterdir()} == {others, folder, second}
        assert folder.stat().st_mode & 0o777 == 0o700
        (folder / "x").write_bytes(b"x")
    assert [*tmp_path.iterdir()] == [others]


def test_no_place_for_temporary_files_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: ["/proc/none"])
    with pytest.raises(UsageError, match=r"no place for temporary files: .*/proc/none"), paths.temporary():
        pass


def test_move_replaces_a_folder_with_all_that_was_in_it(tmp_path: Path) -> None:
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.txt").write_text(name)
    paths.move(tmp_path / "new", tmp_path / "old")
    assert [found.name for found in tmp_path.iterdir()] == ["old"]
    assert [found.name for found in (tmp_path / "old").iterdir()] == ["new.txt"]


def test_move_that_fails_brings_the_old_folder_back(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    with pytest.raises(UsageError, match="cannot write"):
        paths.move(tmp_path / "missing", tmp_path / "old")
    assert [found.name for found in tmp_path.iterdir()] == ["old"]


def test_cache_folder_can_be_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINYEDGE_CACHE", str(tmp_path / "cache"))
    assert paths.cache() == tmp_path / "cache"
    assert (tmp_path / "cache").is_dir()


@pytest.mark.skipif(sys.platform == "win32", reason="no links without rights, and other pipes")
@pytest.mark.timeout(10)
def test_what_has_no_end_is_not_read(tmp_path: Path) -> None:
    """A stranger's folder may hold links to devices, and pipes: reading them takes for ever."""
    zeros, pipe = tmp_path / "zeros.json", tmp_path / "pipe.json"
    zeros.symlink_to("/dev/zero")
    os.mkfifo(pipe)
    for file in (zeros, pipe):
        for read in (
            tflite.read,
            onnx_file.convert,
            record.read_any,
            comparison.read_policy,
            paths.read_toml,
        ):
            with pytest.raises(UsageError):
                read(file)
        assert made.read(tmp_path, file.name) is None
    for place in (zeros, pipe, tmp_path, tmp_path / "none"):
        with pytest.raises(OSError):
            paths.read(place)
    (tmp_path / "large").write_bytes(bytes(9))
    with pytest.raises(OSError, match="more than 8 bytes"):
        paths.read(tmp_path / "large", 8)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no devices with a path, and no pipes")
def test_a_device_or_a_pipe_is_written_to_and_stays(tmp_path: Path) -> None:
    """`--markdown /dev/stdout`, by root: it became a file, for the whole machine."""
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    for path in (pipe, link):
        with pytest.raises(UsageError, match="cannot write to"):  # nobody reads it
            paths.write_atomic(path, "text")
        with pytest.raises(UsageError, match="is a device or a pipe"), paths.scratch(path):
            pass
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        paths.write_atomic(path, "text")
        assert os.read(reader, 9) == b"text"
        os.close(reader)
    assert pipe.is_fifo() and link.is_symlink() and sorted(tmp_path.iterdir()) == [link, pipe]
    code = "from pathlib import Path; from tinyedge import paths; print('one', flush=True)\n"
    code += "paths.write_atomic(Path('/dev/stdout'), 'two')"
    with (tmp_path / "file").open("wb") as file:
        subprocess.run([sys.executable, "-c", code], stdout=file, check=True, timeout=60)
    assert (tmp_path / "file").read_text() == "one\ntwo" and Path("/dev/stdout").is_symlink()
