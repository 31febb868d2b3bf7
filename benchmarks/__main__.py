"""`python -m benchmarks [--full] [--only NAME ...]`: measure, print a table, write `benchmarks/latest.json`."""

import argparse
import importlib
import os
import platform
import sys
import time
from collections.abc import Sequence

from benchmarks.report import LATEST, Result, table, write

SUBJECTS = ("calendars", "folds", "backtests", "lifecycles", "intake", "memory", "delay", "cases", "closing", "pages", "replan", "kills")
"""Each is a module with `measure(full)`, loaded when it is its turn."""


def run(names: Sequence[str], *, full: bool) -> int:
    """Measure the subjects one after another; what cannot be measured keeps nothing else from being measured."""
    results: list[Result] = []
    began, failed, machine = time.monotonic(), False, _machine()
    for name in names:
        started = time.monotonic()
        sys.stderr.write(f"measuring {name} …\n")
        try:
            results += importlib.import_module(f"benchmarks.{name}").measure(full=full)
        except Exception as wrong:  # noqa: BLE001  (whatever it is, the other numbers are still wanted)
            failed = True
            sys.stderr.write(f"{name} could not be measured: {type(wrong).__name__}: {wrong}\n")
        sys.stderr.write(f"  {time.monotonic() - started:.0f} s\n")
        write(results)
    sys.stdout.write(f"{table(results)}\n\n{_summary(results)}; {time.monotonic() - began:.0f} s; {machine}\n{LATEST}\n")
    return 1 if failed else 0


def _summary(results: Sequence[Result]) -> str:
    aimed = [result for result in results if result.met is not None]
    return f"{sum(result.met is True for result in aimed)} of {len(aimed)} aims met"


def _machine() -> str:
    """What the numbers depend on besides us."""
    busy, cores = os.getloadavg()[0], os.cpu_count() or 1
    warning = "; others use this machine now, so absolute numbers are worse than they could be" if busy > cores / 4 else ""
    return f"Python {platform.python_version()}, {cores} cores, {busy:.1f} busy before{warning}"


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure Servanda side by side with others.")
    parser.add_argument("--full", action="store_true", help="larger sizes; takes much longer")
    parser.add_argument("--only", nargs="+", choices=SUBJECTS, metavar="NAME", help=f"only these: {', '.join(SUBJECTS)}")
    wanted = parser.parse_args()
    code = run(wanted.only or SUBJECTS, full=wanted.full)
    sys.stdout.flush()
    sys.stderr.flush()
    # The engine's client may abort while a process shuts down (temporalio/sdk-python issue 300); all is written by now.
    os._exit(code)


if __name__ == "__main__":
    main()
