"""What narrows, sorts and scores documents: a number or a name for each, as arrays."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.engine.array_file import Arrays
from search.schema import NAMES, NUMBERS, SCORED

END_OF_NAME = "\0"
PREFIX = "column"  # of the names of arrays


@dataclass(frozen=True, slots=True)
class Names:
    """A column of names: for each document the place of its name in a list."""

    refs: NDArray[np.uint32]
    values: tuple[str, ...]


@dataclass(frozen=True)
class Columns:
    """What is known of each document without its text, by document number."""

    numbers: dict[str, NDArray[Any]]
    names: dict[str, Names]
    lengths: dict[str, NDArray[np.uint8]]  # how many terms in each field that is scored, in Whoosh's code

    def __len__(self) -> int:
        return len(self.numbers["turn"])

    def take(self, kept: NDArray[np.bool_]) -> "Columns":
        """Leave documents out."""
        return Columns(
            {name: numbers[kept] for name, numbers in self.numbers.items()},
            {name: Names(names.refs[kept], names.values) for name, names in self.names.items()},
            {name: lengths[kept] for name, lengths in self.lengths.items()},
        )


NO_COLUMNS = Columns(
    {name: np.empty(0, kind) for name, kind in NUMBERS.items()},
    {name: Names(np.empty(0, np.uint32), ()) for name in NAMES},
    {field: np.empty(0, np.uint8) for field in SCORED},
)


def name_column(names: Sequence[str]) -> Names:
    """Make a column of a name for each document."""
    places: dict[str, int] = {}
    refs = [places.setdefault(name, len(places)) for name in names]
    return Names(np.array(refs, np.uint32), tuple(places))


def join_columns(parts: Sequence[Columns]) -> Columns:
    """Put columns one after the other."""
    if len(parts) == 1:
        return parts[0]
    parts = parts or [NO_COLUMNS]
    return Columns(
        {name: np.concatenate([part.numbers[name] for part in parts]) for name in NUMBERS},
        {name: _join_names([part.names[name] for part in parts]) for name in NAMES},
        {field: np.concatenate([part.lengths[field] for part in parts]) for field in SCORED},
    )


def pack_columns(columns: Columns) -> Arrays:
    """Make the arrays of a segment's columns, but not of its lengths, of which Whoosh has a column."""
    arrays: Arrays = {}
    for name, numbers in columns.numbers.items():
        arrays[f"{PREFIX}.{name}"] = _shorten(numbers)
    for name, names in columns.names.items():
        arrays[f"{PREFIX}.{name}.refs"] = _shorten(names.refs)
        arrays[f"{PREFIX}.{name}.values"] = np.frombuffer(END_OF_NAME.join(names.values).encode(), np.uint8)
    return arrays


def read_columns(arrays: Arrays, lengths: dict[str, NDArray[np.uint8]]) -> Columns:
    """Read a segment's columns."""
    names = {}
    for name in NAMES:
        values = arrays[f"{PREFIX}.{name}.values"].tobytes().decode().split(END_OF_NAME)
        names[name] = Names(arrays[f"{PREFIX}.{name}.refs"].astype(np.uint32), tuple(values))
    numbers = {name: arrays[f"{PREFIX}.{name}"].astype(kind) for name, kind in NUMBERS.items()}
    return Columns(numbers, names, lengths)


def _join_names(parts: Sequence[Names]) -> Names:
    places: dict[str, int] = {}
    refs = []
    for part in parts:
        moved = [places.setdefault(value, len(places)) for value in part.values]
        is_same = moved == list(range(len(moved)))
        refs.append(part.refs if is_same else np.array(moved, np.uint32)[part.refs])
    return Names(np.concatenate(refs), tuple(places))


def _shorten(numbers: NDArray[Any]) -> NDArray[Any]:
    """Keep as few bytes of numbers as hold the highest; those with one below zero as they are."""
    if not len(numbers) or numbers.min() < 0:
        return numbers
    return numbers.astype(np.min_scalar_type(numbers.max()))
