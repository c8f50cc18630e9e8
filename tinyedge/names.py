# SPDX-License-Identifier: Apache-2.0
"""Names that one side writes and another looks for: symbols and sections of generated C and of the runtime.

What is generated for a model begins with the model's prefix, te_<model>, and ends as `GENERATED` says; no
name of the runtime, a port or a kernel ends so, and a test holds all of them to that: so a model may be
called anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

HOOK = "hook"
"""The folder, beside those of instruction sets, of kernels that the user wrote."""
ARENA = "arena_memory"
"""The block that models compute in, in the generated app.c."""
STATE = "state_memory"
"""The blocks that hold models' states, in the generated app.c; a number follows."""
EXECUTE = "te_arena_execute"
"""The function of the runtime that runs layers, in arena.c."""
EXECUTED = "te_arena_renew"
"""The function of the runtime that is called next after a run."""
THROUGH_MODEL = (EXECUTE, "te_arena_restore")
"""The only functions that call through pointers: those of a te_model."""
MODEL_FUNCTIONS = 2
"""The pointers to functions that a te_model ends with, in model.h."""
TRAP = "te_fault_entry"
"""The one handler of all traps, in every port that has no table of handlers."""
STACK = ".stack"
"""The section that is the stack, in every linker script of ours."""
CLEARED = (STACK, ".bss", ".noinit")
"""The sections of our linker scripts that are RAM and that nothing is loaded into (NOLOAD)."""
ARRAYS = (".rodata.te_*_w[0-9]*", ".rodata.te_*_c[0-9]*", ".rodata.te_*_s[0-9]*")
"""The sections of models' constant arrays, as linker scripts match them."""

GENERATED = re.compile(
    r"(?:layer\d+|shared\d+|[wc]\d+_[a-z0-9_]+|s\d+_initial|run|run_layers?|reset|dispatch|nothing|places|model"
    r"|(?:in|out)put\d*|input\d*_quantize|output\d*_(?:dequantize|argmax)"
    # As macros:
    r"|MODEL_SHA256|ARENA_SIZE|ARENA_ALIGN|STATE_SIZE|STATE_ALIGN|LAYERS"
    r"|(?:IN|OUT)PUT\d*_(?:SIZE|SCALE|ZERO_POINT))"
)
"""What follows a model's prefix and `_` in the names that are made for it."""

# GCC's f.constprop.0, f.part.0, f.isra.0, f.cold, with $ for . where names have no dots; and static locals.
_CLONE = re.compile(r"[.$]")


@dataclass(frozen=True)
class Generated:
    """A symbol of a model. kind: "layer", "shared" (a copy of a kernel), "weight", "constant", "state" (its
    initial value) or "other". `number` is that of the layer, of the copy or of the state, None for others.
    """

    kind: str
    number: int | None


OF_LAYERS = ("layer", "weight", "constant")
"""The kinds whose number is a layer's."""
_KINDS = {"layer": "layer", "shared": "shared", "w": "weight", "c": "constant", "s": "state"}
_NUMBERED = re.compile(r"(layer|shared|[wcs])(\d+)")


def prefix(model: str) -> str:
    """What all names begin with that are made for the model of this name (a C identifier in lower case)."""
    return f"te_{model}"


def descriptor(prefix: str) -> str:
    """The `struct te_model` of a model."""
    return f"{prefix}_model"


def layer(prefix: str, number: int) -> str:
    """The function that is layer `number`."""
    return f"{prefix}_layer{number}"


def shared(prefix: str, number: int) -> str:
    """The function that is copy `number` of those of kernels that several layers share."""
    return f"{prefix}_shared{number}"


def constant(prefix: str, number: int, role: str, weight: bool) -> str:
    """An array of layer `number`: weights are what the model file holds, all else is ours."""
    return f"{prefix}_{'w' if weight else 'c'}{number}_{role}"


def initial(prefix: str, number: int) -> str:
    """The array with the initial value of state `number`."""
    return f"{prefix}_s{number}_initial"


def kernel(name: str, isa: str) -> str:
    """The function in kernels/<isa>/<name>.c; the user's is called as they please."""
    return name if isa == HOOK else f"te_{name}_{isa}"


def function_of(symbol: str) -> str:
    """The function (or object) that a symbol was made of, where a compiler made clones or parts of it."""
    return _CLONE.split(symbol, maxsplit=1)[0] or symbol


def generated(symbol: str, prefix: str) -> Generated | None:
    """What a symbol is in the model with this prefix; None where it was not made for that model."""
    name = function_of(symbol)
    if not name.startswith(f"{prefix}_"):
        return None
    rest = name.removeprefix(f"{prefix}_")
    if GENERATED.fullmatch(rest) is None:
        return None
    found = _NUMBERED.match(rest)
    return Generated("other", None) if found is None else Generated(_KINDS[found[1]], int(found[2]))


def is_state(symbol: str) -> bool:
    """Whether a symbol is a block for a model's state."""
    return symbol.removeprefix(STATE).isdecimal()


def is_descriptor(symbol: str) -> bool:
    """Whether a symbol is some model's `struct te_model`."""
    return symbol.startswith("te_") and symbol.endswith("_model")
