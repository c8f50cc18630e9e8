# SPDX-License-Identifier: Apache-2.0
"""Takes units as headers spell them, gives the factor from one to another of the same quantity."""

from __future__ import annotations

import math
import re

# Of each quantity the spellings of its units, without blanks and in lower case, and their sizes. Standard
# gravity: ISO 80000-3, 9.80665 m/s2.
_QUANTITIES: tuple[dict[str, float], ...] = (
    {
        "m/s2": 1.0,
        "m/s/s": 1.0,
        "m/(s^2)": 1.0,
        "ms-2": 1.0,
        "ms^-2": 1.0,
        "m/s^2": 1.0,
        "m/s²": 1.0,
        "m*s^-2": 1.0,
    }
    | {"g": 9.80665, "mg": 0.00980665, "ug": 9.80665e-6, "µg": 9.80665e-6},
    {"rad/s": 1.0, "mrad/s": 1e-3}
    | dict.fromkeys(("dps", "deg/s", "°/s", "degrees/s"), math.pi / 180)
    | dict.fromkeys(("mdps", "mdeg/s"), math.pi / 180_000),
    {"t": 1.0, "mt": 1e-3, "ut": 1e-6, "µt": 1e-6, "nt": 1e-9, "gauss": 1e-4, "mgauss": 1e-7},
    {"v": 1.0, "mv": 1e-3, "uv": 1e-6, "µv": 1e-6},
    {"a": 1.0, "ma": 1e-3, "ua": 1e-6, "µa": 1e-6},
    {"pa": 1.0, "hpa": 100.0, "kpa": 1000.0, "mbar": 100.0, "bar": 1e5},
)
_IN_BRACKETS = re.compile(r".*[\[(]((?:[^\[\]()]|\([^()]*\))*)[\])]\s*")  # m/(s^2) has some of its own


def of_name(name: str) -> str:
    """The unit in brackets at a name's end, "" where there is none: m/s2 of "X [m/s2]"."""
    found = _IN_BRACKETS.fullmatch(name)
    return found[1].strip() if found else ""


def known(unit: str) -> bool:
    """Whether the unit can be converted to others of its quantity."""
    return _quantity(unit) is not None


def factor(have: str, want: str) -> float | None:
    """What a value in `have` is multiplied by to be one in `want`; None where nobody can say."""
    if _plain(have) == _plain(want):
        return 1.0
    quantity = _quantity(have)
    if quantity is None or _plain(want) not in quantity:
        return None
    return quantity[_plain(have)] / quantity[_plain(want)]


def _plain(unit: str) -> str:
    return unit.replace(" ", "").replace("μ", "µ").lower()


def _quantity(unit: str) -> dict[str, float] | None:
    return next((quantity for quantity in _QUANTITIES if _plain(unit) in quantity), None)
