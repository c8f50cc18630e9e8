# SPDX-License-Identifier: Apache-2.0
"""Takes the recurrent layers of a Keras model, gives each a computation that TensorFlow can convert.

TensorFlow's converter ends by signal 11 on the loops that Keras 3 writes for them. An LSTM becomes one
operator, through Keras 2's, whose graph the converter knows; others become a chain of steps, or, where that
would be long, a loop (stepping.py). Equations: Keras' documentation of LSTM, GRU and SimpleRNN.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinyedge.model.keras.looping import SEQUENCE, Hole
from tinyedge.model.keras.stepping import Loop, Stepping
from tinyedge.process.messages import Array

STEPS = 100  # of a chain; each is about ten operators
Step = Callable[[Any, list[Any], list[Any], list[Any]], list[Any]]
"""(cell, gates, what they get from the input, states) -> the new states, the output first."""


class Recurrent:
    """The recurrent layers of a model while it is converted; single: whether an LSTM may be one operator.

    problems: sentences on those that cannot be, filled while the model is traced. fused: whether any becomes
    one operator, which TensorFlow only does in a function with variables. carrying: names of those that do
    and whose author does not want a state from one call to the next, which that operator has all the same.
    kept: what of the others goes from one call to the next (stateful=True): name and width of each vector.
    stepping: those that are too long for a chain.
    """

    def __init__(self, layers: Sequence[Any], single: bool) -> None:
        self.problems: list[str] = []
        self.fused = False
        self.carrying: list[str] = []
        self.kept: list[tuple[str, int]] = []
        self.stepping = Stepping()
        self._now: list[Any] = []
        for layer in layers:
            self._replace(layer, single)

    def step(self, call: Callable[..., list[Any]], tensors: Sequence[Any]) -> list[Any]:
        """Outputs of `call`, and what is kept after it. tensors: its inputs, then what was kept before it."""
        inputs = len(tensors) - len(self.kept)
        self._now = list(tensors[inputs:])
        return [*call(*tensors[:inputs]), *self._now]

    def watch(self, call: Callable[..., list[Any]], tensors: Sequence[Any]) -> list[Any]:
        """As `step`, behind what the steps of long layers are told, and what these give."""
        results = self.step(call, tensors)
        return [*self.stepping.told, *results]

    def cut(self, call: Callable[..., list[Any]], tensors: Sequence[Any]) -> list[Any]:
        """As `step`, with holes for long layers: more inputs are what these give, outputs what they get."""
        inputs = len(tensors) - sum(len(loop.hole.results) for loop in self.stepping.loops)
        self.stepping.cut(tensors[inputs:])
        return [*self.step(call, tensors[:inputs]), *self.stepping.asked]

    def _replace(self, layer: Any, fuse: bool) -> None:
        kind = type(layer).__name__
        original, cells = layer.call, _chained(layer)
        if not cells:
            if layer.stateful:
                what = f"layer {layer.name!r} ({kind}) keeps a state between calls and is not Keras' own kind"
                self.problems.append(what)
            layer.unroll = True  # a cell of another kind; Keras writes the chain
            if type(layer.cell).__name__ == "ConvLSTMCell":
                self._replace_images(layer)
            return
        single = _single(layer) if fuse and kind == "LSTM" and _usual(layer) else None
        self.fused |= single is not None
        if single is not None and not layer.stateful:
            self.carrying.append(layer.name)
        first = len(self.kept)
        if single is None and layer.stateful:
            widths = [each.cell.units for each in cells for _ in range(each.states)]
            self.kept += [(f"{layer.name}_state_{i}", width) for i, width in enumerate(widths)]
        last = len(self.kept)

        def call(
            sequences: Any, initial_state: Any = None, mask: Any = None, training: bool = False, **_: Any
        ) -> Any:
            if isinstance(sequences, list | tuple):  # Keras 2 puts the states beside the input
                sequences, *initial_state = sequences
            steps = sequences.shape[1]
            if mask is not None:
                self.problems.append(f"layer {layer.name!r} ({kind}) is masked")
            elif single is not None and initial_state is None:
                return single(sequences)
            elif steps > STEPS and last == first:
                return self._long(layer, cells, sequences, initial_state)
            elif steps > STEPS:
                self.problems.append(
                    f"layer {layer.name!r} ({kind}) keeps its state between calls of {steps} steps, "
                    f"and {STEPS} are the most"
                )
            elif last > first and initial_state is None:
                result, held = _chain(layer, cells, sequences, self._now[first:last])
                self._now[first:last] = [state for states in held for state in states]
                return _told(layer, result, held)
            else:
                return _told(layer, *_chain(layer, cells, sequences, initial_state))
            return original(sequences, mask=mask)

        layer.call = call

    def _long(self, layer: Any, cells: list[Chained], sequences: Any, initial: Any) -> Any:
        """The layer, a step at a time; its last cell, which gives the result, has the first states."""
        import tensorflow as tf

        def step(row: Any, states: list[Any]) -> list[Any]:
            held = _by_cell(cells, states)
            for number, each in enumerate(cells):
                below = row if number == 0 else held[number - 1][0]
                held[number] = each.step(each.cell, each.gates, _given(each, below), held[number])
            return [state for states in reversed(held) for state in states]

        shapes: list[tuple[int, ...]] = [
            (1, each.cell.units) for each in reversed(cells) for _ in range(each.states)
        ]
        first = None
        if initial is not None:
            given = iter(tf.nest.flatten(initial))
            by_cell = [[next(given) for _ in range(each.states)] for each in cells]
            first = [state for states in reversed(by_cell) for state in states]
        result, states = self._stepped(layer, step, shapes, sequences, first)
        return _told(layer, result, _by_cell(cells, states) if states else [])

    def _replace_images(self, layer: Any) -> None:
        """Of a layer whose states are images what is too long for a chain."""
        original = layer.call

        def step(row: Any, states: list[Any]) -> list[Any]:
            return list(layer.cell(row, states, training=False)[1])

        def call(sequences: Any, initial_state: Any = None, mask: Any = None, training: bool = False) -> Any:
            if sequences.shape[1] <= STEPS or mask is not None or layer.stateful:
                return original(sequences, initial_state=initial_state, mask=mask)
            shapes = [tuple(state.shape) for state in layer.get_initial_state(batch_size=1)]
            result, states = self._stepped(layer, step, shapes, sequences, initial_state)
            return _told(layer, result, [states])

        layer.call = call

    def _stepped(
        self,
        layer: Any,
        step: Callable[[Any, list[Any]], list[Any]],
        shapes: list[tuple[int, ...]],
        sequences: Any,
        first: list[Any] | None,
    ) -> tuple[Any, list[Any]]:
        """The result, and the states behind the last step where the layer gives them."""
        import tensorflow as tf

        times, *row = sequences.shape[1:]
        rows = tf.reshape(sequences, [times, *row])
        rows = tf.reverse(rows, [0]) if layer.go_backwards else rows
        asked = (
            SEQUENCE if layer.return_sequences else 0,
            *(range(len(shapes)) if layer.return_state else ()),
        )
        name = f"{layer.name}_{len(self.stepping.loops)}" if self._again(layer) else layer.name
        hole = Hole(name, int(times), (), asked)
        result, *states = self.stepping.run(Loop(hole, step, (1, *row), tuple(shapes)), rows, first)
        return result, states

    def _again(self, layer: Any) -> bool:
        return any(loop.hole.name == layer.name for loop in self.stepping.loops)


def find(model: Any) -> list[Any]:
    """All recurrent layers of a model of either Keras, those inside of others too."""
    return [layer for layer in model._flatten_layers() if hasattr(layer, "cell") and hasattr(layer, "unroll")]


def undrop(layers: Sequence[Any]) -> None:
    """Let recurrent layers drop nothing: outside of training they do not, and draw numbers all the same.

    The state of that generator is an int64 variable, with which TensorFlow converts no model.
    """
    for layer in layers:
        for cell in getattr(layer.cell, "cells", [layer.cell]):
            cell.dropout = cell.recurrent_dropout = 0.0


def _usual(layer: Any) -> bool:
    """Is it the LSTM that TensorFlow Lite has an operator for?"""
    functions = (layer.activation.__name__, layer.recurrent_activation.__name__)
    return functions == ("tanh", "sigmoid") and layer.use_bias and not layer.return_state


def _single(layer: Any) -> Callable[[Any], Any]:
    import tf_keras

    same = tf_keras.layers.LSTM(
        layer.units, return_sequences=layer.return_sequences, go_backwards=layer.go_backwards
    )
    weights = [np.array(weight) for weight in layer.get_weights()]
    same.build((None, None, weights[0].shape[0]))
    same.set_weights(weights)
    return lambda sequences: same(sequences, training=False)


@dataclass(frozen=True)
class Gate:
    """One gate of a cell: its weights and biases for the input and for the state; arrays, never variables."""

    kernel: Array
    bias: Array
    state_kernel: Array
    state_bias: Array

    def of(self, state: Any) -> Any:
        """What comes from the state [1, units]."""
        import tensorflow as tf

        product = tf.matmul(state, self.state_kernel)
        return product + self.state_bias if self.state_bias.any() else product


@dataclass(frozen=True)
class Chained:
    """A cell of Keras, its gates, how it steps, and how many states it has."""

    cell: Any
    gates: list[Gate]
    step: Step
    states: int


def _chained(layer: Any) -> list[Chained]:
    """The cells of a layer, one above the other; [] where one of them is not Keras' own."""
    cells = getattr(layer.cell, "cells", [layer.cell])
    if any(type(cell).__name__ not in _STEPS for cell in cells):
        return []
    return [Chained(cell, _gates(cell), *_STEPS[type(cell).__name__]) for cell in cells]


