# SPDX-License-Identifier: Apache-2.0
"""Takes a model and a recording, gives what its float form makes of it: what the device is rated against."""

from __future__ import annotations

import numpy as np

from tinyedge.errors import InvalidMeasurement
from tinyedge.graph import Array
from tinyedge.oracle import Oracle
from tinyedge.recording import Recording


def float_outputs(real: bytes, name: str, recording: Recording) -> list[Array]:
    """Outputs [frames, ...] of the float TFLite model `real`; InvalidMeasurement when one is not finite."""
    with Oracle(real, f"{name}, float") as oracle:
        feed: dict[int | str, Array] = {
            port.index: values.reshape(-1, *port.shape)
            for port, values in zip(oracle.inputs, recording.real(), strict=True)
        }
        outputs = oracle.run_many(feed)
    wrong = np.flatnonzero(~np.isfinite(outputs[0].reshape(len(recording), -1)).all(axis=1))
    if wrong.size:
        raise InvalidMeasurement(
            f"the float model gives values that are not finite, first in frame {wrong[0]}",
            "check the model, and that the recording has the scale it was trained with",
        )
    return outputs
