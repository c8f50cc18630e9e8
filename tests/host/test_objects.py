# SPDX-License-Identifier: Apache-2.0
"""Objects of the cache are the bytes that a compiler would make now, whatever happened to the cache."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests import toy_sources
from tests.conftest import lacking
from tinyedge import board, toolchain
from tinyedge.options import Options
from tinyedge.toolchain import compilers, jobs, objects
from tinyedge.toolchain.objects import Unit

_FILES = {
    "unit.c": b'#include "number.h"\n#include <outside.h>\nint f(void) { return NUMBER + OUTSIDE; }\n',
    "late/number.h": b"#define NUMBER 1\n",
}


class _Compiler:
    """GCC over a small tree, and how often it ran."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        if shutil.which("gcc") is None:
            lacking("gcc is not on PATH (apt-get install gcc)")
        self.ran = 0
        self.outside = folder / "out side#$"
        self.outside.mkdir()
        (self.outside / "outside.h").write_text("#define OUTSIDE 0\n")
        self.cache = folder / "cache"
        monkeypatch.setenv("TINYEDGE_CACHE", str(self.cache))
        self._folder = folder
        real = jobs.run_all

        def run_all(commands: Sequence[Sequence[str]], *rest: Any) -> list[jobs.Finished]:
            self.ran += len(commands)
            return real(commands, *rest)

        monkeypatch.setattr(jobs, "run_all", run_all)

    def make(
        self, files: dict[str, bytes] = _FILES, flags: Sequence[str] = (), compiler: str = "gcc"
    ) -> tuple[bytes, bytes]:
        """The object of `files` and its .su, made in a new folder."""
        folder = self._folder / f"{len(list(self._folder.iterdir()))}"
        for path, data in files.items():
            file = folder / "tree" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        means = ("gcc", "-Iearly", "-Ilate", f"-I{self.outside}", "-fstack-usage", *flags, "-c", "unit.c")
        unit = Unit("unit.c", "../unit.o", (*means, "-o", "../unit.o"), means)
        (ended,) = objects.compile([unit], files, folder / "tree", [compiler], {})
        assert ended.code == 0, ended.text
        return (folder / "unit.o").read_bytes(), (folder / "unit.su").read_bytes()

    def entries(self) -> list[Path]:
        """The files of the cache."""
        return sorted(file for file in (self.cache / "objects").rglob("*") if file.is_file())


@pytest.fixture
def compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> _Compiler:
    return _Compiler(tmp_path, monkeypatch)


@pytest.mark.parametrize("name", ["zig", "gcc"])
@pytest.mark.parametrize("target", ["host", "mps3-an547"])
def test_an_image_is_the_same_with_the_cache_and_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str, name: str
) -> None:
    facts = board.load(target)
    if compilers.missing(facts, name):
        lacking(f"{name} for {target} is not installed")
    sources = toy_sources.make(facts, Options(compiler=name))
    zig = compilers.find(facts, name).environment  # warm
    monkeypatch.setattr(compilers, "_zig_environment", lambda: zig)
    ran = []
    real = jobs.run_all

    def run_all(commands: Sequence[Sequence[str]], *rest: Any) -> list[jobs.Finished]:
        ran.append(len(commands))
        return real(commands, *rest)

    monkeypatch.setattr(jobs, "run_all", run_all)
    made, counts = [], []
    for number, cache in enumerate(("off", str(tmp_path / "cache"), str(tmp_path / "cache"))):
        monkeypatch.setenv("TINYEDGE_CACHE", cache)
        ran.clear()
        made.append(toolchain.compile(sources, facts, tmp_path / f"{number}"))
        counts.append(sum(ran))
    assert counts[0] == counts[1] == counts[2] + len(sources.units)
    assert len({image.elf.read_bytes() for image in made}) == 1
    assert len({(image.flash, image.stack.bytes) for image in made}) == 1


def test_what_is_known_is_not_compiled(compiler: _Compiler) -> None:
    first = compiler.make()
    assert compiler.make() == first
    assert compiler.ran == 1
    (kept,) = compiler.entries()
    assert kept.stat().st_mode & 0o777 == 0o600


def _outside(compiler: _Compiler) -> None:
    (compiler.outside / "outside.h").write_text("#define OUTSIDE 5\n")


@pytest.mark.parametrize(
    ("change", "files", "how"),
    [
        (None, {"unit.c": _FILES["unit.c"] + b"int g;\n"}, {}),
        (None, {"late/number.h": b"#define NUMBER 2\n"}, {}),
        (None, {"early/number.h": b"#define NUMBER 3\n"}, {}),
        (None, {"number.h": b"#define NUMBER 4\n"}, {}),
        (_outside, {}, {}),
        (None, {}, {"flags": ["-O2"]}),
    ],
    ids=["unit", "header", "a header before it", "a header beside it", "a header elsewhere", "flag"],
)
def test_whatever_an_object_is_made_from_changes_it(
    compiler: _Compiler,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[_Compiler], None] | None,
    files: dict[str, bytes],
    how: dict[str, Any],
) -> None:
    first = compiler.make()
    if change is not None:
        change(compiler)
    changed = compiler.make({**_FILES, **files}, **how)
    monkeypatch.setenv("TINYEDGE_CACHE", "off")
    assert changed == compiler.make({**_FILES, **files}, **how) != first


