"""The rules of a market, as a value: every named difference between markets and dialects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, Literal, TypedDict, Unpack

from eyas.errors import UsageError
from eyas.model import RULES, TERMS, check_rules

FillAt = Literal["next_open", "close", "signal_price", "given_price", "same_open"]
Trigger = Literal["range", "close", "given_price"]
FillKinds = tuple[Literal["market", "stop", "limit"], ...]
Number = float | Decimal
# What may differ by instrument: one value for all, or a table of symbols and values.
NumberTerm = Number | Mapping[str, Number]
OptionalTerm = Number | None | Mapping[str, Number | None]
WholeTerm = int | Mapping[str, int]
SymbolTerm = str | int | None | Mapping[str, str | int | None]


class RuleChanges(TypedDict, total=False):
    """Name the rules that differ from a base, as keywords of `eyas.backtest` and `Rules.changed`."""

    market_fill: FillAt
    exit_fill: FillAt
    bracket_from: Literal["auto", "fill_bar", "after_fill"]
    time_exit: Literal["last", "first"]
    bracket_price: Literal["level", "close"]
    gap: Literal["open", "level"]
    tie: Literal["stop", "target", "nearest_to_open", "open_high_low", "finer_bars"]
    stop_trigger: Trigger
    target_trigger: Trigger
    trail_update: Literal["after", "before"]
    reentry_same_bar: bool
    holding: Literal["tickets", "net"]
    short: bool
    tickets_max: int | None
    tickets_per_symbol_max: int | None
    account: Literal["margin", "cash", "collateral"]
    margin_mode: Literal["cross", "isolated"]
    leverage: Number
    margin_cap: Number
    margin_call: Number | None
    slippage_on: FillKinds
    rounding: Literal["down", "nearest"]
    latency_bars: int
    latency_ms: Number
    averaging: Literal["any", "effective", "extreme"]
    end_policy: Literal["close_last", "mark_only"]
    price_check: Literal["strict", "warn", "off"]
    matching: Literal["here", "elsewhere"]
    fee_rate: NumberTerm
    maker_fee_rate: OptionalTerm
    fee_fixed: NumberTerm
    fee_per_unit: NumberTerm
    fee_minimum: NumberTerm
    spread: NumberTerm
    spread_rate: NumberTerm
    slippage: NumberTerm
    slippage_ticks: WholeTerm
    slippage_volume: NumberTerm
    quantity_step: NumberTerm
    price_tick: NumberTerm
    fill_volume: OptionalTerm
    funding_rate: NumberTerm
    borrow_rate: NumberTerm
    currency: SymbolTerm
    price_decimals: WholeTerm
    order_notional_max: Number | None
    position_notional_max: Number | None
    position_share_max: Number | None
    positions_max: int | None
    exposure_max: Number | None
    exposure_share_max: Number | None
    daily_loss_max: Number | None
    daily_loss_share_max: Number | None
    open_orders_max: int | None
    price_deviation_max: Number | None
    slippage_max: Number | None
    leverage_max: Number | None
    orders_per_minute_max: int | None
    stop_loss_cooldown_s: Number
    consecutive_losses_max: int | None
    consecutive_errors_max: int | None
    breaker_cooldown_s: Number


class BySymbol(Mapping[str, Any]):
    """Hold the values of a rule by symbol: a mapping that never changes, so that rules are values."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = dict(sorted(values.items()))

    def __getitem__(self, symbol: str) -> Any:
        return self._values[symbol]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __hash__(self) -> int:
        return hash(tuple(self._values.items()))

    def __repr__(self) -> str:
        return repr(self._values)


PLAIN = (float, int, str)


