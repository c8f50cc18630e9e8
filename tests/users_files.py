# SPDX-License-Identifier: Apache-2.0
"""Takes a moment, gives a whole command that meets a full disk, Ctrl-C or SIGKILL then.

Moments are the changes that Python makes to the file system, counted: between two of them nothing changes.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import random
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import hostile, single_op, zoo
from tests.single_op import Node
from tinyedge import cli, made
from tinyedge.graph import Tensor

STAGES = """
[input]
channels = ["x", "y"]
rate_hz = 50
lsb = 0.01
hop = 5
[[preprocess]]
block = "statistics"
"""
_SENSOR = "#!/bin/sh\nwhile :; do echo 1,2; echo 3,-4; sleep 0.05; done\n"
_GCC = """#!/bin/sh
# gcc, which compiles a thing once: a build is made at a hundred moments.
in= out= last= key=$0
for a; do
    case $last in -o) out=$a ;; *) case $a in *.[co]) in="$in $a" ;; esac ;; esac
    case $a in -ffile-prefix-map=*) ;; *) key="$key $a" ;; esac
    last=$a
done
[ -n "$in" ] || exec gcc "$@"
cache=${0%/*}/known && mkdir -p $cache
known=$cache/$({ echo "$key"; find . -name '*.h' | sort | xargs cat $in; } | sha256sum | cut -c1-40)
if ! [ -f $known ]; then
    gcc "$@" || exit
    cp $out $known.$$ && { [ ! -f ${out%.o}.su ] || cp ${out%.o}.su $known.su; } && exec mv $known.$$ $known
fi
cp $known $out && { [ ! -f $known.su ] || exec cp $known.su ${out%.o}.su; }
"""
_HOST = ("--board", "host", "--compiler", "../../gcc")
_PLAIN = ("--core", "portable")
LAST = 12
BUILD = ("build", "net.tflite", *_HOST, "-o", "out")


@dataclass(frozen=True)
class Command:
    """Arguments; files that they name, which are replaced whole or not at all; folders that they make.

    toml: what tinyedge.toml holds; first: a command that is run before. again: does the same arguments give
    the same bytes?
    """

    arguments: tuple[str, ...]
    files: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    toml: str = ""
    first: tuple[str, ...] = ()
    again: bool = True


COMMANDS = {
    "init": Command(("init", "new"), folders=("new",)),
    "init_here": Command(("init", "empty"), folders=("empty",)),
    "export": Command(("export", "net.tflite", "--format", "single", *_PLAIN, "-o", "lib"), folders=("lib",)),
    "export_arduino": Command(
        ("export", "net.tflite", "--format", "arduino", *_PLAIN, "-o", "lib"), folders=("lib",)
    ),
    "export_here": Command(
        ("export", "net.tflite", "--format", "single", *_PLAIN, "-o", "empty"), folders=("empty",)
    ),
    "export_again": Command(
        ("export", "net.tflite", "--format", "cmake", *_PLAIN, "-o", "lib"),
        folders=("lib",),
        first=("export", "net.tflite", "--format", "cmake", *_PLAIN, "--optimize", "size", "-o", "lib"),
    ),
    "test": Command(
        (
            *("test", "net.tflite", *_HOST, "--replay", "x.npz", "-o", "out"),
            *("--junit", "j.xml", "--html", "r.html", "--markdown", "r.md", "--png", "p.png"),
        ),
        files=("j.xml", "r.html", "r.md", "p.png"),
        folders=("out",),
        again=False,  # reports hold times
    ),
    "features": Command(("features", "r.csv", "-o", "f.npz"), files=("f.npz",), toml=STAGES, again=False),
    "quantize": Command(
        ("quantize", "float.tflite", "--calibrate", "c.npz", "-o", "q.tflite"), files=("q.tflite",)
    ),
    "build": Command((*BUILD, "--sbom"), folders=("out",)),
    "build_again": Command(BUILD, folders=("out",), first=(*BUILD, "--optimize", "size")),
    "build_module": Command(
        ("build", "net.tflite", "--board", "esp32s3", "--format", "micropython", "-o", "out"),
        folders=("out",),
    ),
    "compare": Command(
        ("compare", "out/build.json", "out/build.json", "--markdown", "r.md"), files=("r.md",), first=BUILD
    ),
    "profile": Command(
        ("profile", "net.tflite", *_HOST, "-o", "out", "--html", "r.html"),
        files=("r.html",),
        folders=("out",),
        again=False,
    ),
    "record": Command(
        ("record", "-p", "exec://./sensor", "--seconds", "0.2", "-o", "taken.csv"),
        files=("taken.csv",),
        toml=STAGES,
        again=False,
    ),
}


def some_moments(count: int, sample: int) -> list[int]:
    """A sample; in the long mode the last dozen, in which things are put in place, and as many others."""
    if not hostile.LONG or count <= 2 * LAST:
        return hostile.some(range(1, count + 1), sample)
    before = random.Random(hostile.seed()).sample(range(1, count - LAST + 1), LAST)
    return [*sorted(before), *range(count - LAST + 1, count + 1)]


def prepare(folder: Path, command: Command) -> None:
    """A folder of the user's with all that the command reads, and an older one of each file that it names."""
    gcc = folder.resolve().parents[1] / "gcc"  # as _HOST says
    if not gcc.exists():
        gcc.write_text(_GCC)
        gcc.chmod(0o755)
    shutil.copy(zoo.OURS / "tiny_ae.tflite", folder / "net.tflite")
    rng = np.random.default_rng(0)
    np.savez(folder / "x.npz", x=rng.integers(-128, 128, (4, 36), np.int8))
    np.savez(folder / "c.npz", x=rng.normal(size=(20, 8)).astype(np.float32))
    weights = rng.normal(size=(4, 8)).astype(np.float32)
    tensors = [Tensor("x", (1, 8), "float32"), Tensor("w", (4, 8), "float32", None, weights)]
    options = {"fusedActivationFunction": 0, "weightsFormat": 0, "keepNumDims": False}
    dense = Node("FULLY_CONNECTED", ("x", "w"), ("y",), options)
    real = single_op.pack([*tensors, Tensor("y", (1, 4), "float32")], [dense], ["x"], ["y"])
    (folder / "float.tflite").write_bytes(real)
    rows = "".join(f"{i * 20},{i % 7},{-i}\n" for i in range(60))
    (folder / "r.csv").write_text("time,x,y\n" + rows)
    (folder / "sensor").write_text(_SENSOR)
    (folder / "sensor").chmod(0o755)
    (folder / "empty").mkdir()
    if command.toml:
        (folder / "tinyedge.toml").write_text(command.toml)
    for file in command.files:
        (folder / file).write_text("an older one")


def held(folder: Path) -> dict[str, bytes]:
    """All files below, and folders as names that end in `/`."""
    found = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*"))}
    return {
        name + "/" * path.is_dir(): b"" if path.is_dir() else path.read_bytes()
        for name, path in found.items()
        if not path.is_socket()
    }


class Moments:
    """Counts changes to the file system by Python; at the nth, before it is made, something happens."""

    def __init__(self) -> None:
        self._at, self._count, self._armed = 0, 0, False
        self.clearing = False
        """Was it a removal that happened to be then?"""
        self._happens: Callable[[str], None] = lambda path: None
        sys.addaudithook(self._see)  # for good: there is no way to take it off

    @property
    def count(self) -> int:
        """Changes that the last command made."""
        return self._count

    def _see(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._armed:
            return
        if event == "open":
            mode = arguments[1]
            writes = isinstance(mode, str) and set(mode) & set("wax+")
            if not writes or str(arguments[0]).startswith("/dev/"):
                return
        elif event not in ("os.rename", "os.mkdir", "os.remove", "os.rmdir", "shutil.rmtree"):
            return
        self._count += 1
        if self._count == self._at:
            self.clearing = event not in _TAKES_ROOM
            if not self.clearing or self._happens is not full:
                self._happens(str(arguments[0]))

    def run(
        self, arguments: tuple[str, ...], at: int = 0, happens: Callable[[str], None] = lambda path: None
    ) -> tuple[int, str]:
        """The exit code, and what came on stderr."""
        said, warned = io.StringIO(), io.StringIO()
        self._at, self._count, self._armed, self._happens = at, 0, True, happens
        try:
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(warned):
                code = cli._run(list(arguments))
        finally:
            self._armed = False
        return code, warned.getvalue()

    def killed(self, arguments: tuple[str, ...], at: int) -> bool:
        """Run it in a process of its own that dies at this moment; did it?"""
        child = os.fork()
        if child == 0:
            try:
                self.run(arguments, at, kill)
            finally:
                os._exit(0)
        return os.WIFSIGNALED(os.waitpid(child, 0)[1])


QUICK = ("init", "init_here", "export", "compare", "build_module", "build_again", "record")
_SAYS = (
    "out/build.json",
    "lib/tinyedge-export.json",
    "empty/tinyedge-export.json",
    "new/tinyedge.toml",
    "empty/tinyedge.toml",
)
"""What says that all of a folder is there."""


class Trial:
    """One command, in a new folder of the user's for each moment; `count` is how many it has."""

    def __init__(
        self, command: Command, moments: Moments, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.command, self._moments, self._monkeypatch = command, moments, monkeypatch
        self._all, self._at = folder / "all", 0
        for at in (-1, 0):  # the first fills the user's caches, which takes changes of its own
            self._before = self.begin(at)
            code, warned = moments.run(command.arguments)
            assert code == 0, warned
        self._right, self.count = held(Path()), moments.count
        assert self.count >= len(command.files) and self._right != self._before

    def begin(self, at: int) -> dict[str, bytes]:
        """Go into a folder that is as before the command; what it holds."""
        self._at = at
        folder = self._all / str(at)
        folder.mkdir(parents=True)
        self._monkeypatch.chdir(folder)
        self._passing = self._all / f"passing{at}"
        self._passing.mkdir()
        self._monkeypatch.setenv("TMPDIR", str(self._passing))
        self._monkeypatch.setattr(tempfile, "tempdir", str(self._passing))
        if self.command is COMMANDS["quantize"]:  # what one run quantised, the next would take from the cache
            self._monkeypatch.setenv("TINYEDGE_CACHE", str(self._all / f"cache{at}"))
        prepare(folder, self.command)
        if self.command.first:
            assert self._moments.run(self.command.first)[0] == 0
        return held(folder)

    def nothing_is_lost(self) -> None:
        """What is the user's is as it was; what is named or says that it is whole, is whole."""
        now, ours = held(Path()), tuple(f"{folder}/" for folder in self.command.folders)
        for name, data in self._before.items():
            if name in self.command.files:  # the older one, or the new one
                assert now[name] == data or self._is_new(name, now[name]), (self._at, name)
            elif not name.startswith(ours or "/"):
                assert now.get(name) == data, (self._at, name)
        for says in _SAYS if self.command.again else ():
            if says in self._right.keys() & now.keys() and now[says] == self._right[says]:
                folder = says.split("/")[0]
                assert _below(folder, now) == _below(folder, self._right), (self._at, says)

    def _is_new(self, name: str, data: bytes) -> bool:
        right = self._right[name]
        if self.command.again:
            return data == right
        return data[:1] == right[:1] and data[-1:] == right[-1:] and len(data) > 0.2 * len(right)

    def nothing_is_left(self) -> None:
        """There is nothing that has no business there."""
        left = {*(held(Path()).keys() - self._before.keys() - self._right.keys()), *held(self._passing)}
        assert not left, (self._at, left)

    def is_as_ever_next_time(self) -> None:
        """The command makes then what it makes always, and clears what was left."""
        code, warned = self._moments.run(self.command.arguments)
        # `init` was done before it came to its end.
        assert code == 0 or "is not empty: it holds" in warned, (self._at, warned)
        now = held(Path())
        assert now.keys() == self._right.keys(), (self._at, now.keys() ^ self._right.keys())
        assert now == self._right or not self.command.again, self._at
        left = [path.name for path in self._passing.glob(".tinyedge*")]  # compilers may have left theirs
        assert not left, (self._at, left)


def _below(folder: str, found: dict[str, bytes]) -> dict[str, bytes]:
    """Its files, but for what is half made and says so in its name, and for the list of what we made.

    That also has what was there before, until the end.
    """
    ours = {name: data for name, data in found.items() if name.startswith(f"{folder}/")}
    return {name: data for name, data in ours.items() if ".tmp" not in name and made.RECORD not in name}


_TAKES_ROOM = ("open", "os.rename", "os.mkdir")


def full(path: str) -> None:
    """The disk is full."""
    raise OSError(errno.ENOSPC, "No space left on device", path)


def interrupt(path: str) -> None:
    """Ctrl-C."""
    os.kill(os.getpid(), signal.SIGINT)


def kill(path: str) -> None:
    """SIGKILL: nothing more is done."""
    os.kill(os.getpid(), signal.SIGKILL)
