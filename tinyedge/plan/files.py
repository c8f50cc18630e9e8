# SPDX-License-Identifier: Apache-2.0
"""Takes layers, gives the files of the kernels that they call, and of all that these include."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from tinyedge import paths
from tinyedge.errors import UsageError
from tinyedge.plan import Layer

_INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)


def kernels(layers: Sequence[Layer]) -> list[str]:
    """The kernels, as paths below firmware/, behind what guards their folders."""
    called = sorted({(call.isa, call.kernel) for layer in layers for call in layer.calls})
    guards = sorted({f"kernels/{isa}/isa.h" for isa, _ in called})
    files = [guard for guard in guards if (paths.firmware() / guard).is_file()]
    return files + [_path(isa, kernel) for isa, kernel in called]


def contents(files: Sequence[str], layers: Sequence[Layer]) -> dict[str, bytes]:
    """Path -> bytes of `files` and of every file that they include, directly or not.

    A hook's is what the user wrote, all others are our own. UsageError for two hooks of one name.
    """
    hooks: dict[str, bytes] = {}
    for call in (call for layer in layers for call in layer.calls):
        if call.source is None:
            continue
        source = call.source.encode()
        if hooks.setdefault(_path(call.isa, call.kernel), source) != source:
            raise UsageError(
                f"two files of C are called {call.kernel}.c, and differ", "rename one, and its function"
            )
    found: dict[str, bytes] = {}
    todo = list(files)
    while todo:
        path = todo.pop(0)
        if path in found:
            continue
        found[path] = hooks[path] if path in hooks else (paths.firmware() / path).read_bytes()
        for quoted in _INCLUDE.findall(found[path].decode()):
            beside = str(PurePosixPath(path).parent / quoted)
            todo.append(beside if (paths.firmware() / Path(beside)).is_file() else quoted)
    return dict(sorted(found.items()))


def _path(isa: str, kernel: str) -> str:
    return f"kernels/{isa}/{kernel}.c"
