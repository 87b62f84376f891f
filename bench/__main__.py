"""Measure everything and write it down: the tables of bench/README.md, a line in bench/history.jsonl.

    python -m bench [--rounds N] [--bars N] [--print]

With `--print` the tables are shown and nothing is written.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

from bench import fast, kernel, machine, market, portfolio, startup, sweeps
from bench.environments import BUILD, ROOT, install_eyas, prepare, sizes
from bench.limits import limits
from bench.race import Round, different_work, race, run
from bench.table import page

HERE = Path(__file__).parent
README, HISTORY = HERE / "README.md", HERE / "history.jsonl"
MEASURED = re.compile(r"(<!-- measured: python -m bench -->\n).*?(<!-- end -->)", re.DOTALL)


def main() -> int:
    """Measure, write down, and return 1 when the engines did different work."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=5, help="how often each engine runs")
    parser.add_argument("--bars", type=int, default=1_000_000, help="how many bars it runs over")
    parser.add_argument("--print", action="store_true", help="show the tables and write nothing")
    options = parser.parse_args()
    load = machine.load()
    install_eyas()
    prepare("peers", ROOT / "requirements" / "bench.lock")
    prepare("second-opinion", ROOT / "requirements" / "second-opinion.lock")
    bars, several = BUILD / "bars.npz", BUILD / "portfolio.npz"
    market.portfolio_written(several, market.PORTFOLIO_BARS)
    result: dict[str, Any] = {"bars": options.bars, "bars_digest": market.written(bars, options.bars)}
    rounds = race(bars, options.rounds)
    result["fast"] = fast.race(bars, options.rounds)
    few = BUILD / "sweep.npz"
    market.written(few, market.SWEEP_BARS)
    result["sweeps"] = sweeps.race(few, min(options.rounds, sweeps.ROUNDS_MAX))
    print("Ray, two nodes on this machine", flush=True)
    result["ray"] = run("eyas_ray", bars, str(sweeps.RAY_S))
    result["portfolio"] = portfolio.race(several, options.rounds)
    found = [different_work(one) for one in rounds]
    found += [fast.different_work(one) for one in result["fast"]]
    found += [sweeps.different_work(one) for one in result["sweeps"]]
    found += [portfolio.different_work(one) for one in result["portfolio"]]
    differences = sorted({difference for one in found for difference in one})
    if differences:
        print("The engines did different work:", *differences, sep="\n  ", file=sys.stderr)
        return 1
    measure_the_rest(result, bars)
    result["machine"] = machine.describe() | {"load": load, "load_at_end": machine.load()}
    write_down(result, rounds, only_show=options.print)
    return 0


def measure_the_rest(result: dict[str, Any], bars: Path) -> None:
    """Add what is measured on eyas alone."""
    print("The kernel, memory, the catalog, reports, disk, start-up", flush=True)
    result["kernel"] = kernel.figures()
    # Freed memory goes back at once, so that no run finds room that an earlier one left.
    result["memory"] = run("eyas_memory", bars, MALLOC_MMAP_THRESHOLD_="131072")
    result["pieces"] = run("eyas_pieces", bars)
    stored = BUILD / "catalog.npz"
    market.written(stored, market.CATALOG_BARS)
    result["catalog"] = run("eyas_catalog", stored)
    result["reports"] = run("eyas_report", bars)
    result["disk"] = sizes("eyas")
    result["startup"] = startup.figures()


def write_down(result: dict[str, Any], rounds: list[Round], *, only_show: bool) -> None:
    """Show the tables, put them into README.md, and append the run to the history."""
    text = page(result, rounds)
    print(f"\n{text}\n")
    if only_show:
        return
    written, found = MEASURED.subn(lambda marks: f"{marks[1]}{text}\n{marks[2]}", README.read_text("utf-8"))
    assert found == 1, "bench/README.md has the two marks, once"
    README.write_text(written, encoding="utf-8")
    figures = {limit.what: limit.value for limit in limits(result, rounds)}
    line = {**result, "limits": figures, "rounds": rounds}
    with HISTORY.open("a", encoding="utf-8") as history:
        history.write(json.dumps(line) + "\n")
    print(f"Written to {README.relative_to(ROOT)} and {HISTORY.relative_to(ROOT)}")


if __name__ == "__main__":
    sys.exit(main())
