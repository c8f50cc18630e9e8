# SPDX-License-Identifier: Apache-2.0
"""Examples say what is true of them: their stages fit, their READMEs name files, the bearing is physical."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from scipy import signal

from tinyedge import blocks, project
from tinyedge.blocks import attach, behind
from tinyedge.blocks.attach import Front
from tinyedge.graph import verify

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PROJECTS = sorted(file.parent for file in EXAMPLES.glob("*/tinyedge.toml"))
INIT = EXAMPLES.parent / "templates" / "init"


def test_there_are_examples() -> None:
    assert {folder.name for folder in PROJECTS} >= {"gesture", "motion-anomaly", "vibration", "wake-word"}


@pytest.mark.parametrize("folder", [*PROJECTS, INIT], ids=lambda folder: folder.name)
def test_stages_fit_and_files_are_there(folder: Path) -> None:
    known = project.load(folder)
    if known.preprocess:
        graph = attach.alone(Front(known.input, known.preprocess), "example")
        verify(graph)
        assert behind.warm_up(graph) > 0, "every example has a window"
    for stage in known.postprocess:
        assert behind.parsed(stage)[0] is blocks.lookup(stage.block)
    assert known.budget.flash and known.replay is not None
    readme = (folder / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\|(.*?)\|", readme, re.MULTILINE)
    named = [name for row in rows for name in re.findall(r"`(.*?)`", row)]
    missing = [name for name in named if not (folder / name).is_file()]
    assert named and not missing
    assert all((folder / picture).is_file() for picture in re.findall(r"!\[.*?\]\((.*?)\)", readme))


def bearing() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bearing", EXAMPLES / "vibration" / "bearing.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("fault", "turns"), [("outer", 3.585), ("inner", 5.415)])
def test_a_spall_shows_in_the_spectrum_of_the_envelope(fault: str, turns: float) -> None:
    """As Randall and Antoni diagnose it: band around the resonance, envelope, its spectrum."""
    made = bearing()
    assert made.rate_of(fault) == pytest.approx(turns, abs=5e-4)

    def peak(kind: str, depth: float) -> float:
        sound = made.measure(20, np.random.default_rng(1), kind, depth)
        band = signal.butter(4, [800, 1400], "bandpass", fs=made.RATE_HZ, output="sos")
        envelope = np.abs(signal.hilbert(signal.sosfiltfilt(band, sound)))
        hertz, power = signal.welch(envelope - envelope.mean(), made.RATE_HZ, nperseg=8192)
        near = np.abs(hertz - turns * made.SHAFT_HZ) < 0.04 * turns * made.SHAFT_HZ
        others = (hertz > 60) & (hertz < 300) & ~near
        return float(power[near].max() / np.median(power[others]))

    assert peak(fault, 0.3) > 20 > 4 > peak("none", 0.0)
