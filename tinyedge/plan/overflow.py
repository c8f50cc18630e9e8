# SPDX-License-Identifier: Apache-2.0
"""Takes a Plan whose image exceeds a memory, gives the error: what takes the room, what would make it fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tinyedge import board as boards
from tinyedge.board import Board, Memory
from tinyedge.errors import DoesNotFit, UsageError
from tinyedge.options import Optimize
from tinyedge.plan import Plan, placement, weights_of

_NAMED = 3  # tensors, and boards
_SMALLER: Mapping[Optimize, tuple[Optimize, ...]] = {
    "speed": ("balanced", "size"),
    "balanced": ("size",),
    "size": (),
}


def explain(plan: Plan, error: DoesNotFit, fits: Callable[[Optimize], bool]) -> UsageError:
    """`error` of the linker with the largest tensors of that memory and the next things to try.

    fits: tries whether the image fits when it is optimised for something else, which may be larger where few
    layers share a kernel.
    """
    if error.region == "ram":
        taken = f"the arena takes {plan.arena_size:,} ({placement.describe_peak(plan.graph, plan.scratch)})"
        smaller = f"shrink that layer by {error.over:,} bytes (a smaller input, a larger stride)"
        remedy = smaller if error.over < plan.arena_size else ""
    elif error.region == "code":
        # A boot ROM loads code apart from all else: no weight is there.
        calls = [call for layer in plan.layers for call in layer.calls]
        kernels = {(call.isa, call.kernel) for call in calls}
        copies = len(calls) - sum(len(copy.calls) - 1 for copy in plan.copies)
        taken = f"it holds runtime, port and {copies} copies of {len(kernels)} kernels"
        remedy = ""
    else:
        largest = ", ".join(f"{name} {size:,}" for name, size in _largest(plan)[:_NAMED])
        taken = f"weights take {plan.weights:,}, most of all {largest}"
        remedy = f"a model with {error.over:,} bytes of weights less" if error.over < plan.weights else ""
    advice = [remedy] if remedy else []
    if _code_helps(plan, error):
        smaller_code = next(filter(fits, _SMALLER[plan.options.optimize]), None)
        advice[:0] = [f"`{_option(plan, error, smaller_code)}`"] if smaller_code else []
    larger = _larger(plan.board, error)
    if larger:
        wanted = "room for code" if error.region == "code" else error.region
        advice.append(f"a board with more {wanted}, such as {', '.join(larger[:_NAMED])}")
    return UsageError(f"{error}: {taken}", f"try {', or '.join(advice)}" if advice else "")


def _option(plan: Plan, error: DoesNotFit, choice: Optimize) -> str:
    """What makes code smaller, but not more than it must: within all of the flash some layers may be fast."""
    counted = error.region == "flash" and plan.board.memory is not None and plan.board.memory.code is None
    if choice == "size" and counted and plan.options.flash is None:
        return f"--flash {error.length}"
    return f"--optimize {choice}"


def _code_helps(plan: Plan, error: DoesNotFit) -> bool:
    """Whether smaller code could make it fit: not where what lies beside the code is too much already."""
    return error.region == "code" or (error.region == "flash" and plan.weights < error.length)


def _largest(plan: Plan) -> list[tuple[str, int]]:
    """Constants as (layer and role, bytes as the model file holds them), the largest first."""
    found = [
        (f"{layer.op.name} {constant.role}", constant.held.nbytes)
        for layer in plan.layers
        for constant in weights_of(layer.calls)
    ]
    return sorted(found, key=lambda entry: (-entry[1], entry[0]))


def _larger(board: Board, error: DoesNotFit) -> list[str]:
    """Boards that have what is missing here and no less of anything else; the same core first."""
    assert board.memory is not None
    needed = _room(board.memory) | {error.region: error.length + error.over}
    if board.memory.code is None:
        del needed["code"]
    found = []
    for name in boards.names():
        other = boards.load(name)
        if other.memory is None:
            continue
        room = _room(other.memory)
        if all(room[region] >= size for region, size in needed.items()):
            found.append((other.core.name != board.core.name, room[error.region], name))
    return [name for _, _, name in sorted(found)]


def _room(memory: Memory) -> dict[str, int]:
    """Bytes by region; where no boot ROM loads code elsewhere, it is in flash."""
    code = memory.code or memory.flash
    return {"flash": memory.flash.length, "ram": memory.ram.length, "code": code.length}
