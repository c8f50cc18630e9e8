# SPDX-License-Identifier: Apache-2.0
"""Takes the recurrent layers of a Keras model, gives each a computation that TensorFlow can convert.

TensorFlow's converter ends by signal 11 on the loops that Keras 3 writes for them. An LSTM becomes one
operator, through Keras 2's, whose graph the converter knows; the others become a chain of steps, no loop.
Equations: Keras' documentation of LSTM, GRU and SimpleRNN.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinyedge.process.messages import Array

STEPS = 100  # of a chain; each is about ten operators
Cell = Callable[[Any, list[Any], list[Any], list[Any]], list[Any]]


class Recurrent:
    """The recurrent layers of a model while it is converted; single: whether an LSTM may be one operator.

    problems: sentences on those that cannot be, filled while the model is traced. fused: whether any becomes
    one operator, which TensorFlow only does in a function with variables.
    """

    def __init__(self, layers: Sequence[Any], single: bool) -> None:
        self.problems: list[str] = []
        self.fused = False
        for layer in layers:
            self._replace(layer, single)

    def _replace(self, layer: Any, fuse: bool) -> None:
        kind = type(layer).__name__
        if layer.stateful:
            self.problems.append(
                f"layer {layer.name!r} ({kind}) keeps its state between calls (stateful=True)"
            )
            return
        if kind not in _CELLS:
            layer.unroll = True  # a cell of its own; Keras writes the chain
            return
        original, gates = layer.call, _gates(layer)
        single = _single(layer) if fuse and kind == "LSTM" and _usual(layer) else None
        self.fused |= single is not None

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
            elif steps > STEPS:
                self.problems.append(
                    f"layer {layer.name!r} ({kind}) runs over {steps} steps, and {STEPS} are the most"
                )
            else:
                return _chain(layer, gates, sequences, initial_state)
            return original(sequences, mask=mask)

        layer.call = call


def find(model: Any) -> list[Any]:
    """All recurrent layers of a model of either Keras, those inside of others too."""
    return [layer for layer in model._flatten_layers() if hasattr(layer, "cell") and hasattr(layer, "unroll")]


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


def _gates(layer: Any) -> list[Gate]:
    kernel, states = np.array(layer.cell.kernel), np.array(layer.cell.recurrent_kernel)
    count = kernel.shape[1] // layer.units
    bias = np.array(layer.cell.bias) if layer.use_bias else np.zeros(kernel.shape[1], np.float32)
    # GRU's newer form has a second bias, for the state.
    of_input, of_state = bias if bias.ndim == 2 else (bias, np.zeros_like(bias))
    parts = (np.split(array, count, axis=-1) for array in (kernel, of_input, states, of_state))
    return [Gate(*gate) for gate in zip(*parts, strict=True)]


def _chain(layer: Any, gates: list[Gate], sequences: Any, states: Any) -> Any:
    """[1, time, features] to [1, units], or [1, time, units], and the last states where asked for."""
    import tensorflow as tf

    cell, count = _CELLS[type(layer).__name__]
    steps, width = sequences.shape[1:]
    rows = tf.reshape(sequences, [steps, width])
    # What comes from the input is one matrix product for all steps.
    given = [tf.matmul(rows, gate.kernel) + gate.bias for gate in gates]
    if states is None:
        states = [tf.zeros([1, layer.units])] * count
    states = list(states) if isinstance(states, list | tuple) else [states]
    outputs = []
    for at in range(steps - 1, -1, -1) if layer.go_backwards else range(steps):
        states = cell(layer, gates, [each[at : at + 1] for each in given], states)
        outputs.append(states[0])
    result = states[0]
    if layer.return_sequences:
        result = tf.reshape(tf.concat(outputs, axis=0), [1, steps, layer.units])
    return [result, *states] if layer.return_state else result


def _lstm(layer: Any, gates: list[Gate], given: list[Any], states: list[Any]) -> list[Any]:
    inner, outer = layer.activation, layer.recurrent_activation
    state, carry = states
    i, f, c, o = (x + gate.of(state) for x, gate in zip(given, gates, strict=True))
    carry = outer(f) * carry + outer(i) * inner(c)
    return [outer(o) * inner(carry), carry]


def _gru(layer: Any, gates: list[Gate], given: list[Any], states: list[Any]) -> list[Any]:
    (state,) = states
    update, reset, cell = gates
    z = layer.recurrent_activation(given[0] + update.of(state))
    r = layer.recurrent_activation(given[1] + reset.of(state))
    past = r * cell.of(state) if layer.reset_after else cell.of(r * state)
    new = layer.activation(given[2] + past)
    # As new + z * (state - new) it is a product less, but the difference has twice the range.
    return [z * state + (1.0 - z) * new]


def _simple(layer: Any, gates: list[Gate], given: list[Any], states: list[Any]) -> list[Any]:
    return [layer.activation(given[0] + gates[0].of(states[0]))]


_CELLS: dict[str, tuple[Cell, int]] = {"LSTM": (_lstm, 2), "GRU": (_gru, 1), "SimpleRNN": (_simple, 1)}
"""One step of a layer, and how many states it has."""
