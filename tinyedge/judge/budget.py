# SPDX-License-Identifier: Apache-2.0
"""Takes the limits of tinyedge.toml and what was measured, gives a line for each: kept, broken, unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tinyedge.project import Budget

Verdict = Literal["pass", "fail", "not judged"]
# A value must reach these limits; it must not exceed any other.
_LOWER_LIMITS = ("accuracy_min",)


@dataclass(frozen=True)
class Line:
    """One limit. `ok` is None where the value is not known, for the `reason`, so that nobody can say."""

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


def verdict(lines: tuple[Line, ...]) -> Verdict:
    """ "fail" when a limit is broken, else "not judged" when a value is not known, else "pass"."""
    if any(line.ok is False for line in lines):
        return "fail"
    return "not judged" if any(line.ok is None for line in lines) else "pass"
