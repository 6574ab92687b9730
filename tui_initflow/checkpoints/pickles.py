"""Pickles, read as data: what one would import, call or construct is kept as a description, and nothing is executed.

A pickle is a program for a machine with a stack. This machine knows values alone. A `Name` is never looked up and a
`Made` never called, so no code is reached from the file. Nothing is hashed, compared or walked: dictionaries are lists
of pairs, and a thing that contains itself is a reference. Lengths are checked against what is left of the data before
they are used, and every instruction is charged the memory that it can take, and thereby time, before it is executed.
https://github.com/python/cpython/blob/main/Lib/pickletools.py describes the instructions.
"""

from __future__ import annotations

import pickle
import struct
from collections.abc import Callable
from typing import Any

MOST_PICKLE = 64 << 20
"""Bytes of a pickle: that of a hundred thousand tensors has 13 million or more."""
MOST_MEMORY = 256 << 20
"""Bytes that may be charged for what it describes: 190 million are for a hundred thousand tensors."""
STEPS_BETWEEN_STOPS = 1 << 14
_REFERENCE, _SMALL, _CONTAINER, _PAIR = 32, 48, 96, 64
"""Bytes that are charged for what exists already, a number, a container or a stand-in, and a pair of references."""


class PickleError(ValueError):
    """A pickle that cannot be read; its text says why, after the name of the file."""


class PickleEnds(PickleError):
    """The data ends before the pickle does."""


class Pairs(list[tuple[Any, Any]]):
    """A dictionary: keys and values in the order in which they were set."""

    __slots__ = ()


class Name:
    """Something that would be imported, as `module.name`."""

    __slots__ = ("path",)

    def __init__(self, module: str, name: str) -> None:
        self.path = f"{module}.{name}"


class Made:
    """The description of an object: what would be called with which arguments, its state, and what was put into it."""

    __slots__ = ("args", "content", "state", "what")

    def __init__(self, what: Any, args: Any) -> None:
        self.what, self.args = what, args
        self.state: Any = None
        self.content: list[Any] | Pairs | None = None

    @property
    def name(self) -> str:
        """The module and the name of what would be called, joined by a dot; empty if that is itself made."""
        return self.what.path if type(self.what) is Name else ""


def read_pickle(
    data: bytes,
    start: int,
    checkpoint: Callable[[], None],
    persistent: Callable[[Any], Any] = lambda key: None,
    memory: int = MOST_MEMORY,
) -> tuple[Any, int]:
    """The value of the pickle that begins at `start`, and where it ends.

    It is None, a bool, int, float, str or bytes, a list, tuple, Pairs, Name or Made, or what `persistent` makes of the
    key of a thing that is kept elsewhere. A set is a list. `checkpoint` is called now and then, and may raise; `memory`
    is what the value may take, in bytes.

    Raises:
        PickleError: it is damaged, or would take too much memory.
    """
    machine = _Machine(data, start, persistent, memory)
    try:
        while not machine.done:
            checkpoint()
            machine.run(STEPS_BETWEEN_STOPS)
    except PickleError:
        raise
    except (IndexError, KeyError, TypeError, ValueError, OverflowError, struct.error):
        if machine.at >= len(data):
            raise PickleEnds("its description of the tensors is cut off") from None
        raise PickleError("is damaged, or no file that torch.save has written") from None
    return machine.stack[-1], machine.at


class _Machine:
    """The stack, with the places of its marks; what is remembered by number; the data, and the place in it."""

    __slots__ = ("at", "data", "done", "left", "marks", "memo", "memory", "persistent", "stack")

    def __init__(self, data: bytes, start: int, persistent: Callable[[Any], Any], memory: int) -> None:
        self.data, self.at, self.persistent, self.memory = data, start, persistent, memory
        self.left, self.done = memory, False
        self.stack: list[Any] = []
        self.marks: list[int] = []
        self.memo: list[Any] = []

    def run(self, steps: int) -> None:
        data = self.data
        for _ in range(steps):
            code = data[self.at]
            self.at += 1
            step, cost = _STEPS[code]
            self.left -= cost
            if self.left < 0:
                self.charge(0)
            step(self)
            if self.done:
                break

    def charge(self, memory: int) -> None:
        self.left -= memory
        if self.left < 0:
            raise PickleError(f"describes objects that take more than {self.memory:,} bytes of memory")

    def skip(self, count: int) -> None:
        self.at += count

    def raw(self, count: int) -> bytes:
        start = self.at
        self.at += count
        if self.at > len(self.data):
            raise IndexError
        self.charge(count)
        return self.data[start : self.at]

    def text(self, count: int, errors: str = "surrogatepass") -> str:
        raw = self.raw(count)
        if not raw.isascii():
            # with one such character every other takes four bytes, too
            self.charge(5 * count)
        return raw.decode("utf-8", errors)

    def number(self, size: int) -> int:
        start = self.at
        self.at += size
        return int.from_bytes(self.data[start : self.at], "little")

    def line(self) -> str:
        text = self.text(self.data.index(b"\n", self.at) - self.at, "surrogateescape")
        self.at += 1
        return text

    def since_mark(self) -> list[Any]:
        """Take what lies on the stack above the last mark."""
        start = self.marks.pop()
        values = self.stack[start:]
        self.charge(8 * len(values))
        del self.stack[start:]
        return values

    def put(self, index: int) -> None:
        gap = index - len(self.memo)
        if gap >= 0:
            self.charge(8 * gap)
            self.memo.extend([None] * (gap + 1))
        self.memo[index] = self.stack[-1]

    def extend(self, kind: type[list[Any]], values: list[Any]) -> None:
        """Put values into the container on the stack."""
        target = self.stack[-1]
        if isinstance(target, Made):
            if target.content is None:
                target.content = kind()
            target = target.content
        if type(target) is not kind:
            raise TypeError
        target.extend(values)


