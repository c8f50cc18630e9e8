# SPDX-License-Identifier: Apache-2.0
"""Takes part of a case's name, or none, gives a table of what became of the cases; fails if one is wrong."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests import matrix
from tests.matrix import trial


def main() -> None:
    """Run and print, a line a case as it comes; exit code 1 where our C differs from LiteRT."""
    parser = argparse.ArgumentParser(prog="python -m tests.matrix", description=__doc__)
    parser.add_argument("only", nargs="?", default="", help="cases with this in their name; or: sample")
    parser.add_argument("--scheme", choices=("int8", "int16x8"), action="append", help="both by default")
    parser.add_argument("--form", choices=tuple(matrix.FORMS), default="keras", help="the way in")
    parser.add_argument("--board", default="host", help="one that is emulated; each case is replayed there")
    options = parser.parse_args()
    names = [name for name in matrix.cases() if options.only in name]
    names = list(matrix.SAMPLE) if options.only == "sample" else names
    counts: dict[str, Counter[str]] = {}
    with tempfile.TemporaryDirectory(prefix="tinyedge-matrix-") as made:
        files = Path(made) / "files"
        files.mkdir()
        trial.write(names, files, options.form)
        for scheme in options.scheme or (["int8"] if options.form == "recipe" else ["int8", "int16x8"]):
            counts[scheme] = Counter()
            run = trial.results(names, scheme, files, Path(made) / scheme, options.board, options.form)
            for name, told in run:
                counts[scheme][told.split(":")[0]] += 1
                print(f"| {name} | {scheme} | {told} |", flush=True)
    for scheme, found in counts.items():
        print(f"{scheme}: {', '.join(f'{number} {kind}' for kind, number in sorted(found.items()))}")
    sys.exit(any(found["WRONG"] for found in counts.values()))


if __name__ == "__main__":
    main()
