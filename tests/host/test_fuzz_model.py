# SPDX-License-Identifier: Apache-2.0
"""Damaged model files end in one sentence, or are models still: then their C computes what LiteRT does.

It runs in an arena of exact size under the sanitizers. Seeds are new every day; a failure names them.

    TINYEDGE_FUZZ=10000 .venv/bin/pytest -s tests/host/test_fuzz_model.py

is the long mode, and TINYEDGE_FUZZ_SEED=N repeats what was printed.
"""

from __future__ import annotations

import functools
import os
import resource
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from tests import judged, single_op, tiny_models, zoo
from tests.host import test_loops, test_signals, test_states, test_subgraphs, test_uint8
from tests.unit import test_integer_pieces
from tinyedge import board, ops, passes, text
from tinyedge import plan as planner
from tinyedge.errors import TinyedgeError, UsageError
from tinyedge.graph import Tensor
from tinyedge.model import fixed_shapes, lacking, tflite
from tinyedge.options import Options
from tinyedge.plan import Plan

CASES = int(os.environ.get("TINYEDGE_FUZZ", "800"))
BUILT_AT_MOST = max(16, CASES // 20 if CASES > 800 else 0)
BATCH = 8
EXTREMES = (0, 1, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
BANK = ("CUSTOM SignalFilterBank", "CUSTOM SignalPCAN")
STREAMS = (
    "CUSTOM SignalDelay",
    "CUSTOM SignalOverlapAdd",
    "CUSTOM SignalWindow",
    "CUSTOM SignalFftAutoScale",
)
MACS_AT_MOST = 20_000_000
SECONDS = 10.0
"""Processor time for a file, at most."""
MEMORY = 2 << 30
"""Bytes that this process may have taken in the end."""


@functools.cache
def whole() -> tuple[tuple[bytes, ...], ...]:
    """Kinds of models: trained; with states, signals, uint8, subgraphs or floats inside; each operator."""
    cases = {name: found.cases() for name, found in ops.operators().items()}
    one = {name: [c for c in made if c.operator == name][-2:] for name, made in cases.items()}
    keeping = [case for made in one.values() for case in made if case.states]
    assert len({case.operator for case in keeping}) == 2
    return (
        tuple(file.read_bytes() for file in zoo.files(zoo.OURS)),
        (
            *(test_states.smoother(), *_signals(), test_uint8.mobilenet(), test_uint8.operators()),
            *(single_op.single(case) for case in keeping),
            *(test_subgraphs.model(*called) for called in ((1, 2), (1, 2, 2))),
            test_loops.looped(test_loops.SIMPLE),
            test_integer_pieces.islands(),
        ),
        tuple(single_op.single(case) for made in one.values() for case in made),
    )


def _signals() -> Iterator[bytes]:
    """TFLM's signal operators in files with outputs that TFLM writes whole in every run."""
    yield test_signals.front().bytes("bins", "bits")
    bank = test_signals.front()
    bank.nodes = [node for node in bank.nodes if node.operator.startswith(BANK)]
    bank.inputs = ["energy"]
    bank.tensors["bits"] = Tensor("bits", (), "int32", data=np.array(3, np.int32))
    yield bank.bytes("log")
    streams = test_signals.streams()
    yield streams.bytes(*(n for node in streams.nodes if node.operator in STREAMS for n in node.outputs))


def damaged(seed: int) -> bytes:
    """A model file: cut short, noise, unplugged, with flipped bits, or an extreme in place of a word."""
    rng = np.random.default_rng(seed)
    kind = whole()[seed % 3]
    data = bytearray(kind[seed // 3 % len(kind)])
    match rng.integers(0, 8):
        case 0:
            return bytes(data[: rng.integers(0, len(data))])
        case 1:
            return b"\x1c\0\0\0TFL3" + rng.bytes(int(rng.integers(0, 2000)))
        case 2 | 3:
            for _ in range(rng.integers(1, 5)):
                at = 4 * int(rng.integers(2, len(data) // 4))
                data[at : at + 4] = int(rng.choice(EXTREMES)).to_bytes(4, "little")
        case 4:
            return unplugged(bytes(data), rng)
        case _:
            for _ in range(rng.integers(1, 9)):
                data[rng.integers(8, len(data))] ^= 1 << rng.integers(0, 8)
    return bytes(data)


def operators(data: bytes) -> tuple[Any, list[Any]]:
    """The model, to be changed, and all its operators."""
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(data, 0))
    return model, [op for graph in model.subgraphs for op in graph.operators]


def written(model: Any) -> bytes:
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def unplugged(data: bytes, rng: np.random.Generator) -> bytes:
    """The model, where an operator lacks inputs or outputs, has one left out, or one twice."""
    model, every = operators(data)
    op = rng.choice(every)
    ends = ["inputs", "outputs"][: 1 + int(op.outputs is not None and len(op.outputs) > 0)]
    end = str(rng.choice(ends))
    places = list(getattr(op, end))
    at = int(rng.integers(0, len(places) + 1))
    match rng.integers(0, 3):
        case 0:
            places = places[:at]
        case 1:
            places[at : at + 1] = [-1]
        case _:
            places += places[:1]
    setattr(op, end, places)
    return written(model)


def survivors(start: int) -> Iterator[tuple[int, bytes, Plan]]:
    host = board.load("host")
    for seed in range(start, start + CASES):
        data = damaged(seed)
        begun = time.process_time()
        try:
            data = lacking.replaced(fixed_shapes.settled(data, "fuzz"), "fuzz")
            plan = planner.plan(passes.optimize(tflite.lower(data, "fuzz")), host, Options("size"))
            yield seed, data, plan
        except TinyedgeError as error:
            said = text.terminal(str(error))
            assert said and said.isprintable() and len(said) < 10_000, f"TINYEDGE_FUZZ_SEED={seed}: {said}"
        except Exception as error:
            raise AssertionError(f"TINYEDGE_FUZZ_SEED={seed}: {error!r}") from error
        assert time.process_time() - begun < SECONDS, f"TINYEDGE_FUZZ_SEED={seed} takes too long"


@pytest.mark.timeout(0 if "TINYEDGE_FUZZ" in os.environ else 600)
def test_damaged_models_give_an_error_or_what_litert_gives(tmp_path: Path) -> None:
    start = judged.first_seed(CASES)
    print(f"TINYEDGE_FUZZ_SEED={start}")
    count = 0
    different: dict[str, tuple[int, bytes]] = {}
    for seed, data, plan in survivors(start):
        count += 1
        # What differs in numbers of the weights alone is the same program.
        program = planner.dump(plan) + repr([call.params for layer in plan.layers for call in layer.calls])
        if plan.macs <= MACS_AT_MOST and plan.arena_size <= 1 << 24:
            different.setdefault(program, (seed, data))
    # A flipped bit of a weight leaves a model a model: a fuzzer that sees none tests only the first check.
    assert 0 < count < CASES
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 < MEMORY
    chosen = list(different.values())
    chosen = chosen[:: max(1, len(chosen) // BUILT_AT_MOST)][:BUILT_AT_MOST]
    wrong: dict[str, str] = {}
    equal = refused = 0
    for first in range(0, len(chosen), BATCH):
        models = {f"fuzz{seed}": data for seed, data in chosen[first : first + BATCH]}
        verdicts = judged.judge(models, tmp_path / "batch", ("size", "speed")[first // BATCH % 2])
        for name in verdicts.wrong:
            judged.keep(name, models[name])
        wrong |= verdicts.wrong
        equal += len(verdicts.equal)
        refused += len(verdicts.refused)
    print(f"{CASES} files, {count} models, {len(chosen)} run: {equal} equal, {refused} that LiteRT refuses")
    assert not wrong, f"TINYEDGE_FUZZ_SEED={start}: {wrong}; kept in {judged.FOUND}"
    assert equal > len(chosen) // 3


def test_a_zero_point_that_no_int_of_c_holds_is_refused() -> None:
    """Found by TINYEDGE_FUZZ_SEED=7411007269: the compiler refused it."""
    with pytest.raises(UsageError, match="zero point of more than 32 bits"):
        tflite.lower(tiny_models.float_borders(0.3, -(2**49)), "wide")


def test_an_operator_without_inputs_is_told() -> None:
    tried = 0
    for data in (*whole()[0], test_states.smoother()):
        for at in range(len(operators(data)[1])):
            model, every = operators(data)
            if every[at].inputs is None or len(every[at].inputs) == 0:
                continue
            every[at].inputs = []
            with pytest.raises(UsageError):
                passes.optimize(tflite.lower(written(model), "fuzz"))
            tried += 1
    assert tried > 40


def test_numbers_in_other_files_are_never_read() -> None:
    tried = 0
    for data in (*whole()[0], test_states.smoother()):
        for i, subgraph in enumerate(operators(data)[0].subgraphs):
            model, _ = operators(data)
            tensor = model.subgraphs[i].tensors[len(subgraph.tensors) - 1]
            tensor.externalBuffer = 1
            with pytest.raises(UsageError, match="is kept in another file"):
                tflite.lower(written(model), "external")
            model, _ = operators(data)
            number = max(t.buffer for t in model.subgraphs[i].tensors)
            model.buffers[number].data = None
            model.buffers[number].offset, model.buffers[number].size = len(data), 1 << 20
            with pytest.raises(UsageError, match="beyond the end of the file"):
                tflite.lower(written(model), "external")
            tried += 1
    assert tried > 8
