# SPDX-License-Identifier: Apache-2.0
"""Takes the limits of tinyedge.toml and what was measured, gives a line for each: kept, broken, unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from tinyedge.project import Budget

Verdict = Literal["pass", "fail", "not judged", "incomplete"]
# A value must reach these limits; it must not exceed any other.
_LOWER_LIMITS = ("accuracy_min",)
# Frames have no part in these; and these only grow with every frame, so that what is broken stays broken.
_FIXED = ("flash", "ram", "arena", "stack")
_GROWING = ("bit_exact", "latency_max", "deadline_misses")


@dataclass(frozen=True)
class Line:
    """One limit. `ok` is None where nobody can say, for the `reason`: the value is unknown, or too early."""

    name: str
    limit: float
    value: float | None
    ok: bool | None
    reason: str = ""


def judge(budget: Budget, values: Mapping[str, float | None], reasons: Mapping[str, str]) -> tuple[Line, ...]:
    """A line for each limit that the budget sets, in the order of its fields.

    values: what was measured, by the budget's names. reasons: why a value is None, where known.
    """
    limits = {name: getattr(budget, name) for name in type(budget).model_fields}
    return tuple(
        line(name, limit, values[name], reasons.get(name, ""))
        for name, limit in limits.items()
        if limit is not None
    )


def line(name: str, limit: float, value: float | None, reason: str = "") -> Line:
    """Compare one value with its limit."""
    if value is None:
        return Line(name, limit, None, None, reason or "the board does not tell")
    ok = value >= limit if name in _LOWER_LIMITS else value <= limit
    return Line(name, limit, value, ok)


def so_far(line: Line, reason: str) -> Line:
    """`line` when only some frames were replayed: what the missing ones could change is not judged."""
    if line.name in _FIXED or (line.name in _GROWING and line.ok is False):
        return line
    return replace(line, ok=None, reason=reason)


def verdict(lines: tuple[Line, ...], complete: bool = True) -> Verdict:
    """ "fail" when a limit is broken; else "incomplete"; else "not judged" when one is unknown; or "pass"."""
    if any(line.ok is False for line in lines):
        return "fail"
    if not complete:
        return "incomplete"
    return "not judged" if any(line.ok is None for line in lines) else "pass"
