# SPDX-License-Identifier: Apache-2.0
"""Takes a Profile, gives one HTML page that needs no other file: the run, its kinds of layers, its layers.

Every box is as wide as its share of the time. What a box is stands in it as text, or below in the table.
"""

from __future__ import annotations

from dataclasses import dataclass

from tinyedge.judge.profile import Profile, Step
from tinyedge.text import template

WIDTH, HEIGHT = 1000.0, 30
_LETTER = 7.5
"""About the width of a letter, in units of the picture."""


@dataclass(frozen=True)
class Box:
    """A rectangle: place and width in units of the picture, its row, what it says, what it stands for."""

    x: float
    width: float
    row: int
    label: str
    title: str


def render(profile: Profile) -> str:
    """HTML text; every value is escaped."""
    return template.render(
        "profile.html.j2",
        profile=profile,
        boxes=boxes(profile),
        height=HEIGHT,
        steps=sorted(profile.steps, key=lambda step: -step.mean),
        share=lambda step: 100 * step.mean / profile.total if profile.total else 0.0,
    )


def boxes(profile: Profile) -> list[Box]:
    """Row 0 the run, row 1 the kinds of layers, row 2 the layers of each kind; the largest first."""
    total = profile.total
    if not total:
        return []
    kinds: dict[str, list[Step]] = {}
    for step in profile.steps:
        kinds.setdefault(step.op, []).append(step)
    found = [_box(profile, 0.0, total, 0, profile.model.name)]
    x = 0.0
    for kind, steps in sorted(kinds.items(), key=lambda item: -sum(step.mean for step in item[1])):
        found.append(_box(profile, x, sum(step.mean for step in steps), 1, kind))
        for step in sorted(steps, key=lambda step: -step.mean):
            found.append(_box(profile, x, step.mean, 2, step.name))
            x += step.mean
    return [box for box in found if box.width > 0]


def _box(profile: Profile, x: float, mean: float, row: int, name: str) -> Box:
    scale = WIDTH / profile.total
    width = mean * scale
    fits = int(width / _LETTER) - 1
    label = name if len(name) <= fits else f"{name[: fits - 1]}…" if fits > 3 else ""
    title = f"{name}: {mean:,.0f} {profile.unit}, {mean / profile.total:.1%}"
    return Box(round(x * scale, 2), round(width, 2), row, label, title)
