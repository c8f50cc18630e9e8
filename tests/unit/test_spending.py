# SPDX-License-Identifier: Apache-2.0
"""A number of bytes is spent on the layers that do most work with them, and never more than it is."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

import pytest

from tests import zoo
from tinyedge import cli, project
from tinyedge.build import Layer
from tinyedge.commands import _job, build
from tinyedge.errors import UsageError
from tinyedge.options import Options, count_of_bytes
from tinyedge.plan.spending import Group, spend

GROUPS = [Group((f"{i}",), 1000 - i, size) for i, size in enumerate((10, 300, 20, 5, 70, 200, 40, 900))]
SMALLEST = 5000


def spent(budget: int, kept: int, until: int = len(GROUPS)) -> tuple[list[str], int]:
    """What is chosen, and how many images were tried; `kept`: bytes that are there until so many are fast."""
    tried = 0

    def size(fast: Collection[str]) -> int:
        return SMALLEST + sum(g.bytes for g in GROUPS if g.layers[0] in fast) - kept * (len(fast) >= until)

    def measure(fast: Collection[str]) -> int:
        nonlocal tried
        tried += 1
        return size(fast)

    every = [group.layers[0] for group in GROUPS]
    return spend(GROUPS, size(every), budget, measure), tried


@pytest.mark.parametrize("kept", [0, 100])
def test_as_many_of_the_best_are_fast_as_fit(kept: int) -> None:
    assert spent(SMALLEST + 1 << 20, kept) == ([group.layers[0] for group in GROUPS], 0)
    for budget in range(SMALLEST, SMALLEST + 1445 - kept, 7):
        chosen, tried = spent(budget, kept)
        count = len(chosen)
        assert chosen == [str(i) for i in range(count)]
        assert sum(group.bytes for group in GROUPS[:count]) <= budget - SMALLEST
        more = sum(group.bytes for group in GROUPS[: count + 1]) - kept * (count + 1 == len(GROUPS))
        assert more > budget - SMALLEST
        assert tried <= 5


@pytest.mark.parametrize("until", range(1, len(GROUPS) + 1))
def test_more_bytes_make_no_fewer_layers_fast_where_a_kernel_goes_with_the_last_small_one(until: int) -> None:
    """What small layers share is in images of few fast ones alone, which are larger than those of more."""
    before = 0
    for budget in range(SMALLEST, SMALLEST + 1545, 7):
        chosen, tried = spent(budget, 320, until)
        sizes = [sum(g.bytes for g in GROUPS[:n]) - 320 * (n >= until) for n in range(len(GROUPS) + 1)]
        assert len(chosen) == max(n for n, size in enumerate(sizes) if n == 0 or size <= budget - SMALLEST)
        assert len(chosen) >= before and tried <= 6
        before = len(chosen)


@pytest.mark.parametrize(
    ("given", "bytes"),
    [(65536, 65536), ("65536", 65536), ("64K", 65536), ("64 KiB", 65536), ("64kB", 65536), ("1M", 1 << 20)],
)
def test_bytes_have_units(given: int | str, bytes: int) -> None:
    assert count_of_bytes(given) == bytes


@pytest.mark.parametrize("given", ["", "0", 0, -1, "-1", "1.5K", 1.5, True, "64G", "K", "9" * 16])
def test_what_is_no_number_of_bytes_is_refused(given: int | str) -> None:
    with pytest.raises(ValueError, match="is no number of bytes such as"):
        count_of_bytes(given)


def test_bytes_alone_mean_balanced_and_another_choice_drops_those_of_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / project.FILE_NAME

    def options(*given: object) -> Options:
        optimize, flash = given
        return _job.resolve(Path("m.tflite"), None, None, optimize, None, flash=flash).options  # type: ignore[arg-type]

    file.write_text('optimize = "speed"\n', encoding="utf-8")
    assert options(None, 100) == options("balanced", 100) == Options("balanced", flash=100)
    file.write_text('flash = "1K"\n', encoding="utf-8")
    assert options(None, None) == Options("balanced", flash=1024)
    assert options("balanced", 100) == options(None, 100) == Options("balanced", flash=100)
    assert options("size", None) == Options("size")
    with pytest.raises(UsageError, match="100 bytes of flash are given and what is optimised for is 'speed'"):
        options("speed", 100)
    file.write_text('flash = "1G"\n', encoding="utf-8")
    with pytest.raises(UsageError, match="'1G' is no number of bytes such as 65536, 64K or 1M"):
        project.load(file)


@pytest.mark.parametrize(
    ("small", "said"),
    [
        ((None, False, False), "every layer is built for speed"),
        ((True, None), "every layer is built for size"),
        ((True, False, True), "1 layer is built for speed, 2 for size"),
        ((False, True, None, False), "2 layers are built for speed, 1 for size"),
        ((None,), ""),
    ],
)
def test_a_build_says_what_became_of_its_layers(small: tuple[bool | None, ...], said: str) -> None:
    """None: a view, which has no code."""
    layers = [
        Layer("x", "ADD", 0, 0, "view" if each is None else "add_s8_portable", False, (), bool(each))
        for each in small
    ]
    assert build.balanced(layers) == said


def test_check_says_what_only_a_build_finds(capsys: pytest.CaptureFixture[str]) -> None:
    """It compiles nothing, so a number of bytes changes nothing but what the weights are held against."""
    said = {}
    for given in (None, "20K"):
        flash = ["--flash", given] if given else []
        with pytest.raises(SystemExit) as ended:
            cli.main(["check", str(zoo.OURS / "tiny_cnn.tflite"), "-b", "mps3-an547", "--json", *flash])
        out, err = capsys.readouterr()
        assert ended.value.code == 0
        said[given] = json.loads(out)
        assert ("which layers are fast within 20,480 bytes of flash `tinyedge build` finds" in err) == bool(
            given
        )
        assert (" bytes of flash of 20,480 given;" in err) == bool(given)
    assert (said[None]["flash"].pop("given"), said["20K"]["flash"].pop("given")) == (None, 20480)
    assert said[None] == said["20K"]


def test_check_warns_where_weights_alone_are_too_much(capsys: pytest.CaptureFixture[str]) -> None:
    for given, warned in (("1K", True), ("2K", False)):
        with pytest.raises(SystemExit):
            cli.main(["check", str(zoo.OURS / "tiny_cnn.tflite"), "-b", "mps3-an547", "--flash", given])
        said = "no image will fit: weights alone take 1,968 bytes of 1,024"
        assert (said in capsys.readouterr().err) == warned
