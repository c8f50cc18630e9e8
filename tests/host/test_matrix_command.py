# SPDX-License-Identifier: Apache-2.0
"""`tinyedge matrix`: one cell for each pair, its own limits, and what went wrong with one ends no other."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests import trials, zoo
from tinyedge import board as boards
from tinyedge import cli, pipeline
from tinyedge.bench import matrix
from tinyedge.bench.matrix import Cell
from tinyedge.errors import DoesNotFit
from tinyedge.graph import Array
from tinyedge.model import tflite

PROJECT = 'model = "conv.tflite"\n[replay]\nfile = "x.npz"\n[budget.host]\nflash = 1\n'


def test_every_pair_is_built_replayed_and_held_against_its_boards_limits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    model = trials.convolution()
    (tmp_path / "conv.tflite").write_bytes(model.data)
    graph = tflite.lower(model.data, model.name)
    shape = graph.tensors[graph.inputs[0]].shape[1:]
    x: Array = np.random.default_rng(5).integers(-128, 128, (5, *shape), np.int8)
    np.savez(tmp_path / "x.npz", x=x)
    (tmp_path / "tinyedge.toml").write_text(PROJECT)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        cli.main(["matrix", "-b", "host", "-b", "nrf52840-dk", "--json", "--markdown", "m.md", "-o", "out"])
    said = json.loads(capsys.readouterr().out)
    host, nrf = said["cells"]
    assert ended.value.code == said["exit_code"] == host["exit_code"] == 1
    assert (host["outcome"], host["frames"], host["bit_exact_frames"]) == ("fail", 5, 5)
    assert host["reason"] == f"flash is {host['flash']:g}, the limit 1" and host["p50"] > 0
    assert (nrf["outcome"], nrf["exit_code"], nrf["frames"], nrf["p50"]) == ("built", 0, None, None)
    report = json.loads((tmp_path / "out" / "conv" / "host" / "report.json").read_text())
    assert host["flash"] == report["flash"]["total"] and nrf["flash"] > 0
    table = (tmp_path / "m.md").read_text()
    assert "| conv | host | fail | 5 of 5 |" in table and "| conv | nrf52840-dk | built |" in table


def test_what_goes_wrong_with_one_pair_is_its_cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    models = [pipeline.load(zoo.OURS / f"{name}.tflite") for name in ("tiny_ae", "tiny_cnn")]

    def build(model: object, *rest: object) -> None:
        if model is models[0]:
            raise DoesNotFit("nrf52840-dk", "flash", 1000, 24)
        raise AssertionError("a defect is no cell")

    monkeypatch.setattr(pipeline, "build", build)
    board = boards.load("nrf52840-dk")
    (cell,) = matrix.matrix(models[:1], [board], tmp_path)
    assert (cell.outcome, cell.exit_code) == ("error", 2) and "overflows by 24 bytes" in cell.reason
    with pytest.raises(AssertionError, match="a defect"):
        matrix.matrix(models, [board], tmp_path)


@pytest.mark.parametrize(("codes", "whole"), [((), 0), ((0, 0), 0), ((0, 3, 2), 3), ((5, 1, 0), 1)])
def test_a_failure_comes_before_what_could_not_be_judged(codes: tuple[int, ...], whole: int) -> None:
    assert matrix.exit_code([Cell("m", "b", "error", code, "") for code in codes]) == whole
