# SPDX-License-Identifier: Apache-2.0
"""A sample of the matrix of Keras models; `python -m tests.matrix` runs all of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import matrix
from tests.conftest import needed
from tests.matrix import trial

SAMPLE = ("layers_conv_lstm", "networks_yolo_nano")


@pytest.mark.timeout(300)
def test_the_sample_is_exact(tmp_path: Path) -> None:
    needed("tensorflow", 'pip install "tinyedge[keras]"')
    assert set(SAMPLE) <= set(matrix.cases())
    trial.write(SAMPLE, tmp_path)
    told = dict(trial.results(SAMPLE, "int8", tmp_path, tmp_path / "built"))
    assert told == dict.fromkeys(SAMPLE, "exact")