def test_another_compiler_or_environment_compiles_again(
    compiler: _Compiler, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiler.make()
    compiler.make(compiler="another gcc")
    monkeypatch.setenv("CPATH", "/nowhere")
    compiler.make()
    assert compiler.ran == 3


def test_a_warning_is_said_every_time_and_an_unseen_header_is_never_kept(compiler: _Compiler) -> None:
    warns = {**_FILES, "unit.c": _FILES["unit.c"] + b"#warning careful\n"}
    hidden = {**_FILES, "unit.c": b'#define NAME "number.h"\n#include NAME\nint x = NUMBER;\n'}
    for files in (warns, warns, hidden, hidden):
        compiler.make(files)
    assert compiler.ran == 4
    assert not compiler.entries()


def _flip(at: int) -> Callable[[bytes], bytes]:
    return lambda data: (
        data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :] if at >= 0 else _flip(len(data) + at)(data)
    )


@pytest.mark.parametrize(
    "damage",
    [lambda d: b"", lambda d: d[:30], lambda d: d[:-1], lambda d: d + b"\0", _flip(3), _flip(70), _flip(-1)],
    ids=["empty", "cut early", "cut late", "longer", "digest", "head", "object"],
)
def test_a_damaged_object_is_compiled_again(compiler: _Compiler, damage: Callable[[bytes], bytes]) -> None:
    first = compiler.make()
    (kept,) = compiler.entries()
    whole = kept.read_bytes()
    kept.write_bytes(damage(whole))
    assert compiler.make() == first
    assert compiler.ran == 2
    assert kept.read_bytes() == whole


def test_an_intact_object_under_the_name_of_another_is_not_taken(compiler: _Compiler) -> None:
    compiler.make()
    (kept,) = compiler.entries()
    other = compiler.make(flags=["-O2"])
    (second,) = (file for file in compiler.entries() if file != kept)
    second.write_bytes(kept.read_bytes())
    assert compiler.make(flags=["-O2"]) == other
    assert compiler.ran == 3


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
@pytest.mark.parametrize("what", ["file", "folder", "link", "owner"])
def test_what_others_can_write_is_not_taken(
    compiler: _Compiler, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = compiler.make()
    (kept,) = compiler.entries()
    if what == "file":
        kept.chmod(0o620)
    elif what == "folder":
        (compiler.cache / "objects").chmod(0o722)
    elif what == "link":
        kept.rename(compiler.cache / "elsewhere")
        kept.symlink_to(compiler.cache / "elsewhere")
    else:
        monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert compiler.make() == first
    assert compiler.ran == 2


def test_a_full_disk_stops_no_build(compiler: _Compiler, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Path.write_bytes

    def full(file: Path, data: bytes) -> int:
        if compiler.cache in file.parents:
            real(file, data[: len(data) // 2])
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(file, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    first = compiler.make()
    assert not compiler.entries()
    monkeypatch.undo()
    assert compiler.make() == first


_KILLED = """
import os, pathlib, signal, sys
pathlib.Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
from tinyedge.toolchain import objects
from tinyedge.toolchain.objects import Unit
tree, *command = sys.argv[1:]
files = {"unit.c": open(tree + "/unit.c", "rb").read()}
unit = Unit("unit.c", "../unit.o", (*command, "-o", "../unit.o"), tuple(command))
objects.compile([unit], files, pathlib.Path(tree), ["gcc"], {})
"""


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
def test_a_kill_leaves_nothing_that_is_taken_for_an_object(compiler: _Compiler, tmp_path: Path) -> None:
    tree = tmp_path / "killed" / "tree"
    tree.mkdir(parents=True)
    (tree / "unit.c").write_bytes(b"int f;\n")
    means = ("gcc", "-c", "unit.c")
    ended = subprocess.run([sys.executable, "-c", _KILLED, str(tree), *means], timeout=60)
    assert ended.returncode == -signal.SIGKILL
    (left,) = compiler.entries()
    assert left.name.startswith(".")
    unit = Unit("unit.c", "../unit.o", (*means, "-o", "../unit.o"), means)
    objects.compile([unit], {"unit.c": b"int f;\n"}, tree, ["gcc"], {})
    assert compiler.ran == 1
    (kept,) = compiler.entries()
    assert kept != left  # what was left of the killed one is gone


def test_the_cache_keeps_within_its_bound_what_was_used_last(
    compiler: _Compiler, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiler.make()
    (kept,) = compiler.entries()
    size = kept.stat().st_size
    monkeypatch.setattr(objects, "LIMIT", 16 * 10 * size)
    for age in range(9):
        (kept.parent / f"{age}").write_bytes(bytes(size))
        os.utime(kept.parent / f"{age}", (1000 - age, 1000 - age))
    os.utime(kept, (1, 1))
    compiler.make()  # used again, it is the newest
    objects._evict(kept.parent)
    assert len(compiler.entries()) == 10  # what the bound allows stays
    (kept.parent / "one more").write_bytes(b"")
    (kept.parent / "too much").write_bytes(b"1")
    objects._evict(kept.parent)
    assert compiler.ran == 1
    left = {file.name for file in compiler.entries()}
    assert left == {kept.name, "one more", "too much", "0", "1", "2", "3", "4", "5"}