class Kept:
    """Give a value room for what was worked out from its fields, beside them."""

    __slots__ = ("_texts",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules(Kept):
    """Say how a market fills, costs and covers; what is not named is the default market.

    Rates and fractions are fractions (0.001 is 0.1 %), money is money. Terms, from `fee_rate` to
    `price_decimals`, may be a table by symbol: `fee_rate={"BTCUSDT": 0.0006}`, where symbols that it
    does not name keep the default. Raises UsageError for a value or a combination that cannot be.
    Every rule is explained in docs/rules.md.

    >>> Rules(fee_rate=0.001, tie="target").changed(slippage=0.0005).slippage
    0.0005
    """

    market_fill: FillAt = "next_open"
    exit_fill: FillAt = "next_open"
    bracket_from: Literal["auto", "fill_bar", "after_fill"] = "auto"
    time_exit: Literal["last", "first"] = "last"
    bracket_price: Literal["level", "close"] = "level"
    gap: Literal["open", "level"] = "open"
    tie: Literal["stop", "target", "nearest_to_open", "open_high_low", "finer_bars"] = "stop"
    stop_trigger: Trigger = "range"
    target_trigger: Trigger = "range"
    trail_update: Literal["after", "before"] = "after"
    reentry_same_bar: bool = True
    holding: Literal["tickets", "net"] = "tickets"
    short: bool = True
    tickets_max: int | None = None
    tickets_per_symbol_max: int | None = None
    account: Literal["margin", "cash", "collateral"] = "margin"
    margin_mode: Literal["cross", "isolated"] = "cross"
    leverage: Number = 1.0
    margin_cap: Number = 1.0
    margin_call: Number | None = None
    slippage_on: FillKinds = ("market", "stop")
    rounding: Literal["down", "nearest"] = "down"
    latency_bars: int = 0
    latency_ms: Number = 0.0
    averaging: Literal["any", "effective", "extreme"] = "any"
    end_policy: Literal["close_last", "mark_only"] = "close_last"
    price_check: Literal["strict", "warn", "off"] = "strict"
    matching: Literal["here", "elsewhere"] = "here"
    fee_rate: NumberTerm = 0.0
    maker_fee_rate: OptionalTerm = None
    fee_fixed: NumberTerm = 0.0
    fee_per_unit: NumberTerm = 0.0
    fee_minimum: NumberTerm = 0.0
    spread: NumberTerm = 0.0
    spread_rate: NumberTerm = 0.0
    slippage: NumberTerm = 0.0
    slippage_ticks: WholeTerm = 0
    slippage_volume: NumberTerm = 0.0
    quantity_step: NumberTerm = 0.0
    price_tick: NumberTerm = 0.0
    fill_volume: OptionalTerm = None
    funding_rate: NumberTerm = 0.0
    borrow_rate: NumberTerm = 0.0
    currency: SymbolTerm = None
    price_decimals: WholeTerm = 8
    order_notional_max: Number | None = None
    position_notional_max: Number | None = None
    position_share_max: Number | None = None
    positions_max: int | None = None
    exposure_max: Number | None = None
    exposure_share_max: Number | None = None
    daily_loss_max: Number | None = None
    daily_loss_share_max: Number | None = None
    open_orders_max: int | None = None
    price_deviation_max: Number | None = None
    slippage_max: Number | None = None
    leverage_max: Number | None = None
    orders_per_minute_max: int | None = None
    stop_loss_cooldown_s: Number = 0.0
    consecutive_losses_max: int | None = None
    consecutive_errors_max: int | None = None
    breaker_cooldown_s: Number = 1800.0

    def __post_init__(self) -> None:
        for name in TERMS:
            table = getattr(self, name)
            if table is None or type(table) in PLAIN:
                continue
            if isinstance(table, Mapping) and table and all(isinstance(symbol, str) for symbol in table):
                object.__setattr__(self, name, BySymbol(table))
        decimals = self.price_decimals
        for one in decimals.values() if isinstance(decimals, BySymbol) else [decimals]:
            if not hasattr(one, "__index__"):
                raise UsageError(f"price_decimals is {one}, but must be {dict(RULES)['price_decimals']}")
        for name, allowed in RULES:
            value = getattr(self, name)
            if isinstance(value, bool) and not isinstance(USUAL[name], bool):
                raise UsageError(f"{name} is {value}, but must be {allowed}")
        check(self.texts())
        for symbol, own in self._by_symbol().items():
            texts = dict(self.texts()) | {name: text_of(name, value) for name, value in own.items()}
            check(list(texts.items()), symbol)

    def changed(self, **changes: Unpack[RuleChanges]) -> Rules:
        """Return these rules with some of them changed."""
        names = [name for name, _ in RULES]
        for name in changes:
            if name not in names:
                near = get_close_matches(name, names, n=1, cutoff=0.5)
                hint = f"; did you mean {near[0]}?" if near else f"; the rules are {', '.join(names)}"
                raise UsageError(f"there is no rule called {name}{hint}")
        return replace(self, **changes) if changes else self

    def texts(self) -> list[tuple[str, str]]:
        """Return every rule as the kernel reads it: name and text; of a table, what it leaves unsaid."""
        # A run asks for them several times, and a search runs thousands of times.
        found: tuple[tuple[str, str], ...] | None = getattr(self, "_texts", None)
        if found is None:
            values = ((name, getattr(self, name)) for name in USUAL)
            found = tuple(
                (name, text_of(name, USUAL[name] if type(value) is BySymbol else value))
                for name, value in values
            )
            object.__setattr__(self, "_texts", found)
        return list(found)

    def tables(self, symbols: Sequence[str]) -> list[list[tuple[str, str]]]:
        """Return for each symbol of a run the terms that it has of its own, as the kernel reads them.

        Raises UsageError when a table or a currency names a symbol that the run does not have.
        """
        own = self._by_symbol()
        if not own and self.currency is None:
            return [[] for _ in symbols]
        for name in TERMS:
            table = getattr(self, name)
            if isinstance(table, BySymbol):
                must_be_known(f"{name} names", table, symbols)
        usual = dict(self.texts())["currency"]
        found = []
        for symbol, currency in zip(symbols, self._currencies(symbols), strict=True):
            said = {name: text_of(name, value) for name, value in own.get(symbol, {}).items()}
            if said.pop("currency", usual) != currency or currency != usual:
                said["currency"] = currency
            found.append(list(said.items()))
        return found

    def pricing(self, symbols: Sequence[str]) -> dict[str, str]:
        """Return the symbols of a run that have money of their own, each with the one that prices it."""
        numbers = zip(symbols, self._currencies(symbols), strict=True)
        return {symbol: symbols[int(number)] for symbol, number in numbers if number != "none"}

    def _currencies(self, symbols: Sequence[str]) -> list[str]:
        """Return for each symbol the number of the one that prices its money, or none."""
        numbers = {symbol: str(number) for number, symbol in enumerate(symbols)}
        table = (
            self.currency if isinstance(self.currency, BySymbol) else dict.fromkeys(symbols, self.currency)
        )
        found = []
        for symbol in symbols:
            named = as_text(table.get(symbol))
            if named != "none" and not named.isdigit():
                must_be_known("currency is", [named], symbols)
            number = numbers.get(named, named)
            if number == numbers[symbol] and (isinstance(self.currency, BySymbol) or len(symbols) == 1):
                raise UsageError(
                    f"currency of {symbol or 'the instrument'} is itself: name the symbol whose price turns "
                    "its money into the account's, or leave currency out"
                )
            # What prices a currency trades in the account's own.
            found.append("none" if number == numbers[symbol] else number)
        for symbol, number in zip(symbols, found, strict=True):
            if number == "none":
                continue
            pricing = int(number)
            if pricing >= len(symbols) or found[pricing] != "none":
                what = (
                    "which the run does not have" if pricing >= len(symbols) else "which has one of its own"
                )
                name = number if pricing >= len(symbols) else symbols[pricing]
                raise UsageError(f"currency of {symbol or 'the instrument'} is {name}, {what}")
        return found

    def differences(self) -> list[tuple[str, str]]:
        """Return the rules that differ from the default market, as a person reads them."""
        pairs = ((field.name, getattr(self, field.name), USUAL[field.name]) for field in fields(self))
        return [
            (name, text_for_person(value))
            for name, value, usual in pairs
            if value != usual and text_for_person(value) != text_for_person(usual)
        ]

    def _by_symbol(self) -> dict[str, dict[str, Any]]:
        """Return the terms of each symbol that a table names."""
        found: dict[str, dict[str, Any]] = {}
        for name in TERMS:
            table = getattr(self, name)
            if type(table) is BySymbol:  # an isinstance of what is a Mapping is slow
                for symbol, value in table.items():
                    found.setdefault(symbol, {})[name] = value
        return found


USUAL = {field.name: field.default for field in fields(Rules)}


def check(texts: list[tuple[str, str]], symbol: str = "") -> None:
    """Raise UsageError for what the kernel refuses: a value, or a combination that cannot be."""
    try:
        check_rules(texts)
    except ValueError as error:
        said = str(error)
        name, is_, rest = said.partition(" is ")
        if symbol:
            said = f"{name} of {symbol}{is_}{rest}" if is_ and name in USUAL else f"{said} ({symbol})"
        raise UsageError(said) from None


def must_be_known(what: str, named: Iterable[str], symbols: Sequence[str]) -> None:
    """Raise UsageError when a rule names a symbol that a run does not have."""
    for symbol in named:
        if symbol not in symbols:
            known = ", ".join(filter(None, symbols)) or "one instrument without a name"
            near = get_close_matches(symbol, symbols, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise UsageError(f"{what} {symbol}, but the run has {known}{hint}")


def text_of(name: str, value: Any) -> str:
    """Return a rule's value as the kernel's text; the name of a currency is a matter of each run."""
    if name == "currency" and isinstance(value, str) and not value.isdigit():
        return "none" if value else value
    return as_text(value)


def as_text(value: Any) -> str:
    """Return a rule's value as text; a float keeps its shortest decimals."""
    kind = type(value)
    if kind is str:
        return str(value)
    if kind is float:
        return repr(value)
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case tuple() | list() | set() | frozenset() if all(isinstance(part, str) for part in value):
            # A set has no order of its own, and a text must not depend on the process.
            return "+".join(sorted(value) if isinstance(value, set | frozenset) else value) or "none"
        case float():
            return repr(float(value))
        case _:
            return str(value)


def text_for_person(value: Any) -> str:
    """Return a rule's value as text; of a table, every symbol with its value."""
    if isinstance(value, BySymbol):
        return ", ".join(f"{symbol}: {as_text(one)}" for symbol, one in value.items())
    return as_text(value)
