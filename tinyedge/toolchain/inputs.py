# SPDX-License-Identifier: Apache-2.0
"""Takes all that a build is made from, gives its digest: what was made from the same need not be made again.

That is the model, board, port, options and compiler, and tinyedge itself: every file of it, so that a changed
kernel is no less a change than a changed model, and the packages that it computes with.
"""

from __future__ import annotations

import functools
import hashlib
import json
import platform
from dataclasses import asdict, replace
from pathlib import Path

from tinyedge import made, paths
from tinyedge.board import Board, port, wiring
from tinyedge.errors import TinyedgeError
from tinyedge.model import Model
from tinyedge.options import Options
from tinyedge.process import own, packages
from tinyedge.toolchain import compilers, objects

PACKAGES = (
    "ai-edge-litert",
    "cyclonedx-python-lib",
    "flatbuffers",
    "jinja2",
    "numpy",
    "pydantic",
    "pyelftools",
)
"""Whose versions decide about what is computed and written, beside our own files."""


def digest(model: Model, board: Board, options: Options, extra: object = None) -> str | None:
    """SHA-256, hexadecimal; None where a tool or a file is missing, as the build will tell.

    extra: what else decides.
    """
    try:
        tool = compilers.find(board, options.compiler)
        facts = {
            "tinyedge": tinyedge(),
            "model": repr(replace(model, data=b"", real=None)),  # its sha256 stands for the bytes
            "board": board.model_dump(mode="json"),
            "wiring": repr(wiring.defines(board)),
            "port": {name: made.digest(file) for name, file in port.files(board).items()},
            "options": asdict(options),
            "extra": extra,
            "compiler": [*tool.identity, *tool.facts.command],
            "environment": objects.environment(),
        }
    except (TinyedgeError, OSError):
        return None
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


@functools.cache
def tinyedge() -> str:
    """SHA-256 of every file that we bring, of Python, and of the packages; once for a process, which loads it
    once.
    """
    found = hashlib.sha256(platform.python_version().encode())
    for package in PACKAGES:
        found.update(f"{package} {packages.version(package) or ''}\0".encode())
    roots = {"tinyedge": Path(__file__).resolve().parents[1]}
    roots |= {folder.name: folder for folder in (paths.boards(), paths.firmware(), paths.templates())}
    found.update(own.digest(roots).encode())
    return found.hexdigest()
