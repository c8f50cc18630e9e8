# SPDX-License-Identifier: Apache-2.0
"""Layouts and the C that they are for: fields, numbers, and facts that are true of the calls they concern."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest

from tests import single_op
from tinyedge import ops, passes, paths
from tinyedge.errors import Unsupported
from tinyedge.graph import Graph, Op
from tinyedge.model import tflite
from tinyedge.ops import Call, Constant, case, conv_2d
from tinyedge.ops.case import Window
from tinyedge.options import Optimize
from tinyedge.plan import arrangement, kernels, layout
from tinyedge.plan.layout import flat

KERNELS = paths.firmware() / "kernels"
FOLDERS = sorted(folder.name for folder in KERNELS.iterdir() if folder.is_dir())
LAYOUTS = Path(layout.__file__).parent
SOME = 6
"""Cases of an operator that are looked at: fitting constants takes its time."""


def fields(header: Path, struct: str) -> set[str]:
    """The members of a struct in C."""
    body = re.search(rf"struct {struct} \{{(.*?)\}}", header.read_text(encoding="utf-8"), re.DOTALL)
    assert body, f"{header} has no struct {struct}"
    plain = re.sub(r"/\*.*?\*/", "", body[1], flags=re.DOTALL)
    members = re.findall(r"(\w+)(?:\[\w+\])?\s*[,;]", plain)
    assert members
    return set(members)


def single(tested: ops.Case) -> tuple[Graph, Op]:
    graph = passes.optimize(tflite.lower(single_op.single(tested), "one"))
    assert len(graph.ops) == 1
    return graph, graph.ops[0]


def calls_of(kind: str, rounding: str = "litert") -> Iterator[tuple[Call, ...]]:
    """What some of an operator's cases become; those that the rounding "tflm" cannot do are left out."""
    operator = ops.operators()[kind]
    cases = [tested for tested in operator.cases() if tested.operator == kind]
    for tested in cases[:: max(1, len(cases) // SOME)]:
        assert operator.calls is not None
        try:
            yield operator.calls(*single(tested), rounding)
        except Unsupported:
            assert rounding == "tflm"


KINDS = sorted(name for name, found in ops.operators().items() if found.calls is not None)


@pytest.mark.parametrize("kind", KINDS)
def test_a_call_sets_fields_of_its_contract_and_all_of_its_layout(kind: str) -> None:
    for made in calls_of(kind):
        for call in made:
            for folder in FOLDERS:
                laid = kernels.choose(call, [folder], "speed")
                if laid.isa == folder or folder == "portable":
                    assert set(laid.params) <= fields(KERNELS / f"{laid.contract}.h", f"te_{laid.contract}")
                    if laid.laid is not None:
                        header = KERNELS / folder / f"{laid.contract}.h"
                        assert set(laid.laid) == fields(header, f"te_{laid.contract}_{folder}")


def test_windows_whose_weights_take_flash_are_left_where_size_counts() -> None:
    calls = [call for made in calls_of("DEPTHWISE_CONV_2D") for call in made]
    ends: tuple[Optimize, ...] = ("speed", "size")
    fast, small = ({kernels.choose(call, ["helium"], optimize).kernel for call in calls} for optimize in ends)
    assert fast - small == {"depthwise_conv_2d_s8_windows"}
    assert small <= fast


def test_contracts_know_no_instruction_set() -> None:
    for header in KERNELS.glob("*.h"):
        for struct in re.findall(r"struct te_\w+ \{.*?\}", header.read_text(encoding="utf-8"), re.DOTALL):
            words = re.split(r"[^a-z0-9]+", struct.lower())
            named = [folder for folder in FOLDERS if folder != "portable" and folder in words]
            assert not named, f"{header.name} speaks of {named}"


def test_what_a_header_shares_is_read_by_a_layout() -> None:
    """A number that Python does not read from it belongs to the kernel alone."""
    layouts = "".join(file.read_text(encoding="utf-8") for file in LAYOUTS.glob("*.py"))
    shared = 0
    for header in sorted(KERNELS.glob("*/*.h")):
        prefix = f"TE_{header.stem.upper()}_{header.parent.name.upper()}_"
        for name in re.findall(
            rf"^    {prefix}(\w+) = \d+,", header.read_text(encoding="utf-8"), re.MULTILINE
        ):
            assert f'"{name}"' in layouts or f"{prefix}{name}" in layouts, f"{header}: {name}"
            shared += 1
    assert shared > 30


def test_pixels_ahead_are_bytes_of_the_output() -> None:
    for dtype, size in (("int8", 1), ("int16", 2)):
        rng = np.random.default_rng(1)
        tested = conv_2d._case("c", rng, dtype, "int32", Window((1, 5, 7, 3), (3, 3)), 5, 1)
        graph, op = single(tested)
        calls = (Call("a", "b", {}, (), ahead=0), Call("a", "b", {}, (), ahead=3))
        assert arrangement._ahead(graph, op, calls) == 3 * 5 * size
        assert arrangement._ahead(graph, op, calls[:1]) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_operators_that_tflm_rounds_otherwise_say_so(kind: str) -> None:
    """The constants of some case differ exactly where the fact says so."""

    def told(call: Call) -> tuple[str, Mapping[str, object], list[bytes]]:
        arrays = [a.data.tobytes() for a in call.arguments if isinstance(a, Constant)]
        return call.kernel, call.params, arrays

    litert = [[told(call) for call in made] for made in calls_of(kind)]
    tflm = [[told(call) for call in made] for made in calls_of(kind, "tflm")]
    if len(litert) == len(tflm):
        assert (litert != tflm) == ops.operators()[kind].tflm_differs


def _conv(place: Window, shape: tuple[int, ...]) -> Call:
    rng = np.random.default_rng(1)
    inputs = (case.activation(rng, "input", place.shape, "int8"), case.weights(rng, (5, 1, 1, 6), 0))
    target = case.activation(rng, "output", shape, "int8", 0.4)
    tested = ops.Case("c", "CONV_2D", (*inputs, case.bias(rng, 5)), target, place.convolution_options)
    (made,) = ops.lookup("conv_2d").calls(*single(tested), "litert")  # type: ignore[misc]
    return made


def test_a_column_lies_down_and_pixels_become_a_row() -> None:
    column = _conv(Window((1, 7, 1, 6), (1, 1)), (1, 7, 1, 5))
    assert flat.lay_down(column).params["in_width"] == 7
    # Strides that step nowhere would step over pixels of the row.
    batches = flat.flatten(_conv(Window((4, 1, 1, 6), (1, 1), stride=(2, 3)), (4, 1, 1, 5))).params
    assert (batches["batches"], batches["in_width"], batches["out_width"]) == (1, 4, 4)
    assert (batches["stride_x"], batches["stride_y"]) == (1, 1)


def test_a_column_with_outputs_beside_it_stays() -> None:
    column = _conv(Window((1, 4, 1, 6), (1, 1)), (1, 4, 1, 5))
    bordered = layout.parts.changed(column, {"out_width": 3})
    assert flat.lay_down(bordered) is bordered
    assert flat.flatten(bordered) is bordered
