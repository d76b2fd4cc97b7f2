"""Run every part of the bench, one after the other, each in a process of its own: `make bench`.

.venv/bin/python -m bench [--short]    # --short leaves out the long files (about ten minutes)
"""

import platform
import subprocess
import sys

from ingest.work.pool import count_cores

PARTS = (["bench.pipeline"], ["bench.search", "40000"], ["bench.pages"], ["bench.quotes"])


def main() -> None:
    """Print the machine, then each part's table."""
    print(f"{platform.platform()}, Python {platform.python_version()}, {count_cores()} cores", flush=True)
    for part in PARTS:
        long = ["--long"] if part[0] == "bench.pipeline" and "--short" not in sys.argv else []
        subprocess.run([sys.executable, "-m", *part, *long], check=True)


if __name__ == "__main__":
    main()