def _gates(cell: Any) -> list[Gate]:
    kernel, states = np.array(cell.kernel), np.array(cell.recurrent_kernel)
    count = kernel.shape[1] // cell.units
    bias = np.array(cell.bias) if cell.use_bias else np.zeros(kernel.shape[1], np.float32)
    # GRU's newer form has a second bias, for the state.
    of_input, of_state = bias if bias.ndim == 2 else (bias, np.zeros_like(bias))
    parts = (np.split(array, count, axis=-1) for array in (kernel, of_input, states, of_state))
    return [Gate(*gate) for gate in zip(*parts, strict=True)]


def _chain(layer: Any, cells: list[Chained], sequences: Any, states: Any) -> tuple[Any, list[list[Any]]]:
    """[1, time, features] to [1, units], or [1, time, units], and the last states of each cell."""
    import tensorflow as tf

    steps, width = sequences.shape[1:]
    # What comes from the input is one matrix product for all steps.
    rows = _given(cells[0], tf.reshape(sequences, [steps, width]))
    if states is None:
        held = [[tf.zeros([1, each.cell.units])] * each.states for each in cells]
    else:
        given = iter(tf.nest.flatten(states))
        held = [[next(given) for _ in range(each.states)] for each in cells]
    outputs = []
    for at in range(steps - 1, -1, -1) if layer.go_backwards else range(steps):
        for number, each in enumerate(cells):
            below = [row[at : at + 1] for row in rows] if number == 0 else _given(each, held[number - 1][0])
            held[number] = each.step(each.cell, each.gates, below, held[number])
        outputs.append(held[-1][0])
    result = outputs[-1]
    if layer.return_sequences:
        result = tf.reshape(tf.concat(outputs, axis=0), [1, steps, cells[-1].cell.units])
    return result, held


