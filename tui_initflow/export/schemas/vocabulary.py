"""What schemas are made of: values and lists with their meaning, the settings as the tables have them, shared parts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, assert_never

from tui_initflow.model.experiment import SETTINGS
from tui_initflow.model.settings import (
    InitialiserName,
    Kind,
    Name,
    NameOrFile,
    Real,
    RealOrWord,
    Setting,
    Whole,
    Widths,
)
from tui_initflow.model.training import TRAINING_SETTINGS

Schema = Mapping[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def value(kind: str, meaning: str, **limits: Any) -> Schema:
    """A value of one of JSON's types. What a list is made of needs no meaning of its own."""
    return {**({"description": meaning} if meaning else {}), "type": kind, **limits}


def text(meaning: str = "") -> Schema:
    return value("string", meaning)


def flag(meaning: str = "") -> Schema:
    return value("boolean", meaning)


def count(meaning: str = "") -> Schema:
    return value("integer", meaning, minimum=0)


def number(meaning: str = "") -> Schema:
    return value("number", meaning)


def share(meaning: str = "") -> Schema:
    return value("number", meaning, minimum=0, maximum=1)


def one_of(names: Iterable[str], meaning: str) -> Schema:
    return {"description": meaning, "enum": list(names)}


def list_of(items: Schema, meaning: str) -> Schema:
    return value("array", meaning, items=items)


def record(meaning: str, properties: Mapping[str, Schema], optional: Collection[str] = ()) -> Schema:
    """An object with these keys and no others."""
    required = [name for name in properties if name not in optional]
    return value("object", meaning, properties=dict(properties), required=required, additionalProperties=False)


def or_null(schema: Schema) -> Schema:
    if "enum" in schema:
        return {**schema, "enum": [*schema["enum"], None]}
    return {**schema, "type": [schema["type"], "null"]}


def formerly(name: str, schema: Schema) -> Schema:
    """A key that has the value of `name`, which took its place."""
    return {**schema, "description": f"the former name of {name}"}


def numbers(meaning: str = "") -> Schema:
    """Numbers, with null for those that do not exist."""
    return list_of(or_null(number()), meaning)


def quantiles(of: str) -> Mapping[str, Schema]:
    """The median and the 10-90% band, `of` being what each number in the lists belongs to."""
    words = {"median": "the median", "p10": "10% lie below", "p90": "90% lie below"}
    return {name: numbers(f"{word}, {of}") for name, word in words.items()}


def interval(meaning: str) -> Schema:
    return or_null(value("array", f"[low, high], {meaning}", items=or_null(number()), minItems=2, maxItems=2))


def cells(meaning: str) -> Schema:
    return list_of(numbers(), f"{meaning}: a row for each depth, null where it was not computed")


def document(command: str, properties: Mapping[str, Schema], optional: Collection[str] = ()) -> Schema:
    """What a command writes as one object, which begins with the versions."""
    versions = {
        "version": text("the version of tui-initflow that wrote it"),
        "numpy": text("the version of NumPy that computed it"),
    }
    return whole(f"tui-initflow {command} --json", {**versions, **properties}, optional)


def whole(title: str, properties: Mapping[str, Schema], optional: Collection[str] = ()) -> Schema:
    """A schema that stands for itself."""
    return {"$schema": DIALECT, "title": title, **record("", properties, optional)}


def training_settings() -> dict[str, Schema]:
    written = {name: setting_schema(setting) for name, setting in TRAINING_SETTINGS.items()}
    return {**written, "batch": formerly("batch_size", written["batch_size"])}


def settings(left_out: Collection[str] = (), others: Mapping[str, Schema] | None = None) -> Schema:
    """The settings of an experiment in the order in which they are written, and others after them."""
    others = others or {}
    own = {name: of for name, of in SETTINGS.items() if name not in left_out and name not in others}
    properties: dict[str, Schema] = {}
    for name, setting in SETTINGS.items():
        if name == "a":
            properties["scale"] = one_of(
                ("glorot",), "whether both methods have the demo's, sqrt(2 / (fan_in + fan_out))"
            )
            properties["scale"] = or_null(properties["scale"])
        if name in own and setting.in_demo:
            properties[name] = setting_schema(setting)
    unusual = {name: setting_schema(setting) for name, setting in own.items() if not setting.in_demo}
    properties |= {**unusual, **others}
    return record("what reproduces the numbers, by the names of the options", properties, unusual)


def setting_schema(setting: Setting) -> Schema:
    if setting.name == "neurons":
        return or_null(_allowed(setting.kind, f"{setting.meaning}; null where widths are listed"))
    if setting.in_demo or setting.name in TRAINING_SETTINGS:
        return _allowed(setting.kind, setting.meaning)
    default = "not set" if setting.default is None else f"the default, {setting.default}"
    return _allowed(setting.kind, f"{setting.meaning}; left out where it is {default}")


def _allowed(kind: Kind, meaning: str) -> Schema:
    match kind:
        case Whole():
            return value("integer", meaning, minimum=kind.low, maximum=kind.high)
        case Real():
            return value("number", meaning, minimum=kind.low, maximum=kind.high)
        case RealOrWord():
            return {"description": meaning, "anyOf": [_allowed(kind.number, ""), {"enum": list(kind.words)}]}
        case Name():
            return one_of(kind.names, meaning)
        case InitialiserName() | NameOrFile():
            return text(meaning)
        case Widths():
            return list_of(value("integer", "", minimum=1), meaning)
        case _:
            assert_never(kind)


NAME = text("the initialiser, by a name that --a takes")
SAMPLER = one_of(("explicit", "implicit"), "how the networks were sampled")
CHANCE = share("the accuracy of always giving the same answer")
OF_THE_SHARE = interval("its Wilson 95% interval")
