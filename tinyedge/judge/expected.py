# SPDX-License-Identifier: Apache-2.0
"""Takes a build, a reference and what it needs, gives the outputs that are right, or why nobody can say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

from tinyedge import ops
from tinyedge.build import Draft, Slot
from tinyedge.errors import InvalidMeasurement, UsageError
from tinyedge.graph import Array
from tinyedge.oracle import tflm
from tinyedge.oracle.reference import Reference
from tinyedge.recording import sample_file, spool


@dataclass(frozen=True)
class Expected:
    """What the outputs must be, one array [N, ...shape] per model output.

    host: what the reference gives. reference: what the device is judged by, or None; `judged_by` names it,
    `unjudged` says why there is none. given: what the reference needed, by tensor name; of that, `within` is
    what it must be itself, where the device made it and a part of the reference knows it.
    """

    host: tuple[Array, ...]
    reference: tuple[Array, ...] | None
    judged_by: str
    unjudged: str
    given: Mapping[str, Array]
    within: Mapping[str, Array] = field(default_factory=dict)

    def first(self, frames: int) -> Expected:
        """Of the first frames only."""
        return replace(
            self,
            host=tuple(array[:frames] for array in self.host),
            reference=None if self.reference is None else tuple(array[:frames] for array in self.reference),
            given={name: array[:frames] for name, array in self.given.items()},
            within={name: array[:frames] for name, array in self.within.items()},
        )


def expect(
    build: Draft,
    reference: Reference,
    given: Mapping[str, Array],
    golden: Sequence[Array] | None,
    fresh: Sequence[int] = (),
) -> Expected:
    """Lets the reference follow all frames from the first; given: what it needs, integers [N, ...shape].

    fresh: frames before which the stream begins anew.

    Raises InvalidMeasurement when the reference knows nothing of an output, or cannot be made to compute with
    the very same integers.
    """
    unknown = [slot.name for slot in build.outputs if not reference.knows(slot.name)]
    if unknown:
        raise InvalidMeasurement(
            f"nobody can say what '{unknown[0]}' must be: {reference.name} does not know this tensor",
            "this is a defect of tinyedge: please report it with the model",
        )
    names = [slot.name for slot in build.outputs]
    made = [name for name in given if reference.knows(name)]
    found = _follow(reference, given, [*names, *made], fresh)
    host = tuple(found[name] for name in names)
    within = {name: found[name] for name in made}
    if golden is not None:
        return Expected(host, _fitting(golden, build.outputs, len(host[0])), "recorded outputs", "", given)
    unjudged = "" if tflm.NAME in reference.name else why_unjudged(build)
    if unjudged:
        return Expected(host, None, "", unjudged, given)
    return Expected(host, host, reference.name, "", given, within)


def _follow(
    reference: Reference, given: Mapping[str, Array], wanted: Sequence[str], fresh: Sequence[int]
) -> Mapping[str, Array]:
    """As Reference.follow, from the initial state at the first frame and at each of `fresh`; part by part."""
    found: dict[str, Array] = {}
    frames = min((len(array) for array in given.values()), default=0)
    for start, end in pairwise((0, *(frame for frame in fresh if frame < frames), frames)):
        reference.reset()
        for part in spool.parts(end - start, *given.values(), *found.values()):
            here = slice(start + part.start, start + part.stop)
            some = reference.follow({name: array[here] for name, array in given.items()}, wanted)
            for name, array in some.items():
                if name not in found:
                    found[name] = spool.zeros((frames, *array.shape[1:]), array.dtype)
                found[name][here] = array
    return found


def read_golden(path: Path, build: Draft) -> list[Array]:
    """Recorded outputs in the model's order: the file's only array, or one for each output's name."""
    names = [slot.name for slot in build.outputs]
    arrays = sample_file.read(path, inputs=names).arrays
    if len(names) == len(arrays) == 1:
        return list(arrays.values())
    missing = [name for name in names if name not in arrays]
    if missing:
        raise UsageError(
            f"{path} has no recorded output {missing[0]!r}, only {', '.join(arrays) or 'nothing'}",
            "store one array [N, ...] for each output of the model",
        )
    return [arrays[name] for name in names]


def why_unjudged(build: Draft) -> str:
    """The reason why LiteRT's reference kernels do not define this build's outputs, or ""."""
    differing = [layer.name for layer in build.layers if ops.lookup(layer.op).tflm_differs]
    if build.rounding != "tflm" or not differing:
        return ""
    return (
        'with rounding "tflm" dense layers and their like round otherwise than in LiteRT\'s reference, and '
        f"there are {len(differing)} ('{differing[0]}' first): only recorded outputs can judge (--golden)"
    )


def _fitting(golden: Sequence[Array], outputs: Sequence[Slot], frames: int) -> tuple[Array, ...]:
    if len(golden) != len(outputs):
        raise UsageError(f"{len(golden)} recorded outputs are given, the model has {len(outputs)}")
    checked = []
    for array, slot in zip(golden, outputs, strict=True):
        if array.dtype.name != slot.dtype or len(array) < frames or array[:1].size != slot.spec.size:
            shape = ", ".join(str(n) for n in (frames, *slot.shape))
            raise UsageError(
                f"the recorded outputs are {array.dtype.name} {list(array.shape)}, '{slot.name}' is "
                f"{slot.dtype} and {frames} frames are replayed",
                f"store them as {slot.dtype} [{shape}]",
            )
        checked.append(array[:frames].reshape(frames, *slot.shape))
    return tuple(checked)