_Step = Callable[[_Machine], None]
_STEPS: dict[int, tuple[_Step, int]] = {}
"""What each instruction does, and the memory that it is charged, beside that of the data that belongs to it."""


def _step(cost: int, *codes: bytes) -> Callable[[_Step], _Step]:
    def add(step: _Step) -> _Step:
        _STEPS.update((code[0], (step, cost)) for code in codes)
        return step

    return add


def _constant(code: bytes, value: Any) -> None:
    _step(_REFERENCE, code)(lambda m: m.stack.append(value))


def _made_of(cost: int, code: bytes, value: Callable[[_Machine], Any]) -> None:
    """An instruction that puts a value on the stack."""
    _step(cost, code)(lambda m: m.stack.append(value(m)))


def _whole(digits: str) -> bool | int:
    return digits == "01" if digits in ("00", "01") else int(digits)


def _signed(raw: bytes) -> int:
    return int.from_bytes(raw, "little", signed=True)


_constant(pickle.NONE, None)
_constant(pickle.NEWTRUE, True)
_constant(pickle.NEWFALSE, False)
_constant(pickle.EMPTY_TUPLE, ())

_made_of(_REFERENCE, pickle.BININT1, lambda m: m.number(1))
_made_of(_SMALL, pickle.BININT2, lambda m: m.number(2))
_made_of(_SMALL, pickle.BININT, lambda m: _signed(m.raw(4)))
_made_of(_SMALL, pickle.LONG1, lambda m: _signed(m.raw(m.number(1))))
_made_of(_SMALL, pickle.LONG4, lambda m: _signed(m.raw(m.number(4))))
_made_of(_SMALL, pickle.INT, lambda m: _whole(m.line()))
_made_of(_SMALL, pickle.LONG, lambda m: int(m.line().removesuffix("L")))
_made_of(_SMALL, pickle.FLOAT, lambda m: float(m.line()))
_made_of(_SMALL, pickle.BINFLOAT, lambda m: struct.unpack(">d", m.raw(8))[0])

_made_of(_CONTAINER, pickle.SHORT_BINUNICODE, lambda m: m.text(m.number(1)))
_made_of(_CONTAINER, pickle.BINUNICODE, lambda m: m.text(m.number(4)))
_made_of(_CONTAINER, pickle.BINUNICODE8, lambda m: m.text(m.number(8)))
# text that Python 2 has written, or bytes of it
_made_of(_CONTAINER, pickle.SHORT_BINSTRING, lambda m: m.text(m.number(1), "surrogateescape"))
_made_of(_CONTAINER, pickle.BINSTRING, lambda m: m.text(m.number(4), "surrogateescape"))
# those of protocol 0, in which PyTorch cannot write a tensor, keep their escapes
_made_of(_CONTAINER, pickle.STRING, lambda m: m.line()[1:-1])
_made_of(_CONTAINER, pickle.UNICODE, _Machine.line)
_made_of(_CONTAINER, pickle.SHORT_BINBYTES, lambda m: m.raw(m.number(1)))
_made_of(_CONTAINER, pickle.BINBYTES, lambda m: m.raw(m.number(4)))
_made_of(_CONTAINER, pickle.BINBYTES8, lambda m: m.raw(m.number(8)))
_made_of(_CONTAINER, pickle.BYTEARRAY8, lambda m: m.raw(m.number(8)))

_made_of(_CONTAINER, pickle.EMPTY_LIST, lambda m: [])
_made_of(_CONTAINER, pickle.EMPTY_DICT, lambda m: Pairs())
_made_of(_CONTAINER, pickle.EMPTY_SET, lambda m: [])
_made_of(_CONTAINER, pickle.LIST, _Machine.since_mark)
_made_of(_CONTAINER, pickle.FROZENSET, _Machine.since_mark)
_made_of(_CONTAINER, pickle.DICT, lambda m: Pairs(_paired(m)))
_made_of(_CONTAINER, pickle.TUPLE, lambda m: tuple(m.since_mark()))
_made_of(_CONTAINER, pickle.TUPLE1, lambda m: (m.stack.pop(),))
_made_of(_CONTAINER, pickle.TUPLE2, lambda m: (m.stack.pop(-2), m.stack.pop()))
_made_of(_CONTAINER, pickle.TUPLE3, lambda m: (m.stack.pop(-3), m.stack.pop(-2), m.stack.pop()))

