# SPDX-License-Identifier: Apache-2.0
"""Takes a float model and calibration data, gives an integer .tflite and what quantising cost, by layer."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tinyedge.commands._job import with_trust
from tinyedge.console import Console, with_console

if TYPE_CHECKING:
    from tinyedge.model.keras.layer_error import ErrorReport, LayerError
    from tinyedge.model.keras.quantize import Quantized
    from tinyedge.project import Calibration

WORST = 10  # layers shown


@click.command()
@click.argument("model", required=False, type=click.Path(path_type=Path))
@click.option(
    "--calibrate", type=click.Path(path_type=Path), metavar="DATA", help="Typical inputs: CSV, NPZ, WAV ..."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="OUT.tflite",
    help="Default: MODEL_SCHEME.tflite.",
)
@click.option(
    "--scheme", type=click.Choice(["int8", "int16x8"]), help="Activations in 8 (default) or 16 bits."
)
@click.option(
    "--labels", type=click.Path(path_type=Path), metavar="L", help="Labels of DATA, for the accuracy."
)
@click.option("--samples", type=click.IntRange(min=1), help="Calibrate with at most so many (default 200).")
@click.option("--window", type=click.IntRange(min=1), help="Rows of a stream that make one input.")
@click.option("--hop", type=click.IntRange(min=1), help="Rows between two inputs (default: the window).")
@with_trust
@with_console
def command(
    console: Console,
    model: Path | None,
    output: Path | None,
    calibrate: Path | None,
    trust: bool,
    **options: Any,
) -> None:
    """Make MODEL (.keras, .h5, a SavedModel folder, .onnx or a float .tflite) fully integer.

    Without MODEL or --calibrate, tinyedge.toml in the current folder names them.
    """
    from tinyedge import paths
    from tinyedge.model import float_file, tflite
    from tinyedge.model.keras import layer_error, quantize
    from tinyedge.model.kinds import ONNX

    model, given = _from_project(console, model, calibrate, trust, options)
    output = output or Path(f"{model.stem}_{given.scheme}.tflite")
    with console.progress(f"quantising {model}") as advance:
        convert: Callable[..., Quantized] = float_file.convert
        if model.suffix.lower() not in (*tflite.SUFFIXES, ONNX):
            convert = functools.partial(quantize.convert, trust=trust)
        made = convert(
            model,
            given.file,
            given.scheme,
            given.samples,
            given.window,
            given.hop,
            given.labels,
            progress=lambda done, total: advance(1),
        )
    with console.progress("comparing with the float model") as advance:
        report = layer_error.measure(made)
    paths.write_atomic(output, made.data)
    for warning in made.warnings:
        console.warn(warning)
    _show(console, report)
    size, whole = len(made.data), len(made.real)
    console.say(f"{output}: {size:,} bytes, {given.scheme} (float: {whole:,} bytes)")
    console.finish(_document(output, made.data, given, report, made.origin, made.warnings))


def _from_project(
    console: Console, model: Path | None, calibrate: Path | None, trust: bool, options: dict[str, Any]
) -> tuple[Path, Calibration]:
    """The model and how to calibrate it: options first, then tinyedge.toml, then defaults.

    Where the project has stages before its model, the data are raw samples, and the model's are made of them.
    """
    from tinyedge import project
    from tinyedge.blocks import hook
    from tinyedge.errors import UsageError

    file = project.find() if model is None or calibrate is None else None
    read = hook.read(project.load(file), trust) if file is not None else None
    # The project's data belong to the project's model only.
    if model is None and read is not None:
        model = read.model
    if model is None:
        raise UsageError("no model is given", "`tinyedge quantize MODEL --calibrate DATA -o OUT.tflite`")
    own = read if read is not None and model == read.model else None
    known = own.calibration if own is not None else None
    chosen = {name: value for name, value in options.items() if value is not None}
    given = known.model_copy(update=chosen) if known is not None else None
    if calibrate is not None:
        given = project.Calibration(file=calibrate, **chosen)
    if given is None:
        raise UsageError(
            f"no calibration data is given for {model}",
            "name a recording of typical inputs: `--calibrate DATA`",
        )
    if own is None or not own.preprocess:
        return model, given
    from tinyedge.bench import features
    from tinyedge.blocks.attach import Front

    return model, features.calibration(Front(own.input, own.preprocess), given, own.recording, console)


def _show(console: Console, report: ErrorReport) -> None:
    shown = report.layers[:WORST]
    rows = [[e.name, e.kind, _decibels(e), _short(e.rmse), _short(e.largest)] for e in shown]
    title = (
        f"Worst {len(shown)} of {len(report.layers)} layers, {report.layer_frames} frames, integer and float"
    )
    console.table(["layer", "operator", "SQNR dB", "RMSE", "largest error"], rows, title)
    for error in report.outputs:
        console.say(
            f"output: SQNR {_decibels(error)} dB, RMSE {_short(error.rmse)}, "
            f"largest error {_short(error.largest)}"
        )
    if report.real is not None and report.integer is not None:
        name = "AUC" if report.metric == "auc" else report.metric
        console.say(
            f"{name} over {report.frames} frames: float {report.real:.4f}, integer {report.integer:.4f}"
        )


def _decibels(error: LayerError) -> float | str:
    if math.isfinite(error.sqnr_db):
        return round(error.sqnr_db, 1)
    return "exact" if error.sqnr_db > 0 else "none"


def _short(value: float) -> float:
    return float(f"{value:.3g}")


def _document(
    output: Path,
    data: bytes,
    given: Calibration,
    report: ErrorReport,
    origin: str,
    warnings: tuple[str, ...],
) -> dict[str, Any]:
    import hashlib

    accuracy = None
    if report.real is not None:
        accuracy = {
            "metric": report.metric,
            "float": report.real,
            "integer_host": report.integer,
            "frames": report.frames,
        }
    return {
        "file": str(output),
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "scheme": given.scheme,
        "loaded_by": origin,
        "frames": report.layer_frames,
        "layers": [_entry(error) for error in report.layers],
        "outputs": [_entry(error) for error in report.outputs],
        "accuracy": accuracy,
        "warnings": list(warnings),
    }


def _entry(error: LayerError) -> dict[str, Any]:
    return {
        "name": error.name,
        "op": error.kind,
        "tensor": error.tensor,
        "sqnr_db": error.sqnr_db
        if math.isfinite(error.sqnr_db)
        else None,  # null: no error at all, or no signal
        "rmse": error.rmse,
        "max_error": error.largest,
    }
