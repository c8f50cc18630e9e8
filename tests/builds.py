# SPDX-License-Identifier: Apache-2.0
"""Takes what a test cares about, gives a Build that says it; everything else is made up, and small."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tinyedge import build
from tinyedge.build import Build, Slot


def slot(name: str, index: int, offset: int, size: int, scale: float = 1.0, zero_point: int = 0) -> Slot:
    """An int8 tensor [1, size]."""
    return Slot(name, index, (1, size), "int8", (scale,), (zero_point,), offset, size)


def layer(name: str, op: str = "relu", *outputs: Slot) -> build.Layer:
    """A layer without cost."""
    return build.Layer(name, op, 0, 0, f"{op}_s8_portable", False, outputs)


def ram(arena: int = 8, state: int = 0) -> build.Ram:
    """RAM of a build; the sum is made up."""
    return build.Ram(5000, arena, arena, state, 4096, 300, 6, {"arena": arena, "stack": 4992})


def make(
    board: str = "mps3-an547",
    build_id: str = "00" * 8,
    files: Sequence[str] = ("firmware.elf",),
    layers: Sequence[build.Layer] = (),
    **facts: Any,
) -> Build:
    """A Build; `facts` are fields of it."""
    known: dict[str, Any] = {
        "version": build.VERSION,
        "tool": build.Tool("0.1.0"),
        "board": board,
        "model": build.ModelFile("dense", "ab" * 32, "model.tflite"),
        "optimize": "speed",
        "rounding": "litert",
        "macs": 8,
        "arena_align": 4,
        "inputs": (),
        "features": (),
        "outputs": (),
        "predictions": (),
        "warm_up": 0,
        "decision": None,
        "layers": tuple(layers),
        "compiler": "a compiler",
        "image": build.Files("firmware.elf", tuple(files), build_id),
        "flash": build.Flash(9000, 8984, 16, {"weights": 16, "kernels": 8984}),
        "ram": ram(),
    }
    return Build(**{**known, **facts})
