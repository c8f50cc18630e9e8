# SPDX-License-Identifier: Apache-2.0
"""Takes a Plan and the sensor of a project, gives main.py: reads it, pushes or predicts, lights the LED."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tinyedge
from tinyedge import paths, text
from tinyedge.blocks import behind
from tinyedge.board import Board
from tinyedge.micropython import portable
from tinyedge.plan import Plan
from tinyedge.project import Input
from tinyedge.text import template

FILE = "main.py"
_AUDIO = 4000.0  # Hz from which one channel is sound
_ACCELERATION, _ROTATION = (0, 2, 4), (8, 10, 12)  # places in what an MPU-6050 tells, behind 0x3B
_SENSORS = {"i2c": "an IMU on I2C", "i2s": "a microphone on I2S", "adc": "the ADC"}


def pins_of(board: Board) -> Mapping[str, str] | None:
    """Facts of boards/micropython/pins/: Python by what it is for; None where we know none of the board."""
    for file in sorted((paths.boards() / "micropython" / "pins").glob("*.toml")):
        facts = paths.read_toml(file)[0]
        if board.port in facts.pop("ports"):
            return {key: str(value) for key, value in facts.items()}
    return None


def write(plan: Plan, signal: Input | None, board: Board) -> bytes | None:
    """main.py for the board's usual pins; None where we know none. signal: of the pipeline's samples."""
    pins = pins_of(board)
    known = portable.facts(plan)
    (port, *more) = known["ports_in"]
    if pins is None or more or port["tensor"].dtype not in ("int8", "uint8", "int16"):
        return None
    hop, channels = known["hop"], known["channels"]
    rate = signal.rate_hz if signal is not None and signal.rate_hz else 10.0
    kind = _kind(channels, rate) if hop else "adc"
    drivers = {"i2c": "I2C, Pin", "i2s": "I2S, Pin", "adc": "ADC, Pin"}[kind]
    bits = 16 if port["wide"] else 8
    decided = behind.decision_of(plan.graph)
    context: dict[str, Any] = {
        "kind": kind,
        "sensor": text.code(_SENSORS[kind]),
        "board": board.name,
        # Of our own files, and Python already.
        "pins": {key: text.code(value) for key, value in {**pins, "drivers": drivers}.items()},
        "nothing": decided.nothing if decided and decided.nothing is not None else 0,
        "places": (_ACCELERATION + _ROTATION)[:channels],
        "rate": round(rate),
        "period": round(1e6 / rate),
        "size": port["tensor"].nbytes,
        "shift": 16 - bits,
        "half": 0 if port["tensor"].dtype == "uint8" else 1 << (bits - 1),
    }
    rendered = template.render(
        "micropython/main.py.j2", version=text.word(tinyedge.__version__), **known, **context
    )
    return rendered.encode()


def _kind(channels: int, rate: float) -> str:
    if channels == 1 and rate >= _AUDIO:
        return "i2s"
    return "i2c" if channels in (3, 6) else "adc"
