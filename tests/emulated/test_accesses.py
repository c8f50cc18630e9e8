# SPDX-License-Identifier: Apache-2.0
"""What kernels load and store on the emulated core is what the plan lets them: a plugin watches each byte."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from tests import plugin, single_op, zoo
from tests.conftest import shared_path
from tests.emulated import test_fast_kernels as fast
from tests.emulated import test_fast_operators as operators
from tests.emulated import test_helium as helium
from tests.emulated import test_operators as every
from tinyedge import board as boards
from tinyedge import model, names, ops, paths, pipeline, transport
from tinyedge.graph import Graph
from tinyedge.line import device
from tinyedge.ops import Case
from tinyedge.options import Optimize, Options
from tinyedge.plan import Layer, Plan, arrangement, placement
from tinyedge.plan.placement import Placement, Scratches
from tinyedge.toolchain import image

BOARDS = ("mps3-an547", "mps2-an386", "qemu-virt-rv32", "qemu-virt-rv32v")
KINDS = ("CONV_2D", "DEPTHWISE_CONV_2D")
REREADS = {"softmax_s16"}
"""Kernels that leave powers where the output will be, and load them again for the row's sum is known then."""
SOURCE = Path(__file__).resolve().parents[1] / "watch.c"


@dataclass(frozen=True)
class Watched:
    """What the plugin saw of one run: accesses to the arena, and what was wrong, one line an instruction."""

    loads: int
    stores: int
    told: list[str]


def watch(file: Path, board: str, optimize: Optimize, folder: Path) -> Watched:
    """Run the model once on random bytes and hold every access against its plan."""
    loaded, facts = model.load(file), boards.load(board)
    build = pipeline.build(loaded, facts, folder / "out", Options(optimize))
    symbols = {symbol.name: symbol.address for symbol in image.open_built(folder / "out").symbols}
    plan = pipeline.plan(loaded, facts, Options(optimize)).plan
    strict = "-mstrict-align" in facts.core.compilers["zig"].flags
    (folder / "plan.txt").write_text(rules(plan, symbols) + ("aligned 4\n" if strict else ""))
    library = plugin.compile(SOURCE, folder)
    watched = plugin.attach(facts, library, plan=folder / "plan.txt", out=folder / "seen.txt")
    rng = np.random.default_rng(5)
    with device.connect(transport.open_board(watched, folder / "out" / build.image.elf), build) as chip:
        for slot in build.inputs:
            chip.write(slot.offset, rng.bytes(slot.bytes))
        chip.run()
    counts, told = {}, []
    for line in (folder / "seen.txt").read_text().splitlines():
        word, _, number = line.partition(" ")
        if word in ("runs", "loads", "stores"):
            counts[word] = int(number)
        else:
            told.append(line)
    assert counts.pop("runs") == 1
    return Watched(**counts, told=told)


def rules(plan: Plan, symbols: dict[str, int]) -> str:
    """The plan in the words of watch.c."""
    arena = symbols[names.ARENA] + 16  # TE_GUARD of firmware/runtime/app.h
    lines = [f"arena {arena:#x} {plan.arena_size}", f"end {symbols[names.EXECUTED]:#x}"]
    for i, layer in enumerate(plan.layers):
        entry = symbols.get(names.layer(names.prefix(plan.graph.name), i))
        if not layer.calls or (entry is None and idle(plan, layer)):
            continue
        assert entry is not None, layer.op.name
        lines.append(f"layer {entry:#x}")
        if any(call.kernel in REREADS for call in layer.calls):
            lines.append("rereads")
        for word, tensors in (("input", plan.graph.activations(layer.op)), ("output", layer.op.outputs)):
            for name in dict.fromkeys(tensors):
                lines.append(f"{word} {arena + plan.offsets[name]:#x} {plan.graph.tensors[name].nbytes}")
        # As of an output, a kernel may load of its scratch what it stored there.
        for name, size in arrangement.scratch_of(layer.calls).items():
            lines.append(f"output {arena + layer.scratch[name]:#x} {size}")
    return "\n".join(lines) + "\n"


def idle(plan: Plan, layer: Layer) -> bool:
    """Whether it copies its input onto itself: of such a function a compiler leaves nothing."""
    places = {plan.offsets[name] for name in (*plan.graph.activations(layer.op), *layer.op.outputs)}
    return [call.kernel for call in layer.calls] == ["copy"] and len(places) == 1


@pytest.mark.parametrize("board", BOARDS)
def test_models_stay_within_their_plan(board: str, tmp_path: Path) -> None:
    seen = watch(shared_path("models", "mlperf", "kws_ref_model.tflite"), board, "speed", tmp_path)
    assert seen.loads > 10_000 and seen.stores > 1_000
    assert not seen.told


