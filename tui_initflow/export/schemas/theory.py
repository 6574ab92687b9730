"""Schemas of what is known without a simulation: predictions, and the registries of initialisers and activations."""

from __future__ import annotations

from tui_initflow.export.schemas.vocabulary import (
    NAME,
    count,
    document,
    flag,
    formerly,
    list_of,
    number,
    numbers,
    one_of,
    or_null,
    record,
    settings,
    share,
    text,
)

VANISHING = or_null(
    count("the deepest one whose gradient at L0 is not too small; null: all up to 1000 layers, or it explodes")
)
EXPLODING = or_null(
    count("the deepest one whose gradient is not too large; null: all up to 1000 layers, or it vanishes")
)
_TRAINABLE_DEPTH = or_null(
    record(
        "how deep the network may be, at infinite width; null with skips or norms",
        {
            "threshold": share("too small is a gradient below this, too large one above its inverse"),
            "vanishing": VANISHING,
            "exploding": EXPLODING,
        },
    )
)
_PRESERVING_GAIN = or_null(number("the gain that preserves the gradient at this depth"))
_OUTLOOK = record(
    "a method",
    {
        "name": NAME,
        "q": numbers("variance of z, layers 1 … L"),
        "m": numbers("mean of z, layers 1 … L"),
        "log10_gradient": numbers("log10 of the gradient magnitude at infinite width, points L0 … L{L}"),
        "finite_width": record(
            "log10 of the gradient magnitude at the width of the network, over runs, points L0 … L{L}",
            {
                "log10_median": numbers("the median"),
                "log10_p10": numbers("10% lie below"),
                "log10_p90": numbers("90% lie below"),
                "sd_ln": numbers("standard deviation of its natural logarithm"),
                "reliable": list_of(flag(), "whether the assumptions of these numbers hold"),
            },
        ),
        "chi": or_null(number("factor per layer on the squared gradient at the fixed point; null with skips or norms")),
        "xi": or_null(number("depth scale 1 / |ln chi| in layers; null if it is infinite, too")),
        "phase": or_null(one_of(("ordered", "critical", "chaotic"), "where an infinitely deep network ends up")),
        "q_star": or_null(number("variance of z at the fixed point; null if it is infinite, too")),
        "trainable_depth": _TRAINABLE_DEPTH,
        "depth_budget": formerly("trainable_depth", _TRAINABLE_DEPTH),
        "critical_gain": or_null(number("the gain with chi = 1")),
        "critical_gain_holds": flag("whether chi is 1 at every depth with it, or only where z has variance 1"),
        "preserving_gain": _PRESERVING_GAIN,
        "holding_gain": formerly("preserving_gain", _PRESERVING_GAIN),
        "reason": or_null(text("why there are no numbers")),
        "note": or_null(text("why those of finite width are not reliable")),
    },
)

# nothing is drawn
THEORY = document("theory", {"settings": settings(left_out=("runs", "seed")), "a": _OUTLOOK, "b": _OUTLOOK})

LIST = document(
    "list",
    {
        "initialisers": list_of(
            record(
                "",
                {
                    "name": text("the name that --a takes"),
                    "distribution": text("the distribution of the draws"),
                    "scale": text("the factor on the draws"),
                    "mean": number("sqrt(fan_in) times the mean of the weights, on a square layer"),
                    "sigma_w2": number("fan_in times their variance, on a square layer"),
                    "same_as": list_of(text(), "the names that draw the same weights"),
                    "same_on_square_layers": list_of(text(), "the names that do so on square layers only"),
                    "source": text("where it comes from"),
                },
            ),
            "in the order of the table",
        ),
        "activations": list_of(
            record(
                "",
                {
                    "name": text("the name that --activation takes"),
                    "critical_gain": number("the standard deviation with chi = 1, times sqrt(fan_in)"),
                    "holds_at_every_depth": flag("whether chi is 1 at every depth with it"),
                },
            ),
            "in the order of the table",
        ),
    },
)
