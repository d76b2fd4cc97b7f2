"""What was tried, as a table of Markdown: on the screen, and in docs/reliability.md between its marks."""

import re
from collections.abc import Iterable
from pathlib import Path

from fuzzing.egress import PATHS
from fuzzing.running import ROOT, Tally
from fuzzing.targets import TARGETS

WORK = Path(__file__).parent / "work"  # the tallies of the last run of each target
PAGE = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- fuzzing: written by `make fuzz WRITE=1` -->", "<!-- /fuzzing -->"
BETWEEN = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)
HEAD = (
    "| tried | FAULTS | cases | read | refused | raised | hung | escaped | slowest | memory | seed |",
    "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
)


def list_rows(tallies: Iterable[Tally]) -> list[str]:
    """Write the table, a row a target, in the targets' order."""
    told = {target.name: (target.what, target.row) for target in TARGETS}
    told["ways out"] = (
        f"addresses that lead inside, by {len(PATHS)} ways out, directly and by redirects",
        "23",
    )
    held = {tally.name: tally for tally in tallies}
    return [*HEAD, *(_row(held[name], *told[name]) for name in told if name in held)]


def print_table(tallies: Iterable[Tally]) -> None:
    """Print the table."""
    print("\n".join(list_rows(tallies)), flush=True)


def write_table(tallies: Iterable[Tally]) -> None:
    """Put the table into the page, between the marks that stand there."""
    table = "\n".join((BEGIN, "", *list_rows(tallies), "", END))
    text = PAGE.read_text(encoding="utf8")
    PAGE.write_text(BETWEEN.sub(lambda _: table, text), encoding="utf8")


def _row(tally: Tally, what: str, row: str) -> str:
    measured = tally.cpu_s > 0
    cells = (
        what,
        row,
        f"{tally.cases:,}",
        f"{tally.read:,}",
        f"{tally.refused:,}",
        str(tally.raised + tally.died),
        str(tally.slow),
        str(tally.escaped),
        f"{tally.slowest_s:.2f} s" if measured else "",
        f"{tally.peak_mb} MB" if measured else "",
        str(tally.seed),
    )
    return f"| {' | '.join(cells)} |"
