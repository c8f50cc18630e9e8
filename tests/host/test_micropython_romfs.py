# SPDX-License-Identifier: Apache-2.0
"""Modules in the ROMFS of a board that is given: no copy of the weights, and a soft reset whenever."""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import zoo
from tests.conftest import absent, shared_path
from tests.host.test_micropython import trial_of
from tests.host.test_micropython_board import PATIENCE, architecture, given_board, predictions
from tests.host.test_micropython_streams import streamed
from tinyedge import board as boards
from tinyedge import pipeline
from tinyedge import plan as planner
from tinyedge.line.repl import Repl
from tinyedge.micropython import native
from tinyedge.transport.exec import Pipe

FREE = "import gc\ngc.collect()\nprint(gc.mem_free())"


@contextmanager
def board_with(image: Path) -> Iterator[Pipe]:
    """TINYEDGE_MICROPYTHON_BOARD with TINYEDGE_MICROPYTHON_ROMFS behind it; {} in that is a path."""
    command, places = given_board(), os.environ.get("TINYEDGE_MICROPYTHON_ROMFS")
    if places is None:
        absent("TINYEDGE_MICROPYTHON_ROMFS does not say how a board gets its ROMFS")
    line = Pipe(command + shlex.split(places.replace("{}", str(image))))
    try:
        yield line
    finally:
        line.close()


def code_of_the_board(folder: Path) -> native.Architecture:
    (folder / "empty.img").write_bytes(bytes(4))
    with board_with(folder / "empty.img") as line, Repl(line, PATIENCE) as repl:
        return architecture(repl.interpreter())


@pytest.mark.parametrize("name", ["tiny_cnn", "kws_ref_model", "ad01_int8"])
def test_an_import_takes_no_copy_of_the_weights(name: str, tmp_path: Path) -> None:
    """What the heap loses is code; ad01's 270 KB are more than the whole heap of a QEMU port."""
    file = zoo.OURS / f"{name}.tflite"
    if not file.is_file():
        file = shared_path("models", "mlperf", f"{name}.tflite")
    found = code_of_the_board(tmp_path)
    model = pipeline.load(file)
    plan = pipeline.plan(model, native.compiled_for(found, boards.load("host"))).plan
    (tmp_path / "scratch").mkdir()
    made = native.write(plan, model.sha256, found, tmp_path / "scratch")
    (tmp_path / "rom.img").write_bytes(made.image)
    trial = trial_of(file, 4)
    with board_with(tmp_path / "rom.img") as line, Repl(line, PATIENCE) as repl:
        before = int(repl.run(FREE))
        repl.run("import model")
        taken = before - int(repl.run(FREE))
        code = len(made.module) - made.constants
        assert 0 < taken < code + 2048, (taken, code)
        repl.run("model.init()")
        assert predictions(repl, trial) == trial.expected


TORN = """class Torn:
    def __len__(self): return len(x)
    def __getitem__(self, i):
        if i == at: raise SystemExit
        return x[i]
"""


@pytest.mark.parametrize("at", [0, 20, 47])
def test_a_soft_reset_while_push_is_under_way(at: int, tmp_path: Path) -> None:
    """By the samples themselves, since QEMU's ports hear no Ctrl-C: the same bits again."""
    known = streamed("motion")
    found = code_of_the_board(tmp_path)
    plan = planner.plan(pipeline.whole(known.model), native.compiled_for(found, boards.load("host")))
    (tmp_path / "scratch").mkdir()
    image = native.write(plan, known.model.sha256, found, tmp_path / "scratch").image
    (tmp_path / "rom.img").write_bytes(image)
    fed = known.samples[:8].astype("<i2").tobytes()
    get = f"import model\nfrom array import array\nx=array('h',{fed!r})\n"
    play = "print([model.push(x[i:i+6]) for i in range(0,len(x),6)][-1],list(model.score))"
    with board_with(tmp_path / "rom.img") as line:
        with Repl(line, PATIENCE) as repl:
            repl.run(get)
            right = repl.run(play)
            assert right.split()[1] == f"[{int(known.score[7, 0])}]"
            repl.run(f"{TORN}at={at}")
        line.write(b"model.push(Torn())\r")
        said, deadline = b"", time.monotonic() + 30
        while b"MPY: soft reboot" not in said:
            assert time.monotonic() < deadline, said
            said += line.read(1.0)
        with Repl(line, PATIENCE) as repl:
            assert repl.run("print('model' in globals())") == "False\n"
            repl.run(get)
            assert repl.run(play) == right
