# SPDX-License-Identifier: Apache-2.0
"""Takes a board, gives the smallest C tree that builds for it: what the toolchain's tests compile."""

from __future__ import annotations

from tinyedge import emit
from tinyedge.board import Board
from tinyedge.emit import Sources
from tinyedge.options import DEFAULT, Options

_STARTUP = """
#include "model.h"
extern unsigned char __stack_top[];
void reset_handler(void);
void tick(void);
volatile int ticks;
void tick(void) { ticks++; }
const struct { void *stack; void (*handlers[2])(void); } vectors
    __attribute__((section(".vectors"), used)) = {__stack_top, {reset_handler, tick}};
void reset_handler(void) {
    for (;;) {
        ticks += run(ticks);
    }
}
"""

_MAIN = """
#include "model.h"
int main(void) { return run(1) == 3 ? 0 : 1; }
"""

_MODEL = """
#include "model.h"
#include "kernels/portable/add.c"
static const signed char te_toy_w0_weights[3] = {0, 2, 4};
static int te_toy_layer0(int x) { return te_add_portable(x, te_toy_w0_weights[x & 1]); }
int run(int x) { return te_toy_layer0(x); }
"""

_KERNEL = """
static __attribute__((noinline)) int te_add_portable(int a, int b) { return a + b; }
"""


def make(board: Board, options: Options = DEFAULT, **replaced: str) -> Sources:
    """The tree for `board`; `replaced` gives other contents of "model" (model.c) or "start" (the port)."""
    start = f"ports/{board.port}/start.c"
    texts = {
        "model.h": "int run(int x);\n",
        "model.c": replaced.get("model", _MODEL),
        "kernels/portable/add.c": _KERNEL,
        start: replaced.get("start", _MAIN if board.memory is None else _STARTUP),
    }
    files = {name: text.encode() for name, text in texts.items()}
    if board.memory is not None:
        files["linker.ld"] = emit.emit_board(board)["linker.ld"]
    # What is balanced has the layer of this model fast.
    level = "size" if options.optimize == "size" else "speed"
    return Sources(files, ("model.c", start), {"model.c": level}, options, "0123456789abcdef", ("te_toy",))
