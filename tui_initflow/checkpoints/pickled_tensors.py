"""The tensors in what a pickle of PyTorch describes: under which names, and which views of which storages they are.

They are found in dictionaries, lists and objects of whatever class, as in a module that was pickled whole.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from tui_initflow.checkpoints.pickles import Made, Name, Pairs, PickleError
from tui_initflow.checkpoints.sources import DTYPES, Bytes, Dtype, Source
from tui_initflow.untrusted import printable

WINDOW = 96 << 20
"""Most bytes of a storage that are read together to gather numbers from."""
WORTHWHILE = 1 << 14
"""Bytes that are read in the time of one read more."""
STORAGES = {
    **{"DoubleStorage": "float64", "FloatStorage": "float32", "HalfStorage": "float16", "BFloat16Storage": "bfloat16"},
    **{"LongStorage": "int64", "IntStorage": "int32", "ShortStorage": "int16", "CharStorage": "int8"},
    **{"ByteStorage": "uint8", "BoolStorage": "bool", "UntypedStorage": "bytes"},
    **{"ComplexDoubleStorage": "complex128", "ComplexFloatStorage": "complex64"},
    **{"QInt32Storage": "qint32", "QInt8Storage": "qint8", "QUInt8Storage": "quint8"},
    **{"QUInt4x2Storage": "quint4x2", "QUInt2x4Storage": "quint2x4"},
}
"""The type of the numbers in each of PyTorch's storages."""
_OTHER_SIZES = {"complex128": 16, "complex64": 8, "qint32": 4}
"""Bytes of a number, of those types that are not read and have not one."""


@dataclass(frozen=True, slots=True)
class Storage:
    """Numbers that are kept outside of the pickle, or a part of them: its key, type and first number."""

    key: str
    dtype: str
    start: int = 0

    @property
    def size(self) -> int:
        """Bytes of a number."""
        return DTYPES[self.dtype].size if self.dtype in DTYPES else _OTHER_SIZES.get(self.dtype, 1)


@dataclass(frozen=True, slots=True)
class View:
    """A tensor as a view of a storage. Offset and strides count numbers."""

    storage: Storage
    dtype: Dtype
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    @property
    def end(self) -> int:
        """Bytes of the storage up to the last number."""
        if 0 in self.shape:
            return 0
        return self.dtype.size * (self.offset + _span(self.shape, self.strides))

    @property
    def is_contiguous(self) -> bool:
        """Whether the numbers lie one after the other, the last index running fastest."""
        return 0 in self.shape or _together(self.shape, self.strides) == math.prod(self.shape)

    @property
    def is_fortran(self) -> bool:
        """Whether they do with the first index running fastest."""
        return _together(self.shape[::-1], self.strides[::-1]) == math.prod(self.shape)


def _span(shape: Iterable[int], strides: Iterable[int]) -> int:
    """Numbers from the first to the last."""
    return 1 + sum((count - 1) * stride for count, stride in zip(shape, strides, strict=True))


def _together(shape: Sequence[int], strides: Sequence[int]) -> int:
    """Numbers that lie one after the other, the last index running fastest."""
    together = 1
    for count, stride in zip(reversed(shape), reversed(strides), strict=True):
        if count > 1 and stride != together:
            break
        together *= count
    return together


