# SPDX-License-Identifier: Apache-2.0
"""Damaged model files end in one sentence, or are models still: then their C compiles and stays in bounds.

TINYEDGE_FUZZ=N runs N cases (a nightly run may take 100,000); the default is what a test suite can bear.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tinyedge import board, emit, passes
from tinyedge import plan as planner
from tinyedge.errors import TinyedgeError
from tinyedge.model import tflite
from tinyedge.options import Options
from tinyedge.plan import Plan

CASES = int(os.environ.get("TINYEDGE_FUZZ", "2400"))
MODELS = sorted((Path(__file__).resolve().parents[1] / "models").glob("*.tflite"))
FLAGS = ["-std=c11", "-O1", "-Wall", "-Wextra", "-Werror", "-Wconversion", "-shared", "-fPIC"]
SANITIZE = ["-fsanitize=undefined", "-fno-sanitize-recover=all", "-static-libubsan"]
EXTREMES = (0, 1, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
BUILT_AT_MOST = 40
MACS_AT_MOST = 20_000_000


def damaged(seed: int) -> bytes:
    """One model file, cut short, made of noise, with flipped bits, or with a word replaced by an extreme."""
    rng = np.random.default_rng(seed)
    data = bytearray(MODELS[seed % len(MODELS)].read_bytes())
    match rng.integers(0, 8):
        case 0:
            return bytes(data[: rng.integers(0, len(data))])
        case 1:
            return b"\x1c\0\0\0TFL3" + rng.bytes(int(rng.integers(0, 2000)))
        case 2 | 3:
            for _ in range(rng.integers(1, 5)):
                at = 4 * int(rng.integers(2, len(data) // 4))
                data[at : at + 4] = int(rng.choice(EXTREMES)).to_bytes(4, "little")
        case _:
            for _ in range(rng.integers(1, 9)):
                data[rng.integers(8, len(data))] ^= 1 << rng.integers(0, 8)
    return bytes(data)


def survivors() -> Iterator[tuple[int, Plan]]:
    host = board.load("host")
    for seed in range(CASES):
        try:
            graph = passes.optimize(tflite.lower(damaged(seed), f"fuzz{seed}"))
            yield seed, planner.plan(graph, host, Options("size"))
        except TinyedgeError as error:
            assert str(error) and "\n" not in str(error), f"seed {seed}: {error!r}"


@pytest.mark.timeout(600)
def test_damaged_models_give_an_error_or_correct_c(tmp_path: Path) -> None:
    shapes: dict[str, tuple[int, Plan]] = {}
    count = 0
    for seed, plan in survivors():
        count += 1
        text = planner.dump(plan) + repr([call.params for layer in plan.layers for call in layer.calls])
        shapes.setdefault(text.replace(f"fuzz{seed}", ""), (seed, plan))
    # A flipped bit of a weight leaves a model a model: a fuzzer that sees none tests only the first check.
    assert 0 < count < CASES
    for seed, plan in list(shapes.values())[:BUILT_AT_MOST]:
        if plan.macs <= MACS_AT_MOST and plan.arena_size <= 1 << 24:
            run(seed, plan, tmp_path / str(seed))


def run(seed: int, plan: Plan, folder: Path) -> None:
    """Compile and run once between guards: nothing outside the arena may change."""
    for path, data in emit.emit_model(plan, "0" * 64).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    command = ["gcc", *FLAGS, *SANITIZE, "-I.", f"te_fuzz{seed}.c", "-o", "model.so"]
    built = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert built.returncode == 0, f"seed {seed}: {built.stderr[:2000]}"
    library = ctypes.CDLL(str(folder / "model.so"))
    guard = 4096
    memory = np.full(plan.arena_size + 2 * guard, 0xA5, np.uint8)
    inside = memory[guard : guard + plan.arena_size]
    inside[:] = np.random.default_rng(seed).integers(0, 256, inside.size)
    function = getattr(library, f"te_fuzz{seed}_run")
    function(ctypes.c_void_p(memory.ctypes.data + guard))
    assert np.all(memory[:guard] == 0xA5), f"seed {seed}: wrote below the arena"
    assert np.all(memory[-guard:] == 0xA5), f"seed {seed}: wrote beyond the arena"
