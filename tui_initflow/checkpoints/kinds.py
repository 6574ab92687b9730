"""What a tensor is for, told by its name and shape, and its fans."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

from tui_initflow.checkpoints.tensors import Tensor
from tui_initflow.model.initialisers import Shape

Kind = Literal["linear", "convolution", "embedding", "norm", "bias", "other"]
WEIGHTS: tuple[Kind, ...] = ("linear", "convolution", "embedding")
"""The kinds that have fans."""

_STATES = re.compile(r"(^|\.)(exp_avg|exp_avg_sq|momentum_buffer|optimi[sz]er|opt_state|ema_count)(\.|_|$)")
_EMBEDDING = re.compile(
    r"emb(ed|edding|eddings|eds)?($|[._/])|(^|[._/])(wte|wpe|word_embeddings|pos_embed|cls_token)($|[._/])"
)
_NORM = re.compile(r"norm|(^|[._/])(bn|ln|gn)[_0-9a-z]*($|[._/])|running_(mean|var)$|batchnorm")
_BIAS = re.compile(r"(^|[._/])(\w+_)?(bias|beta|b[0-9]*)(_[a-z0-9]+)*$")
_NORM_WEIGHT = re.compile(r"(^|[._/])(gamma|scale)$")
_KERNEL = re.compile(r"(^|[._/])kernel$")


@dataclass(frozen=True, slots=True)
class Role:
    """The kind of a tensor and, of a weight, its (fan_out, fan_in).

    `transposed`: the first index is the input, as in the kernels of Keras and Flax.
    """

    kind: Kind
    fans: Shape | None = None
    transposed: bool = False


def role_of(tensor: Tensor) -> Role:
    """The role of a tensor.

    Weights are (fan_out, fan_in) or (c_out, c_in, k, …), as in PyTorch; a `kernel` is (fan_in, fan_out) or
    (k, …, c_in, c_out). An embedding's rows are its vectors, and fan_in is their length. With k * k positions a
    convolution has fan_in = k * k * c_in, fan_out = k * k * c_out (He et al. 2015).
    """
    name, shape = tensor.name.lower(), tensor.shape
    if not tensor.dtype.is_float or not tensor.size or not shape or _STATES.search(name):
        return _without_fans("other")
    if len(shape) == 1 or tensor.size == max(shape):
        return _without_fans(_kind_of_vector(name))
    if len(shape) == 2 and _EMBEDDING.search(name):
        return Role("embedding", shape)
    if len(shape) > 5 or _EMBEDDING.search(name):
        return _without_fans("other")
    transposed = bool(_KERNEL.search(name))
    *positions, below, above = shape if transposed else (*shape[2:], shape[1], shape[0])
    field = math.prod(positions)
    return _weight("linear" if len(shape) == 2 else "convolution", above * field, below * field, transposed)


# shared, because a checkpoint may have a hundred thousand tensors of a few shapes
@lru_cache(maxsize=1 << 10)
def _weight(kind: Kind, fan_out: int, fan_in: int, transposed: bool) -> Role:
    return Role(kind, (fan_out, fan_in), transposed)


@lru_cache(maxsize=len(get_args(Kind)))
def _without_fans(kind: Kind) -> Role:
    return Role(kind)


def _kind_of_vector(name: str) -> Kind:
    """Kind of a tensor with one index, or one that would do."""
    if _BIAS.search(name):
        return "bias"
    return "norm" if _NORM.search(name) or _NORM_WEIGHT.search(name) else "other"
