# SPDX-License-Identifier: Apache-2.0
"""Takes the C of a model as emit writes it, gives it includes that are safe in a foreign tree.

Other libraries may have a folder `kernels`, too: the files include each other by relative paths.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from pathlib import PurePosixPath

_INCLUDE = re.compile(r'^#include "([^"]+)"$', re.MULTILINE)
_GUARDED = re.compile(r"^#ifndef (\w+)\n#define \1$", re.MULTILINE)


def relate(files: Mapping[str, bytes], public: str) -> dict[str, str]:
    """`files` of emit.emit_model as text, with includes that are relative to the file that has them.

    The header `public` is included by its plain name: it may live in another folder.
    """
    related = {}
    for path, data in files.items():

        def include(found: re.Match[str], path: str = path) -> str:
            target = _resolve(found[1], path, files)
            if target == public:
                return f'#include "{public}"'
            folder = posixpath.dirname(path) or "."
            return f'#include "{posixpath.relpath(target, folder)}"'

        related[path] = _INCLUDE.sub(include, data.decode())
    return related


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
