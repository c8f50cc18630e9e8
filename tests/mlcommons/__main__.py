# SPDX-License-Identifier: Apache-2.0
"""Takes a checkout of github.com/mlcommons/tiny, gives what its runner says of us on emulated boards.

`python -m tests.mlcommons CHECKOUT [--board B]... [--model M]... [--mode a|p]...`: its own scripts of
accuracy and performance for ad01, ic01, kws01 and vww01, a row each. Every result is compared with LiteRT's.
Needs what the runner needs: scikit-learn, matplotlib, PyYAML.

The runner waits 30 s of wall time for a line of an answer, whatever the board: an emulator must do all
inferences of an `infer` in them. QEMU does a Cortex-M55's vectors slowly: ad01's 1,510 of performance take
it 9 s of a processor, so more than 30 s where other programs want it, too. RV32 does them in 4 s. One that
is through before the 10 s of wall time that the runner wants of performance gets its ERROR 2, as a board
would that is too fast for the script's number of inferences. Times of inferences are the emulator's.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests import zoo
from tests.mlcommons import dataset
from tinyedge import board as boards
from tinyedge import pipeline, transport
from tinyedge.line.link import Transport
from tinyedge.options import Options

MODELS = {
    "ad01": "ad01_int8",
    "ic01": "pretrainedResnet_quant",
    "kws01": "kws_ref_model",
    "vww01": "vww_96_int8",
}
BOARDS = ("mps3-an547", "qemu-virt-rv32")
MODES = {"a": "accuracy", "p": "performance"}
HEAD = """\
| board | model | mode | inferences equal to LiteRT's | ms each | longest silence, s | the runner says |
|---|---|---|--:|--:|--:|---|"""
SAID = re.compile(r"Median throughput.*|ERROR \d.*|Top 1% = .*|AUC = .*|RuntimeError: .*")


@dataclass
class Port:
    """A serial port's name, and for how long its device was silent at most before it said something, s."""

    name: str
    silent: float = 0.0


@contextmanager
def port(line: Transport) -> Iterator[Port]:
    """A pseudo-terminal with `line` at its other end."""
    own, end = os.openpty()
    tty.setraw(end)
    made, ended, last = Port(os.ttyname(end)), threading.Event(), [time.monotonic()]

    def there() -> None:
        while not ended.is_set():
            line.write(os.read(own, 4096))
            last[0] = time.monotonic()

    def back() -> None:
        while not ended.is_set():
            if data := line.read(0.1):
                made.silent = max(made.silent, time.monotonic() - last[0])
                last[0] = time.monotonic()
                os.write(own, data)

    threads = [threading.Thread(target=way, daemon=True) for way in (there, back)]
    for thread in threads:
        thread.start()
    try:
        yield made
    finally:
        ended.set()
        os.write(end, b"%")  # wakes the one that waits for a byte
        for thread in threads:
            thread.join()


def judge(runner: Path, board: str, model: str, mode: str, folder: Path) -> str:
    """A row of the table; AssertionError when a result is not LiteRT's."""
    file = folder / f"{model}.tflite"
    file.write_bytes((zoo.SHARED / "mlperf" / f"{MODELS[model]}.tflite").read_bytes())
    expected = dataset.write(model, file.read_bytes(), folder / "data")
    pipeline.build(file, board, folder / "out", Options(protocol="mlperf"))
    line = transport.open_board(boards.load(board), folder / "out" / "firmware.elf")
    try:
        with port(line) as device:
            said = _run(runner, device.name, folder, mode)
    finally:
        line.close()
    row = f"| {board} | {model} | {MODES[mode]}"
    verdict = "; ".join(dict.fromkeys(SAID.findall(said))).strip()
    records = list(folder.glob("sessions/*/results.json"))
    if not records:
        return f"{row} | 0 | - | {device.silent:.1f} | {verdict or ' '.join(said.split())[-200:]} |"
    inferences = [each["infer"] for each in json.loads(records[0].read_text()) if "infer" in each]
    # Accuracy takes all windows of all files, performance the first of the first five.
    wanted = (
        [each for file in expected for each in file] if mode == "a" else [file[0] for file in expected[:5]]
    )
    for inference, values in zip(inferences, wanted, strict=True):
        assert np.allclose(inference["results"], values, rtol=1e-4, atol=0.0006), (inference, values)
    took = np.median([each["elapsed_time"] / each["iterations"] / 1000 for each in inferences])
    return f"{row} | {len(inferences)} of {len(wanted)} | {took:.3f} | {device.silent:.1f} | {verdict} |"


def _run(runner: Path, device: str, folder: Path, mode: str) -> str:
    command = [sys.executable, "-m", "tests.mlcommons.runner", str(runner), device, "-m", mode]
    command += ["-t", str(runner / f"tests_{MODES[mode]}.yaml"), "-s", str(folder / "data")]
    here = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2]), "MPLBACKEND": "Agg"}
    ended = subprocess.run(
        command, cwd=folder, env=here, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, check=False, encoding="utf-8", errors="replace",
    )  # fmt: skip
    (folder / "said.txt").write_text(ended.stdout, encoding="utf-8")
    return ended.stdout


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="MLCommons' runner beside our firmware on emulated boards")
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--board", action="append")
    parser.add_argument("--model", action="append", choices=MODELS)
    parser.add_argument("--mode", action="append", choices=MODES)
    given = parser.parse_args()
    print(HEAD, flush=True)
    for board in given.board or BOARDS:
        for model in given.model or MODELS:
            for mode in given.mode or MODES:
                with tempfile.TemporaryDirectory() as folder:
                    runner = (given.checkout / "benchmark" / "runner").resolve()
                    print(judge(runner, board, model, mode, Path(folder)), flush=True)


if __name__ == "__main__":
    main()
