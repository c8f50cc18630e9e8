# SPDX-License-Identifier: Apache-2.0
"""The committed tables of odd shapes: what costs more than the limit is listed, each with its reason."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.bench import balanced, bench, cycles, operators, s3, shapes, tables
from tinyedge import board as boards
from tinyedge import paths

_ROW = re.compile(r"\| [a-z ]+ \| (\w+) \| \w+ \| ([\d.]+) \| (\**)([\d.]+)\3 \|")


@pytest.mark.parametrize("table", sorted(shapes.TABLES.glob("*.md")), ids=lambda path: path.stem)
def test_what_is_beyond_the_limit_has_a_reason(table: Path) -> None:
    listed = tomllib.loads((shapes.TABLES / "exceptions.toml").read_text(encoding="utf-8")).get(
        table.stem, {}
    )
    rows = [_ROW.fullmatch(line) for line in table.read_text(encoding="utf-8").splitlines()]
    found = {row[1]: (bool(row[3]), float(row[4])) for row in rows if row}
    assert list(found) == [layer.name for _, layer in shapes.layers()], "measure again: the list has changed"
    assert {name for name, (beyond, _) in found.items() if beyond} == set(listed)
    # Bold is the word of the program that wrote the table; a table that was edited says otherwise here.
    assert all((ratio >= shapes.LIMIT) >= beyond for beyond, ratio in found.values())
    assert all((ratio > shapes.LIMIT) <= beyond for beyond, ratio in found.values())
    assert all(len(reason) > 10 for reason in listed.values())


def test_exceptions_are_of_boards_that_are_measured() -> None:
    listed = tomllib.loads((shapes.TABLES / "exceptions.toml").read_text(encoding="utf-8"))
    assert set(listed) <= {table.stem for table in shapes.TABLES.glob("*.md")}


_CORES = {
    "Cortex-M55": "mps3-an547",
    "RV32IMC": "qemu-virt-rv32",
    "RV32 with vectors of 128 bits": "qemu-virt-rv32v",
    "Cortex-M4": "mps2-an386",
}
_PEERS = {
    "mps3-an547": "TFLM",
    "qemu-virt-rv32": "TFLM",
    "qemu-virt-rv32v": "muRISCV-NN",
    "mps2-an386": "CMSIS-NN",
}
_MODELS = ("kws_ref_model", "vww_96_int8", "pretrainedResnet_quant", "ad01_int8")


def results(board: str, optimize: str, column: str) -> list[str]:
    """What a column of RESULTS.md, the first of that name, says of _MODELS on a board."""
    return columns(section(board).split("Flash by part")[0], optimize, column)


def section(board: str) -> str:
    text = (shapes.HERE / "RESULTS.md").read_text(encoding="utf-8")
    return text.split(f"## {board}:")[1].split("\n## ")[0]


def columns(table: str, optimize: str, column: str) -> list[str]:
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| ")]
    at = rows[0].index(column)
    by_model = {row[0]: row[at] for row in rows if row[1] == optimize}
    return [by_model[model] for model in _MODELS]


@pytest.mark.parametrize("board", bench.BOARDS)
def test_cycles_are_predicted_where_there_is_a_model_of_the_core_and_its_source_is_named(board: str) -> None:
    model = cycles.MODELS.get(boards.load(board).core.name)
    for optimize in bench.OPTIMIZE:
        executed = [int(text.replace(",", "")) for text in results(board, optimize, "instructions")]
        predicted = results(board, optimize, "predicted cycles")
        if model is None:
            assert predicted == ["-"] * len(_MODELS)
        else:
            # Both cores begin one instruction a cycle at most.
            least = [int(text.split(" to ")[0].replace(",", "")) for text in predicted]
            assert all(count < cycle for count, cycle in zip(executed, least, strict=True))
    assert ("Predicted cycles:" in section(board)) == (model is not None)
    assert model is None or f"Predicted cycles: {model.source}." in section(board)


@pytest.mark.parametrize("board", bench.BOARDS)
def test_size_is_slower_than_no_peer_and_larger_than_speed_nowhere(board: str) -> None:
    known = bench.peers()[boards.load(board).core.name]
    peers = [known[model]["instructions"] for model in _MODELS]
    executed, flash = (
        {
            optimize: [int(text.replace(",", "")) for text in results(board, optimize, column)]
            for optimize in bench.OPTIMIZE
        }
        for column in ("instructions", "total flash")
    )
    assert all(ours <= theirs for ours, theirs in zip(executed["size"], peers, strict=True))
    assert all(small <= fast for small, fast in zip(flash["size"], flash["speed"], strict=True))


def test_balanced_is_measured_everywhere_and_keeps_what_the_readme_says_of_it() -> None:
    lines = balanced.RESULTS.read_text(encoding="utf-8").splitlines()
    rows = [tables.cells(line) for line in lines if line.startswith("| ")][2:]
    models = {row[1] for row in rows if row[0] == bench.BOARDS[0]}
    assert models >= {*_MODELS, bench.OURS.stem}
    assert {(row[0], row[1]) for row in rows} == {(b, m) for b in (*bench.BOARDS, s3.BOARD) for m in models}
    ratios = []
    for row in rows:
        counts = [int(cell.replace(",", "")) for cell in (*row[2:5], *row[6:9])]
        slower, larger = counts[1] / counts[0], counts[4] / counts[5]
        assert row[5] == (f"**{slower:.3f}**" if slower > balanced.SLOWER else f"{slower:.3f}")
        assert row[9] == (f"**{larger:.3f}**" if larger > balanced.LARGER else f"{larger:.3f}")
        ratios += [(slower, larger)] if row[1] == "kws_ref_model" else []
    text = " ".join((paths.root() / "README.md").read_text(encoding="utf-8").split())
    said = re.search(r"within (\d+) % of the instructions for speed and (\d+) % of the flash for size", text)
    assert said is not None
    assert max(ratios)[0] <= 1 + int(said[1]) / 100
    assert max(larger for _, larger in ratios) <= 1 + int(said[2]) / 100


def test_no_operator_takes_more_than_the_readme_says() -> None:
    """The peer's figures are the table's; its ratios have two digits."""
    rows = [line.strip("| ").split(" | ") for line in operators.RESULTS.read_text().splitlines()]
    cells = [row[3] for row in rows if len(row) == len(operators.COLUMNS)][2:]
    ratios = sorted(float(cell.strip("*")) for cell in cells if cell != "-")
    text = " ".join((paths.root() / "README.md").read_text(encoding="utf-8").split())
    said = re.search(
        r"no layer takes more than ([\d.]+) times what TFLM's .* nine in ten at most ([\d.]+) times", text
    )
    assert said is not None and len(ratios) > 100
    assert ratios[-1] <= min(float(said[1]), operators.LIMIT)
    assert ratios[len(ratios) * 9 // 10] <= float(said[2])


def test_the_readme_says_what_the_benchmark_says() -> None:
    text = (paths.root() / "README.md").read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    said = {row[0]: row[1:] for row in rows}
    for core, board in _CORES.items():
        assert said[f"{core}, tinyedge"] == results(board, "speed", "instructions"), core
        assert said[f"{core}, {_PEERS[board]}"] == results(board, "speed", "peer"), core
    vectors = (shapes.HERE / "S3.md").read_text(encoding="utf-8")
    assert said["ESP32-S3, tinyedge"] == columns(vectors, "speed", "instructions")
    assert said["activations in RAM (M55), tinyedge, bytes"] == results("mps3-an547", "speed", "arena")
    flash = said["flash outside weights (M55, `size`), tinyedge, link included"]
    assert flash == results("mps3-an547", "size", "flash but weights")
    assert f"then takes {results('mps3-an547', 'size', 'instructions')[0]} instructions" in " ".join(
        text.split()
    )
