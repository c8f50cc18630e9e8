# SPDX-License-Identifier: Apache-2.0
"""Takes the C of a model as emit.py writes it, gives it names and includes that are safe in a foreign tree.

There may be two models in one program, and other libraries with a `model.h` or a folder `kernels`: the files
are called after the model, and they include each other by relative paths.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from pathlib import PurePosixPath

_INCLUDE = re.compile(r'^#include "([^"]+)"$', re.MULTILINE)
_GUARDED = re.compile(r"^#ifndef (\w+)\n#define \1$", re.MULTILINE)


def rename(files: Mapping[str, bytes], library: str) -> dict[str, str]:
    """`files` of emit.emit_model; gives LIBRARY.h, LIBRARY.c, LIBRARY_data.h and kernels/..., as text.

    LIBRARY.h is included by its plain name: a library's public header may live in another folder.
    """
    names = {"model.h": f"{library}.h", "model.c": f"{library}.c", "model_data.h": f"{library}_data.h"}
    renamed = {}
    for path, data in files.items():

        def include(found: re.Match[str], path: str = path) -> str:
            target = _resolve(found[1], path, files)
            if target == "model.h":
                return f'#include "{library}.h"'
            folder = posixpath.dirname(path) or "."
            return f'#include "{posixpath.relpath(names.get(target, target), folder)}"'

        renamed[names.get(path, path)] = _INCLUDE.sub(include, data.decode())
    return renamed


def amalgamate(files: Mapping[str, str], root: str, public: str) -> str:
    """The file `root` with all that it includes of `files` in it, but for the header `public`.

    A header with a guard is taken in once, one without (a body that macros shape) every time.
    """
    taken: set[str] = set()

    def text(path: str) -> str:
        def include(found: re.Match[str]) -> str:
            if found[1] == public:
                return found[0]
            target = _resolve(found[1], path, files)
            if target in taken:
                return f"/* {target} is above */"
            if _GUARDED.search(files[target]):
                taken.add(target)
            return f"/* ---- {target} ---- */\n{text(target).rstrip()}\n/* ---- end of {target} ---- */"

        return _INCLUDE.sub(include, files[path])

    return text(root)


def _resolve(included: str, by: str, files: Mapping[str, object]) -> str:
    # As a compiler does: beside the file first, then from the root (-I).
    beside = posixpath.normpath(str(PurePosixPath(by).parent / included))
    return beside if beside in files else included
