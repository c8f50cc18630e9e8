# SPDX-License-Identifier: Apache-2.0
"""Takes the state of a bearing, gives what an accelerometer on its housing measures: a physical simulation.

A shaft turns in a deep-groove ball bearing 6205 (9 balls of 7.94 mm on a pitch circle of 39.04 mm, contact
angle 0). Where a race has a spall, every ball that rolls over it strikes the housing, at the rates

    outer race   BPFO = n/2 * (1 - d/D cos a) * f       3.585 f
    inner race   BPFI = n/2 * (1 + d/D cos a) * f       5.415 f

of the shaft's frequency f (Randall and Antoni, Rolling element bearing diagnostics - a tutorial, Mechanical
Systems and Signal Processing 25, 2011, which also gives the model below).

- Balls slip: from strike to strike the time varies by 1 % at random, so that harmonics smear.
- A strike excites the housing, a damped oscillator of 1,100 Hz with a damping ratio of 0.05.
- The load points down: a spall on the turning inner race strikes once a turn in the loaded zone, so the
  strikes are modulated by the shaft; on the outer race, which stands, all are alike.
- The machine itself: unbalance at f, misalignment at 2 f, electrical hum at 100 Hz, the same resonance
  excited by the broad noise of rolling, and the sensor's own noise. Speed drifts by 2 %, load by 20 %.

Everything is in g; the phases between f and 2 f are the machine's, and the same in every recording.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import signal

RATE_HZ = 3200
"""Of the sensor: the highest of an ADXL345."""
SHAFT_HZ = 29.2
"""1,752 rpm: an induction motor of four poles at 60 Hz under load."""
BALLS, BALL_MM, PITCH_MM = 9, 7.94, 39.04
RESONANCE_HZ, DAMPING = 1100.0, 0.05
SLIP = 0.01

Signal = NDArray[np.float64]
Fault = Literal["none", "outer", "inner"]


def rate_of(fault: Fault) -> float:
    """Strikes for each turn of the shaft."""
    ratio = BALL_MM / PITCH_MM
    return BALLS / 2 * {"none": 0.0, "outer": 1 - ratio, "inner": 1 + ratio}[fault]


def measure(seconds: float, rng: np.random.Generator, fault: Fault = "none", depth: float = 0.0) -> Signal:
    """Acceleration in g at RATE_HZ. depth: of the spall, as the peak of a strike in g."""
    count = int(seconds * RATE_HZ)
    speed = SHAFT_HZ * (1 + 0.02 * slow(count, rng))
    turns = np.cumsum(speed) / RATE_HZ
    load = 1 + 0.2 * slow(count, rng)
    machine = 0.12 * np.sin(2 * np.pi * turns) + 0.05 * np.sin(4 * np.pi * turns + 0.7)
    hum = 0.02 * np.sin(2 * np.pi * 100.0 * np.arange(count) / RATE_HZ)
    rolling = ringing(rng.normal(0, 0.02, count))
    strikes = ringing(impacts(turns, load, rng, fault) * depth)
    sensor = rng.normal(0, 0.01, count)
    return np.asarray(load * (machine + rolling) + hum + strikes + sensor)


def slow(count: int, rng: np.random.Generator) -> Signal:
    """A random drift of about unit size over seconds."""
    knots = rng.uniform(-1, 1, count // (2 * RATE_HZ) + 3)
    return np.interp(np.arange(count) / (2 * RATE_HZ), np.arange(len(knots)), knots)


def impacts(turns: Signal, load: Signal, rng: np.random.Generator, fault: Fault) -> Signal:
    """Strikes of unit size, one sample each, times load; of an inner race also times the loaded zone."""
    train = np.zeros(len(turns))
    if fault == "none":
        return train
    apart = 1 / rate_of(fault)
    count = int(turns[-1] / apart)
    at = np.cumsum(apart * (1 + rng.normal(0, SLIP, count)))
    places = np.searchsorted(turns, at)
    places = places[places < len(turns)]
    zone = np.clip(np.cos(2 * np.pi * turns[places]), 0.1, None) if fault == "inner" else 1.0
    train[places] = load[places] * zone * rng.uniform(0.7, 1.3, len(places))
    return train


def ringing(force: Signal) -> Signal:
    """The housing's answer: a damped oscillator, sampled; a unit strike peaks at about 1."""
    pole = np.exp(2 * np.pi * RESONANCE_HZ / RATE_HZ * (-DAMPING + 1j * np.sqrt(1 - DAMPING**2)))
    return np.asarray(signal.lfilter([1.0, -pole.real], [1.0, -2 * pole.real, abs(pole) ** 2], force))
