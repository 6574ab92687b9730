"""Schemas of what training shows: both methods on data, a line for each step, the map over gain and depth."""

from __future__ import annotations

from tui_initflow.export.schemas.vocabulary import (
    CHANCE,
    NAME,
    cells,
    count,
    document,
    list_of,
    number,
    numbers,
    or_null,
    quantiles,
    record,
    settings,
    share,
    training_settings,
    whole,
)

_SETTINGS = settings(others=training_settings())
_STEPS = list_of(count(), "the steps recorded")
_METHOD = record(
    "a method",
    {
        "name": NAME,
        "lr": number("its learning rate"),
        "search": or_null(
            record(
                "the search for it; null if --lr gave it",
                {
                    "lr": list_of(number(), "the rates tried"),
                    "loss": numbers(
                        "the mean loss of the runs at each of them, on rows held back; null if one of them diverged"
                    ),
                    "steps": count("steps of each"),
                    "runs": count("runs of each"),
                },
            )
        ),
        "step": _STEPS,
        "loss": record("loss of the step's batch, over the runs", quantiles("by step")),
        "accuracy": record("accuracy on the test rows, over the runs", quantiles("by step")),
        "final_accuracy": list_of(share(), "accuracy at the last step recorded, by run; that of chance if it diverged"),
        "diverged_at": list_of(or_null(count()), "the step at which the loss was no longer finite, or null, by run"),
        "steps_to_90": list_of(or_null(count()), "the first step recorded with an accuracy of 0.9, or null, by run"),
        "log10_gradient": record(
            "log10 of the magnitude of the loss's gradient, median of the runs, points L0 … L{L}",
            {"before": numbers("at the first step recorded"), "after": numbers("at the last one")},
        ),
        "log10_update_ratio": record(
            "log10 of an update's standard deviation over that of the weights, median of the runs",
            {
                "layer": list_of(count(), "1 … L+1; the last one is the read-out layer"),
                "step": _STEPS,
                "values": list_of(numbers(), "by step, by layer"),
            },
        ),
    },
)

TRAIN = document("train", {"settings": _SETTINGS, "a": _METHOD, "b": _METHOD, "chance": CHANCE})

TRAIN_LINE = whole(
    "a line of tui-initflow train --jsonl",
    {
        "step": count("the step"),
        "loss_a": or_null(number("loss of the step's batch, median of a's runs")),
        "loss_b": or_null(number("loss of the step's batch, median of b's runs")),
        "accuracy_a": or_null(number("accuracy on the test rows, median of a's runs")),
        "accuracy_b": or_null(number("accuracy on the test rows, median of b's runs")),
    },
)

TRAIN_MAP = document(
    "train --map",
    {
        "settings": _SETTINGS,
        "gain": list_of(number(), "the factors on a's own gain"),
        "layers": list_of(count(), "the depths"),
        "accuracy": cells("accuracy on the test rows"),
        "theory_depth": numbers("theory's depth scale of the correlation of two inputs, in layers, by gain"),
        "chance": CHANCE,
    },
)
