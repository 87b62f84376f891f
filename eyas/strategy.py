"""What a person writes: a class whose annotated attributes are its parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Never

import numpy as np

from eyas.asking import Level, level, number_of, one_of
from eyas.errors import UsageError
from eyas.model import Account, Bar, Event, History, Ticket, WaitingOrder
from eyas.parameters import Parameter, check_parameters, parameters_of
from eyas.sight import Attached, View, as_column, check_no_look_ahead, labelled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.model import Bars


class Strategy:
    """Decide what to do on every bar; subclass it and write `on_bar`.

    Annotated attributes are parameters: `fast: int = 10`, or `fast: int = eyas.param(10, min=3, max=50)`.
    `on_start` runs once before the first bar, `on_fill` for each fill, `on_refusal` for each refused
    order, `on_end` after the last bar. A strategy sees closed bars only: nothing later than now.
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

    def on_fill(self, fill: Event) -> None:
        """Learn of a fill: before `on_bar`, or right after the hook whose order filled in the decision."""

    def on_refusal(self, refusal: Event) -> None:
        """Learn that an order was refused; `refusal.refusal` names why."""

    def on_end(self) -> None:
        """Finish, after the last bar and after what was still open has been closed."""

    # What a person reads.

    account: Account
    bars: View

    @property
    def parameters(self) -> dict[str, Any]:
        """Parameters of this strategy by name."""
        return {name: getattr(self, name) for name in self.parameters_declared}

    @property
    def position(self) -> float:
        """Sum of all open tickets: above zero long, below zero short."""
        return self.account.position

    @property
    def is_flat(self) -> bool:
        """Whether nothing is held."""
        return self.account.ticket_count == 0

    @property
    def is_long(self) -> bool:
        """Whether the position is above zero."""
        return self.account.position > 0

    @property
    def is_short(self) -> bool:
        """Whether the position is below zero."""
        return self.account.position < 0

    # What a person asks for.

    def use(self, function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """Compute an indicator once over whole columns, and see it up to now.

        `function` takes arrays and returns an array of one float a bar, or a tuple of such arrays;
        the result is a Series, or a tuple of Series. The names of columns ("close") and series stand for
        their arrays. Only `on_start` may call it. Raises UsageError when the result has another length.
        """
        run = self.__run
        if run is None:
            raise UsageError(
                "use(...) belongs in on_start: an indicator is computed once, before the first bar"
            )
        label = labelled(function, [*arguments, *options.values()])
        columns = [run.whole(argument) for argument in arguments]
        named = {name: run.whole(option) for name, option in options.items()}
        result = function(*columns, **named)
        parts = result if isinstance(result, tuple) else (result,)
        labels = [f"{label}[{place}]" for place in range(len(parts))] if parts is result else [label]
        arrays = [as_column(values, name, len(run.bars)) for values, name in zip(parts, labels, strict=True)]
        check_no_look_ahead(function, columns, named, arrays, label)
        seen = [run.series(array, name) for array, name in zip(arrays, labels, strict=True)]
        return tuple(seen) if parts is result else seen[0]

    def buy(
        self,
        quantity: float | None = None,
        *,
        notional: float | None = None,
        fraction: float | None = None,
        limit: float | None = None,
        stop: float | None = None,
        stop_loss: float | Level | None = None,
        take_profit: float | Level | None = None,
    ) -> int:
        """Ask for a long ticket and return the order's number.

        How much: `quantity` in units, `notional` in money, or `fraction` of the free cash, fee
        included (1.0 when nothing is said). When: at the market, at a `limit` or better, or once a
        `stop` is reached. `stop_loss` and `take_profit` are fractions of the entry (0.01 is 1 %), or
        `eyas.at(price)`, or `eyas.away(distance)`. A refused order reaches `on_refusal`.
        """
        return self._open("buy", (quantity, notional, fraction), (limit, stop), stop_loss, take_profit)

    def sell(
        self,
        quantity: float | None = None,
        *,
        notional: float | None = None,
        fraction: float | None = None,
        limit: float | None = None,
        stop: float | None = None,
        stop_loss: float | Level | None = None,
        take_profit: float | Level | None = None,
    ) -> int:
        """Ask for a short ticket and return the order's number; see `buy`. To leave a long, `close`."""
        return self._open("sell", (quantity, notional, fraction), (limit, stop), stop_loss, take_profit)

    def close(
        self,
        ticket: int | Ticket | None = None,
        *,
        quantity: float | None = None,
        fraction: float | None = None,
    ) -> list[int]:
        """Ask to close a ticket, or every ticket, whole or in part; return the orders' numbers."""
        numbers = [held.number for held in self.account.tickets] if ticket is None else [number_of(ticket)]
        size = one_of(("quantity", "fraction"), (quantity, fraction), ("fraction", 1.0))
        return [self.account.close(number, size) for number in numbers]

    def cancel(self, order: int | WaitingOrder | None = None) -> None:
        """Take back a waiting order, or all of them."""
        waiting = self.account.waiting_orders if order is None else [order]
        for number in map(number_of, waiting):
            self.account.cancel(number)

    # What a session does.

    def bind(
        self, account: Account, bars: Bars, history: History, indicators: dict[str, NDArray[np.float64]]
    ) -> None:
        """Attach the run, before `on_start`; `indicators` collects what `use` computes."""
        self.account = account
        self.bars = View(bars, history)
        # Two underscores: no attribute of a strategy's own can meet this one.
        self.__run: Attached | None = Attached(bars, history, indicators)

    def seal(self) -> None:
        """Take back the whole columns, after `on_start`."""
        self.__run = None

    def _open(
        self,
        side: str,
        sizes: Sequence[float | None],
        prices: Sequence[float | None],
        stop_loss: float | Level | None,
        take_profit: float | Level | None,
    ) -> int:
        return self.account.open(
            side,
            one_of(("quantity", "notional", "fraction"), sizes, ("fraction", 1.0)),
            one_of(("limit", "stop"), prices, ("market", 0.0)),
            # Below the entry a fraction of 1 is the price 0; above it, 10 times the entry is a typing error.
            stop_loss=level("stop_loss", stop_loss, 1.0 if side == "buy" else 10.0),
            take_profit=level("take_profit", take_profit, 10.0),
        )
