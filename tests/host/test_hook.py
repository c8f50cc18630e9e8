# SPDX-License-Identifier: Apache-2.0
"""C of the user's own before and behind a network: it runs as it is written, and only where it is trusted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests import zoo
from tests.host.test_pipeline import model, recording
from tinyedge import cli, pipeline, project
from tinyedge import model as models
from tinyedge.bench import trial
from tinyedge.bench.features import Stages
from tinyedge.blocks import attach, behind, hook
from tinyedge.blocks.attach import Front
from tinyedge.blocks.behind import Back
from tinyedge.errors import UsageError
from tinyedge.graph import Graph
from tinyedge.project import Input, Project, Replay

FILTER = """
#include "kernels/hook.h"
#include <stdint.h>

/* Every second row, and how far it is from the row before it; of three channels the first two. */
TE_KERNEL void every_other(const te_hook *hook, const int16_t *in, int16_t *out, void *state) {
    int16_t *last = state;
    for (int32_t row = 0; row < hook->rows; row++) {
        for (int32_t channel = 0; channel < hook->out_channels; channel++) {
            const int16_t now = in[row * hook->channels + channel];
            if (row % 2) {
                out[row / 2 * hook->out_channels + channel] = (int16_t)((now - last[channel]) / 2);
            }
            last[channel] = now;
        }
    }
}
"""
DECIDE = """
#include "kernels/hook.h"

struct memory {
    int32_t runs, above;
};

