# SPDX-License-Identifier: Apache-2.0
"""Takes TFLite models and inputs, gives the outputs of our C: many models in one sanitized program."""

from __future__ import annotations

import os
import resource
import shutil
import struct
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE

import numpy as np

from tests.conftest import lacking
from tinyedge import board, emit, passes
from tinyedge import plan as planner
from tinyedge.graph import Array, Tensor
from tinyedge.model import tflite
from tinyedge.options import Optimize, Options
from tinyedge.plan import Plan

MODELS = ("-DTE_PIE_MODEL", "-DTE_MAC16_MODEL", "-DTE_DSP_MODEL")
WARNINGS = ("-std=c11", *MODELS, "-Wall", "-Wextra", "-Werror", "-Wconversion")
SANITIZERS = ("-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
# What they add to unrolled kernels takes GCC ten times as long to optimise; they see no less without that.
UNROLLED = ("-O0", *SANITIZERS[1:])
SECONDS = 120
"""Of a compiler or a program, at most; of processor time, since others may be busy, too."""

Frame = Mapping[str, Array]
"""Inputs of one inference by tensor name."""


@dataclass(frozen=True)
class Job:
    """A model and the inferences to run; `name` is a C identifier, `optimize` as in Options."""

    name: str
    model: bytes
    frames: Sequence[Frame]
    optimize: Optimize = "size"


def inputs_of(model: bytes) -> tuple[Tensor, ...]:
    """The model's inputs as the file has them."""
    graph = tflite.lower(model, "model")
    return tuple(graph.tensors[n] for n in graph.inputs)


def run(jobs: Sequence[Job], folder: Path, isa: tuple[str, ...] = ()) -> list[list[list[Array]]]:
    """The outputs of every job, frame and model output; builds one program in `folder`.

    `isa` are the kernel folders to try before `portable`: those whose C is for any machine.

    The calling test skips without gcc and fails on a warning and on what a sanitizer finds.
    """
    plans = [_plan(job, isa) for job in jobs]
    program = _build(jobs, plans, folder, UNROLLED if isa else SANITIZERS)
    requests = b""
    for number, (job, plan) in enumerate(zip(jobs, plans, strict=True)):
        for frame in job.frames:
            requests += struct.pack("=II", number, plan.arena_size) + _arena(plan, frame)
    # A leak check at the end of a program that frees everything is time lost.
    environment = os.environ | {"ASAN_OPTIONS": "detect_leaks=0"}
    with subprocess.Popen([program], stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environment) as process:
        resource.prlimit(process.pid, resource.RLIMIT_CPU, (SECONDS, SECONDS))
        answered, said = process.communicate(requests)
    assert process.returncode == 0, said.decode(errors="replace")
    answers = memoryview(answered)
    results = []
    for job, plan in zip(jobs, plans, strict=True):
        frames = []
        for _ in job.frames:
            frames.append([_take(plan, answers, name) for name in plan.graph.outputs])
            answers = answers[plan.arena_size :]
        results.append(frames)
    assert not answers
    return results


def _plan(job: Job, isa: tuple[str, ...]) -> Plan:
    graph = passes.optimize(tflite.lower(job.model, job.name))
    host = board.load("host")
    core = host.core.model_copy(update={"isa": isa})
    return planner.plan(graph, host.model_copy(update={"core": core}), Options(job.optimize))


def _build(jobs: Sequence[Job], plans: Sequence[Plan], folder: Path, flags: Sequence[str]) -> Path:
    gcc = shutil.which("gcc")
    if gcc is None:
        lacking("gcc is not on PATH (apt-get install gcc)")
    names = [f"run_{job.name}" for job in jobs]
    declarations = "".join(_declared(job.name, plan) for job, plan in zip(jobs, plans, strict=True))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "models.h").write_text(
        f"#define DECLARE_MODELS {declarations}\n#define MODELS {', '.join(names)}\n"
    )
    commands = [[gcc, *WARNINGS, *flags, f"-I{folder}", "-c", str(Path(__file__).with_suffix(".c"))]]
    for job, plan in zip(jobs, plans, strict=True):
        for path, data in emit.emit_model(plan, "0" * 64).items():
            file = folder / job.name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        here = folder / job.name
        commands.append([gcc, *WARNINGS, *flags, "-c", str(here / f"te_{job.name}.c"), f"-I{here}"])
    objects = [str(folder / f"{i}.o") for i in range(len(commands))]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(_call, [[*c, "-o", o] for c, o in zip(commands, objects, strict=True)]))
    program = folder / "runner"
    _call([gcc, *flags, *objects, "-o", str(program)])
    return program


def _declared(name: str, plan: Plan) -> str:
    """A function run_<name>(arena) that keeps the model's states, if any, from one call to the next."""
    size = plan.state_size
    if not size:
        return f"void te_{name}_run(void *); static void run_{name}(void *arena) {{ te_{name}_run(arena); }} "
    return (
        f"void te_{name}_run(void *, void *); void te_{name}_reset(void *); "
        f"static void run_{name}(void *arena) {{ static _Alignas(16) char state[{size}]; static int ready; "
        f"if (!ready) te_{name}_reset(state); ready = 1; te_{name}_run(arena, state); }} "
    )


def _call(command: Sequence[str]) -> None:
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        resource.prlimit(process.pid, resource.RLIMIT_CPU, (SECONDS, SECONDS))
        said, _ = process.communicate()
    assert process.returncode == 0, said


def _arena(plan: Plan, frame: Frame) -> bytes:
    """The arena before a run: the inputs, and a pattern wherever the model may assume nothing."""
    arena = np.full(plan.arena_size, 0xA5, np.uint8)
    assert set(frame) == set(plan.graph.inputs)
    for name, value in frame.items():
        data = np.frombuffer(np.ascontiguousarray(value).tobytes(), np.uint8)
        assert data.size == plan.graph.tensors[name].nbytes
        arena[plan.offsets[name] :][: data.size] = data
    return arena.tobytes()


def _take(plan: Plan, arena: memoryview, name: str) -> Array:
    tensor = plan.graph.tensors[name]
    data = arena[plan.offsets[name] :][: tensor.nbytes]
    return np.frombuffer(data, tensor.dtype).reshape(tensor.shape)
