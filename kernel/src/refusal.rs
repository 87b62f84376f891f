//! Why not: the closed list of refusals, each named by what must hold.

use crate::names::names;

names! {
    /// Why an order, a cancel or a bar was refused: the first that does not hold. When an order is
    /// submitted: the run, its numbers, step, size, tick, a known price, its ticket or levels. When it
    /// fills (R5): its ticket, re-entry, short, ticket limit, price, levels, size, cover.
    /// `spec/refusals.md` lists them with an example each.
    pub enum Refusal {
        None = 0 "none",
        RunMustBeOpen = 1 "run_must_be_open",
        OrderMustBeWaiting = 2 "order_must_be_waiting",
        MatchingMustBeElsewhere = 3 "matching_must_be_elsewhere",
        RulesMustBePossible = 4 "rules_must_be_possible",
        QuantityMustBeANumber = 10 "quantity_must_be_a_number",
        QuantityMustBePositive = 11 "quantity_must_be_positive",
        QuantityMustBeInRange = 12 "quantity_must_be_in_range",
        QuantityMustReachStep = 13 "quantity_must_reach_step",
        QuantityMustBeGiven = 14 "quantity_must_be_given",
        FractionMustBeAboveZeroToOne = 15 "fraction_must_be_above_zero_to_one",
        PriceMustBeANumber = 20 "price_must_be_a_number",
        PriceMustBePositive = 21 "price_must_be_positive",
        PriceMustBeInRange = 22 "price_must_be_in_range",
        PriceMustBeOnTick = 23 "price_must_be_on_tick",
        PriceMustBeKnown = 24 "price_must_be_known",
        LevelMustBeANumber = 30 "level_must_be_a_number",
        StopMustBeBeyondPrice = 31 "stop_must_be_beyond_price",
        TargetMustBeBeyondPrice = 32 "target_must_be_beyond_price",
        TicketMustBeOpen = 40 "ticket_must_be_open",
        CloseMustBeMarketOrder = 41 "close_must_be_market_order",
        ReentryMustWaitForNextBar = 50 "reentry_must_wait_for_next_bar",
        ShortMustBeAllowed = 51 "short_must_be_allowed",
        TicketsMustStayWithinLimit = 52 "tickets_must_stay_within_limit",
        CashMustCoverOrder = 60 "cash_must_cover_order",
        MarginMustCoverOrder = 61 "margin_must_cover_order",
        MoneyMustStayInRange = 62 "money_must_stay_in_range",
        BarMustBeInRange = 70 "bar_must_be_in_range",
        BarMustHoldItsPrices = 71 "bar_must_hold_its_prices",
        BarMustBeLater = 72 "bar_must_be_later",
    }
}
