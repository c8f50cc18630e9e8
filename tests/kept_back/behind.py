# SPDX-License-Identifier: Apache-2.0
"""Takes motions as what a network gave, gives how far distances and decisions are from scipy and numpy."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tests.host.test_decisions import CHAINS, network, real, run
from tests.kept_back.front import Judged
from tinyedge import blocks
from tinyedge.blocks import behind
from tinyedge.blocks.behind import Back
from tinyedge.errors import UsageError
from tinyedge.graph import Array
from tinyedge.project import Stage

RUNS = 400
SIZE = 6
KINDS = ("noise", "walk", "square", "one step", "smartwatch")
LEARNT: Mapping[str, dict[str, Any]] = {
    "mahalanobis": {"of": "output"},
    "kmeans": {"of": "output", "clusters": 4},
    "gmm": {"components": 3},
}


def judge(motions: Mapping[str, Array]) -> Judged:
    """Distances, errors, decisions, counters."""
    chosen = {kind: samples for kind, samples in motions.items() if kind in KINDS}
    yield from (_distance(name, chosen) for name in LEARNT)
    yield from (_error(kind, chosen) for kind in ("mse", "mae"))
    yield from (_decisions(at, chosen) for at in range(len(CHAINS)))
    yield _drift(chosen)


def as_given(samples: Array, dtype: str, size: int, late: int = 0) -> Array:
    """[RUNS, 1, size] of the type's whole range, from `late` samples on."""
    flat = np.roll(samples.ravel().astype(np.int64), -late)[: RUNS * size].reshape(-1, 1, size)
    limits = np.iinfo(dtype)
    found: Array = ((flat + 32768) * (limits.max - limits.min) // 65535 + limits.min).astype(dtype)
    return found


def _fed(samples: Array, dtype: str, size: int) -> dict[str, Array]:
    return {"fed": as_given(samples, dtype, size), "said": as_given(samples, dtype, size, 5)}


def _computed(made: Any, fed: dict[str, Array]) -> dict[str, Array]:
    with tempfile.TemporaryDirectory() as folder:
        return run(made, fed, Path(folder))


def _distance(name: str, motions: Mapping[str, Array]) -> tuple[str, bool]:
    """Learnt from the first half of a recording; the largest part of the bound that is used."""
    graph, block = network(SIZE, "int16", 0.002, -3), blocks.lookup(name)
    assert block.learn is not None and block.reference is not None
    found = {}
    for kind, samples in motions.items():
        fed = _fed(samples, "int16", SIZE)
        values = real(fed["said"], graph.tensors["said"])[:, 0]
        try:
            learnt = block.learn(values[: len(values) // 2], blocks.parse(name, LEARNT[name]), None)
            made = behind.decide(graph, Back((Stage.model_validate({"block": name, **learnt.model_dump()}),)))
        except UsageError as error:
            print(f"{name}, {kind}: {error}")
            continue
        (score,) = made.outputs
        got = real(_computed(made, fed)[score], made.tensors[score])[:, 0]
        wanted = block.reference(values, learnt, behind.start(graph))[:, 0]
        inside = wanted < (65_000 if name == "gmm" else 4096)
        bound = _bound(name, values, learnt.model_dump())
        found[kind] = float((np.abs(got - wanted) / bound)[inside].max(initial=0.0))
    worst = max(found, key=lambda kind: found[kind])
    return f"{name}: {found[worst]:.3f} of its bound ({worst})", len(found) > 2 and found[worst] <= 1


def _bound(name: str, values: Array, keys: dict[str, Any]) -> Array:
    """Of tests/host/test_decisions.py: half a step in each coordinate, and one for the root or logarithm."""
    if name != "gmm":
        return np.full(len(values), 2.0**-8 * (np.sqrt(SIZE) + 1))
    apart = [
        np.linalg.solve(np.linalg.cholesky(np.array(c)), (values - np.array(m)).T).T
        for m, c in zip(keys["means"], keys["covariances"], strict=True)
    ]
    found: Array = 2.0**-8 + np.abs(np.stack(apart)).sum(axis=2).max(axis=0) * 0.51 * 2.0**-8
    return found


def _error(kind: str, motions: Mapping[str, Array]) -> tuple[str, bool]:
    """A network whose output is its input, somewhat late."""
    graph = network(SIZE, "int16", 0.031, 5)
    made = behind.decide(
        graph, Back((Stage.model_validate({"block": "reconstruction_error", "kind": kind}),))
    )
    (name,) = made.outputs
    found = {}
    for motion, samples in motions.items():
        fed = _fed(samples, "int16", SIZE)
        got = real(_computed(made, fed)[name], made.tensors[name])[:, 0]
        values = [real(fed[n], graph.tensors[n])[:, 0] for n in ("fed", "said")]
        apart = np.abs(values[0] - values[1])
        wanted = (apart**2 if kind == "mse" else apart).mean(axis=1)
        # A factor of 10 bits is off by half of its last.
        off = np.abs(fed["fed"][:, 0].astype(np.int64) - 5) * 0.5 * 0.031 / 2**10
        bound = (2 * apart * off + off**2 if kind == "mse" else off).mean(axis=1) + made.tensors[name].scale
        found[motion] = float((np.abs(got - wanted) / bound).max())
    worst = max(found, key=lambda motion: found[motion])
    return f"reconstruction_error, {kind}: {found[worst]:.3f} of its bound ({worst})", found[worst] <= 1


def _decisions(at: int, motions: Mapping[str, Array]) -> tuple[str, bool]:
    """Equal to their definitions, run for run."""
    dtype, size, keys = CHAINS[at]
    graph, back = network(size, dtype), Back(tuple(Stage.model_validate(each) for each in keys))
    made, changes, same = behind.decide(graph, back), 0, True
    for samples in motions.values():
        stream, fed = behind.start(graph), _fed(samples, dtype, size)
        wanted = real(fed["said"], stream.last).reshape(len(fed["said"]), -1)
        for place, stage in enumerate(behind.spelled(back)):
            block, given = behind.parsed(stage)
            assert block.reference is not None
            wanted = block.reference(wanted, given, stream)
            stream = block.append(stream, given, behind.tensor_of(place, stage))
        last = _computed(made, fed)[stream.tensor]
        same = same and bool(np.array_equal(last, wanted))
        changes += int(np.count_nonzero(np.diff(last[:, 0])))
    names = ", ".join(each["block"] for each in keys)
    return f"{names} of {size} {dtype}: {'equal' if same else 'DIFFERS'}, {changes} changes", same


def _drift(motions: Mapping[str, Array]) -> tuple[str, bool]:
    """Counters equal numpy's histogram."""
    graph, block, same = network(SIZE, "int16", 0.002, 2), blocks.lookup("drift"), True
    assert block.learn is not None
    for samples in motions.values():
        fed = _fed(samples, "int16", SIZE)
        values = real(fed["fed"], graph.tensors["fed"])
        learnt = block.learn(values[:100], blocks.parse("drift", {"of": "input", "bins": 6}), None)
        stages = (
            Stage.model_validate({"block": "score", "index": 0}),
            Stage.model_validate({"block": "drift", **learnt.model_dump()}),
        )
        made = behind.decide(graph, Back(stages))
        counts = next(name for name in made.outputs if name.endswith("_drift"))
        edges = np.array(learnt.model_dump()["edges"]) + graph.tensors["fed"].scale / 2
        wanted = np.histogram(values, [-np.inf, *edges, np.inf])[0]
        same = same and bool(np.array_equal(_computed(made, fed)[counts][-1], wanted))
    return f"drift: {'equal' if same else 'DIFFERS'}", same