_made_of(_CONTAINER, pickle.PERSID, lambda m: m.persistent(m.line()))
_made_of(_CONTAINER, pickle.BINPERSID, lambda m: m.persistent(m.stack.pop()))
_made_of(3 * _CONTAINER, pickle.GLOBAL, lambda m: Name(m.line(), m.line()))
_made_of(_REFERENCE, pickle.DUP, lambda m: m.stack[-1])
_made_of(_REFERENCE, pickle.BINGET, lambda m: m.memo[m.number(1)])
_made_of(_REFERENCE, pickle.LONG_BINGET, lambda m: m.memo[m.number(4)])
_made_of(_REFERENCE, pickle.GET, lambda m: m.memo[int(m.line())])


def _paired(m: _Machine) -> list[tuple[Any, Any]]:
    """Keys and values from the last mark on."""
    values = m.since_mark()
    m.charge(_PAIR * len(values) // 2)
    return list(zip(values[::2], values[1::2], strict=True))


@_step(_CONTAINER, pickle.STACK_GLOBAL)
def _stack_global(m: _Machine) -> None:
    name, module = m.stack.pop(), m.stack.pop()
    if not isinstance(name, str) or not isinstance(module, str):
        raise TypeError
    m.charge(4 * (len(module) + len(name)))
    m.stack.append(Name(module, name))


@_step(_CONTAINER, pickle.REDUCE, pickle.NEWOBJ)
def _reduce(m: _Machine) -> None:
    args = m.stack.pop()
    match made := Made(m.stack.pop(), args):
        case Made(name="_codecs.encode", args=(str() as text, "latin1")):
            # how bytes are written for Python 2, which has no other for them
            m.charge(len(text))
            m.stack.append(text.encode("latin-1"))
        case _:
            m.stack.append(made)


@_step(_CONTAINER, pickle.NEWOBJ_EX)
def _newobj_ex(m: _Machine) -> None:
    m.stack.pop()
    _reduce(m)


@_step(2 * _CONTAINER, pickle.OBJ)
def _obj(m: _Machine) -> None:
    what, *args = m.since_mark()
    m.stack.append(Made(what, tuple(args)))


@_step(5 * _CONTAINER, pickle.INST)
def _inst(m: _Machine) -> None:
    what = Name(m.line(), m.line())
    m.stack.append(Made(what, tuple(m.since_mark())))


@_step(_REFERENCE, pickle.BUILD)
def _build(m: _Machine) -> None:
    state, target = m.stack.pop(), m.stack[-1]
    if isinstance(target, Made):
        target.state = state


@_step(_REFERENCE, pickle.APPEND)
def _append(m: _Machine) -> None:
    value = m.stack.pop()
    m.extend(list, [value])


@_step(_REFERENCE, pickle.APPENDS, pickle.ADDITEMS)
def _appends(m: _Machine) -> None:
    values = m.since_mark()
    m.extend(list, values)


@_step(_CONTAINER, pickle.SETITEM)
def _setitem(m: _Machine) -> None:
    value, key = m.stack.pop(), m.stack.pop()
    m.extend(Pairs, [(key, value)])


@_step(_REFERENCE, pickle.SETITEMS)
def _setitems(m: _Machine) -> None:
    pairs = _paired(m)
    m.extend(Pairs, pairs)


@_step(_SMALL, pickle.MARK)
def _mark(m: _Machine) -> None:
    m.marks.append(len(m.stack))


@_step(_REFERENCE, pickle.POP)
def _pop(m: _Machine) -> None:
    if m.marks and m.marks[-1] == len(m.stack):
        m.marks.pop()
    else:
        m.stack.pop()


@_step(_REFERENCE, pickle.POP_MARK)
def _pop_mark(m: _Machine) -> None:
    m.since_mark()


_step(_REFERENCE, pickle.MEMOIZE)(lambda m: m.put(len(m.memo)))
_step(_REFERENCE, pickle.BINPUT)(lambda m: m.put(m.number(1)))
_step(_REFERENCE, pickle.LONG_BINPUT)(lambda m: m.put(m.number(4)))
_step(_REFERENCE, pickle.PUT)(lambda m: m.put(int(m.line())))
_step(_REFERENCE, pickle.PROTO)(lambda m: m.skip(1))
_step(_REFERENCE, pickle.FRAME)(lambda m: m.skip(8))


@_step(_REFERENCE, pickle.STOP)
def _stop(m: _Machine) -> None:
    m.done = True
    # the value
    m.stack[-1]