@pytest.mark.usefixtures("side_by_side")
@pytest.mark.parametrize(
    ("board", "cases"),
    [
        *(pytest.param(BOARDS[0], partial(helium.layers, kind), id=f"{BOARDS[0]}-{kind}") for kind in KINDS),
        *(pytest.param(board, fast.layers, id=board) for board in BOARDS[1:]),
        *(
            pytest.param(board, partial(operators.layers, isa), id=f"{board}-operators")
            for board, isa in operators.BOARDS.items()
        ),
        *(pytest.param(board, operators.multiplied, id=f"{board}-multiplied") for board in BOARDS[:2]),
    ],
)
def test_random_layers_stay_within_their_plan(
    board: str, cases: Callable[[], list[Case]], tmp_path: Path
) -> None:
    """Those whose bits other tests compare, whose objects are therefore there."""
    file = tmp_path / "layers.tflite"
    file.write_bytes(single_op.merged(cases()))
    assert not watch(file, board, "speed", tmp_path).told


@pytest.mark.usefixtures("side_by_side")
@pytest.mark.parametrize(("board", "optimize"), [("mps3-an547", "speed"), ("qemu-virt-rv32", "size")])
def test_every_operator_stays_within_its_plan(board: str, optimize: Optimize, tmp_path: Path) -> None:
    """Two that test_operators.py compares, so that their objects are there, and what is rare beside them."""
    rare = [case for case in ops.lookup("CONCATENATION").cases() if len(case.inputs) > 8]
    rare += [case for case in ops.lookup("TRANSPOSE").cases() if case.name == "transpose_int8_3"]
    file = tmp_path / "operators.tflite"
    file.write_bytes(single_op.merged([*every.layers(), *rare]))
    assert not watch(file, board, optimize, tmp_path).told


@pytest.mark.parametrize("upwards", [False, True])
@pytest.mark.parametrize("board", BOARDS)
def test_outputs_trail_as_near_as_is_stated(
    board: str, upwards: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every output as near to its input as the operator and the kernel say is safe, above it or below."""
    monkeypatch.setattr(placement, "place", helium.place_upwards if upwards else helium.place_downwards)
    file = tmp_path / "chain.tflite"
    file.write_bytes(helium.chain())
    assert not watch(file, board, "size" if upwards else "speed", tmp_path).told


def test_a_plan_that_is_too_tight_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = rules

    def tighter(plan: Plan, symbols: dict[str, int]) -> str:
        """Every input one byte shorter than it is."""
        lines = real(plan, symbols).splitlines()
        words = [line.split() for line in lines]
        return "".join(
            f"{' '.join([*w[:2], str(int(w[2]) - 1)]) if w[0] == 'input' else ' '.join(w)}\n" for w in words
        )

    monkeypatch.setitem(globals(), "rules", tighter)
    seen = watch(zoo.OURS / "tiny_cnn.tflite", "mps3-an547", "speed", tmp_path)
    assert any("loads what is no input" in line for line in seen.told)


def test_an_output_too_near_to_its_input_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nearer(
        graph: Graph, alignment: int, ahead: Mapping[str, int], scratch: Scratches, share: int = 1
    ) -> Placement:
        """By a pixel or more: a kernel that reads a whole pixel before it writes one is safe up to there."""
        return helium.place_downwards(
            graph, alignment, {op: size - 256 for op, size in ahead.items()}, scratch, share
        )

    monkeypatch.setattr(placement, "place", nearer)
    file = tmp_path / "chain.tflite"
    file.write_bytes(helium.chain())
    seen = watch(file, "qemu-virt-rv32", "speed", tmp_path)
    assert any("loads an input that was overwritten" in line for line in seen.told)


@pytest.mark.usefixtures("side_by_side")
def test_a_misaligned_access_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the core's -mstrict-align keeps compilers from; QEMU does not mind such accesses."""
    (tmp_path / "cores").mkdir()
    core = (paths.boards() / "cores" / "rv32imc.toml").read_text(encoding="utf-8")
    (tmp_path / "cores" / "rv32imc.toml").write_text(core.replace("-mstrict-align", "-mno-strict-align"))
    board = tmp_path / "lenient.toml"
    board.write_bytes((paths.boards() / "qemu-virt-rv32.toml").read_bytes())
    real = rules
    monkeypatch.setitem(globals(), "rules", lambda plan, symbols: real(plan, symbols) + "aligned 4\n")
    file = tmp_path / "layers.tflite"
    file.write_bytes(single_op.merged(list(helium.depthwise(12))))
    seen = watch(file, str(board), "speed", tmp_path)
    assert any("is misaligned at" in line for line in seen.told)
