"""`make fuzz`: a million random templates, expressions, filter chains, filter objects and links, each within bounds.

No case may take more than 100 ms or 32 MiB, nor raise anything but an error of the language. Prints what was met and
ends with status 1 when a case broke that. `--only NUMBER` runs one case again.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys

from tests.fuzz.cases import case
from tests.fuzz.measure import Tally

PROGRESS = 50_000


def main() -> int:
    """Run the cases; the exit status."""
    options = _options()
    numbers = range(options.start, options.start + options.cases) if options.only is None else [options.only]
    # What the scopes hold is not looked through again and again: a collection is none of a case's time.
    gc.collect()
    gc.freeze()
    tally = Tally()
    for start in range(0, len(numbers), PROGRESS):
        tally.run(case(number, options.seed) for number in numbers[start : start + PROGRESS])
        print(f"{tally.cases:,} cases, {len(tally.faults)} faults, {len(tally.slow)} slow, {len(tally.large)} large",
              file=sys.stderr, flush=True)  # fmt: skip
    if options.only is not None:
        print(repr(case(options.only, options.seed).source)[:100_000])
    print(tally.report())
    return 0 if tally.sound else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000, help="how many")
    parser.add_argument("--start", type=int, default=0, help="the number of the first")
    parser.add_argument("--seed", type=int, default=0, help="another seed makes other cases")
    parser.add_argument("--only", type=int, help="one case again, by its number")
    return parser.parse_args()


if __name__ == "__main__":
    os.nice(10)
    sys.exit(main())
