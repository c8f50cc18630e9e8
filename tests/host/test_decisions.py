# SPDX-License-Identifier: Apache-2.0
"""Blocks behind a network in C, run after run with their states, against numpy and scipy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.block_programs import Program
from tinyedge import blocks
from tinyedge.blocks import Reals, Stream, behind
from tinyedge.blocks.behind import Back
from tinyedge.errors import UsageError
from tinyedge.graph import Array, Graph, Quantization, Tensor, verify
from tinyedge.project import Stage

RUNS = 400


def network(size: int, dtype: str, scale: float = 1 / 256, zero: int = 0) -> Graph:
    """A network of nothing: what the blocks are fed is its input and its output."""
    fed = Tensor("fed", (1, size), dtype, Quantization((scale * 0.9,), (zero,)))
    said = Tensor("said", (1, size), dtype, Quantization((scale,), (zero,)))
    return Graph("g", {"fed": fed, "said": said}, (), ("fed", "said"), ("said",))


def run(graph: Graph, fed: dict[str, Array], folder: Path) -> dict[str, Array]:
    """All outputs of the graph, [runs, ...] each."""
    verify(graph)
    program = Program(graph, folder)
    runs = len(fed["said"])
    found = [program.run_all({name: fed[name][at] for name in graph.inputs}) for at in range(runs)]
    return {name: np.stack([each[name] for each in found]).reshape(runs, -1) for name in graph.outputs}


def real(values: Array, tensor: Tensor) -> Reals:
    assert tensor.quantization is not None
    return np.asarray((values.astype(np.float64) - tensor.zero_point) * tensor.scale)


def integers(dtype: str, size: int, seed: int) -> Array:
    """A walk that stays a while at some place, with noise, over all of the type's range: [RUNS, 1, size]."""
    limits = np.iinfo(dtype)
    rng = np.random.default_rng(seed)
    levels = rng.uniform(limits.min, limits.max, (RUNS // 8, size)).repeat(8, axis=0)
    noisy = levels + rng.normal(0, (limits.max - limits.min) / 12, levels.shape)
    found: Array = np.clip(np.rint(noisy), limits.min, limits.max).astype(dtype)
    return found[:, None]


CHAINS: list[tuple[str, int, list[dict[str, Any]]]] = [
    ("uint8", 1, [{"block": "moving_average", "runs": 5}, {"block": "threshold", "level": 0.5}]),
    ("int8", 3, [{"block": "score", "index": 1}, {"block": "threshold", "level": 0.1, "off": -0.1}]),
    ("int16", 4, [{"block": "moving_average", "runs": 3}, {"block": "argmax", "level": 50.0}]),
    ("int8", 5, [{"block": "argmax"}, {"block": "majority", "runs": 4}]),
    ("int8", 5, [{"block": "argmax", "level": 0.2}, {"block": "debounce", "runs": 3, "hold": 20}]),
    ("uint8", 1, [{"block": "threshold", "level": 0.4}, {"block": "debounce", "runs": 2, "hold": 7}]),
    ("uint8", 1, [{"block": "threshold", "level": 0.4}, {"block": "majority", "runs": 7}]),
]


@pytest.mark.parametrize(("dtype", "size", "stages"), CHAINS, ids=lambda v: v if isinstance(v, str) else None)
def test_decisions_equal_their_definition_by_numpy(
    tmp_path: Path, dtype: str, size: int, stages: list[dict[str, Any]]
) -> None:
    """Every stage exactly, on what the one before it gave."""
    graph, back = network(size, dtype), Back(tuple(Stage.model_validate(keys) for keys in stages))
    stream, fed = behind.start(graph), {name: integers(dtype, size, 7) for name in graph.inputs}
    wanted = real(fed["said"], stream.last).reshape(RUNS, -1)
    for at, stage in enumerate(behind.spelled(back)):
        block, given = behind.parsed(stage)
        assert block.reference is not None
        wanted = block.reference(wanted, given, stream)
        stream = block.append(stream, given, behind.tensor_of(at, stage))
    made = behind.decide(graph, back)
    got = run(made, fed, tmp_path)
    last = got[stream.tensor]
    np.testing.assert_array_equal(last, wanted)
    assert len(np.unique(last)) >= 2 and 20 < np.count_nonzero(np.diff(last[:, 0])) < 390
    score = next(name for name in made.outputs if made.tensors[name].quantization is not None)
    assert set(made.outputs) == {score, stream.tensor}


@pytest.mark.parametrize(("dtype", "size"), [("int8", 150), ("int8", 3), ("int16", 96)])
@pytest.mark.parametrize("kind", ["mse", "mae"])
def test_a_reconstruction_error_is_numpys(tmp_path: Path, kind: str, dtype: str, size: int) -> None:
    graph = network(size, dtype, 0.031, 5)
    fed = {"fed": integers(dtype, size, 1), "said": integers(dtype, size, 2)}
    fed["said"][: RUNS // 2] = np.clip(
        fed["fed"][: RUNS // 2] * 0.9, *(np.iinfo(dtype).min, np.iinfo(dtype).max)
    )
    fed["fed"][-1], fed["said"][-1] = np.iinfo(dtype).min, np.iinfo(dtype).max
    stage = Stage.model_validate({"block": "reconstruction_error", "kind": kind})
    made = behind.decide(graph, Back((stage,)))
    (name,) = made.outputs
    got = real(run(made, fed, tmp_path)[name], made.tensors[name])[:, 0]
    values = [real(fed[n], graph.tensors[n])[:, 0] for n in ("fed", "said")]
    apart = np.abs(values[0] - values[1])
    wanted = (apart**2 if kind == "mse" else apart).mean(axis=1)
    # One of the two has a factor that is off by half of a last bit, of which there are 14 or, in int16, 10.
    bits = 14 if dtype == "int8" else 10
    off = np.abs(fed["fed"][:, 0].astype(np.int64) - 5) * 0.5 * 0.031 / 2**bits
    bound = (2 * apart * off + off**2 if kind == "mse" else off).mean(axis=1)
    assert (np.abs(got - wanted) <= bound + made.tensors[name].scale).all()
    assert (got[: RUNS // 2] < got[RUNS // 2 :].min()).mean() > 0.9


@pytest.mark.parametrize(("dtype", "size"), [("int8", 6), ("int16", 20)])
@pytest.mark.parametrize("name", ["mahalanobis", "kmeans"])
def test_distances_are_scipys(tmp_path: Path, name: str, dtype: str, size: int) -> None:
    """Learnt from half of the runs; the rest are farther away, some by far."""
    graph, fed = network(size, dtype, 0.02, -3), {n: integers(dtype, size, 3) for n in ("fed", "said")}
    rng = np.random.default_rng(4)
    mixing = rng.normal(0, 1, (size, size)) + np.eye(size)
    normal = rng.normal(0, 6, (RUNS // 2, size)) @ mixing + rng.choice([-20, 20], (RUNS // 2, 1))
    fed["fed"][: RUNS // 2, 0] = np.clip(normal, -128, 127).astype(dtype)
    block = blocks.lookup(name)
    assert block.learn is not None and block.reference is not None
    values = real(fed["fed"], graph.tensors["fed"])[:, 0]
    keys = {"of": "input", **({"clusters": 3} if name == "kmeans" else {})}
    learnt = block.learn(values[: RUNS // 2], blocks.parse(name, keys), None)
    stream = behind.start(graph)
    stage = Stage.model_validate({"block": name, **learnt.model_dump()})
    made = behind.decide(graph, Back((stage,)))
    score = made.outputs[0]
    got = real(run(made, fed, tmp_path)[score], made.tensors[score])[:, 0]
    wanted = block.reference(values, learnt, stream)[:, 0]
    limit = 4096.0
    inside = wanted < limit
    assert inside.sum() > RUNS // 2
    # Half a step in each of the coordinates, of point and centre, and one for the root.
    assert (np.abs(got - wanted)[inside] <= 2.0**-8 * (np.sqrt(size) + 1)).all()
    assert got[: RUNS // 2].mean() < got[RUNS // 2 :].mean()


@pytest.mark.parametrize(("dtype", "size"), [("int8", 5), ("int16", 12)])
def test_a_mixture_is_scipys(tmp_path: Path, dtype: str, size: int) -> None:
    """Three clusters, of which two overlap; the rest of the runs is anywhere."""
    graph, fed = network(size, dtype, 0.02, -3), {n: integers(dtype, size, 3) for n in ("fed", "said")}
    rng = np.random.default_rng(4)
    mixing = rng.normal(0, 0.5, (3, size, size)) + np.eye(size)
    kinds = rng.integers(0, 3, RUNS // 2)
    spread = np.einsum("ri,rij->rj", rng.normal(0, 9, (RUNS // 2, size)), mixing[kinds])
    fed["said"][: RUNS // 2, 0] = np.clip(spread + np.array([[-40], [-25], [60]])[kinds], -128, 127).astype(
        dtype
    )
    block = blocks.lookup("gmm")
    assert block.learn is not None and block.reference is not None
    values = real(fed["said"], graph.tensors["said"])[:, 0]
    learnt = block.learn(values[: RUNS // 2], blocks.parse("gmm", {"components": 3}), None)
    keys = learnt.model_dump()
    made = behind.decide(graph, Back((Stage.model_validate({"block": "gmm", **keys}),)))
    (score,) = made.outputs
    got = real(run(made, fed, tmp_path)[score], made.tensors[score])[:, 0]
    wanted = block.reference(values, learnt, behind.start(graph))[:, 0]
    inside = wanted < 65_000
    assert inside.sum() >= RUNS // 2 and (got[~inside] > 64_000).all()
    # A coordinate is off by half of 2^-8, so an energy by that times their sum; of the nearest component.
    apart = [
        np.linalg.solve(np.linalg.cholesky(np.array(c)), (values - np.array(m)).T).T
        for m, c in zip(keys["means"], keys["covariances"], strict=True)
    ]
    bound = 2.0**-8 + np.abs(np.stack(apart)).sum(axis=2).max(axis=0) * 0.51 * 2.0**-8
    assert (np.abs(got - wanted) <= bound)[inside].all()
    assert np.abs(got - wanted)[: RUNS // 2].mean() < 2.0**-7
    assert np.quantile(got[: RUNS // 2], 0.99) < np.median(got[RUNS // 2 :])


@pytest.mark.parametrize(("of", "dtype"), [("input", "int8"), ("score", "int8"), ("input", "int16")])
def test_drift_counters_are_numpys_histogram(tmp_path: Path, of: str, dtype: str) -> None:
    size = 4 if of == "input" else 1
    graph = network(size, dtype, 0.02, 2)
    fed = {name: integers(dtype, size, 5) for name in graph.inputs}
    block = blocks.lookup("drift")
    assert block.learn is not None
    tensor = graph.tensors["fed" if of == "input" else "said"]
    values = real(fed[tensor.name], tensor)
    learnt = block.learn(values[:100], blocks.parse("drift", {"of": of, "bins": 6}), None)
    stages = [
        Stage(block="score"),
        Stage.model_validate({"block": "moving_average", "runs": 3}),
        Stage.model_validate({"block": "drift", **learnt.model_dump()}),
    ]
    if of == "score":
        stages.pop(1)
    made = behind.decide(graph, Back(tuple(stages)))
    counts = next(name for name in made.outputs if name.endswith("_drift"))
    got = run(made, fed, tmp_path)[counts]
    edges, warm = learnt.model_dump()["edges"], 2 if of == "input" else 0
    for last in (warm, RUNS - 1):
        bounds = [-np.inf, *(np.array(edges) + tensor.scale / 2), np.inf]
        wanted = np.histogram(values[warm : last + 1], bounds)[0]
        np.testing.assert_array_equal(got[last], wanted)
    assert got[-1].sum() == (RUNS - warm) * size


@pytest.mark.parametrize("dtype", ["int8", "int16"])
def test_confidence_below_a_bound_is_counted(tmp_path: Path, dtype: str) -> None:
    """The largest score of each run, and how often it is not above the bound; by numpy."""
    graph = network(4, dtype, 0.02, 2)
    fed = {name: integers(dtype, 4, 5) for name in graph.inputs}
    values = real(fed["said"], graph.tensors["said"])[:, 0]
    below = float(np.quantile(values.max(axis=1), 0.3)) + 0.005
    block = blocks.lookup("drift")
    assert block.learn is not None
    keys = {"of": "confidence", "below": below}
    learnt = block.learn(values[:100], blocks.parse("drift", keys), None)
    share = (values[:100].max(axis=1) <= below).mean()
    assert learnt.model_dump()["expected"] == pytest.approx((share, 1 - share))
    stages = [{"block": "drift", **learnt.model_dump()}, {"block": "argmax"}]
    made = behind.decide(graph, Back(tuple(Stage.model_validate(keys) for keys in stages)))
    found = behind.decision_of(made)
    assert found is not None and found.counters[0].below == below
    got = run(made, fed, tmp_path)[found.counters[0].name]
    above = np.cumsum(values.max(axis=1) > below)
    np.testing.assert_array_equal(got[:, 1], above)
    np.testing.assert_array_equal(got[:, 0], np.arange(1, RUNS + 1) - above)


@pytest.mark.parametrize(
    ("stages", "says"),
    [
        ([{"block": "window", "rows": 5}], "the network's output are none"),
        ([{"block": "threshold"}], "block 'threshold' has no level"),
        (
            [{"block": "score", "index": 0}, {"block": "threshold", "level": 1.0, "off": 2.0}],
            "off = 2 above level = 1",
        ),
        ([{"block": "threshold", "level": 1.0}], r"takes one score, not int32 \[1, 3\]"),
        ([{"block": "score", "index": 3}], "index 3, the network gives 3"),
        ([{"block": "majority", "runs": 3}], "takes a decision, and none is taken"),
        ([{"block": "argmax"}, {"block": "moving_average", "runs": 3}], "takes scores, not int32"),
        ([{"block": "score", "index": 0}, {"block": "argmax"}], "and there is one"),
        ([{"block": "argmax"}, {"block": "reconstruction_error"}], "it comes first|compares"),
        ([{"block": "mahalanobis", "mean": [0.0], "covariance": [[0.0]]}], "has no inverse"),
        ([{"block": "mahalanobis", "mean": [0.0], "covariance": [[1.0]]}], "mean of 1 features, there are 3"),
        ([{"block": "kmeans", "centres": [[0.0]], "deviation": [0.0]}], "deviations above 0"),
        ([{"block": "drift", "edges": [2.0, 1.0], "expected": [0.1, 0.2, 0.7]}], "2 edges beside 3"),
    ],
)
def test_what_does_not_fit_behind_a_network_is_one_sentence(stages: list[dict[str, Any]], says: str) -> None:
    back = Back(tuple(Stage.model_validate(keys) for keys in stages))
    with pytest.raises(UsageError, match=says) as caught:
        behind.decide(network(3, "int8"), back)
    assert caught.value.hint and "\n" not in str(caught.value)


def test_a_level_is_the_score_that_so_many_normal_ones_exceed() -> None:
    block, rng = blocks.lookup("threshold"), np.random.default_rng(0)
    assert block.learn is not None
    scores = rng.normal(0, 1, (1000, 1))
    for share in (0.001, 0.01, 0.2):
        learnt = block.learn(scores, blocks.parse("threshold", {"false_alarms": share}), None).model_dump()
        assert (scores > learnt["level"]).sum() == share * 1000


def test_a_level_is_risen_above_so_often_an_hour() -> None:
    """A thousand runs in half an hour; each higher level is risen above no more often, by counting edges."""
    block, rng = blocks.lookup("threshold"), np.random.default_rng(1)
    assert block.learn is not None
    scores = np.round(np.convolve(rng.normal(0, 1, 1002), [0.5, 1.0, 0.5], "valid"), 1)

    def rises(level: float) -> int:
        return int(np.count_nonzero(np.diff(np.concatenate([[False], scores > level]).astype(int)) == 1))

    for rate in (2.0, 7.0, 40.0):
        keys = {"false_alarms_per_hour": rate}
        level = block.learn(scores[:, None], blocks.parse("threshold", keys), 2000.0).model_dump()["level"]
        assert all(rises(each) <= rate / 2 for each in np.unique(scores) if each >= level)
        below = np.unique(scores[scores < level])[-1]
        assert rises(below) > rate / 2
    for rate, runs in ((1.9, 2000.0), (2.0, None)):
        with pytest.raises(UsageError, match=r"cannot be told from|how long a run takes") as caught:
            block.learn(scores, blocks.parse("threshold", {"false_alarms_per_hour": rate}), runs)
        assert caught.value.hint


def test_the_stages_behind_a_network_stand_alone() -> None:
    graph = network(8, "int8")
    stages = [{"block": "reconstruction_error"}, {"block": "moving_average", "runs": 2}]
    made = behind.decide(graph, Back(tuple(Stage.model_validate(keys) for keys in stages)))
    own = behind.alone(made)
    assert own.inputs == ("said", "fed") and own.outputs == made.outputs
    assert behind.predictions(made, ("fed",)) == ("said",) and behind.predictions(graph, ("fed",)) == ()
    assert isinstance(behind.start(graph), Stream) and behind.warm_up(made) == 1
