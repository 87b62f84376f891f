r"""Record what quantstats and vectorbt say of some trades, for tests that need neither.

Run with the Python of an environment that has them (requirements/second-opinion.in):

    python tests/metrics/oracles/record_trades.py

It writes trades.json: the trades of each case, and the figures of each package. ffn and empyrical-reloaded
have no figures of trades. quantstats is asked of a series of the trades' profits over the money entered, with
a day for each; vectorbt of the trades of a portfolio that buys and sells one share at given prices.
"""

from __future__ import annotations

import json
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import quantstats.stats as quantstats
import vectorbt

HERE = Path(__file__).parent
PACKAGES = ("quantstats", "vectorbt", "numpy", "pandas")
SEED = 20_240_501


def prices() -> dict[str, Any]:
    """Return entry and exit prices of trades by the name of the case; some end at nothing."""
    generator = np.random.default_rng(SEED)
    found = {}
    for name, count, lift in (("many", 200, 0.002), ("losing", 60, -0.004), ("few", 12, 0.001)):
        entry = np.round(100 * np.exp(np.cumsum(generator.normal(0, 0.01, count))), 2)
        found[name] = (entry, np.round(entry * (1 + generator.normal(lift, 0.02, count)), 2))
    entry, exits = found["many"]
    found["with_ties"] = (entry, np.where(np.arange(len(entry)) % 7 == 0, entry, exits))
    return found


def of_quantstats(rates: Any) -> dict[str, float]:
    """Return the figures of a series of rates."""
    series = pd.Series(rates, index=pd.date_range("2024-01-01", periods=len(rates), freq="D"))
    own = {"prepare_returns": False}
    return {
        "win_rate": float(quantstats.win_rate(series, **own)),
        "profit_factor": float(quantstats.profit_factor(series, **own)),
        "payoff": float(quantstats.payoff_ratio(series, **own)),
        "kelly": float(quantstats.kelly_criterion(series, **own)),
        "average_win": float(quantstats.avg_win(series, **own)),
        "average_loss": float(quantstats.avg_loss(series, **own)),
        "longest_winning_streak": float(quantstats.consecutive_wins(series, **own)),
        "longest_losing_streak": float(quantstats.consecutive_losses(series, **own)),
    }


def of_vectorbt(entry: Any, exits: Any) -> dict[str, Any]:
    """Return the figures and profits of trades of one share, bought and sold at given prices."""
    price = np.column_stack([entry, exits]).ravel()
    size = np.tile([1.0, -1.0], len(entry))
    book = vectorbt.Portfolio.from_orders(pd.Series(price), size, price=price, init_cash=1e6, freq="1h")
    trades = book.trades
    return {
        "profit": trades.records["pnl"].tolist(),
        "figures": {
            "trade_count": float(trades.count()),
            "win_rate": float(trades.win_rate()),
            "profit_factor": float(trades.profit_factor()),
            "expectancy": float(trades.expectancy()),
            "sqn": float(trades.sqn()),
            "average_win": float(trades.winning.pnl.mean()),
            "average_loss": float(trades.losing.pnl.mean()),
            "best_trade": float(trades.pnl.max()),
            "worst_trade": float(trades.pnl.min()),
            "longest_winning_streak": float(trades.winning_streak.max()),
            "longest_losing_streak": float(trades.losing_streak.max()),
        },
    }


def main() -> None:
    """Write trades.json."""
    warnings.simplefilter("ignore")
    cases = {}
    for name, (entry, exits) in prices().items():
        rates = (exits - entry) / entry
        cases[name] = {
            "entry": entry.tolist(),
            "exit": exits.tolist(),
            "quantstats": of_quantstats(rates),
            "vectorbt": of_vectorbt(entry, exits),
        }
    written = {"versions": {name: version(name) for name in PACKAGES}, "cases": cases}
    (HERE / "trades.json").write_text(json.dumps(written, indent=1) + "\n")


if __name__ == "__main__":
    main()
