# SPDX-License-Identifier: Apache-2.0
"""Takes what we bring, gives its digest: whatever is kept was made by these files, or is stale."""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path


def digest(roots: Mapping[str, Path]) -> str:
    """SHA-256 of every file below the folders, of its place and of what a folder is called here."""
    found = hashlib.sha256()
    for name, root in roots.items():
        for path in sorted(_below(str(root))):
            data = Path(path).read_bytes()
            found.update(f"{name}{path[len(str(root)) :]} {len(data)}\0".encode() + data)
    return found.hexdigest()


@functools.cache
def python() -> str:
    """That of our Python alone, once for a process, which loads it once: 10 ms."""
    return digest({"tinyedge": Path(__file__).resolve().parents[1]})


def _below(folder: str) -> Iterator[str]:
    """Files, but for Python's own; the wheel's `_data` is a root of its own."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                if entry.name not in ("__pycache__", "_data"):
                    yield from _below(entry.path)
            elif not entry.name.endswith(".pyc"):
                yield entry.path
