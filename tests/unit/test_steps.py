# SPDX-License-Identifier: Apache-2.0
"""Numbers that are an int16 sensor's own steps: read as such where [input] says so, and else refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.io import wavfile

from tinyedge import recording
from tinyedge.build import Spec
from tinyedge.errors import InvalidMeasurement, UsageError
from tinyedge.project import Columns, Input
from tinyedge.recording import quality

LSB = 0.061e-3
RAW = Spec("samples", (1, 2, 3), "int16", LSB, 0)
"""What a device with blocks takes: the sensor's integers."""
REAL = Spec("x", (1, 2, 3), "float32", None, None)
"""What a network with windows of the host's takes: physical values."""
SENSOR = Input(channels=("x", "y", "z"), type="int16", lsb=LSB)
STEPS = np.array([[0, 1, -1], [32767, -32768, 5], [16384, -99, 7], [8, 9, 10]])


def written(folder: Path, kind: str, steps: np.ndarray) -> Path:
    path = folder / f"r.{kind}"
    if kind == "csv":
        path.write_text("x,y,z\n" + "".join(",".join(f"{v:g}" for v in row) + "\n" for row in steps))
    elif kind == "wav":
        wavfile.write(path, 100, steps.astype(np.int16))
    elif kind == "npy":
        np.save(path, steps.astype(np.float64))
    else:
        np.savez(path, x=steps.astype(np.int32))
    return path


@pytest.mark.parametrize("kind", ["csv", "wav", "npy", "npz"])
def test_the_steps_of_a_sensor_arrive_as_they_are(tmp_path: Path, kind: str) -> None:
    path = written(tmp_path, kind, STEPS)
    raw = recording.load(path, [RAW], window=2, signal=SENSOR)
    np.testing.assert_array_equal(raw.stored()[0].reshape(4, 3), STEPS)
    real = recording.load(path, [REAL], window=2, signal=SENSOR).values[0].reshape(4, 3)
    np.testing.assert_allclose(real, STEPS * LSB, rtol=1e-6)


@pytest.mark.parametrize(
    ("kind", "value", "says"),
    [
        ("csv", 32768.0, r"row 3, column 2 \(y\) is 32768, .* int16: its steps are -32768 to 32767"),
        ("csv", 0.5, r"row 3, column 2 \(y\) is 0.5, .* int16: steps are whole numbers"),
        ("npy", -0.25, r"`x` at frame 1, position \[1\] is -0.25"),
        ("npz", -32769.0, r"`x` at frame 1, position \[1\] is -32769"),
    ],
)
def test_what_no_int16_sensor_gives_is_one_sentence(
    tmp_path: Path, kind: str, value: float, says: str
) -> None:
    steps = STEPS.astype(np.float64)
    steps[1, 1] = value
    with pytest.raises(UsageError, match=says) as caught:
        recording.load(written(tmp_path, kind, steps), [RAW], window=2, signal=SENSOR)
    assert "float" in (caught.value.hint or "")


def test_wider_sounds_are_no_int16_sensors(tmp_path: Path) -> None:
    wavfile.write(tmp_path / "r.wav", 100, (STEPS * 65536).astype(np.int32))
    with pytest.raises(UsageError, match=r"row 2, column 1 is 2147418112, .* its steps are"):
        recording.load(tmp_path / "r.wav", [RAW], window=2, signal=SENSOR)


@pytest.mark.parametrize(
    ("signal", "columns", "says"),
    [
        (Input(type="int16"), Columns(), "not what a step is worth"),
        (SENSOR, Columns(scale=0.001), r"a step of 6.1e-05 by \[input\], and 0.001 by \[recording\]"),
    ],
)
def test_a_step_has_one_worth(tmp_path: Path, signal: Input, columns: Columns, says: str) -> None:
    for kind in ("csv", "npz"):
        with pytest.raises(UsageError, match=says):
            recording.load(written(tmp_path, kind, STEPS), [RAW], window=2, signal=signal, columns=columns)


def test_steps_that_are_taken_as_physical_values_are_no_measurement(tmp_path: Path) -> None:
    loud = written(tmp_path, "csv", STEPS + 400)
    with pytest.raises(InvalidMeasurement) as caught:
        quality.assess(recording.load(loud, [RAW], window=2, signal=Input(channels=("x", "y", "z"))))
    assert 'type = "int16"' in (caught.value.hint or "")
