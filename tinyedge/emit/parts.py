# SPDX-License-Identifier: Apache-2.0
"""Takes the layers of a plan, gives the units of C that they lie in, where one is not enough.

Units are compiled side by side, so a large model has several; and what is to be fast is compiled otherwise
than what is to be small.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from tinyedge import text
from tinyedge.plan import Plan, sharing
from tinyedge.plan import files as kernels
from tinyedge.text import Code


def level(plan: Plan, unit: str, prefix: str) -> str:
    """What a unit of the model is optimised for. Beside small layers only those are fast that lie apart."""
    return "size" if plan.small and not unit.startswith(f"{prefix}_part") else "speed"


def parts(
    plan: Plan,
    prefix: Code,
    constants: Sequence[dict[str, Any]],
    layers: Sequence[dict[str, Any]],
    copied: Sequence[dict[str, Any]],
    apart: int | None,
) -> list[dict[str, Any]]:
    """What templates know of each unit with layers of its own; none where all of them share one."""
    pieces = [] if apart is None else _pieces(plan, layers, apart)
    if len(pieces) < 2:
        return []
    used = [{a for entry in piece for call in entry["calls"] for a in call["arguments"]} for piece in pieces]
    return [
        {
            "unit": text.code("{}_{}.c", prefix, _part(piece, i)),
            "data": text.code("{}_{}_data.h", prefix, _part(piece, i)),
            "apart": True,
            "marked": False,
            "copies": [copy for copy in copied if any(entry["index"] in copy["of"] for entry in piece)],
            "kernel_files": kernels.kernels([entry["layer"] for entry in piece]),
            "constants": [constant for constant in constants if constant["name"] in used[i]],
            "layers": piece,
            # An array that layers of several units read is in the first one's.
            "shared": set().union(*used[i + 1 :]),
            "elsewhere": set().union(*used[:i]),
        }
        for i, piece in enumerate(pieces)
    ]


def _part(piece: Sequence[dict[str, Any]], number: int) -> Code:
    return text.code("small") if piece[0]["layer"].small else text.code("part{}", number)


def _pieces(plan: Plan, layers: Sequence[dict[str, Any]], apart: int) -> list[list[dict[str, Any]]]:
    """Layers that lie together: `apart` fast ones that share no copy and so on, then all small ones."""
    by_number = {int(entry["index"]): entry for entry in layers}
    # Layers that share a copy are all fast or all small.
    fast = [
        group for group in sharing.groups(plan.copies, list(by_number)) if not plan.layers[min(group)].small
    ]
    pieces = [sorted(itertools.chain(*fast[at : at + apart])) for at in range(0, len(fast), apart)]
    small = [number for number in by_number if plan.layers[number].small]
    return [[by_number[number] for number in piece] for piece in (*pieces, small) if piece]
