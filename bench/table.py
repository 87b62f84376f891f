"""Write what was measured as the tables of README.md."""

from __future__ import annotations

import statistics
from typing import Any

from bench import fast, portfolio, reports, sweeps
from bench.limits import limits
from bench.markdown import markdown
from bench.market import INSTRUMENTS, PORTFOLIO_BARS
from bench.race import Round, ratios, seconds, step_seconds

CASES = {
    "idle": "nothing waits, nothing is held",
    "orders": "waiting orders",
    "tickets": "tickets with stop and target",
    "trailing": "tickets whose stop follows",
    "instruments": "instruments, one of them held",
    "held": "instruments, all held",
    "awake": "waiting orders that look at every bar",
}
NAMES = {
    "eyas_per_bar": "eyas, `on_bar` in Python for every bar",
    "eyas_arrays": "eyas, the same orders as arrays",
    "plain_python": "a hand-written Python loop for this one strategy",
    "backtesting_py": "backtesting.py",
}
PORTFOLIO_NAMES = {
    "eyas_portfolio_arrays": "eyas, orders as arrays",
    "eyas_portfolio_per_bar": "eyas, `on_bar` in Python for every bar",
    "vectorbt_portfolio": "vectorbt, open edition",
    "backtrader_portfolio": "backtrader",
}
BUSY = 0.6
"""A load for each core above which single times say little."""


def page(result: dict[str, Any], rounds: list[Round]) -> str:
    """Return the measured part of README.md."""
    parts = (
        about(result["machine"], len(rounds)),
        "## Against the limits",
        against_limits(result, rounds),
        "## A million bars, engine by engine",
        speed(result["bars"], rounds),
        "Where the time goes (medians):",
        steps(rounds),
        "## A million bars without Python: arrays and compiled strategies",
        fast.table(result["bars"], result["fast"]),
        "## A sweep: 1,225 pairs of averages over 10,000 bars",
        sweeps.table(result["sweeps"]),
        "The same `on_bar` in Python, called by processes of this machine and by a Ray cluster:",
        sweeps.ray(result["ray"]),
        f"## A portfolio: {INSTRUMENTS} instruments × {PORTFOLIO_BARS:,} bars",
        of_portfolio(result["portfolio"]),
        "Where the time goes (medians, warm):",
        steps_of_portfolio(result["portfolio"]),
        "## A bar, piece by piece",
        "What it costs (each with the call of its `on_bar`):",
        pieces(result["pieces"]),
        "## The kernel alone",
        kernel(result["kernel"]),
        f"## The catalog: {result['catalog']['bars']:,} bars",
        catalog(result["catalog"]),
        "## Reports",
        reports.table(result["reports"]),
        "## Memory, start-up, disk",
        rest(result),
    )
    return "\n\n".join(parts)


def about(machine: dict[str, Any], rounds: int) -> str:
    """Return a paragraph about the machine, the versions and the load."""
    eyas, peers, several = (machine["versions"][name] for name in ("eyas", "peers", "second-opinion"))
    start, end = machine["load"], machine["load_at_end"]
    paragraph = (
        f"Measured on {machine['time'][:10]}: {machine['processor']}, {machine['cores']} cores, "
        f"{machine['memory_gib']} GiB, {machine['system']}, Linux {machine['linux']}; "
        f"Python {machine['python']}, Rust {machine['rust']}; "
        f"eyas {eyas['eyas']} with numpy {eyas['numpy']} and polars {eyas['polars']}; "
        f"backtesting.py {peers['backtesting']} with numpy {peers['numpy']} and pandas {peers['pandas']}; "
        f"vectorbt {several['vectorbt']} and backtrader {several['backtrader']} with numpy "
        f"{several['numpy']}, pandas {several['pandas']} and numba {several['numba']}. "
        f"Rounds: {rounds}. Load: {start} before the run, {end} at its end (the run itself is 1)."
    )
    if start / machine["cores"] > BUSY:
        paragraph += " **Others were using the machine: trust the ratios, not the times.**"
    return paragraph


def against_limits(result: dict[str, Any], rounds: list[Round]) -> str:
    """Return every figure that has a limit, beside it."""
    rows = [(limit.what, limit.measured, limit.bound, limit.verdict) for limit in limits(result, rounds)]
    return markdown(("what", "measured", "limit", "kept"), rows)


def speed(bars: int, rounds: list[Round]) -> str:
    """Return bars a second of each engine, and its ratio to the peer in the same round."""
    rows = []
    for engine, name in NAMES.items():
        taken, times = seconds(rounds, engine), ratios(rounds, engine)
        rates = (bars / statistics.median(taken), bars / min(taken))
        spread = f"{min(times['clock']):.1f} to {max(times['clock']):.1f}"
        medians = (f"{statistics.median(times[kind]):.1f}" for kind in ("clock", "cpu"))
        rows.append((name, *(f"{rate:,.0f}" for rate in rates), *medians, spread))
    return markdown(("engine", "bars/s", "best", "times the peer", "by CPU", "over the rounds"), rows)


def steps(rounds: list[Round]) -> str:
    """Return the median time of each step of each engine."""
    rows = [
        (name, step, f"{1_000 * taken:,.1f}")
        for engine, name in NAMES.items()
        for step, taken in step_seconds(rounds, engine).items()
    ]
    for step, name in (("pump", "of the run: the loop alone"), ("pump_idle", "the loop without a signal")):
        taken = statistics.median(one["eyas_arrays"][step] for one in rounds)
        rows.append((NAMES["eyas_arrays"], name, f"{1_000 * taken:,.1f}"))
    return markdown(("engine", "step", "ms"), rows)


