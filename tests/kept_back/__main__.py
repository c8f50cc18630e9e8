# SPDX-License-Identifier: Apache-2.0
"""Takes signals that nobody tuned to, gives each block's distance from its reference beside its bound.

`python -m tests.kept_back [SEED]` (the day's number if none is given) makes them anew: noises, sweeps,
squares, impulses, full scale, recordings of seglearn and speech of espeak-ng where these are installed. The
audio front end must equal pymicro-features and decisions their definitions, every other block stay within the
bound of its tests: exit code 1 if one does not.
"""

from __future__ import annotations

import sys
import time
from itertools import chain

import numpy as np

from tests.kept_back import behind, front, signals, spectra


def main(arguments: list[str]) -> int:
    """Print every block's worst, exit code 1 where one is beyond its bound."""
    seed = int(arguments[0]) if arguments else int(time.time()) // 86_400
    print(f"seed {seed}")
    rng = np.random.default_rng(seed)
    motions, sounds = dict(signals.all_motions(rng)), dict(signals.all_sounds(rng))
    right = []
    for line, within in chain(front.judge(motions), spectra.judge(motions, sounds), behind.judge(motions)):
        print(line, flush=True)
        right.append(within)
    print(f"{right.count(False)} of {len(right)} beyond their bounds")
    return 0 if all(right) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
