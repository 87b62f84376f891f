"""What a person writes: a class whose annotated attributes are its parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Never, Unpack

import numpy as np

from eyas.asking import Level, level, number, number_of, one_of
from eyas.errors import UsageError
from eyas.market import Step
from eyas.model import Account, Bar, Event, Ticket, WaitingOrder
from eyas.notes import TEXT
from eyas.options import OrderOptions, Targets, WaitOptions, in_time, worded
from eyas.parameters import Parameter, check_parameters, parameters_of
from eyas.sight import Extra, Sight, View
from eyas.sight.indicator import computed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eyas.model import Bars
    from eyas.signals import Signals
    from eyas.timeframes import Session

SIZES = ("quantity", "notional", "fraction")
WHOLE = ("fraction", 1.0)


class Strategy:
    """Decide what to do on every bar; subclass it and write `on_bar`.

    Annotated attributes are parameters: `fast: int = 10`, or `fast: int = eyas.param(10, min=3, max=50)`.
    `on_start` runs once before the first bar, `on_fill` for each fill, `on_refusal` for each refused
    order, `on_end` after the last bar. A strategy sees closed bars only: nothing later than now.

    On a portfolio `on_bar` is called for each bar that has closed, in order of their symbols, and then
    `on_step` once. What names no symbol means that of the bar (or event) now being shown.
    """

    parameters_declared: ClassVar[dict[str, Parameter]] = {}

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.parameters_declared = parameters_of(cls, Strategy)

    def __init__(self, /, *positional: Never, **parameters: Any) -> None:
        name = type(self).__name__
        if positional:
            raise UsageError(f"{name} takes its parameters by name: {name}(name=value), not {name}(value)")
        values = check_parameters(name, self.parameters_declared, parameters)
        for name, value in values.items():
            setattr(self, name, value)

    # What a person overrides.

    def on_start(self) -> None:
        """Prepare indicators and state, before the first bar."""

    def on_bar(self, bar: Bar) -> None:
        """Decide, with everything up to and including `bar` known."""

    def on_step(self, step: Step) -> None:
        """Decide over all instruments, after the `on_bar` of each that has a new bar."""

    def on_fill(self, fill: Event) -> None:
        """Learn of a fill: before `on_bar`, or right after the hook whose order filled in the decision."""

    def on_refusal(self, refusal: Event) -> None:
        """Learn that an order, or a change of one (its kind is `warned`), was refused, and why."""

    def on_end(self) -> None:
        """Finish, after the last bar and after what was still open has been closed."""

    def signals(self, bars: Any) -> Signals:
        """Say all orders up front, as arrays, instead of deciding bar by bar: the fast way.

        `bars` has whole columns (`bars.close`), or is {symbol: bars} on a portfolio; parameters are there,
        no account is. What row i of the result asks for may depend on rows up to i alone, which nothing
        enforces here: `eyas.check` finds it out. A strategy that has it needs no other hook.
        """
        raise NotImplementedError

    # What a person reads.

    account: Account
    bars: View
    extra: Extra

    @property
    def parameters(self) -> dict[str, Any]:
        """Parameters of this strategy by name."""
        return {name: getattr(self, name) for name in self.parameters_declared}

    @property
    def symbols(self) -> tuple[str, ...]:
        """Symbols of the run, sorted; their places are the numbers of the instruments."""
        return self.__sight.symbols

    @property
    def position(self) -> float:
        """Sum of all open tickets of the symbol: above zero long, below zero short."""
        sight = self.__sight
        return self.account.position if sight.is_alone else self.account.position_of(sight.instrument(None))

    @property
    def is_flat(self) -> bool:
        """Whether nothing of the symbol is held."""
        sight = self.__sight
        if sight.is_alone:
            return self.account.ticket_count == 0
        return sight.instrument(None) not in sight.held(self.account)

    @property
    def is_long(self) -> bool:
        """Whether the position is above zero."""
        return self.position > 0

    @property
    def is_short(self) -> bool:
        """Whether the position is below zero."""
        return self.position < 0

    def position_of(self, symbol: str) -> float:
        """Return the sum of all open tickets of a symbol."""
        return self.account.position_of(self.__sight.instrument(symbol))

    # What a person asks for.

    def use(
        self,
        function: Callable[..., Any],
        *arguments: Any,
        symbol: str | None = None,
        timeframe: str | None = None,
        session: Session | None = None,
        **options: Any,
    ) -> Any:
        """Compute an indicator once over whole columns, and see it up to now.

        `function` takes arrays and returns an array of one float a bar, or a tuple of such arrays;
        the result is a Series, or a tuple of Series. The names of columns ("close") and series stand for
        their arrays; on a portfolio say whose: `symbol="AAPL"`. With a `timeframe`, aligned in UTC or to a
        `session`, or with series of one, it is computed from those longer bars. Only `on_start` may call
        it. Raises UsageError when the result has another length, or the series do not go together.
        """
        sight = self.__sight
        if not sight.is_open:
            raise UsageError(
                "use(...) belongs in on_start: an indicator is computed once, before the first bar"
            )
        group = sight.group_of([*arguments, *options.values()], symbol, timeframe, session)
        return computed(group, function, arguments, options)

    def last_bars(
        self,
        timeframe: str,
        count: int,
        *,
        symbol: str | None = None,
        missing: Literal["error", "skip"] = "error",
        session: Session | None = None,
    ) -> Bars:
        """Return the last `count` closed bars of a timeframe, oldest first, of the symbol that is shown.

        They open from aligned now − `count` steps on and before aligned now, where that is when the interval
        begins in which now lies: the same bars in a backtest and live, never the one that is forming.
        Raises DataError, which names the first that is missing, unless `missing` is "skip".
        """
        return self.__sight.last_bars(timeframe, count, symbol, missing, session)

    def note(self, text: str | None = None, /, **values: Any) -> None:
        """Note why this is decided: numbers, texts, truth values or indicators by name.

        What is noted in the same `on_bar` (or other hook of the step) as an order stands beside the trade
        that comes of it: in `report.trades`, on the page, in `report.notes`. Raises UsageError for others.
        """
        said = values if text is None else {TEXT: text, **values}
        sight = self.__sight
        sight.notes.add(self.account.event_count, self.account.bar_index, sight.shown, said)

    @cached_property
    def random(self) -> np.random.Generator:
        """Random numbers of the run: the same in every run with the same `seed`."""
        return np.random.default_rng(self.__sight.seed)

    def buy(
        self,
        quantity: float | None = None,
        *,
        notional: float | None = None,
        fraction: float | None = None,
        limit: float | None = None,
        stop: float | None = None,
        stop_loss: float | Level | None = None,
        take_profit: Targets = None,
        **options: Unpack[OrderOptions],
    ) -> int:
        """Ask for a long ticket and return the order's number.

        How much: `quantity` in units, `notional` in money, or `fraction` of the free cash, fee
        included (1.0 when nothing is said). When: at the market, at a `limit` or better, once a
        `stop` is reached, or, with both, at the limit once the stop is reached. `stop_loss` and
        `take_profit` are fractions of the entry (0.01 is 1 %), or `eyas.at(price)`, or
        `eyas.away(distance)`; `take_profit` may be a ladder, [(level, share of what remains), …].
        A refused order reaches `on_refusal`. docs/strategy.md explains the other options.
        """
        sizes = (quantity, notional, fraction)
        return self._open("buy", sizes, (limit, stop), stop_loss, take_profit, options)

    def sell(
        self,
        quantity: float | None = None,
        *,
        notional: float | None = None,
        fraction: float | None = None,
        limit: float | None = None,
        stop: float | None = None,
        stop_loss: float | Level | None = None,
        take_profit: Targets = None,
        **options: Unpack[OrderOptions],
    ) -> int:
        """Ask for a short ticket and return the order's number; see `buy`. To leave a long, `close`."""
        sizes = (quantity, notional, fraction)
        return self._open("sell", sizes, (limit, stop), stop_loss, take_profit, options)

    def add(
        self,
        ticket: int | Ticket,
        quantity: float | None = None,
        *,
        notional: float | None = None,
        fraction: float | None = None,
        limit: float | None = None,
        stop: float | None = None,
        **options: Unpack[WaitOptions],
    ) -> int:
        """Ask for a further entry into an open ticket, on its side, and return the order's number.

        Sizes and prices are those of `buy`. The ticket's levels stay where they are.
        """
        size = one_of(SIZES, (quantity, notional, fraction), WHOLE)
        word = worded("add", limit, stop, None, options)
        in_time(word.options, self.__sight.now)
        return self.account.add(number_of(ticket), size, word.kind, options=word.options)

    def close(
        self,
        ticket: int | Ticket | None = None,
        *,
        quantity: float | None = None,
        fraction: float | None = None,
    ) -> list[int]:
        """Ask to close a ticket, or every ticket, whole or in part; return the orders' numbers.

        On a portfolio every ticket is every one of the symbol now being shown; in `on_step`, of all.
        """
        numbers = self._mine(self.account.tickets) if ticket is None else [number_of(ticket)]
        size = one_of(("quantity", "fraction"), (quantity, fraction), WHOLE)
        return [self.account.close(one, size) for one in numbers]

    def cancel(self, order: int | WaitingOrder | None = None) -> None:
        """Take back a waiting order, or all of them (on a portfolio as `close` does)."""
        numbers = self._mine(self.account.waiting_orders) if order is None else [number_of(order)]
        for one in numbers:
            self.account.cancel(one)

    def amend(
        self,
        order: int | WaitingOrder,
        *,
        price: float | None = None,
        limit: float | None = None,
        quantity: float | None = None,
    ) -> bool:
        """Change a waiting order in place, and return whether it was changed.

        `price` is its limit, stop or trigger; `limit` that of an order that has both; `quantity` what is
        left of it. Its number and its turn stay.
        """
        given = changes("amend", price=price, limit=limit, quantity=quantity)
        return self.account.amend(number_of(order), **given)

    def move(
        self,
        ticket: int | Ticket,
        *,
        stop_loss: float | Level | None = None,
        take_profit: float | Level | None = None,
    ) -> bool:
        """Move the levels of an open ticket to prices, and return whether they were moved.

        A level that is not said stays, 0 takes it away; a new target takes the place of all that are
        left. Prices must lie on their sides of the last close.
        """
        wanted = {"stop_loss": stop_loss, "take_profit": take_profit}
        given = changes("move", **{name: price_of(value) for name, value in wanted.items()})
        place = number_of(ticket)
        for name, price in given.items():
            if 0 < price < 1 and not isinstance(wanted[name], Level):
                self._not_a_fraction(place, name, price)
        return self.account.amend_ticket(place, **given)

    # What a session does.

    def bind(self, account: Account, sight: Sight) -> None:
        """Attach the run, before `on_start`; `sight` is what can be seen of it, and which symbol is shown."""
        self.account = account
        # Two underscores: no attribute of a strategy's own can meet this one.
        self.__sight = sight
        self.bars = sight.views[sight.shown]
        self.extra = sight.extra

    def _not_a_fraction(self, ticket: int, name: str, price: float) -> None:
        """Raise UsageError for what is a fraction in `buy`, and here would be a price far from any."""
        entries = [held.entry_price for held in self.account.tickets if held.number == ticket]
        if entries and price < entries[0] / 10:
            raise UsageError(
                f"{name}={price} would be a price, for a ticket that was entered at {entries[0]:g}: the "
                f"levels of an open ticket are prices; if it is meant, write eyas.at({price})"
            )

    def _mine(self, items: Sequence[Ticket] | Sequence[WaitingOrder]) -> list[int]:
        """Return the numbers of the tickets or orders of the symbol that is shown, or of all."""
        shown = self.__sight.shown
        return [item.number for item in items if shown < 0 or item.instrument == shown]

    def _open(
        self,
        side: str,
        sizes: Sequence[float | None],
        prices: tuple[float | None, float | None],
        stop_loss: float | Level | None,
        take_profit: Targets,
        said: Mapping[str, Any],
    ) -> int:
        size = one_of(SIZES, sizes, WHOLE)
        # Below the entry a fraction of 1 is the price 0; above it, 10 times the entry is a typing error.
        loss = level("stop_loss", stop_loss, 1.0 if side == "buy" else 10.0)
        if loss and loss[0] == "risk":
            raise UsageError(
                "stop_loss cannot be a multiple of the risk, since it decides the risk: give a fraction, "
                "eyas.at(price) or eyas.away(distance)"
            )
        instrument = self.__sight.shown
        limit, stop = prices
        both = limit is not None and stop is not None
        if said or both or instrument != 0 or isinstance(take_profit, list | tuple):
            word = worded(side, limit, stop, take_profit, said)
            in_time(word.options, self.__sight.now)
            instrument = self.__sight.instrument(said.get("symbol"))
            return self.account.open(
                side,
                size,
                word.kind,
                stop_loss=loss,
                take_profit=word.take_profit,
                instrument=instrument,
                options=word.options,
            )
        kind = one_of(("limit", "stop"), prices, ("market", 0.0))
        target = level("take_profit", take_profit, 10.0)
        return self.account.open(side, size, kind, stop_loss=loss, take_profit=target)


def changes(verb: str, **values: float | None) -> dict[str, float]:
    """Return what is to be changed, or raise UsageError where nothing is."""
    given = {name: number(name, value) for name, value in values.items() if value is not None}
    if not given:
        raise UsageError(f"{verb} needs something to change: {', '.join(values)}")
    return given


def price_of(value: float | Level | None) -> float | None:
    """Return a level as a price; only `eyas.at` says one in words."""
    if not isinstance(value, Level):
        return value
    if value.kind != "price":
        raise UsageError(f"the levels of an open ticket are prices: give a number or eyas.at(…), not {value}")
    return value.value
