# SPDX-License-Identifier: Apache-2.0
"""Takes names of cases and a scheme, gives what became of each: exact, refused in a sentence, or wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from unittest import mock

from tests import judged
from tinyedge import board as boards
from tinyedge import passes
from tinyedge import plan as planner
from tinyedge.errors import TinyedgeError
from tinyedge.model import tflite
from tinyedge.model.keras import quantize
from tinyedge.model.keras.converter import Converter
from tinyedge.options import Options

ROOT = Path(__file__).resolve().parents[2]
HOST = boards.load("host")
SECONDS = 1200
BATCH = 8  # models that are one program, and that one process of TensorFlow converts

Result = tuple[str, str]
"""(name, "exact", or what else is to be said)."""


def write(names: Sequence[str], folder: Path) -> None:
    """The files of the cases, by a process that imports Keras."""
    path = os.environ | {
        "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    }
    command = [sys.executable, "-m", "tests.matrix.write", str(folder), *names]
    subprocess.run(command, check=True, timeout=SECONDS, env=path, cwd=folder, stderr=subprocess.DEVNULL)


def results(names: Sequence[str], scheme: str, files: Path, folder: Path) -> Iterator[Result]:
    """In order of `names`, whose files `write` made; models are built in `folder`."""
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
                    data = quantize.quantize(files / f"{name}.keras", files / f"{name}.npz", scheme)
                    planner.plan(passes.optimize(tflite.lower(data, name)), HOST, Options())
                    models[name] = data
                except TinyedgeError as error:
                    told[name] = f"refused: {error}".replace(f"{files}/", "")
        verdicts = judged.judge(models, folder / f"batch_{first}", "speed" if first % 16 else "size")
        told |= {name: f"refused: {why}" for name, why in verdicts.refused.items()}
        told |= {name: f"WRONG: {why}" for name, why in verdicts.wrong.items()}
        told |= dict.fromkeys(verdicts.equal, "exact")
        yield from ((name, told[name]) for name in batch)
