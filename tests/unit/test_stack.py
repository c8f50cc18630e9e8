# SPDX-License-Identifier: Apache-2.0
"""The stack bound: exact on what can be known, unknown with a reason on what cannot."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests import toy_sources
from tests.conftest import lacking
from tinyedge import board, names, toolchain
from tinyedge.errors import UsageError
from tinyedge.images._contents import contents
from tinyedge.options import Options
from tinyedge.toolchain import riscv, stack, thumb, xtensa
from tinyedge.toolchain.branch import Branch
from tinyedge.toolchain.image import StackBound
from tinyedge.toolchain.thumb import branches

_M55 = board.load("mps3-an547")


# Encodings as GNU as gives them, at address 0x1000.
@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("fff7fefb", [Branch(0x1000, 0x800, call=True)]),  # bl .-0x800
        ("00f07ef8", [Branch(0x1000, 0x1100, call=True)]),  # bl .+0x100
        ("fff7fcbf", [Branch(0x1000, 0xFFC)]),  # b.w .-4
        ("3ff47eae", [Branch(0x1000, 0xD00)]),  # beq.w .-0x300
        ("fed0", [Branch(0x1000, 0x1000)]),  # beq .
        ("08e0", [Branch(0x1000, 0x1014)]),  # b .+0x14
        ("9847", [Branch(0x1000, None, call=True)]),  # blx r3
        ("1847", [Branch(0x1000, None)]),  # bx r3
        ("7047", []),  # bx lr
        ("9f46", [Branch(0x1000, None)]),  # mov pc, r3
        ("50f823f0", [Branch(0x1000, None)]),  # ldr.w pc, [r0, r3, lsl #2]
        ("5df804fb", []),  # ldr pc, [sp], #4
        ("ddf808f0", []),  # ldr.w pc, [sp, #8]
        ("10bd", []),  # pop {r4, pc}
        ("dfe800f0", []),  # tbb [pc, r0]
        ("46f003e0", []),  # dls lr, r6: a loop, not a branch
        ("0ff005c8", []),  # le lr, .: back to the loop's begin
        ("012080b500f07ef8", [Branch(0x1004, 0x1104, call=True)]),  # movs r0, #1; push {r7, lr}; bl .+0x100
    ],
)
def test_thumb_branches(code: str, found: list[Branch]) -> None:
    assert list(branches(bytes.fromhex(code), 0x1000)) == found


@pytest.mark.parametrize(
    ("code", "size"),
    [
        ("7047", 0),  # bx lr
        ("9fb5", 28),  # push {r0, r1, r2, r3, r4, r7, lr}
        ("84b0", 16),  # sub sp, #16
        ("04b0", 0),  # add sp, #16
        ("2de9f04f", 36),  # push.w {r4 to r11, lr}
        ("4df804bd", 4),  # str.w fp, [sp, #-4]!
        ("4df80400", 0),  # str.w r0, [sp, r4]
        ("2ded048b", 16),  # vpush {d8, d9}
        ("adf5806d", 1024),  # sub.w sp, sp, #1024
        ("adf5427d", 776),  # sub.w sp, sp, #776
        ("adf6047d", 3844),  # subw sp, sp, #3844
        ("adf1040c", 0),  # sub.w ip, sp, #4
        ("80b508b582b0", 24),  # push {r7, lr}; push {r3, lr}; sub sp, #8
    ],
)
def test_thumb_frames(code: str, size: int) -> None:
    assert thumb.frame(bytes.fromhex(code), 0x1000) == size


# Encodings as GNU as gives them for rv32imc, at address 0x1000.
@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("eff01f80", [Branch(0x1000, 0x800, call=True)]),  # jal ra, .-0x800
        ("6f000010", [Branch(0x1000, 0x1100)]),  # j .+0x100
        ("e30eb5fe", [Branch(0x1000, 0xFFC)]),  # beq a0, a1, .-4
        ("637fb57e", [Branch(0x1000, 0x17FE)]),  # bgeu a0, a1, .+0x7fe
        ("17130000e7000301", [Branch(0x1004, 0x2010, call=True)]),  # auipc t1, 1; jalr 16(t1)
        ("17f3ffff6700e3ff", [Branch(0x1004, 0xFFFFFFFE)]),  # auipc t1, -1; jr -2(t1)
        ("1713000001006700e3ff", [Branch(0x1006, None)]),  # auipc t1, 1; nop; jr -2(t1)
        ("b70200086780c200", [Branch(0x1004, 0x0800000C)]),  # lui t0, 0x8000; jr 12(t0)
        ("e7000500", [Branch(0x1000, None, call=True)]),  # jalr a0
        ("67000500", [Branch(0x1000, None)]),  # jr a0
        ("67800000", []),  # ret
        ("67800200", []),  # jr t0
        ("edbf", [Branch(0x1000, 0xFFA)]),  # j .-6
        ("fd2f", [Branch(0x1000, 0x17FE, call=True)]),  # jal .+0x7fe
        ("0130", [Branch(0x1000, 0x800, call=True)]),  # jal .-0x800
        ("7dcd", [Branch(0x1000, 0x10FE)]),  # beqz a0, .+0xfe
        ("01f1", [Branch(0x1000, 0xF00)]),  # bnez a0, .-0x100
        ("0285", [Branch(0x1000, None)]),  # jr a0
        ("8280", []),  # ret
        ("0295", [Branch(0x1000, None, call=True)]),  # jalr a0
        ("0290", []),  # ebreak
        ("2e852e950100", []),  # mv a0, a1; add a0, a0, a1; nop
    ],
)
def test_riscv_branches(code: str, found: list[Branch]) -> None:
    assert list(riscv.branches(bytes.fromhex(code), 0x1000)) == found


# Encodings as GNU as gives them for lx106, at address 0x1000.
@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("c57fff", [Branch(0x1000, 0x800, call=True)]),  # call0 .-0x800
        ("063f00", [Branch(0x1000, 0x1100)]),  # j .+0x100
        ("16c2ef", [Branch(0x1000, 0xF00)]),  # beqz a2, .-0x100
        ("3712c0", [Branch(0x1000, 0xFC4)]),  # beq a2, a3, .-60
        ("667424", [Branch(0x1000, 0x1028)]),  # bnei a4, 7, .+40
        ("f684e8", [Branch(0x1000, 0xFEC)]),  # bgeui a4, 8, .-20
        ("9ca5", [Branch(0x1000, 0x101E)]),  # beqz.n a5, .+30
        ("f77310", [Branch(0x1000, 0x1014)]),  # bbci a3, 31, .+20
        ("768320", [Branch(0x1000, 0x1024)]),  # loop a3, .+36
        ("c00300", [Branch(0x1000, None, call=True)]),  # callx0 a3
        ("e00200", []),  # callx8 a2: on a stack of the ROM's own
        ("a00300", [Branch(0x1000, None)]),  # jx a3
        ("800000", []),  # ret
        ("0df0", []),  # ret.n
        # j .+8; three bytes of padding that look like a call; ret.n; bytes that nothing leads to
        ("060100" + "05ffff" + "f00d" + "0df0" + "05ffff", [Branch(0x1000, 0x1008)]),
    ],
)
def test_xtensa_branches(code: str, found: list[Branch]) -> None:
    assert list(xtensa.branches(bytes.fromhex(code), 0x1000)) == found


@pytest.mark.parametrize(
    ("code", "size"),
    [
        ("0df0", 0),  # ret.n
        ("001440" + "0df0", 0),  # ssl a4: not a1, though its bits are where other instructions say so
        ("12c1e0" + "0df0", 32),  # addi a1, a1, -32; ret.n
        ("12d1fe" + "12c1f0" + "12c110" + "0df0", 528),  # addmi a1, a1, -512; addi a1, a1, -16; +16
        ("7011c0" + "0df0", None),  # sub a1, a1, a7
        ("7d01" + "1d07" + "0df0", 0),  # mov.n a7, a1; mov.n a1, a7
        ("1d07" + "0df0", None),  # mov.n a1, a7: who knows where to
    ],
)
def test_xtensa_frames(code: str, size: int | None) -> None:
    assert xtensa.frame(bytes.fromhex(code), 0x1000) == size


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("732520c2", True),  # csrr a0, vlenb
        ("0100732520c2", True),  # nop; csrr a0, vlenb
        ("732500c2", False),  # csrr a0, vl
        ("0100", False),
    ],
)
def test_vectors_on_the_stack_are_noticed(code: str, found: bool) -> None:
    assert riscv.needs_vector_length(bytes.fromhex(code)) is found


def test_data_among_the_code_is_no_branch() -> None:
    code = bytes.fromhex("98479847")
    assert list(branches(code, 0x1000, [(0x1002, 0x1004)])) == [Branch(0x1000, None, call=True)]


def _bound(tmp_path: Path, model: str, compiler: str | None = None) -> StackBound:
    sources = toy_sources.make(_M55, Options(compiler=compiler), model=f'#include "model.h"\n{model}')
    return toolchain.compile(sources, _M55, tmp_path).stack


_NOINLINE = "static __attribute__((noinline)) int"
_LEAF = f"""
{_NOINLINE} use(volatile char *p) {{ return p[0]; }}
{_NOINLINE} deep(int x) {{ volatile char room[400]; room[0] = (char)x; return use(room) + 1; }}
"""


def test_the_deepest_chain_is_found(tmp_path: Path) -> None:
    bound = _bound(
        tmp_path, f"{_LEAF} int run(int x) {{ volatile char few[40]; return deep(x) + use(few); }}"
    )
    chain = [name for name, _ in bound.path]
    assert chain[:4] == ["reset_handler", "run", "deep", "use"]
    assert chain[4:] == ["(exception)", "tick"]
    frames = dict(bound.path)
    assert 400 <= frames["deep"] <= 424
    assert 40 <= frames["run"] <= 64
    assert frames["(exception)"] == _M55.core.exception_frame
    assert bound.bytes == sum(size for _, size in bound.path)


@pytest.mark.parametrize("compiler", ["zig", "gcc"])
def test_what_assembly_pushes_is_in_the_bound(compiler: str, tmp_path: Path) -> None:
    if compiler == "gcc" and shutil.which("arm-none-eabi-gcc") is None:
        lacking("arm-none-eabi-gcc is not on PATH")
    run = '{_LEAF} int run(int x) {{ __asm__ volatile("{code}"); return deep(x) + 1; }}'
    plain, more = (
        _bound(tmp_path / str(i), run.format(_LEAF=_LEAF, code=code), compiler)
        for i, code in enumerate(("nop", r"push {r0-r7}\n\tadd sp, #32"))
    )
    assert plain.bytes is not None and more.bytes == plain.bytes + 32


def test_a_tail_call_counts_as_a_call(tmp_path: Path) -> None:
    # The tail call leaves the frame first, so that the sum is a bound and not the exact depth.
    bound = _bound(tmp_path, f"{_LEAF} int run(int x) {{ return deep(x + 1); }}")
    assert "deep" in dict(bound.path)


def _through(caller: str, holder: str) -> str:
    """A model whose layer is called by way of a pointer: by this function, out of that object.

    Its first word looks like a pointer to a function, as a size may, but is none of the two at its end.
    """
    return f"""{_LEAF}
