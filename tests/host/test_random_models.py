# SPDX-License-Identifier: Apache-2.0
"""Models of random layers that branch and join are exact: arena and states of exact size, sanitizers, LiteRT.

A fixed sample runs always, and a few with new seeds every day, or from TINYEDGE_FUZZ_SEED on;
TINYEDGE_RANDOM_MODELS=1000 makes these so many. What fails is shrunk and kept in tests/models/found/, where
it is tried for ever.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests import judged, random_models

SAMPLE = 12
LAYERS = 12
BATCH = 12
MORE = int(os.environ.get("TINYEDGE_RANDOM_MODELS", "4"))


@pytest.mark.timeout(600)
@pytest.mark.parametrize("first", range(0, SAMPLE, BATCH // 2))
def test_the_sample_equals_litert(first: int, tmp_path: Path) -> None:
    seeds = range(first, first + BATCH // 2)
    models = {f"random{seed}": random_models.model(seed, LAYERS) for seed in seeds}
    verdicts = judged.judge(models, tmp_path, "speed" if first else "size")
    assert not verdicts.wrong and not verdicts.refused
    assert set(verdicts.equal) == set(models)


def test_what_was_found_once_is_right(tmp_path: Path) -> None:
    models = {f"found_{i}": file.read_bytes() for i, file in enumerate(sorted(judged.FOUND.glob("*.tflite")))}
    assert not judged.judge(models, tmp_path).wrong


@pytest.mark.timeout(0)
def test_new_ones_equal_litert(tmp_path: Path) -> None:
    start = judged.first_seed(MORE)
    print(f"TINYEDGE_FUZZ_SEED={start}")
    failed: dict[int, str] = {}
    for first in range(start, start + MORE, BATCH):
        seeds = {f"random{seed}": seed for seed in range(first, min(first + BATCH, start + MORE))}
        models = {name: random_models.model(seed, LAYERS) for name, seed in seeds.items()}
        verdicts = judged.judge(models, tmp_path / "batch", "speed" if first % 2 else "size")
        failed |= {seeds[name]: why for name, why in (verdicts.wrong | verdicts.refused).items()}
    for seed in failed:
        judged.keep(f"random_{seed}", shrunk(seed, tmp_path / "shrink"))
    assert not failed, f"TINYEDGE_FUZZ_SEED={start}: {failed}; shrunk into {judged.FOUND}"


def shrunk(seed: int, folder: Path) -> bytes:
    """The shortest model of this seed that fails still."""
    for layers in range(1, LAYERS):
        model = random_models.model(seed, layers)
        verdicts = judged.judge({"shorter": model}, folder)
        if verdicts.wrong or verdicts.refused:
            return model
    return random_models.model(seed, LAYERS)
