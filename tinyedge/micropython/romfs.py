# SPDX-License-Identifier: Apache-2.0
"""Takes a file, gives an image of a ROMFS with it, in which a place of the file lies at a multiple of words.

MicroPython reads such a file where it lies, in flash (`mpremote romfs deploy IMAGE`). Records are a kind, a
length and so many bytes; nothing in them is aligned, unless a record of padding makes it so.
"""

from __future__ import annotations

import itertools

from tinyedge.micropython import mpy

_HEADER = b"\xd2\xcd\x31"
_PADDING, _VERBATIM, _FILE = 1, 2, 5


def image(name: str, data: bytes, place: int, alignment: int) -> bytes:
    """An image with the file `name`, whose byte `place` lies at a multiple of `alignment` bytes.

    Its length is even, as MicroPython asks.
    """
    file = _record(_FILE, mpy.number(len(name)) + name.encode() + _record(_VERBATIM, data))
    for padding, behind in itertools.product(range(4 * alignment), (b"", _record(_PADDING, b"\0"))):
        body = _record(_PADDING, bytes(padding)) + file + behind
        length = mpy.number(len(body))
        if (len(_HEADER) + len(length) + len(body)) % 2:
            length = b"\x80" + length  # a leading group of zeros
        made = _HEADER + length + body
        if (len(made) - len(behind) - len(data) + place) % alignment == 0:
            return made
    raise AssertionError("one of so many paddings fits")


def _record(kind: int, payload: bytes) -> bytes:
    return mpy.number(kind) + mpy.number(len(payload)) + payload
