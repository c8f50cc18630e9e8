# SPDX-License-Identifier: Apache-2.0
"""Takes the Call of a copy, gives it in words where it moves whole ones: activations begin at words.

Of bytes that lie anywhere a compiler knows no better than to move one after another, on cores that want
words where they belong.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from tinyedge.ops import Call, strided
from tinyedge.plan.layout import WORD, parts

BITS = 8
STRIDED = "strided_copy_s"


def strided_copy(call: Call) -> Call:
    """Elements become words, or halves of them, where all that lie side by side begin and end at such."""
    width = int(call.kernel.removeprefix(STRIDED)) // BITS
    start, counts, steps = (call.params[name] for name in ("start", "count", "step"))
    assert isinstance(start, int) and isinstance(counts, tuple) and isinstance(steps, tuple)
    joined = math.gcd(start, counts[-1], *steps[:-1], WORD // width) if steps[-1] == 1 else 1
    if joined == 1:
        return call
    fewer = strided.merged((*counts[:-1], counts[-1] // joined), (*(s // joined for s in steps[:-1]), 1))
    padded = [(1, 0)] * (strided.DIMENSIONS - len(fewer)) + fewer
    params: dict[str, int | tuple[int, ...]] = {
        "start": start // joined,
        "count": tuple(count for count, _ in padded),
        "step": tuple(step for _, step in padded),
    }
    return replace(call, kernel=f"{STRIDED}{BITS * width * joined}", params={**call.params, **params})


def concatenation(call: Call) -> Call:
    """Of an activation whose rows, and whose places in the output, are whole words."""
    bytes_of = {name: parts.number(call, name) for name in ("bytes", "start", "stride")}
    if parts.arrays(call) or any(number % WORD for number in bytes_of.values()):
        return call
    words = {name: number // WORD for name, number in bytes_of.items()}
    return replace(parts.changed(call, words), kernel=f"{call.kernel}_s32")


def table_copy(call: Call) -> Call:
    """Of blocks of whole words, from and to multiples of them."""
    offsets, block = parts.arrays(call)["offsets"], parts.number(call, "block")
    if block % WORD or np.any(offsets.data % WORD):
        return call
    table = {"offsets": parts.relaid(offsets, offsets.data // WORD)}
    return replace(parts.changed(call, {"block": block // WORD}, arrays=table), kernel=f"{call.kernel}_s32")


LAYOUTS = {
    "concatenation": concatenation,
    f"{STRIDED}8": strided_copy,
    f"{STRIDED}16": strided_copy,
    "table_copy": table_copy,
}
