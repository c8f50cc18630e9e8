# SPDX-License-Identifier: Apache-2.0
"""`export --format micropython`: C modules in a build of MicroPython, with the bits of the C elsewhere."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

import pytest

from tests import exports, micropython_runner, zoo
from tests.conftest import absent
from tests.host.test_micropython import differing, trial_of
from tests.host.test_micropython_streams import MODELS, streamed
from tinyedge import export
from tinyedge.bench.features import Stages
from tinyedge.export import _folder, _library
from tinyedge.export._library import Library
from tinyedge.export._self_check import Around
from tinyedge.options import DEFAULT

SECONDS = 1200
NO_INIT = b"def init(): pass\n"


def pipeline_library() -> Library:
    """The motion pipeline as a library for any core."""
    model = MODELS["motion"]()
    with Stages.before(model) as before, Stages.behind(model, DEFAULT) as behind:
        return _library.make(model, None, None, around=Around(before, behind))


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


@pytest.mark.timeout(2 * SECONDS)
def test_in_the_firmware_of_the_unix_port(tmp_path: Path) -> None:
    """TINYEDGE_MICROPYTHON_FIRMWARE is a source tree of MicroPython's, ..._MAKE what else `make` is told."""
    tree = os.environ.get("TINYEDGE_MICROPYTHON_FIRMWARE")
    if tree is None:
        absent("TINYEDGE_MICROPYTHON_FIRMWARE does not say where MicroPython's sources are")
    modules = tmp_path / "modules"
    branches = exports.library(model=zoo.OURS / "branches.tflite")
    for made in (branches, pipeline_library()):
        files = {path: text.encode() for path, text in export.find("micropython").files(made).items()}
        _folder.write(modules / made.name, files, {})
    told = shlex.split(os.environ.get("TINYEDGE_MICROPYTHON_MAKE", ""))
    command = ["make", "-j2", "-C", f"{tree}/ports/unix", f"BUILD={tmp_path / 'build'}"]
    done = subprocess.run(
        [*command, f"USER_C_MODULES={modules}", *told],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    check(str(tmp_path / "build" / "micropython"), tmp_path)


def check(program: str, folder: Path) -> None:
    """Both modules, in the program."""
    told = os.environ.get("TINYEDGE_MICROPYTHON_UNIX")
    os.environ["TINYEDGE_MICROPYTHON_UNIX"] = program
    try:
        trial = trial_of(zoo.OURS / "branches.tflite", 5)
        files = {"plain/model.py": b"from te_branches import *\n" + NO_INIT}
        trial = type(trial)(files, trial.frames, trial.expected)
        assert differing({"branches": trial}, "plain", "unix", folder / "one") == {}
        known = streamed("motion")
        shim = b"from te_motion_anomaly import *\n" + NO_INIT
        samples = known.samples.astype("<i2").tobytes()
        said = micropython_runner.in_unix(
            "stream.py", {"model.py": shim, "samples.bin": samples}, folder / "two"
        ).splitlines()
        refused = "7 samples are no whole rows of 6"
        assert said == [*known.lines(1000), "again", *known.lines(7), refused]
    finally:
        os.environ.pop("TINYEDGE_MICROPYTHON_UNIX")
        if told is not None:
            os.environ["TINYEDGE_MICROPYTHON_UNIX"] = told
