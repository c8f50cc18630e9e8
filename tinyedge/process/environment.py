# SPDX-License-Identifier: Apache-2.0
"""Takes a program of PyPI that wants another Python than ours, gives the environment that it has alone."""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tinyedge import paths
from tinyedge.process import packages

_SECONDS = 20
_ASK = "import sys, venv, ensurepip; print(*sys.version_info[:2])"


@dataclass(frozen=True)
class Environment:
    """A virtual environment in our cache that has one program; `least` is the Python that it needs."""

    program: str
    least: tuple[int, int]

    @property
    def folder(self) -> Path:
        """Where it is, or would be: another version is another folder."""
        name = re.sub(r"[^a-z0-9.]+", "-", packages.requirement(self.program).lower())
        return paths.cache() / "environments" / name

    @property
    def python(self) -> Path:
        """Its interpreter."""
        inside = ("Scripts", "python.exe") if sys.platform == "win32" else ("bin", "python")
        return self.folder.joinpath(*inside)

    def there(self) -> bool:
        """Whether it is complete."""
        return self.python.exists() and any(self.folder.glob(f"[Ll]ib/**/{self.program}-*.dist-info/RECORD"))

    def commands(self) -> list[list[str]]:
        """The commands that make it; where no Python is new enough, the one that gets one."""
        found = newer_python(self.least)
        if found is None:
            return [["uv", "python", "install", ".".join(map(str, self.least))]]
        pip = [str(self.python), "-m", "pip", "install", packages.requirement(self.program)]
        return [[found, "-m", "venv", "--clear", str(self.folder)], pip]


ONNX2TF = Environment("onnx2tf", (3, 12))


@functools.cache
def newer_python(least: tuple[int, int]) -> str | None:
    """A Python of this machine that is `least` or newer and can make environments; ours, if it is one."""
    versions = [(least[0], minor) for minor in range(least[1], least[1] + 8)]
    names = [f"python{major}.{minor}" for major, minor in versions] + ["python3", "python"]
    # pyenv's shims on PATH do not start a version that is not chosen; uv's are on no PATH.
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 (which gives an answer also where nobody has a home)
    roots = [
        Path(os.environ.get("PYENV_ROOT", home / ".pyenv"), "versions"),
        Path(os.environ.get("UV_PYTHON_INSTALL_DIR", home / ".local" / "share" / "uv" / "python")),
    ]
    beside = [str(file) for root in roots for file in sorted(root.glob("*/bin/python3"))]
    for candidate in [sys.executable, *filter(None, map(shutil.which, names)), *beside]:
        if _version(candidate) >= least:
            return candidate
    return None


def _version(python: str) -> tuple[int, int]:
    """Major and minor version; (0, 0) for what does not start or cannot make environments."""
    try:
        ended = subprocess.run(
            [python, "-I", "-c", _ASK],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            timeout=_SECONDS,
            check=True,
        )
        major, minor = map(int, ended.stdout.split())
    except (OSError, ValueError, subprocess.SubprocessError):
        return 0, 0
    return major, minor
