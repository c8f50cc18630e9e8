# SPDX-License-Identifier: Apache-2.0
"""Takes the ticks of each layer over some runs, gives the Profile: where time and bytes go, what changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tinyedge import build as builds
from tinyedge.board import Ticks
from tinyedge.build import CLOSED, Build
from tinyedge.errors import UsageError
from tinyedge.judge.latency import METHOD

FILE = "profile.json"


@dataclass(frozen=True)
class Step:
    """One layer or block: what a run of it took, in the profile's unit, and its bytes.

    p50, p95, p99: by nearest rank, so that each was measured. jitter: the largest less the smallest. flash:
    its own code and constants, None where that is not measured. output: what it writes.
    """

    __pydantic_config__ = CLOSED
    name: str
    op: str
    kernel: str
    macs: int
    mean: float
    p50: float
    p95: float
    p99: float
    max: float
    jitter: float
    flash: int | None
    output: int


@dataclass(frozen=True)
class Profile(Build):
    """What profile.json says: everything of build.json, then what each layer took.

    unit: "cycles", "instructions" or "ns". resolution: what one tick stands for; no smaller difference can be
    seen in one run. runs: of each layer, on different inputs. whole: mean of a run of all layers at once.
    """

    __pydantic_config__ = CLOSED
    unit: str
    resolution: float
    emulated: bool
    runs: int
    whole: float
    steps: tuple[Step, ...]

    @property
    def total(self) -> float:
        """The sum over the layers; 0 where all are below the resolution."""
        return sum(step.mean for step in self.steps)

    @classmethod
    def read(cls, path: Path) -> Profile:
        """The profile in a file, or in the folder of a build; UsageError where there is none."""
        file = path / FILE if path.is_dir() else path
        return builds.read(file, cls, f"there is no profile {file}")

    def write(self, folder: Path) -> None:
        """Write profile.json."""
        builds.write(folder / FILE, self)


def of(
    build: Build,
    clock: Ticks,
    ticks: NDArray[np.uint64],
    whole: NDArray[np.uint64],
    flash: Sequence[int] | None,
    emulated: bool,
) -> Profile:
    """ticks [runs, layers], whole [runs]: of the device's counter, `clock`. flash: bytes per layer."""
    counts = ticks.astype(np.float64) * clock.per_tick
    steps = []
    for at, layer in enumerate(build.layers):
        taken = counts[:, at]
        p50, p95, p99 = (float(np.percentile(taken, q, method=METHOD)) for q in (50, 95, 99))
        steps.append(
            Step(
                name=layer.name,
                op=layer.op,
                kernel=layer.kernel,
                macs=layer.macs,
                mean=float(taken.mean()),
                p50=p50,
                p95=p95,
                p99=p99,
                max=float(taken.max()),
                jitter=float(taken.max() - taken.min()),
                flash=None if flash is None else flash[at],
                output=sum(slot.bytes for slot in layer.outputs),
            )
        )
    return Profile(
        **vars(build),
        unit=clock.unit,
        resolution=clock.per_tick,
        emulated=emulated,
        runs=len(ticks),
        whole=float(whole.astype(np.float64).mean()) * clock.per_tick,
        steps=tuple(steps),
    )


@dataclass(frozen=True)
class Moved:
    """A layer before and after; None where it is not there."""

    name: str
    op: str
    before: Step | None
    after: Step | None

    @property
    def change(self) -> float:
        """What it takes more, in the profiles' unit."""
        return (self.after.mean if self.after else 0.0) - (self.before.mean if self.before else 0.0)


def compare(before: Profile, after: Profile) -> tuple[Moved, ...]:
    """The layers of both by name and kind, those that changed most first; UsageError for unlike units."""
    if before.unit != after.unit:
        raise UsageError(
            f"{before.unit} and {after.unit} cannot be compared",
            "profile both on boards that count the same",
        )
    old = {(step.name, step.op): step for step in before.steps}
    new = {(step.name, step.op): step for step in after.steps}
    moved = [Moved(*key, old.get(key), new.get(key)) for key in {**old, **new}]
    return tuple(sorted(moved, key=lambda one: -abs(one.change)))
