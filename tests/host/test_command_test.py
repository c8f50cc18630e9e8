# SPDX-License-Identifier: Apache-2.0
"""`tinyedge test` as a user and a CI job run it: exit codes, one JSON document, files, Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from tests import trials
from tests.conftest import absent
from tinyedge.oracle import Oracle

ROOT = Path(__file__).resolve().parents[2]
PROJECT = 'model = "conv.tflite"\nboard = "host"\n[replay]\nfile = "x.npz"\n'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project: one convolution, a recording x.npz and its right outputs golden.npz."""
    root = tmp_path_factory.mktemp("project")
    model = trials.convolution()
    (root / "conv.tflite").write_bytes(model.data)
    with Oracle(model.data) as oracle:
        port = oracle.inputs[0]
        x = np.random.default_rng(5).integers(-128, 128, (8, *port.shape), np.int8)
        np.savez(root / "x.npz", x=x)
        np.savez(root / "golden.npz", y_is_labels=oracle.run_many({port.index: x})[0])
    (root / "tinyedge.toml").write_text(PROJECT)
    return root


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"}
    return subprocess.Popen(
        [sys.executable, "-m", "tinyedge", "test", *arguments],
        cwd=folder,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def run(folder: Path, *arguments: str) -> tuple[int, str, str]:
    process = start(folder, *arguments)
    out, err = process.communicate(timeout=120)
    assert "Traceback" not in err, err
    return process.returncode, out, err


def test_a_pass_prints_a_table_and_writes_every_file(folder: Path) -> None:
    files = ("--junit", "j.xml", "--html", "r.html", "--png", "r.png", "--markdown", "r.md")
    code, out, _ = run(folder, *files, "-o", "out")
    assert code == 0
    assert "bit-exact frames" in out and out.rstrip().endswith("verdict: pass (judged bit_exact)")
    assert "conv on host: pass" in (folder / "r.md").read_text()
    assert ElementTree.parse(folder / "j.xml").getroot().get("failures") == "0"
    page = (folder / "r.html").read_text()
    assert "data:image/svg+xml" in page and "the mean of 3 runs of each layer" in page
    report = json.loads((folder / "out" / "report.json").read_text())
    assert report["verdict"] == "pass"
    assert page.count('class="figure bar"') == len(report["layers"]) > 0
    assert (folder / "r.png").read_bytes().startswith(b"\x89PNG")


def test_json_is_one_document_on_stdout(folder: Path) -> None:
    code, out, err = run(folder, "--json", "--frames", "3")
    document = json.loads(out)
    assert code == 0 and document["frames"] == document["bit_exact"]["frames"] == 3
    assert document["model"]["name"] == "conv" and document["flash"]["total"] > 0
    assert "verdict: pass" in err


def test_a_broken_budget_is_exit_1_also_in_junit(folder: Path) -> None:
    (folder / "tinyedge.toml").write_text(PROJECT + "[budget]\nflash = 100\n")
    try:
        code, out, _ = run(folder, "--junit", "broken.xml")
    finally:
        (folder / "tinyedge.toml").write_text(PROJECT)
    assert code == 1
    assert "broken: flash" in out and "verdict: fail" in out
    assert ElementTree.parse(folder / "broken.xml").getroot().get("failures") == "1"


def test_recorded_outputs_judge(folder: Path) -> None:
    assert run(folder, "--golden", "golden.npz")[0] == 0
    with np.load(folder / "golden.npz") as file:
        wrong = file["y_is_labels"]
    wrong[2].flat[5] += 1
    np.savez(folder / "wrong.npz", out=wrong)
    code, out, _ = run(folder, "--golden", "wrong.npz")
    assert code == 1 and "1 of" in out and "elements differ" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--replay", "nothing.npz"], "there is no recording nothing.npz"),
        (["--replay", "nan.npz"], "NaN"),
        (["--replay", "shape.npz"], "shape"),
        (["--golden", "x.npz"], "recorded outputs"),
        (["--metric", "auc", "--labels", "labels.npy"], "mse"),
        (["--board", "toaster"], "toaster"),
        (["--frames", "0"], "--frames"),
        (["none.tflite"], "none.tflite"),
    ],
)
def test_bad_input_is_one_sentence_and_leaves_no_verdict(
    folder: Path, arguments: list[str], words: str
) -> None:
    np.savez(folder / "nan.npz", x=np.full((2, 5, 7, 3), np.nan, np.float32))
    np.savez(folder / "shape.npz", x=np.zeros((2, 5, 7, 4), np.float32))
    np.save(folder / "labels.npy", np.zeros(8, np.int64))
    recording = [] if "--replay" in arguments else ["--replay", "x.npz"]
    code, out, err = run(folder, *arguments, *recording, "-o", "bad")
    assert code == 2
    assert words in err and "verdict" not in out
    assert len([line for line in err.splitlines() if line.startswith("error:")]) == 1
    assert not (folder / "bad" / "report.json").exists()


@pytest.mark.skipif(os.name == "nt", reason="no SIGINT for one process on Windows")
def test_an_interrupt_is_130_without_a_verdict_or_a_process_left(folder: Path) -> None:
    x = np.zeros((200_000, 5, 7, 3), np.int8)
    np.savez(folder / "long.npz", x=x)
    process = start(folder, "--replay", "long.npz", "-o", "stopped")
    elf = folder / "stopped" / "firmware.elf"
    wait_until(lambda: bool(running(elf)), 60)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert "verdict" not in out and "Traceback" not in err and "nothing is judged" in err
    assert not (folder / "stopped" / "report.json").exists()
    wait_until(lambda: not running(elf), 10)


def running(elf: Path) -> list[str]:
    """Processes that run this image, as far as this system lists them in /proc."""
    if not Path("/proc/self/cmdline").exists():
        absent("no /proc to look for processes in")
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if str(elf).encode() in entry.read_bytes().split(b"\0"):
                found.append(entry.parent.name)
        except OSError:
            continue
    return found


def wait_until(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)
