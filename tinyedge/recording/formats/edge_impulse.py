# SPDX-License-Identifier: Apache-2.0
"""Edge Impulse's data acquisition format, JSON or CBOR: values, names of sensors, the interval.

https://docs.edgeimpulse.com/reference/data-acquisition-format. The signature is not checked: a recording is
not an authority.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from tinyedge import paths
from tinyedge.errors import UsageError
from tinyedge.project import Columns
from tinyedge.recording.formats import Table

SUFFIXES = (".cbor", ".json")
_LARGEST = 1 << 30
"""Bytes: such a file is read whole, and is one sample of some seconds or minutes."""


def read(path: Path, columns: Columns) -> Table:
    """One column a sensor, with the rate that `interval_ms` gives."""
    content = _decode(path)
    payload = content.get("payload") if isinstance(content, dict) else None
    if not isinstance(payload, dict) or "values" not in payload or "sensors" not in payload:
        raise UsageError(
            f"{path} is not in Edge Impulse's acquisition format: it has no payload of sensors and values",
            "export it from there, or save the samples as CSV",
        )
    try:
        names = tuple(_name(sensor) for sensor in payload["sensors"])
        values = np.array(payload["values"], np.float64)
        rate = 1000.0 / payload["interval_ms"]
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError):
        raise _unlike(path) from None
    if values.ndim == 1:
        values = values[:, None]  # a lone sensor's values need no list each
    if values.ndim != 2 or values.shape[1] != len(names) or not 0 < rate < math.inf:
        raise _unlike(path)
    return Table(names, tuple(values.T), rate_hz=rate)


def _name(sensor: Any) -> str:
    """With its unit, as headers of CSV have it."""
    unit = sensor.get("units")
    return f"{sensor['name']} ({unit})" if isinstance(unit, str) and unit else str(sensor["name"])


def _decode(path: Path) -> Any:
    try:
        data = paths.read(path, _LARGEST)
        if path.suffix.lower() == ".json":
            return json.loads(data)
        import cbor2

        return cbor2.loads(data)
    except (OSError, ValueError, EOFError, RecursionError, MemoryError, OverflowError) as error:
        reason = str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
        raise UsageError(
            f"cannot read {path}: it is damaged or cut short ({reason})", "export it again"
        ) from None
    except Exception as error:  # cbor2's own errors share no base that its versions agree on
        raise UsageError(
            f"cannot read {path}: it is not CBOR ({type(error).__name__})", "export it again"
        ) from None


def _unlike(path: Path) -> UsageError:
    return UsageError(
        f"{path}: its sensors, values and interval_ms do not fit together",
        "every row of `values` needs a number for every sensor, and interval_ms a positive number",
    )
