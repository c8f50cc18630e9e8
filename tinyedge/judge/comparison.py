# SPDX-License-Identifier: Apache-2.0
"""Takes two builds or reports and a policy, gives what changed, and which of it is a regression.

A policy is a TOML file; each key says by how much a figure may get worse, as a number or a share of before:

    flash = 512            # bytes: flash, weights, ram, arena, state, stack
    instructions = "1 %"   # of the median; also cycles. Nanoseconds are a matter of the machine: never judged
    accuracy = 0.005       # a share of 1, in whatever metric the reports have
    bits = 0               # output elements that differ from the reference
    deadline_misses = 0
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from tinyedge import paths
from tinyedge.build import CLOSED, VERSION, Build
from tinyedge.errors import InvalidMeasurement, UsageError
from tinyedge.judge.record import Record

Outcome = Literal["same", "better", "worse, allowed", "regression", "new", "not judged"]


def _checked(value: object) -> object:
    number, percent, rest = value.partition("%") if isinstance(value, str) else (value, "%", "")
    try:
        if not percent or rest.strip() or isinstance(number, bool) or not float(number) >= 0:  # type: ignore[arg-type]
            raise ValueError
    except (TypeError, ValueError):
        raise ValueError('give a number, or a share of what it was as "N %"') from None
    return value


Allowance = Annotated[float | str, BeforeValidator(_checked)]


class Policy(BaseModel):
    """By how much each figure may get worse; by default by nothing, but for what a real clock jitters."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    flash: Allowance = 0.0
    weights: Allowance = 0.0
    ram: Allowance = 0.0
    arena: Allowance = 0.0
    state: Allowance = 0.0
    stack: Allowance = 0.0
    instructions: Allowance = 0.0
    cycles: Allowance = "2 %"
    accuracy: Allowance = 0.0
    bits: Allowance = 0.0
    deadline_misses: Allowance = 0.0

    def allowed(self, name: str, before: float) -> float | None:
        """How much worse `name` may be than `before`; None for what is not judged."""
        given: float | str | None = getattr(self, name, None)
        if isinstance(given, str):
            return float(given.partition("%")[0]) / 100 * abs(before)
        return given


@dataclass(frozen=True)
class Change:
    """One figure before and after, None where it is not known. allowed: how much worse it may be."""

    __pydantic_config__ = CLOSED
    name: str
    before: float | None
    after: float | None
    allowed: float | None
    outcome: Outcome


@dataclass(frozen=True)
class Comparison:
    """All figures that one of the two knows. notes: why they may not mean the same."""

    changes: tuple[Change, ...]
    notes: tuple[str, ...]

    @property
    def regressions(self) -> tuple[Change, ...]:
        """What got worse by more than the policy allows, or is no longer known."""
        return tuple(change for change in self.changes if change.outcome == "regression")


@dataclass(frozen=True)
class Document(Comparison):
    """What `tinyedge compare --json` says. verdict: "fail" where there is a regression."""

    __pydantic_config__ = CLOSED
    version: int
    verdict: Literal["pass", "fail"]


def document(found: Comparison) -> Document:
    """The comparison as one document."""
    return Document(found.changes, found.notes, VERSION, "fail" if found.regressions else "pass")


def read_policy(file: Path) -> Policy:
    """UsageError for what is no policy."""
    try:
        return Policy.model_validate(tomllib.loads(paths.read(file).decode("utf-8")))
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror}", "check the path") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{file} is not valid TOML: {error}", "correct it") from error
    except ValidationError as error:
        first = error.errors()[0]
        known = ", ".join(Policy.model_fields)
        raise UsageError(f"{file}: {first['loc'][0]!r}: {first['msg']}", f"keys: {known}") from error


def compare(before: Build, after: Build, policy: Policy) -> Comparison:
    """What changed from one build or report to the next.

    UsageError for two boards, InvalidMeasurement for a replay that did not come to its end.
    """
    if before.board != after.board:
        raise UsageError(
            f"the first is of the board {before.board}, the second of {after.board}",
            "compare two builds for one board",
        )
    for one in (before, after):
        if isinstance(one, Record) and one.stopped:
            raise InvalidMeasurement(
                f"a replay on {one.board} was {one.stopped}", "run `tinyedge test` again"
            )
    old, new = figures(before), figures(after)
    changes = [_change(name, old.get(name), new.get(name), policy) for name in {**old, **new}]
    known = tuple(change for change in changes if not change.before is change.after is None)
    return Comparison(known, tuple(_notes(before, after)))


def figures(build: Build) -> Mapping[str, float | None]:
    """What can be compared, by the names of a policy (nanoseconds besides)."""
    found: dict[str, float | None] = {
        "flash": build.flash.total,
        "weights": build.flash.weights,
        "ram": build.ram.total,
        "arena": build.ram.arena,
        "state": build.ram.state,
        "stack": build.ram.stack_bound,
    }
    if isinstance(build, Record):
        found["bits"] = build.bit_exact.mismatches
        found[build.latency.unit] = build.latency.p50
        found["deadline_misses"] = build.real_time.deadline_misses
        found["accuracy"] = build.accuracy.device
    return found


def _change(name: str, before: float | None, after: float | None, policy: Policy) -> Change:
    if before is None:
        return Change(name, before, after, None, "new")
    allowed = policy.allowed(name, before)
    if allowed is None:
        return Change(name, before, after, None, "not judged")
    if after is None:
        return Change(name, before, after, allowed, "regression")
    worse = before - after if name == "accuracy" else after - before
    if worse <= 0:
        return Change(name, before, after, allowed, "better" if worse else "same")
    # A share's difference is not exact: 0.5 - 0.48 is a little more than 0.02.
    kept = worse <= allowed or math.isclose(worse, allowed)
    return Change(name, before, after, allowed, "worse, allowed" if kept else "regression")


def _notes(before: Build, after: Build) -> list[str]:
    notes = []
    for what, old, new in (
        ("optimised for", before.optimize, after.optimize),
        ("rounding of", before.rounding, after.rounding),
        ("compiled by", before.compiler, after.compiler),
        ("made by tinyedge", before.tool.version, after.tool.version),
    ):
        if old != new:
            notes.append(f"{what} {new}, before {old}")
    if isinstance(before, Record) and isinstance(after, Record):
        if before.recording.sha256 != after.recording.sha256:
            notes.append("fed other integers: another recording, or the same one by another quantisation")
        if before.accuracy.metric != after.accuracy.metric:
            notes.append(f"rated by {after.accuracy.metric}, before by {before.accuracy.metric}")
        if before.latency.unit != after.latency.unit:
            notes.append(f"latency counted in {after.latency.unit}, before in {before.latency.unit}")
    return notes
