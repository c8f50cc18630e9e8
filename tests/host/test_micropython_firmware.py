# SPDX-License-Identifier: Apache-2.0
"""`export --format micropython`: C modules in a build of MicroPython, with the bits of the C elsewhere."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests import exports, micropython_runner, zoo
from tests.conftest import absent
from tests.host.test_micropython import Trial, differing, trial_of
from tests.host.test_micropython_board import check_stream, predictions, session
from tests.host.test_micropython_streams import MODELS, streamed
from tinyedge import export
from tinyedge.bench.features import Stages
from tinyedge.export import _library
from tinyedge.export._library import Library
from tinyedge.export._self_check import Around
from tinyedge.options import DEFAULT

SECONDS = 1200
PIPELINE = b"from te_motion_anomaly import *\ndef init(): pass\n"


def pipeline_library(core: str | None = None) -> Library:
    """The motion pipeline as a library for that core, or for any."""
    model = MODELS["motion"]()
    with Stages.before(model) as before, Stages.behind(model, DEFAULT) as behind:
        return _library.make(model, core, None, around=Around(before, behind))


def test_modules_are_what_two_build_systems_want(tmp_path: Path) -> None:
    """Every source is named, and every name of the module's is one of the model's."""
    for made in (exports.library(), exports.library("cortex-m55")):
        files = export.find("micropython").files(made)
        name = made.name
        assert sorted(files) == sorted(
            ["README.md", "micropython.cmake", "micropython.mk", f"{name}.c", f"{name}.h", f"{name}_module.c"]
        )
        for build in ("micropython.mk", "micropython.cmake"):
            assert f"/{name}.c" in files[build] and f"/{name}_module.c" in files[build]
        assert f"MP_REGISTER_MODULE(MP_QSTR_{name}, {name}_module)" in files[f"{name}_module.c"]
        assert ("te_conv_2d_s8_helium" in files[f"{name}.c"]) == (made.core is not None)


def built(port: str, modules: Sequence[Library], folder: Path, *told: str) -> Path:
    """MicroPython with these modules in its firmware: the folder of the build.

    TINYEDGE_MICROPYTHON_FIRMWARE is a source tree of MicroPython's, ..._MAKE what else `make` is told.
    """
    tree = os.environ.get("TINYEDGE_MICROPYTHON_FIRMWARE")
    if tree is None:
        absent("TINYEDGE_MICROPYTHON_FIRMWARE does not say where MicroPython's sources are")
    for made in modules:
        exports.write(made, "micropython", folder / "modules" / made.name)
    command = ["make", "-j2", "-C", f"{tree}/ports/{port}", f"BUILD={folder / 'build'}", *told]
    command += [f"USER_C_MODULES={folder / 'modules'}"]
    command += shlex.split(os.environ.get("TINYEDGE_MICROPYTHON_MAKE", ""))
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return folder / "build"


@pytest.mark.timeout(2 * SECONDS)
def test_in_the_firmware_of_the_unix_port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    branches = exports.library(model=zoo.OURS / "branches.tflite")
    made = built("unix", [branches, pipeline_library()], tmp_path)
    monkeypatch.setenv("TINYEDGE_MICROPYTHON_UNIX", str(made / "micropython"))
    trial = trial_of(zoo.OURS / "branches.tflite", 5)
    files = {"plain/model.py": b"from te_branches import *\ndef init(): pass\n"}
    trial = Trial(files, trial.frames, trial.expected)
    assert differing({"branches": trial}, "plain", "unix", tmp_path / "one") == {}
    known = streamed("motion")
    samples = known.samples.astype("<i2").tobytes()
    files = {"model.py": PIPELINE, "samples.bin": samples}
    said = micropython_runner.in_unix("stream.py", files, tmp_path / "two").splitlines()
    assert said == known.printed(torn=False)


@pytest.mark.timeout(2 * SECONDS)
def test_with_helium_in_the_firmware_of_a_qemu_port(tmp_path: Path) -> None:
    """QEMU's Cortex-M55, which has the vectors of Helium: no module that is copied can use them."""
    known = (zoo.OURS / "tiny_cnn.tflite", zoo.SHARED / "mlperf" / "kws_ref_model.tflite")
    files = [file for file in known if file.is_file()]
    models = [exports.library("cortex-m55", model=file) for file in files]
    made = built("qemu", [*models, pipeline_library("cortex-m55")], tmp_path, "BOARD=MPS3_AN547")
    board = ["qemu-system-arm", "-M", "mps3-an547", "-semihosting", "-nographic", "-monitor", "null"]
    board += ["-serial", "stdio", "-kernel", str(made / "firmware.elf")]
    for library, file in zip(models, files, strict=True):
        with session(board) as repl:
            repl.run(f"import {library.name} as model")
            trial = trial_of(file, 5)
            assert predictions(repl, trial) == trial.expected, library.name
    with session(board) as repl:
        check_stream(repl, streamed("motion"), {"model.py": PIPELINE}, torn=False)
