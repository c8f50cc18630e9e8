# SPDX-License-Identifier: Apache-2.0
"""Takes the name of an operator that nobody compiles, gives what to write instead of it."""

from __future__ import annotations

REPLACE = "replace this layer by others; `tinyedge operators` lists what there is"
INT16 = "quantise it with `--scheme int8`, which has more operators, or replace the layer"

_INSTEAD = (
    (
        "avgpool3d conv3d conv3dbackpropinputv2 conv3dtranspose maxpool3d",
        "2D layers: one dimension as channels, or `TimeDistributed` over it",
    ),
    (
        "acos acosh asin asinh atan atanh digamma erf erfc erfinv lgamma",
        "an activation that TensorFlow Lite has, such as `tanh`, `sigmoid` or `gelu`",
    ),
    ("resizebicubic scaleandtranslate", '`interpolation="bilinear"` or `"nearest"`'),
    (
        "fft fft2d ifft imag irfft real rfft rfft2d complexabs",
        "blocks before the model, `[[preprocess]]` in tinyedge.toml, which make spectra in integers",
    ),
    (
        "bucketize categoryencoding densebincount stringlower stringtohashbucketfast",
        "do this before the model, and feed it the result",
    ),
    (
        "argmax argmin topkv2 uniquev2 where nonmaxsuppressionv3 nonmaxsuppressionv4 nonmaxsuppressionv5 "
        "customtflitedetectionpostprocess",
        "end the model with the scores (and boxes), and choose among them in C",
    ),
    ("cumprod pow", "`multiply`, as often as it takes"),
    ("matrixdiagpartv3", "multiply by a constant `eye`, then sum"),
)
"""Names of operators, TensorFlow's and TensorFlow Lite's without `_`, and what to write instead of them."""


def of(kind: str, scheme: str = "int8") -> str:
    """What to write instead of an operator, under TensorFlow's or TensorFlow Lite's name."""
    plain = kind.replace("_", "").replace(" ", "").lower()
    for kinds, told in _INSTEAD:
        if plain in kinds.split():
            return f"instead of {kind}: {told}"
    return INT16 if scheme == "int16x8" else REPLACE
