# SPDX-License-Identifier: Apache-2.0
"""Takes a header of a kernel folder, gives its numbers: what C and a layout both know stands in C alone."""

from __future__ import annotations

import functools
import re

from tinyedge import paths


def number(file: str, name: str) -> int:
    """The enumerator or macro `name` of firmware/kernels/<file>, a plain decimal number there."""
    found = re.findall(rf"^(?:\s+|enum \{{ ){name} = (\d+)\b", _text(file), re.MULTILINE)
    assert len(found) == 1, f"{file} defines {name} {len(found)} times"
    return int(found[0])


@functools.cache
def _text(file: str) -> str:
    return (paths.firmware() / "kernels" / file).read_text(encoding="utf-8")