def of_portfolio(rounds: list[Round]) -> str:
    """Return how fast each engine was over the portfolio, and its ratios to the peer in the same round."""
    rows = []
    for engine, name in PORTFOLIO_NAMES.items():
        runs = [one[engine] for one in rounds if engine in one]
        taken = statistics.median(map(portfolio.seconds, runs))
        cold = statistics.median(one.get("cold", portfolio.seconds(one)) for one in runs)
        ratios = (
            portfolio.ratio(rounds, engine),
            portfolio.ratio(rounds, engine, figures=False),
            portfolio.ratio_by_cpu(rounds, engine),
            portfolio.ratio_cold(rounds, engine),
        )
        rate = INSTRUMENTS * PORTFOLIO_BARS / taken
        times = (f"{1_000 * taken:,.0f}", f"{rate:,.0f}", f"{1_000 * cold:,.0f}")
        rows.append((name, *times, *(f"{ratio:.2f}" for ratio in ratios)))
    heads = ("engine", "ms", "bars/s", "ms, cold", "times the peer", "to the trades", "by CPU", "cold")
    return markdown(heads, rows)


def steps_of_portfolio(rounds: list[Round]) -> str:
    """Return the median time of each step of each engine."""
    rows = [
        (name, step, f"{1_000 * statistics.median(times):,.1f}")
        for engine, name in PORTFOLIO_NAMES.items()
        for step in (*rounds[0][engine]["seconds"], "import")
        for times in [[{**one[engine], **one[engine]["seconds"]}[step] for one in rounds if engine in one]]
    ]
    return markdown(("engine", "step", "ms"), rows)


def pieces(taken: dict[str, float]) -> str:
    """Return what one thing done on every bar costs."""
    return markdown(
        ("on every bar", "ns"), [(name, f"{nanoseconds:.0f}") for name, nanoseconds in taken.items()]
    )


def kernel(cases: list[dict[str, Any]]) -> str:
    """Return what a bar costs on which nothing happens."""
    rows = [
        (
            f"{CASES[case['case']]}: {case['count']}" if case["count"] else CASES[case["case"]],
            f"{case['min_ns']:.1f}",
            f"{case['median_ns']:.1f}",
            each(case, cases),
            f"{case['instructions']:,.0f}" if "instructions" in case else "n/a",
        )
        for case in cases
    ]
    return markdown(
        ("a bar on which nothing happens", "ns, least", "ns, median", "each", "instructions"), rows
    )


def each(case: dict[str, Any], cases: list[dict[str, Any]]) -> str:
    """Return what each order or ticket of a case adds to an idle bar, in nanoseconds."""
    if case["case"] in ("idle", "instruments", "held"):
        return "n/a"
    return f"{(case['min_ns'] - cases[0]['min_ns']) / case['count']:.2f}"


def catalog(taken: dict[str, Any]) -> str:
    """Return what adding and loading take, beside Polars reading the same files."""
    rows = [
        (f"`polars.read_parquet` of its {taken['files']} files", taken["read_parquet"]),
        ("`Catalog.load`: checked, as columns", taken["load"]),
        ("the same, the best of all", taken["load_best"]),
        ("one month of it", taken["load_month"]),
        ("hours, made of the minutes", taken["load_hours"]),
        ("`Catalog.load` of a mapped series", taken["load_mapped"]),
        ("the same, and every number read", taken["load_mapped_and_touch"]),
        ("`Catalog.add`: hashed, compressed, durable", taken["add"]),
        ("the same again: nothing is new", taken["add_again"]),
    ]
    shown = [(what, f"{ms:,.1f}", f"{ms / taken['read_parquet']:,.2f}") for what, ms in rows]
    shown[1] = (*shown[1][:2], f"{taken['ratio']:,.2f}")  # the median of each round's
    return markdown(("what (median, files in the system's cache)", "ms", "times Polars"), shown)


def rest(result: dict[str, Any]) -> str:
    """Return memory, start-up and size on disk."""
    memory, startup, disk = result["memory"], result["startup"], result["disk"]
    journal, growth = memory["journal"] / 1e6, memory["growth"] / 1e6
    runs = f"{memory['runs']:,} more runs of {memory['run_bars']:,} bars"
    rows = [
        ("peak above the columns, averages but no orders", f"{memory['watching'] / 1e6:.1f} MB"),
        (f"peak above the columns, trading (journal {journal:.1f} MB)", f"{memory['trading'] / 1e6:.1f} MB"),
        (f"growth of the process over {runs}", f"{growth:.2f} MB"),
        *((f"`{name}`: median", f"{taken['median']:.3f} s") for name, taken in startup.items()),
        *((f"`{name}`: of it CPU", f"{taken['cpu']:.3f} s") for name, taken in startup.items()),
        ("environment without pip and bytecode", f"{disk['lean']:.0f} MB"),
        ("its bytecode", f"{disk['bytecode']:.0f} MB"),
        ("pip and setuptools in it", f"{disk['pip']:.0f} MB"),
    ]
    return markdown(("what", "measured"), rows)
