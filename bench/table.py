"""Print what was measured: one table a part, ratios first."""

from collections.abc import Iterable
from typing import NamedTuple


class Row(NamedTuple):
    """One measure: ours, a peer's where there is one, their ratio, and the goal."""

    what: str
    ours: str
    peer: str
    ratio: float | None
    goal: str


def print_rows(title: str, rows: Iterable[Row]) -> None:
    """Print rows as a Markdown table."""
    print(f"\n### {title}\n")
    print("| ratio | measure | ours | peer | goal |")
    print("|--:|---|--:|--:|---|")
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        print(f"| {ratio} | {row.what} | {row.ours} | {row.peer} | {row.goal} |", flush=True)
