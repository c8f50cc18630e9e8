# SPDX-License-Identifier: Apache-2.0
"""Takes a C file that holds a model as an array, as `xxd -i` writes one, gives the bytes of the model."""

from __future__ import annotations

import re
from pathlib import Path

from tinyedge.errors import UsageError

SUFFIXES = (".c", ".cc", ".cpp", ".h", ".hpp")
_COMMENT_OR_TEXT = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', re.DOTALL)
_LIST = re.compile(r"=\s*\{([^{}]*)\}")
_BYTE = re.compile(r"0[xX][0-9a-fA-F]{1,2}|[1-9]?[0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5]")
_MAGIC = slice(4, 8)


def parse(text: str, path: Path) -> bytes:
    """The one array of bytes in `text` that is a TFLite file; UsageError where there is none, or several."""
    bare = _COMMENT_OR_TEXT.sub(" ", text)
    found = [data for data in map(_bytes, _LIST.findall(bare)) if data is not None]
    models = [data for data in found if data[_MAGIC] == b"TFL3"]
    if len(models) != 1:
        raise UsageError(
            f"{path} holds {len(models)} TFLite models in {len(found)} arrays of bytes, and one is needed",
            "give the .tflite file that it was made from",
        )
    return models[0]


def _bytes(listed: str) -> bytes | None:
    """What stands between braces, or None when that is something else than bytes."""
    items = [item.strip().rstrip("uU") for item in listed.split(",")]
    if items and not items[-1]:
        items.pop()  # C allows a comma at the end
    if not all(_BYTE.fullmatch(item) for item in items):
        return None
    return bytes(int(item, 16 if item[:2] in ("0x", "0X") else 10) for item in items)
