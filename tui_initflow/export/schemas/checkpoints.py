"""Schemas of what `inspect` finds: in the weights of a file, and between those of two."""

from __future__ import annotations

from collections.abc import Mapping

from tui_initflow.export.schemas.vocabulary import (
    NAME,
    Schema,
    count,
    document,
    list_of,
    number,
    numbers,
    one_of,
    or_null,
    record,
    share,
    text,
)
from tui_initflow.findings.status import WORST_FIRST
from tui_initflow.functions.activations import ACTIVATIONS

_WHICH: Mapping[str, Schema] = {
    "name": text("its name in the file, made printable"),
    "kind": one_of(("linear", "convolution", "embedding", "norm", "bias", "other"), "what it is for"),
    "shape": list_of(count(), "its shape in the file"),
}
_TENSOR = record(
    "",
    {
        **_WHICH,
        "dtype": text("the type of its numbers"),
        "fan_in": or_null(count("null for what is not a weight")),
        "fan_out": or_null(count("null for what is not a weight")),
        "mean": or_null(number("mean of the finite numbers; so are all statistics")),
        "std": or_null(number("standard deviation")),
        "sigma_w2": or_null(number("fan_in times the variance")),
        "excess_kurtosis": or_null(number("0 for a normal distribution")),
        "spectral_norm": or_null(number("exact to 1%, to about 2% above a million weights")),
        "stable_rank": or_null(number("squared Frobenius norm over squared spectral norm")),
        "zeros": share("share of its numbers that are 0"),
        "nan": share("share that are NaN"),
        "inf": share("share that are infinite"),
        "looks_like": text("the initialisers it may come from, unchanged; zeros, ones, empty, or trained/other"),
        "status": one_of(WORST_FIRST, "the verdict"),
        "gain_ratio": or_null(number("sqrt(fan_in E w^2) over the critical gain of the activation; their mean counts")),
        "subnormal": share("share that are subnormal in the type"),
        "min": or_null(number("the smallest number")),
        "max": or_null(number("the largest number")),
        "dead_rows": count("rows that are all 0"),
        "dead_columns": count("columns that are all 0"),
        "duplicate_of": or_null(text("an earlier tensor with the same numbers")),
    },
)
_GRADIENTS: Mapping[str, Schema] = {
    "log10_gradient": numbers("log10 of the gradient magnitude, median of the inputs, points L0 … L{L}"),
    "log10_gradient_p10": numbers("10% lie below"),
    "log10_gradient_p90": numbers("90% lie below"),
}
_CHAIN = record(
    "signals through the weights that fit together",
    {
        "names": list_of(text(), "the weights, first layer first"),
        "sizes": list_of(count(), "the features, then the neurons of each layer"),
        "inputs": count("inputs sent through them"),
        **_GRADIENTS,
        "preactivation": record(
            "pre-activations z, over all neurons and inputs",
            {
                "std": numbers("standard deviation, layers 1 … L"),
                "saturated": numbers("share of neurons with |f'(z)| < 0.1, layers 1 … L"),
            },
        ),
        "b": or_null(
            record("fresh draws of --b; null beyond the limits of an experiment", {"name": NAME, **_GRADIENTS})
        ),
        "theory": or_null(
            record(
                "log10 of the gradient magnitude at infinite width, points L0 … L{L}",
                {"a": numbers("for normal weights with the mean sigma_w2 of these"), "b": numbers("for b")},
            )
        ),
        "left_out": list_of(text(), "the other 2-D weights"),
        "note": or_null(text("why nothing is drawn beside the weights")),
    },
)

INSPECT = document(
    "inspect FILE",
    {
        "file": text("the name of the file"),
        "activation": one_of(ACTIVATIONS, "the activation that gains and signals are for"),
        "problems": list_of(text(), "what --check fails for"),
        "tensors": list_of(_TENSOR, "in the order of the file, or of --sort"),
        "chain": or_null(_CHAIN),
        "no_chain": or_null(text("why no weights are chained")),
    },
)

INSPECT_TWO = document(
    "inspect BEFORE AFTER",
    {
        "before": text("the name of the first file"),
        "after": text("the name of the second file"),
        "summary": text("which layers have moved"),
        "tensors": list_of(
            record(
                "",
                {
                    **_WHICH,
                    "relative_change": or_null(number("|dW| / |W|, Frobenius norms; null if not finite")),
                    "cosine": or_null(number("cosine of the angle between both; null if not finite")),
                    "spectral_norm_before": or_null(number("of a weight")),
                    "spectral_norm_after": or_null(number("of a weight")),
                    "spectral_norm_change": or_null(number("the factor by which it has grown, minus 1")),
                },
            ),
            "those of the same shape in both files, in the order of the second",
        ),
        "only_before": list_of(text(), "the names in the first file alone"),
        "only_after": list_of(text(), "the names in the second file alone"),
        "other_shape": list_of(text(), "the names with another shape or order"),
    },
)
