# SPDX-License-Identifier: Apache-2.0
"""Takes a model and a recording, gives what its float form makes of it: what the device is rated against."""

from __future__ import annotations

import numpy as np

from tinyedge.errors import InvalidMeasurement
from tinyedge.graph import Array
from tinyedge.oracle import Oracle
from tinyedge.recording import Recording, spool


def float_outputs(real: bytes, name: str, recording: Recording) -> list[Array]:
    """Outputs [frames, ...] of the float TFLite model `real`; InvalidMeasurement when one is not finite."""
    with Oracle(real, f"{name}, float") as oracle:
        feed = {
            port.index: values.reshape(-1, *port.shape)
            for port, values in zip(oracle.inputs, recording.real(), strict=True)
        }
        outputs = [
            spool.zeros((len(recording), *port.shape), np.dtype(port.dtype)) for port in oracle.outputs
        ]
        for part in spool.parts(len(recording), *feed.values(), *outputs):
            for whole, some in zip(
                outputs, oracle.run_many({index: values[part] for index, values in feed.items()}), strict=True
            ):
                whole[part] = some
            wrong = np.flatnonzero(~np.isfinite(outputs[0][part].reshape(part.stop - part.start, -1)).all(1))
            if wrong.size:
                first = part.start + int(wrong[0])
                raise InvalidMeasurement(
                    f"the float model gives values that are not finite, first in frame {first}",
                    "check the model, and that the recording has the scale it was trained with",
                )
    return outputs
