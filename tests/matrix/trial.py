# SPDX-License-Identifier: Apache-2.0
"""Takes names of cases and a scheme, gives what became of each: exact, refused in a sentence, or wrong."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from unittest import mock

from tests import judged, matrix, zoo
from tinyedge import board as boards
from tinyedge import model as models_of
from tinyedge import passes
from tinyedge import plan as planner
from tinyedge.errors import TinyedgeError
from tinyedge.model import tflite
from tinyedge.model.keras import quantize
from tinyedge.model.keras.converter import Converter
from tinyedge.options import Optimize, Options

ROOT = Path(__file__).resolve().parents[2]
HOST = boards.load("host")
SECONDS = 1200
REPLAYED = 4  # frames on an emulator: random ones, and all minima and all maxima
BATCH = 8  # models that are one program, and that one process of TensorFlow converts

Result = tuple[str, str]
"""(name, "exact", or what else is to be said)."""


def write(names: Sequence[str], folder: Path, form: str = "keras") -> None:
    """The files of the cases, by a process that imports Keras."""
    path = os.environ | {
        "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    }
    command = [sys.executable, "-m", "tests.matrix.write", str(folder), form, *names]
    subprocess.run(
        command,
        check=True,
        timeout=SECONDS,
        env=path,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def results(
    names: Sequence[str],
    scheme: str,
    files: Path,
    folder: Path,
    board: str = "host",
    form: str = "keras",
) -> Iterator[Result]:
    """In order of `names`, whose files `write` made; models are built in `folder`, and run on the board."""
    for first in range(0, len(names), BATCH):
        batch = names[first : first + BATCH]
        told: dict[str, str] = {}
        models: dict[str, bytes] = {}
        with Converter() as converter, mock.patch.object(quantize, "Converter") as made:
            made.return_value.__enter__.return_value = converter
            for name in batch:
                failed = files / f"{name}.failed"
                if failed.exists():
                    told[name] = f"Keras: {failed.read_text()}"
                    continue
                try:
                    file = files / f"{name}{matrix.FORMS[form]}"
                    whole = form == "recipe"
                    data = (
                        models_of.load(file, name=name).data
                        if whole
                        else quantize.quantize(file, files / f"{name}.npz", scheme)
                    )
                    planner.plan(passes.optimize(tflite.lower(data, name)), HOST, Options())
                    models[name] = data
                except TinyedgeError as error:
                    told[name] = f"refused: {error}".replace(f"{files}/", "")
        if board == "host":
            told |= _judged(models, folder / f"batch_{first}", "speed" if first % 16 else "size")
        else:
            told |= {name: _replayed(name, data, board, folder) for name, data in models.items()}
        yield from ((name, told[name]) for name in batch)


def _judged(models: Mapping[str, bytes], folder: Path, optimize: Optimize) -> dict[str, str]:
    """Under the sanitizers, all in one program."""
    verdicts = judged.judge(models, folder, optimize, _limits(models))
    told = {name: f"refused: {why}" for name, why in verdicts.refused.items()}
    told |= {name: f"WRONG: {why}" for name, why in verdicts.wrong.items()}
    return told | dict.fromkeys(verdicts.equal, "exact")


def _replayed(name: str, data: bytes, board: str, folder: Path) -> str:
    """On the board's emulator, layer by layer where the outputs differ."""
    file = folder / f"{name}.tflite"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    try:
        report = zoo.replay(file, board, folder / name, REPLAYED, limits=_limits([name]).get(name))
    except TinyedgeError as error:
        return f"refused: {error}"
    finally:
        shutil.rmtree(folder / name, ignore_errors=True)
    exact = report.bit_exact
    wrong = exact.mismatches or exact.frames != REPLAYED
    return f"WRONG: {exact.mismatches} in {exact.frames} frames" if wrong else "exact"


def _limits(names: Iterable[str]) -> dict[str, tuple[int, int]]:
    """By model, of those whose inputs are numbers of rows: the first and the last one."""
    cases = matrix.cases()
    return {name: (0, cases[name].rows - 1) for name in names if cases[name].rows}
