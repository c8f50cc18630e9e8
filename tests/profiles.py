# SPDX-License-Identifier: Apache-2.0
"""Takes ticks of a build's layers, gives the Profile of the fake device's build."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tests import builds, fake_device
from tinyedge.judge import profile as profiles
from tinyedge.judge.profile import Profile

NAMES = ("<conv>", "dense", "softmax")


def profiled(*ticks: tuple[int, int, int], names: tuple[str, str, str] = NAMES) -> Profile:
    """Runs of three layers, of so many ticks each; the unit is the fake board's."""
    layers = tuple(builds.layer(name) for name in names)
    build = replace(fake_device.build(), layers=layers)
    taken = np.array(ticks or [(10, 20, 10), (30, 20, 10)], np.uint64)
    clock = fake_device.board().clock(emulated=True)
    return profiles.of(build, clock, taken, taken.sum(axis=1), [100, 200, 0], emulated=True)