static int layer(int x) {{ return deep(x) + 1; }}
static int use_of(int x) {{ return x; }}
int run(int x);
struct model {{ int (*size)(int x); int (*layer)(int x); int (*reset)(int x); }};
extern const struct model {holder};
const struct model {holder} = {{run, layer, use_of}};
const struct model *volatile served = &{holder};
int {caller}(const struct model *model, int x);
__attribute__((noinline)) int {caller}(const struct model *model, int x) {{ return model->layer(x) + 1; }}
int run(int x) {{ return {caller}(served, x) + 1; }}
"""


def test_what_a_te_model_points_to_is_called_by_the_runtime(tmp_path: Path) -> None:
    bound = _bound(tmp_path, _through(names.EXECUTE, "te_toy_model"))
    path = [name for name, _ in bound.path]
    assert path[:6] == ["reset_handler", "run", names.EXECUTE, "layer", "deep", "use"]
    assert bound.bytes is not None and bound.bytes > 400


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (_through("elsewhere", "te_toy_model"), "elsewhere calls through a pointer"),
        (_through(names.EXECUTE, "te_toy_places"), f"{names.EXECUTE} calls through a pointer"),
        (f"{_NOINLINE} f(int x) {{ volatile int y = x; return y < 2 ? y : f(y - 1) + f(y - 2); }}"
         "int run(int x) { return f(x); }", "f can call itself"),
        (f"{_NOINLINE} g(int x); {_NOINLINE} f(int x) {{ volatile int y = x; return y ? g(y) + 1 : 0; }}"
         "static int g(int x) { volatile int y = x; return f(y) + 2; } int run(int x) { return f(x); }",
         "can call itself"),
        ("int (*volatile hook)(int); int run(int x) { return hook(x) + 1; }", "run calls through a pointer"),
        ("int (*volatile hook)(int); int run(int x) { return hook(x); }", "run calls through a pointer"),
        ("int run(int x) { volatile char a[x + 1]; a[0] = 1; return a[0]; }", "no stack frame of run"),
    ],
)  # fmt: skip
def test_what_cannot_be_known_is_said(tmp_path: Path, model: str, reason: str) -> None:
    bound = _bound(tmp_path, model)
    assert bound.bytes is None
    assert reason in bound.reason


def test_a_long_jump_of_thumb_1_is_no_recursion(tmp_path: Path) -> None:
    """Armv6-M's branches reach 2 KiB; beyond, the compiler jumps by BL, as if it called."""
    m0 = board.load("rp2040")
    nops = r"nop\n" * 1500  # not .rept: the compiler counts lines
    loop = f'do {{ __asm__ volatile("{nops}"); }} while (--n > 0);'
    model = f'#include "model.h"\nint run(int x) {{ volatile int n = x; {loop} return n + 3; }}'
    built = toolchain.compile(toy_sources.make(m0, model=model), m0, tmp_path)
    run = next(symbol for symbol in built.symbols if symbol.name == "run")
    assert m0.memory is not None
    code = contents(built.elf, m0.memory.flash)[run.address - m0.memory.flash.origin :][: run.flash]
    jumps = [branch.target for branch in branches(code, run.address) if branch.call]
    assert jumps and all(to is not None and run.address < to < run.address + run.flash for to in jumps)
    assert built.stack.bytes is not None


def test_a_stack_that_is_too_small_is_refused(tmp_path: Path) -> None:
    model = f"{_LEAF.replace('400', '5000')} int run(int x) {{ return deep(x); }}"
    with pytest.raises(UsageError, match="mps3-an547 reserves 4096"):
        _bound(tmp_path, model)


def test_the_host_has_no_bound(tmp_path: Path) -> None:
    bound = stack.bound(tmp_path / "any.elf", board.load("host"))
    assert bound.bytes is None
    assert "host" in bound.reason


def test_gcc_frames_are_read_where_they_are_bounded(tmp_path: Path) -> None:
    file = tmp_path / "a.su"
    file.write_text("a.c:3:5:f\t16\tstatic\na.c:9:1:g\t24\tdynamic\nb.c:1:1:f\t40\tdynamic,bounded\n")
    assert stack.gcc_frames([file]) == {"f": 40}
