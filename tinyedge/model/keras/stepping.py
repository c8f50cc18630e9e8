# SPDX-License-Identifier: Apache-2.0
"""Takes the long recurrent layers of a network while it is traced: runs them and watches, or leaves holes.

A network is traced twice. The first time each layer runs, step after step, and gives beside its result what
every step is told, which is what a step is calibrated with. The second time it is not there: what it is told
is an output of the network, and what it gives an input. looping.py puts steps into the holes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tinyedge.model.keras.looping import FROM_NETWORK, SEQUENCE, Hole
from tinyedge.process.messages import Array

EVENLY = 24
"""Steps of each frame that a step is calibrated with, beside those with the least and the largest values."""


@dataclass(frozen=True)
class Loop:
    """One call of a long layer: (row [1, ...], states) -> states behind it, the first of which it gives.

    row, states: shapes of what a step is told.
    """

    hole: Hole
    step: Callable[[Any, list[Any]], list[Any]]
    row: tuple[int, ...]
    states: tuple[tuple[int, ...], ...]

    @property
    def watched(self) -> int:
        """How many tensors are told of it: rows, states before each step, results."""
        return 1 + len(self.states) + len(self.hole.results)

    def back(self) -> list[Any]:
        """What its results are to TensorFlow."""
        import tensorflow as tf

        shapes = [
            (1, self.hole.times, *self.states[0][1:]) if wanted == SEQUENCE else self.states[wanted]
            for wanted in self.hole.results
        ]
        return [tf.TensorSpec(s, tf.float32, f"{self.hole.name}_result_{i}") for i, s in enumerate(shapes)]

    def trace(self) -> Any:
        """A step as a concrete function without variables."""
        import tensorflow as tf
        from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

        names = ["row", *(f"state_{i}" for i in range(len(self.states)))]
        specs = [
            tf.TensorSpec(shape, tf.float32, f"{self.hole.name}_{name}")
            for name, shape in zip(names, (self.row, *self.states), strict=True)
        ]

        def step(row: Any, *states: Any) -> list[Any]:
            with tf.name_scope(self.hole.name):
                return self.step(row, list(states))

        function = tf.function(step, input_signature=specs, autograph=False)
        return convert_variables_to_constants_v2(function.get_concrete_function(), lower_control_flow=False)


class Stepping:
    """The loops of a network, in the order of their calls.

    told: what each was told and gave, in the watching trace. cuts, asked: the holes, and what goes into them.
    """

    def __init__(self) -> None:
        self.loops: list[Loop] = []
        self.told: list[Any] = []
        self.asked: list[Any] = []
        self.cuts: list[Loop] = []
        self._back: list[Any] | None = None

    def cut(self, back: Sequence[Any]) -> None:
        """From now on calls are holes, which give the next ones of `back`."""
        self._back, self.asked, self.cuts = list(back), [], []

    def run(self, loop: Loop, rows: Any, first: list[Any] | None) -> list[Any]:
        """The results of a call. rows: [times, ...]; first: states before the first step, zeros if None."""
        import tensorflow as tf

        if self._back is not None:
            known = [each.name for each in self._back]
            from_loops = tuple(known.index(s.name) if s.name in known else FROM_NETWORK for s in first or [])
            at = len(self.cuts)
            done = sum(len(cut.hole.results) for cut in self.cuts)
            self.cuts.append(replace(self.loops[at], hole=replace(self.loops[at].hole, first=from_loops)))
            own = [s for s, n in zip(first or [], from_loops, strict=True) if n == FROM_NETWORK]
            self.asked += [rows, *own]
            return self._back[done : done + len(loop.hole.results)]
        start = [tf.zeros(shape) for shape in loop.states] if first is None else first
        after = tf.scan(lambda held, row: loop.step(row, held), tf.expand_dims(rows, 1), start)
        before = [
            tf.concat([begin[tf.newaxis], each[:-1]], 0) for begin, each in zip(start, after, strict=True)
        ]
        whole = [1, loop.hole.times, *loop.states[0][1:]]
        results = [
            tf.reshape(after[0], whole) if wanted == SEQUENCE else after[wanted][-1]
            for wanted in loop.hole.results
        ]
        self.loops.append(loop)
        self.told += [rows, *before, *results]
        return results


def split(loops: Sequence[Loop], watched: Sequence[Any]) -> tuple[list[list[Array]], list[Array]]:
    """Of what a frame's trace told: what each loop's steps were told, and what comes back from all loops."""
    told: list[list[Array]] = []
    back: list[Array] = []
    for loop in loops:
        mine, watched = [np.asarray(each) for each in watched[: loop.watched]], watched[loop.watched :]
        told.append(mine[: 1 + len(loop.states)])
        back += mine[1 + len(loop.states) :]
    return told, back


def samples(told: Sequence[Array]) -> Iterator[list[Array]]:
    """Of one frame what some steps were told: evenly spread ones, and those that reach farthest."""
    times = len(told[0])
    chosen = {*np.linspace(0, times - 1, min(times, EVENLY)).astype(int).tolist()}
    for values in told:
        flat = values.reshape(times, -1)
        chosen |= {int(flat.min(axis=1).argmin()), int(flat.max(axis=1).argmax())}
    rows, *states = told
    for step in sorted(chosen):
        yield [rows[step][np.newaxis], *(state[step] for state in states)]
