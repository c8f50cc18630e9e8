# SPDX-License-Identifier: Apache-2.0
"""Takes the limits of tinyedge.toml and what was measured, gives a line for each: kept, broken, unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from tinyedge.project import Limits

Verdict = Literal["pass", "fail", "not judged", "incomplete"]
# A value must reach these limits; it must not exceed any other.
_LOWER_LIMITS = ("accuracy_min",)
# Frames have no part in these; and these only grow with every frame, so that what is broken stays broken.
_FIXED = ("flash", "ram", "arena", "stack")
BITS = "bit_exact"
SAME = "same_bytes"
_GROWING = (BITS, SAME, "latency_max", "deadline_misses")


@dataclass(frozen=True)
class Line:
    """One limit. `ok` is None where nobody can say, for the `reason`: the value is unknown, or too early."""

    name: str
    limit: float
    value: float | None
    ok: bool | None
    reason: str = ""


def judge(limits: Limits, values: Mapping[str, float | None], reasons: Mapping[str, str]) -> tuple[Line, ...]:
    """A line for each limit that is set, in the order of its fields.

    values: what was measured, by the limits' names. reasons: why a value is None, where known.
    """
    found = {name: getattr(limits, name) for name in Limits.model_fields}
    return tuple(
        line(name, limit, values[name], reasons.get(name, ""))
        for name, limit in found.items()
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
    if line.name in _FIXED or (line.name.startswith(_GROWING) and line.ok is False):
        return line
    return replace(line, ok=None, reason=reason)


def verdict(
    lines: tuple[Line, ...], complete: bool = True, policy: Literal["fail", "pass"] | None = None
) -> Verdict:
    """ "fail" when a limit is broken; else "incomplete"; else "not judged" when one is unknown; or "pass".

    policy: what a limit of the budget counts as that nobody can judge. Bits never pass unjudged.
    """
    if any(line.ok is False for line in lines):
        return "fail"
    if not complete:
        return "incomplete"
    unknown = [line.name for line in lines if line.ok is None]
    if not unknown:
        return "pass"
    if policy == "fail":
        return "fail"
    return "pass" if policy == "pass" and BITS not in unknown else "not judged"
