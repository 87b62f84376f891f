//! The names that a program is written in. A host lists them; a number in a program is a place in such a list.

/// Declare an enum that is counted from 0, with its names in order.
macro_rules! codes {
    ($(#[$about:meta])* $enum:ident { $($(#[$note:meta])* $value:ident = $name:literal),+ $(,)? }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum $enum { $($(#[$note])* $value),+ }

        impl $enum {
            pub const ALL: &'static [$enum] = &[$($enum::$value),+];
            pub const NAMES: &'static [&'static str] = &[$($name),+];

            pub fn name(self) -> &'static str {
                $enum::NAMES[self as usize]
            }

            pub fn of(code: u16) -> Option<$enum> {
                $enum::ALL.get(code as usize).copied()
            }
        }
    };
}

codes! {
    /// What a step does with its operands a, b and c: registers but where said.
    Op {
        End = "end",
        /// a: place of a step.
        Jump = "jump",
        /// a: place of a step; when b is true, or false.
        JumpIf = "jump_if",
        JumpUnless = "jump_unless",
        /// a = b
        Move = "move",
        /// a = b, which must last beyond this bar.
        Keep = "keep",
        /// Fail unless a holds something: b is the number of its name.
        NeedLocal = "need_local",
        NeedAttribute = "need_attribute",
        /// a = b op c
        Add = "add",
        Subtract = "subtract",
        Multiply = "multiply",
        Divide = "divide",
        FloorDivide = "floor_divide",
        Remainder = "remainder",
        Power = "power",
        Less = "less",
        LessEqual = "less_equal",
        Equal = "equal",
        NotEqual = "not_equal",
        Greater = "greater",
        GreaterEqual = "greater_equal",
        Is = "is",
        IsNot = "is_not",
        Least = "least",
        Most = "most",
        /// a = op b
        Negative = "negative",
        Positive = "positive",
        Absolute = "absolute",
        Not = "not",
        Truth = "truth",
        Float = "float",
        Whole = "whole",
        /// a = b rounded to c digits, None for a whole number.
        Round = "round",
        /// a = the function of number c, of b.
        Function = "function",
        /// a = the bar's field of number b.
        BarField = "bar_field",
        /// a = the account's field of number b.
        AccountField = "account_field",
        /// a = b's field of number c.
        Field = "field",
        /// a = b[c]
        Item = "item",
        Length = "length",
        /// a = whether b crossed c.
        CrossedAbove = "crossed_above",
        CrossedBelow = "crossed_below",
        /// a = a level of kind c at b.
        Level = "level",
        /// Fail unless a may count a range.
        Countable = "countable",
        /// a = the number of the order of ask b.
        Ask = "ask",
        /// a = the orders that close ticket b, None for all; c and c + 1 hold quantity and fraction.
        Close = "close",
        /// Cancel order a, None for all.
        Cancel = "cancel",
        /// a = whether order b was changed; c and on hold price, limit and quantity.
        Amend = "amend",
        /// a = whether the levels of ticket b were moved; c and c + 1 hold stop_loss and take_profit.
        MoveLevels = "move_levels",
    }
}

codes! {
    /// A field of the bar.
    BarField {
        Open = "open", High = "high", Low = "low", Close = "close", Volume = "volume", Given = "given",
        Funding = "funding", Time = "time", CloseTime = "close_time", Index = "index",
        Instrument = "instrument", Symbol = "symbol",
    }
}

codes! {
    /// A field of the account, and what a strategy says of it.
    AccountField {
        Cash = "cash", Equity = "equity", FreeCash = "free_cash", UsedMargin = "used_margin",
        MarginLevel = "margin_level", OpenProfit = "open_profit", Position = "position",
        AmbiguousBars = "ambiguous_bars", TicketCount = "ticket_count", BarIndex = "bar_index",
        EventCount = "event_count", Tickets = "tickets", WaitingOrders = "waiting_orders",
        IsFlat = "is_flat", IsLong = "is_long", IsShort = "is_short",
    }
}

codes! {
    /// A field of a ticket, an order, a series or a level.
    Field {
        Number = "number", Instrument = "instrument", Direction = "direction", Quantity = "quantity",
        EntryPrice = "entry_price", StopLoss = "stop_loss", StopCause = "stop_cause",
        TakeProfit = "take_profit", Trailing = "trailing", Highest = "highest", Lowest = "lowest",
        LiquidationPrice = "liquidation_price", OpenProfit = "open_profit",
        RealisedProfit = "realised_profit", Fees = "fees", OpenedBar = "opened_bar",
        OpenedTime = "opened_time", Side = "side", Kind = "kind", Intent = "intent", Price = "price",
        Limit = "limit", Ticket = "ticket", TimeInForce = "time_in_force", Held = "held", Value = "value",
    }
}

codes! {
    /// A function of numbers.
    Function {
        Sqrt = "sqrt", Floor = "floor", Ceil = "ceil", Trunc = "trunc", Fabs = "fabs", IsNan = "isnan",
        IsInf = "isinf", IsFinite = "isfinite", Exp = "exp", Log = "log", Log2 = "log2", Log10 = "log10",
    }
}

codes! {
    /// Where a level stands.
    LevelKind { Price = "price", Distance = "distance", Fraction = "fraction", Risk = "risk" }
}

codes! {
    /// What may be said of an order.
    Say {
        Quantity = "quantity", Notional = "notional", Fraction = "fraction", Limit = "limit", Stop = "stop",
        StopLoss = "stop_loss", TakeProfit = "take_profit", Touch = "touch", Trail = "trail", At = "at",
        GoodFor = "good_for", GoodTill = "good_till", TimeInForce = "time_in_force", PostOnly = "post_only",
        Cancels = "cancels", After = "after", Rank = "rank", Trailing = "trailing",
        TrailingFrom = "trailing_from", Breakeven = "breakeven", BreakevenOffset = "breakeven_offset",
        BreakevenAfter = "breakeven_after", LeaveAfter = "leave_after", ReduceOnly = "reduce_only",
    }
}

codes! {
    /// What an ask is: its verb.
    Verb { Buy = "buy", Sell = "sell", Add = "add" }
}

codes! {
    /// A step of the watch, over 64 bars at once: a is where it writes, a row of floats or of bits.
    Look {
        /// floats a = the series in register b, c bars ago
        Series = "series",
        /// floats a = the bar's field of number b
        BarField = "bar_field",
        /// floats a = the number in register b
        Number = "number",
        /// floats a = floats b op floats c
        Add = "add", Subtract = "subtract", Multiply = "multiply", Divide = "divide",
        Negative = "negative", Absolute = "absolute",
        /// bits a = floats b op floats c
        Less = "less", LessEqual = "less_equal", Equal = "equal", NotEqual = "not_equal",
        Greater = "greater", GreaterEqual = "greater_equal",
        /// bits a = whether the series in register b crossed what is in register c
        CrossedAbove = "crossed_above", CrossedBelow = "crossed_below",
        /// bits a = bits b op bits c
        And = "and", Or = "or", Not = "not",
        /// bits a = all of them
        All = "all",
        /// bits a = the rows before row b
        Early = "early",
        /// bits a are the answer
        Answer = "answer",
    }
}

/// Every list by the name that a host knows it by.
pub const LISTS: &[(&str, &[&str])] = &[
    ("op", Op::NAMES),
    ("bar", BarField::NAMES),
    ("account", AccountField::NAMES),
    ("field", Field::NAMES),
    ("function", Function::NAMES),
    ("level", LevelKind::NAMES),
    ("say", Say::NAMES),
    ("verb", Verb::NAMES),
    ("look", Look::NAMES),
];
