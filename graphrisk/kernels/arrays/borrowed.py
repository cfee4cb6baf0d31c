"""Arrays handed to a compiled function by their addresses, as one table.

A compiled function that takes eighty arrays one by one pays for each at every call, and counts a reference to each
wherever it hands them on: at a few arrays a step, that costs more than the step; and it takes the compiler half a
minute. What is borrowed is one address, whose attributes are read off the table where they are used, and is counted by
nobody. Whoever hands out the table keeps the arrays alive, and the functions that take it keep no part of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, get_args, get_type_hints

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import types
from numba.core.typing.templates import AttributeTemplate
from numba.extending import infer_getattr, intrinsic, lower_getattr_generic, models, register_model
from numba.np.arrayobj import make_array, populate_array

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
_KINDS = (np.dtype(np.float64), np.dtype(np.int64), np.dtype(np.bool_))


def addresses(parts: Iterable[Any]) -> Ints:
    """Return a table (parts, 3): where each array begins and its first two lengths; a number stands there itself.

    Raises TypeError for an array that is not float64, int64 or bool, of one or two dimensions, in one piece.
    """
    rows = []
    for part in parts:
        if not isinstance(part, np.ndarray):
            number = np.int64(part) if isinstance(part, (int, np.integer)) else np.float64(part).view(np.int64)
            rows.append((int(number), 0, 0))
            continue
        if part.dtype not in _KINDS or part.ndim not in (1, 2) or not part.flags.c_contiguous:
            raise TypeError(f"an array of {part.dtype} of shape {part.shape} cannot be borrowed")
        rows.append((part.__array_interface__["data"][0], part.shape[0], part.shape[1] if part.ndim == 2 else 1))
    return np.array(rows, dtype=np.int64).reshape(-1, 3)


_NUMBERS = {int: types.int64, float: types.float64}
_ELEMENTS = {np.float64: types.float64, np.int64: types.int64, np.bool_: types.boolean}


class Borrowed(types.Type):  # type: ignore[misc]
    """The type of a NamedTuple whose fields lie in the rows of a table from `first` on, in the order of its fields.

    `rows`: fields that are two-dimensional arrays; `parts`: fields that are NamedTuples themselves.
    """

    def __init__(self, kind: Any, first: int, *, rows: Iterable[str] = (), **parts: Borrowed) -> None:
        super().__init__(name=f"Borrowed({kind.__module__}.{kind.__qualname__}, {first})")
        self.places: dict[str, tuple[Any, int]] = {}
        self.end = first
        for name, said in get_type_hints(kind).items():
            if name in parts:
                self.places[name] = parts[name], self.end
                self.end = parts[name].end
                continue
            of = _NUMBERS[said] if said in _NUMBERS else _array_of(said, 2 if name in rows else 1)
            self.places[name] = of, self.end
            self.end += 1


def _array_of(said: Any, dimensions: int) -> Any:
    """Return the type of an array by its hint, `npt.NDArray[element]`."""
    (element,) = get_args(get_args(said)[1])
    return types.Array(_ELEMENTS[element], dimensions, "C")


def borrower_of(kind: Borrowed) -> Callable[[Ints], Any]:
    """Return a compiled function that returns what a table holds as a value of type `kind`."""

    def typed(_context: Any, table: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            return make_array(signature.args[0])(context, builder, values[0]).data

        return kind(table), code

    reader: Callable[[Ints], Any] = intrinsic(typed)
    return reader


@register_model(Borrowed)
class _Model(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, ir.IntType(64).as_pointer())


@infer_getattr
class _Attributes(AttributeTemplate):  # type: ignore[misc]
    key = Borrowed

    def generic_resolve(self, kind: Borrowed, name: str) -> Any:
        return kind.places[name][0] if name in kind.places else None


@lower_getattr_generic(Borrowed)
def _attribute(context: Any, builder: Any, kind: Borrowed, table: Any, name: str) -> Any:
    """Read the array or number of a row: the table never changes, so that it is read once however often it is used."""
    of, row = kind.places[name]
    if isinstance(of, Borrowed):
        return table

    def number(column: int) -> Any:
        place = builder.gep(table, [ir.Constant(ir.IntType(64), 3 * row + column)])
        found = builder.load(place)
        found.set_metadata("invariant.load", builder.module.add_metadata([]))
        return found

    if not isinstance(of, types.Array):
        return builder.bitcast(number(0), context.get_value_type(of))
    array = make_array(of)(context, builder)
    lengths = [number(1 + axis) for axis in range(of.ndim)]
    size = context.get_abi_sizeof(context.get_data_type(of.dtype))
    item = ir.Constant(ir.IntType(64), size)
    steps = [item] if of.ndim == 1 else [builder.mul(lengths[1], item), item]
    pointer = builder.inttoptr(number(0), array.data.type)
    populate_array(array, data=pointer, shape=lengths, strides=steps, itemsize=item, meminfo=None)
    return array._getvalue()
