# SPDX-License-Identifier: Apache-2.0
"""Takes nothing, gives the operators of TFLite that tinyedge compiles, with the types they are tested in."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import click

from tinyedge.console import Console, with_console

if TYPE_CHECKING:
    from tinyedge.ops import Operator

EXPLANATION = (
    "types: of the first input, where a test compares our kernel with LiteRT's reference. piece: also part of"
    " an elementwise piece with one 8-bit tensor in, float inside or not: a table that LiteRT fills. CUSTOM:"
    " of TFLM alone, its signal library and CIRCULAR_BUFFER, equal to TFLM's own. In TensorFlow 1's uint8"
    " models int8 stands for uint8."
    " WHILE: over rows of tensors, as often as the file says."
    " What depends on constants and shapes alone is folded, whatever operators it uses."
)
OF_ANY_TYPE = ("ASSIGN_VARIABLE", "CALL_ONCE", "READ_VARIABLE", "VAR_HANDLE", "WHILE")
"""TFLite's variables, which become states, and loops."""


@dataclass(frozen=True)
class Support:
    """An operator; see EXPLANATION."""

    name: str
    types: tuple[str, ...]
    piece: bool


@click.command()
@click.option("--markdown", is_flag=True, help="As docs/operators.md has it.")
@with_console
def command(console: Console, markdown: bool) -> None:
    """List the operators of TFLite that can be compiled, and for which types."""
    found = supported()
    if markdown:
        console.text(document(found))
    else:
        rows = [(s.name, ", ".join(s.types), "yes" if s.piece else None) for s in found]
        console.table(("operator", "types", "piece"), rows)
        console.say(EXPLANATION)
    console.finish({"operators": [asdict(support) for support in found]})


def supported() -> list[Support]:
    """Every operator, by name."""
    from tinyedge import ops
    from tinyedge.passes import make_interpolations, make_tables

    pieces = {kind.upper() for kind in make_tables.ELEMENTWISE}
    types = {name: _types(name, operator) for name, operator in ops.operators().items()}
    types |= dict.fromkeys(OF_ANY_TYPE, ("any",))
    types |= {kind.upper(): ("int16",) for kind in make_interpolations.KINDS}
    types |= {name: ("as TFLM",) for name in types if name.startswith("CUSTOM ")}
    names = sorted(pieces | {name for name, tested in types.items() if tested})
    return [Support(name, types.get(name, ()), name in pieces) for name in names]


def _types(name: str, operator: Operator) -> tuple[str, ...]:
    """The types of the first computed input in the operator's cases."""
    found: set[str] = set()
    for case in operator.cases():
        if case.operator == name:
            found.update([t.dtype for t in case.inputs if t is not None and t.data is None][:1])
    return tuple(sorted(found))


def document(found: list[Support]) -> str:
    """The list as Markdown."""
    rows = [f"| {s.name} | {', '.join(s.types)} | {'yes' if s.piece else ''} |" for s in found]
    return "\n".join(
        [
            "# Operators of TFLite that tinyedge compiles",
            "",
            f"{len(found)} of them; made by `tinyedge operators --markdown`, and kept true by a test.",
            "",
            *EXPLANATION.replace(". ", ".\n").split("\n"),
            "",
            "| operator | types | piece |",
            "|---|---|---|",
            *rows,
        ]
    )