/* Two runs on end with a score above 15. */
TE_KERNEL void twice(const te_hook *hook, const int32_t *in, int32_t *out, void *state) {
    struct memory *memory = state;
    memory->runs++;
    memory->above = in[0] > LEVEL ? memory->above + 1 : 0;
    out[0] = memory->above >= 2;
}
"""
TOML = """
model = "{model}"
[input]
channels = {channels}
rate_hz = 100.0
lsb = 0.0009765625
hop = 4
[[preprocess]]
block = "hook"
file = "halve.c"
state = 0
[[preprocess]]
block = "window"
rows = {rows}
[[postprocess]]
block = "reconstruction_error"
[[postprocess]]
block = "hook"
file = "twice.c"
state = 8
decides = true
"""
HALVE = """
#include "kernels/hook.h"
TE_KERNEL void halve(const te_hook *hook, const int16_t *in, int16_t *out, void *state) {
    for (int32_t i = 0; i < hook->rows * hook->channels; i++) {
        out[i] = (int16_t)(in[i] / 2);
    }
}
"""


def written(folder: Path, **files: str) -> Project:
    """A project of an autoencoder with a hook on either side."""
    text = TOML.format(model=(zoo.OURS / "tiny_ae.tflite").as_posix(), channels='["a", "b"]', rows=18)
    for name, source in {"halve": HALVE, "twice": DECIDE.replace("LEVEL", "30000"), **files}.items():
        (folder / f"{name}.c").write_text(source)
    (folder / "tinyedge.toml").write_text(text)
    return project.load(folder)


def test_samples_pass_the_users_c(tmp_path: Path) -> None:
    """Rows, channels, the scale and a state that lives from run to run; against numpy over all rows."""
    (tmp_path / "every_other.c").write_text(FILTER)
    stage = {"block": "hook", "file": "every_other.c", "state": 4, "rows": 3, "channels": 2, "scale": 0.5}
    signal = Input(channels=("a", "b", "c"), rate_hz=100.0, lsb=0.25, hop=6)
    table = {"file": tmp_path / "tinyedge.toml", "input": signal, "preprocess": [stage]}
    known = hook.read(Project.model_validate(table), trust=True)
    graph = attach.alone(Front(signal, known.preprocess), "g")
    (name,) = graph.outputs
    assert graph.tensors[name].shape == (1, 3, 2) and graph.tensors[name].scale == 0.5
    samples = np.random.default_rng(1).integers(-(2**15), 2**15, (20, 1, 6, 3)).astype(np.int16)
    with Stages(graph) as stages:
        got = stages.follow({graph.inputs[0]: samples}, [name])[name].reshape(-1, 2)
    flat = samples.reshape(-1, 3)[:, :2].astype(np.int64)
    steps = np.diff(flat, axis=0, prepend=0)[1::2]
    np.testing.assert_array_equal(got, np.trunc(steps / 2).astype(np.int16))


def test_two_files_of_one_name_are_told_apart_by_nobody(tmp_path: Path) -> None:
    """In two folders: one of them stood for both."""
    for name, source in {"a": HALVE, "b": HALVE.replace("/ 2", "/ 16")}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "halve.c").write_text(source)
    signal = Input(channels=("a",), rate_hz=100.0, lsb=0.25, hop=4)

    def graph(*files: str) -> Graph:
        stages = [{"block": "hook", "file": file} for file in files]
        table = {"file": tmp_path / "tinyedge.toml", "input": signal, "preprocess": stages}
        known = hook.read(Project.model_validate(table), trust=True)
        return attach.alone(Front(signal, known.preprocess), "g")

    with pytest.raises(UsageError, match=r"two files of C are called halve\.c, and differ"):
        Stages(graph("a/halve.c", "b/halve.c"))
    twice = graph("a/halve.c", "a/halve.c")
    with Stages(twice) as stages:
        samples = np.full((1, 1, 4, 1), 3200, np.int16)
        got = stages.follow({twice.inputs[0]: samples}, list(twice.outputs))[twice.outputs[0]]
    assert (got == 800).all()


def test_a_project_with_hooks_is_replayed_to_the_bit(tmp_path: Path) -> None:
    known = hook.read(written(tmp_path), trust=True)
    made = replace(model(), front=Front(known.input, known.preprocess), back=Back(known.postprocess))
    replay = Replay(file=recording(tmp_path, made, 40), metric="none")
    report = trial.test(made, "host", replay, tmp_path / "out", signal=known.input)
    assert report.verdict == "pass" and report.bit_exact.frames == 40
    assert "the same C on this machine" in report.bit_exact.judged_by
    assert report.build.decision is not None and report.build.decision.decision is not None
    score = report.replay.outputs[0].ravel()
    above = score > 30000
    decided = report.replay.output(report.build.decision.decision).ravel()
    np.testing.assert_array_equal(decided, above & np.concatenate([[False], above[:-1]]))
    assert 0 < decided.sum() < 40
    assert any("halve_hook" in layer.kernel for layer in report.build.layers)


def test_only_trusted_projects_run_c_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def check(*more: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            cli.main(["check", "-b", "host", *more])
        return int(ended.value.code or 0), " ".join(capsys.readouterr().err.split())

    written(tmp_path)
    monkeypatch.chdir(tmp_path)
    code, said = check()
    assert code == 2 and "halve.c is C of the project's own, and would run on this machine" in said
    assert "--trust" in said
    assert check("--trust")[0] == 0
    toml = tmp_path / "tinyedge.toml"
    toml.write_text(toml.read_text().replace("state = 0", 'source = "int x;"'))
    for more in ((), ("--trust",)):
        code, said = check(*more)
        assert code == 2 and "a hook's C is in a file" in said


@pytest.mark.parametrize(
    ("halve", "says"),
    [
        ("int x;\n", "halve.c does not include 'kernels/hook.h'"),
        ('#include "kernels/hook.h"\n#include "../../secret"\n', "halve.c includes '../../secret'"),
        ('#include "kernels/hook.h"\n', "halve.c has no function 'halve'"),
    ],
)
def test_what_is_no_hook_is_told(tmp_path: Path, halve: str, says: str) -> None:
    known = hook.read(written(tmp_path, halve=halve), trust=True)
    with pytest.raises(UsageError, match=says.replace(".", r"\.")):
        attach.alone(Front(known.input, known.preprocess), "g")


@pytest.mark.parametrize("name", ["arena", "constants", "params", "state"])
def test_a_hook_has_a_name_of_its_own(tmp_path: Path, name: str) -> None:
    written(tmp_path, **{name: HALVE.replace("halve", name)})
    toml = tmp_path / "tinyedge.toml"
    toml.write_text(toml.read_text().replace("halve", name))
    known = hook.read(project.load(tmp_path), trust=True)
    with pytest.raises(UsageError, match=f"{name}.c has a name that generated C needs"):
        attach.alone(Front(known.input, known.preprocess), "g")


def test_c_that_does_not_compile_is_the_users(tmp_path: Path) -> None:
    known = hook.read(written(tmp_path, halve=HALVE.replace("(int16_t)(in[i] / 2)", "wrong")), trust=True)
    graph = attach.alone(Front(known.input, known.preprocess), "g")
    with pytest.raises(UsageError, match=r"refuses the hook halve\.c: line 5: .*wrong"):
        Stages(graph)


def test_decisions_of_hooks_go_on_to_the_blocks_behind_them(tmp_path: Path) -> None:
    known = hook.read(written(tmp_path), trust=True)
    network = pipeline.whole(models.load(zoo.OURS / "tiny_ae.tflite"))
    stages = (*known.postprocess, project.Stage.model_validate({"block": "debounce", "runs": 2}))
    made = behind.decide(network, Back(stages))
    found = behind.decision_of(made)
    assert found is not None and found.decision == "decision/3_debounce" and found.nothing == 0
