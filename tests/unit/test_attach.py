# SPDX-License-Identifier: Apache-2.0
"""Stages before a model become one graph with it, or a sentence says what does not fit."""

from __future__ import annotations

from pathlib import Path

import pytest

from tinyedge import board as boards
from tinyedge import passes
from tinyedge import plan as planner
from tinyedge.blocks.attach import Front, alone, attach
from tinyedge.errors import UsageError
from tinyedge.graph import Graph, dump
from tinyedge.model import tflite
from tinyedge.project import Input, Stage

MODEL = Path(__file__).resolve().parents[1] / "models" / "tiny_ae.tflite"
SIGNAL = Input(channels=("a", "b"), lsb=0.001, hop=4, rate_hz=50.0)


def model() -> Graph:
    return tflite.lower(MODEL.read_bytes(), "tiny_ae")


def stages(*names: str, rows: int) -> tuple[Stage, ...]:
    keys: dict[str, dict[str, object]] = {
        "window": {"rows": rows},
        "filter": {"type": "lowpass", "cutoff_hz": 5.0},
    }
    return tuple(Stage.model_validate({"block": name, **keys.get(name, {})}) for name in names)


def test_without_stages_the_graph_stays() -> None:
    graph = model()
    assert attach(graph, None) is graph and attach(graph, Front(Input(), ())) is graph


def test_one_graph_takes_samples_and_keeps_states() -> None:
    graph = passes.optimize(model())
    (name,) = graph.inputs
    rows = graph.tensors[name].size // 2
    made = attach(graph, Front(SIGNAL, stages("filter", "window", rows=rows)))
    assert made.inputs == ("samples",) and made.outputs == graph.outputs
    assert made.tensors["samples"].shape == (1, 4, 2)
    assert sorted(made.states) == ["samples/1_filter/delays", "samples/2_window/kept"]
    front = [op.kind for op in made.ops if op not in graph.ops]
    assert front == ["block_filter", "block_window", "block_normalize", "reshape"]
    last = made.tensors["samples/3_normalize"]
    assert (last.dtype, last.quantization) == ("int8", graph.tensors[name].quantization)
    assert "state  samples/2_window/kept" in dump(made)
    planned = planner.plan(made, boards.load("host"))
    assert planned.state_size == sum(made.tensors[state].nbytes for state in made.states)
    assert [layer.kernel for layer in planned.layers[:3]] == [
        "biquad_s16_portable",
        "window_s16_portable",
        "normalize_s16_s8_portable",
    ]


@pytest.mark.parametrize(
    ("signal", "given", "says"),
    [
        (SIGNAL, stages("window", rows=5), "the stages before the model give"),
        (SIGNAL.model_copy(update={"lsb": None}), stages("window", rows=5), r"needs lsb under \[input\]"),
        (SIGNAL.model_copy(update={"rate_hz": None}), stages("filter", rows=5), "needs the rate"),
        (SIGNAL, (Stage(block="wavelet"),), "there is no block 'wavelet'"),
        (SIGNAL, (Stage(block="argmax"),), "block 'argmax' stands behind a network"),
    ],
)
def test_what_does_not_fit_is_one_sentence(signal: Input, given: tuple[Stage, ...], says: str) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        attach(model(), Front(signal, given))
    assert caught.value.hint


def test_the_stages_alone_give_what_a_model_is_trained_with() -> None:
    made = alone(Front(SIGNAL, stages("window", rows=10)), "features")
    assert made.outputs == ("samples/1_window",) and made.tensors["samples/1_window"].shape == (1, 10, 2)
