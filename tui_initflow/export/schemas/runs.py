"""Schemas of what is simulated: runs, sweeps and grids, and the verdict of `check` on runs."""

from __future__ import annotations

from tui_initflow.export.schemas.theory import EXPLODING, VANISHING
from tui_initflow.export.schemas.vocabulary import (
    CHANCE,
    NAME,
    OF_THE_SHARE,
    SAMPLER,
    Schema,
    cells,
    count,
    document,
    flag,
    formerly,
    interval,
    list_of,
    number,
    numbers,
    one_of,
    or_null,
    quantiles,
    record,
    settings,
    share,
    text,
    training_settings,
    value,
    whole,
)
from tui_initflow.findings.status import STATUSES
from tui_initflow.model.experiment import SETTINGS, SIZES
from tui_initflow.model.number_formats import NUMBER_FORMATS
from tui_initflow.model.pair import SIDES

_TRAINABLE_DEPTH = or_null(
    record(
        "how deep the network may be by theory; null with skips or norms",
        {"vanishing": VANISHING, "exploding": EXPLODING},
    )
)
OF_B = tuple(name for name, setting in SETTINGS.items() if setting.side == "b")
"""The settings of method b alone."""

_FORMAT = record(
    "where the settings have a number format: what it loses of the gradient elements that are not exactly 0",
    {
        "name": one_of(NUMBER_FORMATS, "the format"),
        "layer": list_of(count(), "0 … L-1, the points L0 … L{L-1}"),
        "zero": numbers("share that becomes 0, by point"),
        "subnormal": numbers("share that loses digits, by point"),
        "overflow": numbers("share that overflows, by point"),
        "log2_loss_scale": value("integer", "s of the loss scale 2^s that loses fewest"),
        "lost": share("share lost of the elements of all layers, without a loss scale"),
        "lost_with_loss_scale": share("share lost with that one"),
    },
)
_METHOD = record(
    "a method",
    {
        "name": NAME,
        "sampler": SAMPLER,
        "log10_gradient": record(
            "log10 of the gradient magnitude, over the runs",
            {
                "layer": list_of(count(), "0 … L, the points L0 … L{L}"),
                **quantiles("by point"),
                "mean": numbers("mean of the logarithms, so the geometric mean of the gradients, by point"),
            },
        ),
        "log10_final": numbers("log10 of the gradient magnitude at L0, by run"),
        "preactivation": record(
            "pre-activations z, over all neurons of all runs",
            {
                "layer": list_of(count(), "1 … L"),
                "mean_abs": numbers("mean of |z|, by layer"),
                "std": numbers("standard deviation of z about its mean, by layer"),
                "saturated": numbers("share of neurons with |f'(z)| < 0.1, by layer"),
            },
        ),
        "format": _FORMAT,
    },
    optional={"format"},
)
_MEAN = {
    "mean": or_null(number("the mean")),
    "ci95": interval("95% interval of the mean; null for a single run"),
}
_BANDED_MEAN = {
    "mean": _MEAN["mean"],
    "p10": or_null(number("10% lie below")),
    "p90": or_null(number("90% lie below")),
    "ci95": _MEAN["ci95"],
}

RUN = document(
    "run",
    {
        "settings": settings(),
        "a": _METHOD,
        "b": _METHOD,
        "comparison": record(
            "b against a",
            {
                "log10_ratio": record("log10 of the gradient at L0, b over a, over the runs", _MEAN),
                "outcome": value("string", "the verdict in words"),
                **{
                    f"{side}_wins": record(
                        f"runs in which {side} has the larger gradient at L0; in the others both are equal",
                        {"share": share("their share"), "ci95": OF_THE_SHARE},
                    )
                    for side in SIDES
                },
            },
        ),
    },
)

RUN_LINE = whole(
    "a line of tui-initflow run --jsonl",
    {
        "run": value("integer", "the number of the run, from 1", minimum=1),
        "log10_final_a": or_null(number("log10 of a's gradient magnitude at L0")),
        "log10_final_b": or_null(number("log10 of b's")),
        "log10_ratio": or_null(number("b over a")),
    },
)

SWEEP = document(
    "sweep",
    {
        "settings": settings(),
        "over": one_of(SIZES, "the setting that varies"),
        "points": list_of(
            record(
                "",
                {
                    "value": count("the value of the setting"),
                    "sampler": record("by method", {"a": SAMPLER, "b": SAMPLER}),
                    "log10_ratio": record("log10 of the gradient at L0, b over a, over the runs", _BANDED_MEAN),
                },
            ),
            "one for each value, in ascending order",
        ),
    },
)

_CELLS = record("a method", {"name": NAME, "log10_final": cells("mean log10 gradient at L0")})
GRID: Schema = {
    **document(
        "grid",
        {
            "settings": settings(),
            "over": one_of(("gain", "neurons"), "the setting along x"),
            "against": one_of(("layers",), "the setting along y"),
            "gain": list_of(number(), "the gains of both methods, where they are along x"),
            "neurons": list_of(count(), "the widths, where they are along x"),
            "layers": list_of(count(), "the depths"),
            "a": _CELLS,
            "b": _CELLS,
            "log10_ratio": cells("mean log10 of the gradient at L0, b over a"),
        },
        optional={"gain", "neurons"},
    ),
    "oneOf": [{"required": ["gain"]}, {"required": ["neurons"]}],
}

CHECK = document(
    "check",
    {
        # only method a is judged
        "settings": settings(left_out=OF_B),
        "sampler": SAMPLER,
        "healthy": flag("whether it passes, as in the exit status"),
        "status": one_of([word for word, _ in STATUSES], "the word for the median gradient"),
        "problem": or_null(one_of(("vanishing", "exploding", "not learning"), "what is wrong")),
        "min_gradient": share("a median gradient at L0 from this to its inverse passes"),
        "log10_final": record(
            "log10 of the gradient magnitude at L0, over the runs",
            {
                "median": or_null(number("the median")),
                "p10": or_null(number("10% lie below")),
                "p90": or_null(number("90% lie below")),
            },
        ),
        "within": record("runs whose gradient is in that range", {"share": share("their share"), "ci95": OF_THE_SHARE}),
        "saturated": share("share of neurons with |f'(z)| < 0.1"),
        "dead": share("share of runs whose gradient at L0 is exactly 0"),
        "trainable_depth": _TRAINABLE_DEPTH,
        "depth_budget": formerly("trainable_depth", _TRAINABLE_DEPTH),
        "format": _FORMAT,
        "training": record(
            "with --train: how it was trained, and what came of it",
            {
                **training_settings(),
                "lr": number("the learning rate"),
                "final_accuracy": list_of(share(), "accuracy on the test rows at the last step recorded, by run"),
                "chance": CHANCE,
            },
        ),
        "advice": text("what happened, why, and what to do"),
        "pytorch": text("the initialisation to use, as a line of PyTorch"),
    },
    optional={"format", "training"},
)
