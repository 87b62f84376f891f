"""Figures over trades of several currencies are in the account's money."""

from __future__ import annotations

import numpy as np
import pytest

import eyas
from eyas.model import Bars
from tests.test_market import bars_at
from tests.test_portfolio import Asking


def priced(closes: list[float]) -> Bars:
    """Return minutes that each open and close at one price."""
    times = bars_at(np.arange(len(closes)), "1m").time
    return eyas.bars({"time": times, **dict.fromkeys("ohlc", np.array(closes))}, timeframe="1m")


# In yen: bought at 10,000, sold at 11,000; a yen is worth 0.01 at the entry, and 0.02 from the exit on.
BARS = {"N": priced([10_000, 10_000, 11_000, 11_000, 12_000]), "J": priced([0.01, 0.01, 0.01, 0.02, 0.02])}


def traded(**options: object) -> eyas.Report:
    return eyas.backtest(
        Asking(N0=lambda s: s.buy(1), N2=lambda s: s.close()), BARS, cash=100_000, fee_rate=0.001, **options
    )  # type: ignore[arg-type]


def test_profits_and_fees_are_converted_at_the_rate_of_their_time() -> None:
    report = traded(currency={"N": "J"})
    [trade] = report.trades.to_dicts()
    assert (trade["symbol"], trade["currency"], trade["profit"]) == ("N", "J", 979)
    summary = report.summary
    assert summary.net_profit == summary.average_trade == summary.best_trade == pytest.approx(979 * 0.02)
    assert summary.worst_trade == summary.best_trade
    assert summary.fees == pytest.approx(10 * 0.01 + 11 * 0.02)
    assert summary.profit_factor == np.inf
    assert any("in each symbol's own money" in remark for remark in report.remarks())


def test_funding_is_a_charge_and_no_fee() -> None:
    report = traded(funding_rate={"N": 0.01})
    [trade] = report.trades.to_dicts()
    summary = report.summary
    assert (summary.fees, summary.charges) == (10 + 11, 100 + 110)
    assert trade["fee"] == summary.fees + summary.charges
    assert ("Funding and borrowing", "210.00") in summary.rows()
    assert "Funding and borrowing" not in dict(traded().summary.rows())
    abroad = traded(funding_rate={"N": 0.01}, currency={"N": "J"}).summary
    assert abroad.charges == pytest.approx(100 * 0.01 + 110 * 0.01)


def test_buying_and_holding_is_in_the_accounts_money_and_leaves_rates_out() -> None:
    report = traded(currency={"N": "J"})
    assert report.summary.buy_and_hold_return == pytest.approx(12_000 * 0.02 / (10_000 * 0.01) - 1)
    own = traded()
    assert own.summary.buy_and_hold_return == pytest.approx((0.2 + 1.0) / 2)
    assert "currency" not in own.trades.columns


def test_a_symbol_is_not_its_own_currency() -> None:
    with pytest.raises(eyas.UsageError, match=r"^currency of N is itself"):
        traded(currency={"N": "N"})
    with pytest.raises(eyas.UsageError, match=r"^currency of N is itself"):
        eyas.backtest(eyas.Strategy(), {"N": BARS["N"]}, currency="N")
    assert traded(currency="J").trades["currency"].to_list() == ["J"]
