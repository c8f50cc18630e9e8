# SPDX-License-Identifier: Apache-2.0
"""Takes a model and a core, gives exported folders; compiles and runs what is in them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests import zoo
from tests.conftest import lacking
from tinyedge import export
from tinyedge import model as models
from tinyedge.export import _folder, _library
from tinyedge.export._library import Library
from tinyedge.options import DEFAULT, Options

MODEL = zoo.OURS / "tiny_cnn.tflite"
NAME = "te_tiny_cnn"
WARNINGS = ("-Wall", "-Wextra", "-Werror", "-Wconversion")
SECONDS = 120


def library(core: str | None = None, model: Path = MODEL, options: Options = DEFAULT) -> Library:
    """The model as a library for `core` (None: for any)."""
    return _library.make(models.load(model), core, None, options)


def write(made: Library, kind: str, folder: Path) -> Path:
    """`made` as an export of that format; gives the folder."""
    files = {path: text.encode() for path, text in export.find(kind).files(made).items()}
    _folder.write(folder, files, {})
    return folder


def tool(name: str, package: str) -> str:
    """A program on PATH or beside this Python; without it the test is `lacking` that package."""
    found = shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))
    if found is None:
        lacking(f"{name} is not on PATH ({package})")
    return found


def run(command: Sequence[str | Path], folder: Path, code: int = 0) -> str:
    """Run a command, which must end with `code`; what it printed."""
    ended = subprocess.run(
        list(map(str, command)),
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS,
    )
    assert ended.returncode == code, ended.stdout
    return ended.stdout


def ctest(folder: Path, build: Path, flags: str, *options: str) -> str:
    """Configure, build and test a CMake project; what its tests printed."""
    cmake = tool("cmake", "pip install cmake")
    run(
        [
            cmake,
            "-S",
            folder,
            "-B",
            build,
            f"-DCMAKE_C_FLAGS_DEBUG={flags}",
            "-DCMAKE_BUILD_TYPE=Debug",
            *options,
        ],
        folder,
    )
    run([cmake, "--build", build], folder)
    return run([tool("ctest", "pip install cmake"), "--test-dir", build, "--verbose"], folder)


def compile_c(folder: Path, sources: list[Path], includes: list[Path], out: str, *more: str) -> list[Path]:
    gcc = tool("gcc", "apt-get install gcc")
    objects = []
    for source in sources:
        target = folder / f"{out}_{source.stem}.o"
        include = [f"-I{path}" for path in includes]
        run([gcc, "-std=c11", "-O1", *WARNINGS, *more, *include, "-c", source, "-o", target], folder)
        objects.append(target)
    return objects
