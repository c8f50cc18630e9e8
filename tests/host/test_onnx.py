# SPDX-License-Identifier: Apache-2.0
"""ONNX files become integer models that our C computes as LiteRT does, or a sentence says what to run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests import onnx_models, zoo
from tests.conftest import absent, needed
from tests.host.test_loops import SIMPLE, looped
from tinyedge import model as models
from tinyedge.bench import needs
from tinyedge.errors import ToolMissing, UsageError
from tinyedge.model import float_file, onnx_file, tflite
from tinyedge.process import environment
from tinyedge.process.environment import ONNX2TF


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    needed("litert_quantizer", 'pip install "tinyedge[quantizer]"')
    if not ONNX2TF.there():
        absent("onnx2tf is not there, which needs a newer Python: `tinyedge doctor --onnx --fix`")
    path = tmp_path_factory.mktemp("onnx")
    script = [str(ONNX2TF.python), onnx_models.__file__, str(path)]
    subprocess.run(script, check=True, timeout=120)
    rng = np.random.default_rng(4)
    np.savez(path / "x.npz", x=rng.normal(size=(40, 2, 8, 4)).astype(np.float32))
    return path


@pytest.mark.parametrize("name", ["float", "qdq"])
def test_a_model_is_exact_and_keeps_names_shapes_and_ranges(name: str, folder: Path, tmp_path: Path) -> None:
    made = float_file.convert(folder / f"{name}.onnx", folder / "x.npz")
    file = tmp_path / "made.tflite"
    file.write_bytes(made.data)
    replayed = zoo.replay(file, "host", tmp_path / "out", 20)
    assert (replayed.bit_exact.frames, replayed.bit_exact.mismatches) == (20, 0)
    slot, result = replayed.build.inputs[0], replayed.build.outputs[0]
    assert (slot.name, slot.shape, result.name, result.shape) == ("x", (1, 2, 8, 4), "y", (1, 3))
    # What the file rounds its input by is the integer model's scale.
    assert (slot.scale == (onnx_models.SCALE,)) == (name == "qdq")


@pytest.mark.parametrize("i", range(len(onnx_models.PLACES)))
def test_numbers_in_other_files_are_never_read(i: int, folder: Path) -> None:
    file = folder / f"elsewhere_{i}.onnx"
    if not (folder / "link").is_symlink():
        (folder / "link").symlink_to("/etc/passwd")
    with pytest.raises(UsageError, match="it keeps numbers in") as caught:
        models.load(file, folder / "x.npz")
    assert repr(onnx_models.PLACES[i]) in str(caught.value)


def test_a_damaged_file_is_refused_in_words(folder: Path) -> None:
    whole = (folder / "float.onnx").read_bytes()
    (folder / "damaged.onnx").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UsageError, match=r"damaged\.onnx cannot be converted"):
        models.load(folder / "damaged.onnx", folder / "x.npz")


@pytest.mark.parametrize(
    ("least", "first", "advice"),
    [
        ((3, 0), [sys.executable, "-m", "venv", "--clear"], "run: tinyedge doctor"),
        ((9, 0), ["uv"], "uv python"),
    ],
)
def test_without_it_a_sentence_says_what_to_run(
    least: tuple[int, int], first: list[str], advice: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINYEDGE_CACHE", str(tmp_path / "cache"))
    lone = environment.Environment("onnx2tf", least)
    monkeypatch.setattr(environment, "ONNX2TF", lone)
    monkeypatch.setattr("tinyedge.model.onnx_file.ONNX2TF", lone)
    (tmp_path / "m.onnx").write_bytes(b"model")
    (tmp_path / "x.npz").write_bytes(b"data")
    with pytest.raises(ToolMissing, match="an environment of its own, which is not there") as caught:
        models.load(tmp_path / "m.onnx", tmp_path / "x.npz")
    assert advice in caught.value.hint and "tinyedge doctor --onnx --fix" in caught.value.hint
    steps = needs.commands(needs.of_onnx())
    assert steps[0][: len(first)] == first
    assert [step[-1] for step in steps[1:]] == ["onnx2tf==2.6.9"] * (least[0] == 3)


def test_a_pytorch_file_is_refused_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "m.pt").write_bytes(b"model")
    with pytest.raises(UsageError, match="PyTorch") as caught:
        models.load(tmp_path / "m.pt", tmp_path / "x.npz")
    assert "torch.onnx.export" in caught.value.hint and "litert_torch" in caught.value.hint


def test_inputs_and_outputs_are_called_as_in_the_onnx_file() -> None:
    data = looped(SIMPLE, dtype="float32")
    graph = tflite.lower(data, "model")
    assert (graph.inputs, graph.outputs) == (("x",), ("z0",))
    renamed = tflite.lower(onnx_file.called(data, ["/x:"], ["other", "z_0"]), "model")
    assert (renamed.inputs, renamed.outputs) == (("/x:",), ("z_0",))