class Strided:
    """The numbers of a view that do not lie one after the other, in the order of its indices."""

    def __init__(self, source: Source, view: View) -> None:
        self._source, self._view = source, view
        self.in_order = source.in_order

    def read(self, start: int, out: Bytes) -> None:
        view, size = self._view, self._view.dtype.size
        if len(out):
            self._gather(view.offset, view.shape, view.strides, start // size, out.view(f"u{size}"))

    def _gather(self, at: int, shape: tuple[int, ...], strides: tuple[int, ...], first: int, out: NDArray[Any]) -> None:
        """Fill `out` with the numbers from the `first` on, of a view that begins at number `at` of the storage."""
        if shape:
            inner = math.prod(shape[1:])
            skipped, last = first // inner, (first + len(out) - 1) // inner
            at, first, shape = at + skipped * strides[0], first - skipped * inner, (last - skipped + 1, *shape[1:])
        span, size = _span(shape, strides), out.itemsize
        reads = len(out) // _together(shape, strides) + 1
        if span * size <= min(WINDOW, WORTHWHILE * reads + out.nbytes):
            raw = np.empty(span * size, np.uint8)
            self._source.read(at * size, raw)
            numbers = as_strided(raw.view(out.dtype), shape, [stride * size for stride in strides], writeable=False)
            out[:] = numbers.flat[first : first + len(out)]
        elif shape[0] == 1:
            self._gather(at, shape[1:], strides[1:], first, out)
        else:
            here = shape[0] // 2 * inner - first
            self._gather(at, shape, strides, first, out[:here])
            self._gather(at, shape, strides, first + here, out[here:])


MOST_LEVELS = 32
"""Parts of a name."""
MOST_WALKED = 1 << 25
"""Characters of all names, and four for every item that is looked at."""
MOST_OF_A_KEY = 4096
"""Characters of a name between two dots."""
MOST_DIMENSIONS = 64
MOST_NUMBERS = 1 << 59
MOST_WRAPPERS = 4
"""Descriptions around that of a tensor: of a parameter, or a class of one's own."""
_WRAPPERS = {
    "torch._utils._rebuild_parameter",
    "torch._utils._rebuild_parameter_with_state",
    "torch.nn.parameter.Parameter",
    "torch.nn.parameter.Buffer",
    "torch.autograd.variable.Variable",
}
"""What has a tensor as its first argument."""
_REBUILDS = ("torch._utils._rebuild", "torch._tensor._rebuild")
"""How the names begin of what makes tensors of all kinds."""
_VIEWS = {
    "torch._utils._rebuild_tensor": (None, None),
    "torch._utils._rebuild_tensor_v2": (None, 6),
    "torch._utils._rebuild_tensor_v3": (6, 7),
}
"""What makes a tensor of a storage, offset, shape and strides, and which arguments are the type and the metadata."""
_CODES = {dtype.numpy: dtype for dtype in DTYPES.values() if dtype.numpy[1:].isdigit()} | {"b1": DTYPES["bool"]}
"""The types of arrays, as numpy writes them."""


class Walk:
    """What contains what, from the root down, with names joined by dots.

    Something may be reached by several names; what was found to lead to no tensor is not entered again.
    """

    def __init__(self, checkpoint: Callable[[], None]) -> None:
        self._checkpoint = checkpoint
        self._left = MOST_WALKED
        self._closed: set[int] = set()

    def tensors(self, value: Any, name: str = "", level: int = 0) -> Iterator[tuple[str, Made]]:
        """Names, as the file has them, and descriptions of tensors.

        Raises:
            PickleError: there is too much to look at.
        """
        self._checkpoint()
        if isinstance(value, Made) and is_tensor(value):
            yield name or "tensor", value
        elif level < MOST_LEVELS and id(value) not in self._closed:
            self._closed.add(id(value))
            found = False
            for key, item in self._parts(value):
                full = f"{name}.{_text(key)}" if name else _text(key)
                self._spend(len(printable(full)))
                for each in self.tensors(item, full, level + 1):
                    found = True
                    yield each
            if found:
                self._closed.discard(id(value))

    def _parts(self, value: Any) -> Iterator[tuple[Any, Any]]:
        """What is in a container or an object; in a module its parameters, buffers and modules."""
        if isinstance(value, Made) and value.content is None:
            of_module = [item for key, item in self._items(value) if key in ("_parameters", "_buffers", "_modules")]
            if len(of_module) == 3:
                return chain.from_iterable(self._items(part) for part in of_module)
        return self._items(value)

    def _items(self, value: Any) -> Iterator[tuple[Any, Any]]:
        for key, item in _entries(value):
            self._spend(4)
            if isinstance(item, (list, tuple, Made)):
                yield key, item

    def _spend(self, characters: int) -> None:
        self._left -= characters
        if self._left < 0:
            raise PickleError("its lists and dictionaries contain each other too often, or have too long names")


def _entries(value: Any) -> Iterable[tuple[Any, Any]]:
    """The keys and values of a container, or the attributes of an object."""
    match value:
        case Made(content=None, name="collections.OrderedDict", args=(list() as pairs,)):
            # as Python 2 writes it
            return (tuple(pair) if isinstance(pair, (list, tuple)) and len(pair) == 2 else ("", None) for pair in pairs)
        case Made(content=None, state=None, args=inner):
            pass
        case Made(content=None, state=tuple() as states):
            # of an object with slots
            return chain.from_iterable(state for state in states[:2] if isinstance(state, Pairs))
        case Made(content=None, state=inner) | Made(content=inner):
            pass
        case inner:
            pass
    if isinstance(inner, Pairs):
        return inner
    return enumerate(inner) if isinstance(inner, (list, tuple)) else ()


def _text(key: Any) -> str:
    """A key of a dictionary as it is written in a name."""
    if isinstance(key, Name):
        key = key.path
    parts = key if isinstance(key, tuple) else (key,)
    if len(parts) > MOST_DIMENSIONS or not all(_is_plain(part) for part in parts):
        return "?"
    return str(key)


def _is_plain(key: Any) -> bool:
    """Whether it is text or a number, and not a long one."""
    if isinstance(key, (str, bytes)):
        return len(key) <= MOST_OF_A_KEY
    return key is None or isinstance(key, float) or (isinstance(key, int) and key.bit_length() <= 64)


def is_tensor(made: Made) -> bool:
    """Whether it describes a tensor of whatever kind, or an array of numbers."""
    if made.name in _WRAPPERS:
        return isinstance(made.args, tuple) and any(isinstance(arg, Made) for arg in made.args[:1])
    return made.name.startswith(_REBUILDS) or _array(made) is not None


def view_of(made: Made) -> View:
    """The view that it describes.

    Raises:
        PickleError: it is no tensor of dense real numbers; begins with a verb.
    """
    for _ in range(MOST_WRAPPERS):
        match made.args:
            case (Made() as inner, *_) if made.name in _WRAPPERS:
                made = inner
            case (Name() as what, _, args, *_) if made.name == "torch._tensor._rebuild_from_type_v2":
                made = Made(what, args)
            case _:
                break
    if made.name not in _VIEWS:
        raise PickleError(f"comes from {printable(made.name)[:60] or 'nowhere'}, not from dense real numbers")
    match made.args:
        case (Storage() as storage, int() as offset, shape, strides, *_):
            pass
        case _:
            raise PickleError("has no valid storage and shape")
    which, metadata = (made.args[at] if at is not None and at < len(made.args) else None for at in _VIEWS[made.name])
    dtype = which.path.removeprefix("torch.") if isinstance(which, Name) else storage.dtype
    if dtype not in DTYPES:
        raise PickleError(f"holds {printable(dtype)[:20]}, not dense real numbers")
    if metadata:
        # it is to be conjugated, or negated
        raise PickleError("holds numbers that are to be changed when they are read, not dense real numbers")
    sizes, steps = _counts(shape), _counts(strides)
    if sizes is None or steps is None or len(sizes) != len(steps) or not 0 <= offset < 1 << 63:
        raise PickleError("has no valid shape")
    if math.prod(sizes) > MOST_NUMBERS:
        raise PickleError("has more numbers than any file")
    return View(storage, DTYPES[dtype], offset, sizes, steps)


def _counts(value: Any) -> tuple[int, ...] | None:
    """The whole numbers of a shape or of strides, if it is one and 64 bits can hold them."""
    if isinstance(value, Made) and value.name == "torch.Size" and isinstance(value.args, tuple) and value.args:
        value = value.args[0]
    if not isinstance(value, (tuple, list)) or len(value) > MOST_DIMENSIONS:
        return None
    return tuple(value) if all(type(number) is int and 0 <= number < 1 << 63 for number in value) else None


def array_of(made: Made) -> tuple[Dtype, tuple[int, ...], bool, bool, Bytes] | None:
    """Type, shape, whether the first index runs fastest, whether the bytes are swapped, and the bytes, of an array.

    Raises:
        PickleError: these do not fit together; begins with a verb.
    """
    parts = _array(made)
    if parts is None:
        return None
    dtype, order, shape, fortran, data = parts
    counts = _counts(shape)
    if counts is None or len(data) != math.prod(counts) * dtype.size:
        raise PickleError("is an array whose numbers do not fit its shape")
    swapped = order == (">" if sys.byteorder == "little" else "<")
    return dtype, counts, fortran and len(counts) > 1, swapped, np.frombuffer(data, np.uint8)


def _array(made: Made) -> tuple[Dtype, Any, Any, bool, bytes] | None:
    """Type, order of bytes, shape, order of indices and numbers, if it is an array of numbers."""
    if not made.name.startswith("numpy.") or not made.name.endswith("multiarray._reconstruct"):
        return None
    match made.state:
        case (
            _,
            shape,
            Made(name="numpy.dtype", args=(str() as code, *_), state=(_, order, *_)),
            bool() as fortran,
            bytes() as data,
        ):
            return (_CODES[code], order, shape, fortran, data) if code in _CODES else None
    return None