def _by_cell(cells: list[Chained], states: list[Any]) -> list[list[Any]]:
    """States that come with those of the last cell first, of each cell in the cells' order."""
    left = iter(states)
    held = [[next(left) for _ in range(each.states)] for each in reversed(cells)]
    return held[::-1]


def _told(layer: Any, result: Any, held: list[list[Any]]) -> Any:
    """What the layer gives: its result, and the last states where asked for."""
    # Of several cells each has its states in a list of its own.
    last = held[0] if len(held) == 1 else [each if len(each) > 1 else each[0] for each in held]
    return [result, *last] if layer.return_state else result


def _given(chained: Chained, rows: Any) -> list[Any]:
    """What each gate gets from the input [n, features]."""
    import tensorflow as tf

    return [tf.matmul(rows, gate.kernel) + gate.bias for gate in chained.gates]


def _lstm(cell: Any, gates: list[Gate], given: list[Any], states: list[Any]) -> list[Any]:
    inner, outer = cell.activation, cell.recurrent_activation
    state, carry = states
    i, f, c, o = (x + gate.of(state) for x, gate in zip(given, gates, strict=True))
    carry = outer(f) * carry + outer(i) * inner(c)
    return [outer(o) * inner(carry), carry]


def _gru(cell: Any, gates: list[Gate], given: list[Any], states: list[Any]) -> list[Any]:
    (state,) = states
    update, reset, new = gates
    z = cell.recurrent_activation(given[0] + update.of(state))
    r = cell.recurrent_activation(given[1] + reset.of(state))
    past = r * new.of(state) if cell.reset_after else new.of(r * state)
    # As candidate + z * (state - candidate) it is a product less, but the difference has twice the range.
    return [z * state + (1.0 - z) * cell.activation(given[2] + past)]


def _simple(cell: Any, gates: list[Gate], given: list[Any], states: list[Any]) -> list[Any]:
    return [cell.activation(given[0] + gates[0].of(states[0]))]


_STEPS: dict[str, tuple[Step, int]] = {
    "LSTMCell": (_lstm, 2),
    "GRUCell": (_gru, 1),
    "SimpleRNNCell": (_simple, 1),
}
