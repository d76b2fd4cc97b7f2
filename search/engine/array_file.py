"""Named arrays in one file, read without copying: the directory stands at the end, its length last."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

LENGTH_BYTES = 4  # of the directory's own length

Arrays = dict[str, NDArray[Any]]


def write_arrays(file: Any, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays of one dimension, little-endian, one after the other."""
    directory: dict[str, tuple[int, str, int]] = {}
    at = 0
    for name, array in arrays.items():
        packed = array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
        directory[name] = at, array.dtype.newbyteorder("<").str, len(array)
        file.write(packed)
        at += len(packed)
    ending = json.dumps(directory).encode()
    file.write(ending)
    file.write(len(ending).to_bytes(LENGTH_BYTES, "little"))


def read_arrays(content: bytes) -> Arrays:
    """Read arrays as views of the file's content."""
    end = len(content) - LENGTH_BYTES
    length = int.from_bytes(content[end:], "little")
    directory = json.loads(content[end - length : end])
    return {
        name: np.frombuffer(content, np.dtype(kind), count, at)
        for name, (at, kind, count) in directory.items()
    }
