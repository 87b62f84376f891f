//! Every named difference between markets. A preset is a value of `Rules`; nothing asks which.

use crate::limits::{Limits, LIMITS};
use crate::names::{names, record, rules, Field};
use crate::number::{MONEY_DECIMALS, RATE_ONE};
use crate::reading::*;
use crate::terms::{Terms, TERMS};

names! {
    /// When an order at the market fills.
    pub enum FillAt {
        NextOpen = 0 "next_open",
        Close = 1 "close",
        SignalPrice = 2 "signal_price",
        GivenPrice = 3 "given_price",
        SameOpen = 4 "same_open",
    }
}

names! {
    /// On which bar a ticket's stop and target first count (R8).
    pub enum BracketFrom {
        /// On the fill bar when the entry filled at an open, else on the next.
        Auto = 0 "auto",
        FillBar = 1 "fill_bar",
        AfterFill = 2 "after_fill",
    }
}

names! {
    /// Whether a time limit acts before or after stop and targets of its bar (R11).
    pub enum TimeExit {
        Last = 0 "last",
        First = 1 "first",
    }
}

names! {
    /// Where a level fills that the close or a given price has triggered (R15).
    pub enum BracketPrice {
        Level = 0 "level",
        Close = 1 "close",
    }
}

names! {
    /// Where a level fills that the open has already passed.
    pub enum Gap {
        Open = 0 "open",
        Level = 1 "level",
    }
}

names! {
    /// Which acts when one bar touches both stop and target.
    pub enum Tie {
        Stop = 0 "stop",
        Target = 1 "target",
        NearestToOpen = 2 "nearest_to_open",
        /// A bar that closes no lower than it opens went low first, any other high first.
        OpenHighLow = 3 "open_high_low",
        /// Finer bars say so; inside one of those, the stop.
        FinerBars = 4 "finer_bars",
    }
}

names! {
    /// What reaches a ticket's level.
    pub enum Trigger {
        Range = 0 "range",
        Close = 1 "close",
        GivenPrice = 2 "given_price",
    }
}

names! {
    /// Whether a bar moves trailing stops before or after it tests them (R16).
    pub enum TrailUpdate {
        After = 0 "after",
        Before = 1 "before",
    }
}

names! {
    /// Whether every entry is a ticket of its own, or all entries of an instrument are one position.
    pub enum Holding {
        Tickets = 0 "tickets",
        Net = 1 "net",
    }
}

names! {
    /// What pays for a position.
    pub enum AccountKind {
        /// Open profit counts, and margin is set aside.
        Margin = 0 "margin",
        /// The full price is paid; nothing is sold short.
        Cash = 1 "cash",
        /// The full price is set aside, of shorts too.
        Collateral = 2 "collateral",
    }
}

names! {
    /// Whether all equity stands for a ticket, or only its own margin (R27).
    pub enum MarginMode {
        Cross = 0 "cross",
        Isolated = 1 "isolated",
    }
}

names! {
    /// Which prices admit a further entry into a ticket (R28).
    pub enum Averaging {
        Any = 0 "any",
        /// One better than the average of what is held.
        Effective = 1 "effective",
        /// One better than every entry before.
        Extreme = 2 "extreme",
    }
}

names! {
    pub enum Rounding {
        Down = 0 "down",
        Nearest = 1 "nearest",
    }
}

names! {
    /// What happens to open tickets after the last bar.
    pub enum EndPolicy {
        CloseLast = 0 "close_last",
        MarkOnly = 1 "mark_only",
    }
}

names! {
    /// What is done with a stated price outside its bar (R25).
    pub enum PriceCheck {
        Strict = 0 "strict",
        Warn = 1 "warn",
        Off = 2 "off",
    }
}

names! {
    /// Who matches orders.
    pub enum Matching {
        Here = 0 "here",
        Elsewhere = 1 "elsewhere",
    }
}

record! {
    /// The kinds of fill that spread and slippage apply to (R7).
    pub struct FillKinds {
        pub market: bool,
        pub stop: bool,
        pub limit: bool,
    }
}

rules! {
    /// The rules that hold for all instruments.
    pub struct MarketRules;
    table MARKET_RULES;
    market_fill: FillAt = FillAt::NextOpen, |text, _| FillAt::from_name(text), "next_open, close, signal_price, given_price or same_open";
    exit_fill: FillAt = FillAt::NextOpen, |text, _| FillAt::from_name(text), "next_open, close, signal_price, given_price or same_open";
    bracket_from: BracketFrom = BracketFrom::Auto, |text, _| BracketFrom::from_name(text), "auto, fill_bar or after_fill";
    time_exit: TimeExit = TimeExit::Last, |text, _| TimeExit::from_name(text), "last or first";
    bracket_price: BracketPrice = BracketPrice::Level, |text, _| BracketPrice::from_name(text), "level or close";
    gap: Gap = Gap::Open, |text, _| Gap::from_name(text), "open or level";
    tie: Tie = Tie::Stop, |text, _| Tie::from_name(text), "stop, target, nearest_to_open, open_high_low or finer_bars";
    stop_trigger: Trigger = Trigger::Range, |text, _| Trigger::from_name(text), "range, close or given_price";
    target_trigger: Trigger = Trigger::Range, |text, _| Trigger::from_name(text), "range, close or given_price";
    trail_update: TrailUpdate = TrailUpdate::After, |text, _| TrailUpdate::from_name(text), "after or before";
    reentry_same_bar: bool = true, |text, _| yes_or_no(text), "yes or no (True or False in Python)";
    holding: Holding = Holding::Tickets, |text, _| Holding::from_name(text), "tickets or net";
    short: bool = true, |text, _| yes_or_no(text), "yes or no (True or False in Python)";
    tickets_max: Option<u32> = None, |text, _| optional(text, whole_above_zero), "none, or a whole number above 0";
    tickets_per_symbol_max: Option<u32> = None, |text, _| optional(text, whole_above_zero), "none, or a whole number above 0";
    account: AccountKind = AccountKind::Margin, |text, _| AccountKind::from_name(text), "margin, cash or collateral";
    margin_mode: MarginMode = MarginMode::Cross, |text, _| MarginMode::from_name(text), "cross or isolated";
    leverage: i64 = RATE_ONE, |text, _| rate(text, 1, 1_000_000 * RATE_ONE), "a number from 1 to 1000000";
    margin_cap: i64 = RATE_ONE, |text, _| rate(text, 1, RATE_ONE), "a number above 0, at most 1";
    margin_call: Option<i64> = None, |text, _| optional(text, |text| rate(text, 1, 1_000 * RATE_ONE)), "none, or a number above 0, at most 1000";
    slippage_on: FillKinds = FillKinds { market: true, stop: true, limit: false }, |text, _| fill_kinds(text), "any of market, stop and limit, joined by +, or none";
    rounding: Rounding = Rounding::Down, |text, _| Rounding::from_name(text), "down or nearest";
    latency_bars: u32 = 0, |text, _| whole(text, 1_000_000), "a whole number of bars, at most 1000000";
    latency_ms: i64 = 0, |text, _| milliseconds(text), "milliseconds, at least 0 and at most 1e12";
    averaging: Averaging = Averaging::Any, |text, _| Averaging::from_name(text), "any, effective or extreme";
    end_policy: EndPolicy = EndPolicy::CloseLast, |text, _| EndPolicy::from_name(text), "close_last or mark_only";
    price_check: PriceCheck = PriceCheck::Strict, |text, _| PriceCheck::from_name(text), "strict, warn or off";
    matching: Matching = Matching::Here, |text, _| Matching::from_name(text), "here or elsewhere";
}

/// All rules of a market: those of all instruments, the terms of one that has none of its own, and the limits
/// that a person sets on themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Rules {
    pub market: MarketRules,
    pub terms: Terms,
    pub limits: Limits,
}

/// Why rules cannot be: the name of one rule, and what it may be; or a sentence about two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleError {
    Unknown,
    Value { name: &'static str, allowed: &'static str },
    Impossible(&'static str),
}

/// Return every rule by name, with what it may be.
pub fn all_rules() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    MARKET_RULES.iter().chain(TERMS).chain(LIMITS)
}

impl Rules {
    /// Set rules by name and text. `price_decimals` is taken first, since others are scaled by it.
    pub fn set_all<'a>(&mut self, pairs: &[(&'a str, &'a str)]) -> Result<(), RuleError> {
        let is_scale = |pair: &&(&str, &str)| pair.0 == "price_decimals";
        for (name, text) in pairs.iter().filter(is_scale) {
            self.set(name, text)?;
        }
        for (name, text) in pairs.iter().filter(|pair| !is_scale(pair)) {
            self.set(name, text)?;
        }
        self.check()
    }

    fn set(&mut self, name: &str, text: &str) -> Result<(), RuleError> {
        let found = all_rules().find(|rule| rule.0 == name);
        let (name, allowed) = *found.ok_or(RuleError::Unknown)?;
        let decimals = self.terms.price_decimals;
        let has = |table: &[(&str, &str)]| table.iter().any(|rule| rule.0 == name);
        let done = if has(MARKET_RULES) {
            self.market.assign(name, text, decimals)
        } else if has(TERMS) {
            self.terms.assign(name, text, decimals)
        } else {
            self.limits.assign(name, text, decimals)
        };
        done.ok_or(RuleError::Value { name, allowed })
    }

    /// Refuse combinations that cannot be (R38).
    pub fn check(&self) -> Result<(), RuleError> {
        let impossible = self.impossible_accounts().into_iter().chain(self.impossible_markets());
        match impossible.into_iter().find(|(is_so, _)| *is_so) {
            Some((_, why)) => Err(RuleError::Impossible(why)),
            None => Ok(()),
        }
    }

    /// Pair what an account cannot be with the sentence that says so.
    fn impossible_accounts(&self) -> [(bool, &'static str); 8] {
        let market = &self.market;
        let margin = market.account == AccountKind::Margin;
        let isolated = market.margin_mode == MarginMode::Isolated;
        let net = market.holding == Holding::Net;
        [
            (market.leverage < RATE_ONE, "leverage below 1 would tie up more than a position costs"),
            (!margin && market.leverage != RATE_ONE, "leverage other than 1 needs account=margin"),
            (
                market.margin_call.is_some() && !(margin && market.leverage > RATE_ONE),
                "margin_call needs account=margin and leverage above 1",
            ),
            (isolated && !margin, "margin_mode=isolated needs account=margin"),
            (isolated && net, "margin_mode=isolated needs holding=tickets"),
            (
                isolated && market.margin_call.is_some(),
                "margin_mode=isolated liquidates each ticket by itself, so it has no margin_call",
            ),
            (net && market.averaging != Averaging::Any, "averaging other than any needs holding=tickets"),
            (
                market.account == AccountKind::Cash && self.terms.borrow_rate != 0,
                "borrow_rate needs shorts, which account=cash never has",
            ),
        ]
    }

    /// Pair what a market cannot be with the sentence that says so.
    fn impossible_markets(&self) -> [(bool, &'static str); 7] {
        let (market, terms) = (&self.market, &self.terms);
        let elsewhere = market.matching == Matching::Elsewhere;
        let latency = market.latency_bars > 0 || market.latency_ms > 0;
        let same_open = market.market_fill == FillAt::SameOpen || market.exit_fill == FillAt::SameOpen;
        [
            (terms.slippage_ticks != 0 && terms.price_tick == 0, "slippage_ticks needs a price_tick"),
            (
                elsewhere && terms.fill_volume.is_some(),
                "fill_volume needs matching=here: a venue fills what it fills",
            ),
            (
                elsewhere && market.margin_call.is_some(),
                "margin_call needs matching=here: a venue calls its own margin",
            ),
            (
                elsewhere && (terms.funding_rate != 0 || terms.borrow_rate != 0),
                "funding_rate and borrow_rate need matching=here: a venue charges them itself",
            ),
            (elsewhere && latency, "latency needs matching=here: a venue has its own"),
            (
                market.latency_bars > 0 && market.latency_ms > 0,
                "latency_bars and latency_ms cannot both be set",
            ),
            (
                latency && same_open,
                "latency cannot be set with market_fill or exit_fill=same_open, which fills before it is asked",
            ),
        ]
    }
}

impl Field for Rules {
    fn put(&self, bytes: &mut alloc::vec::Vec<u8>) {
        self.market.put(bytes);
        self.terms.put(bytes);
        self.limits.put(bytes);
    }
    fn take(bytes: &mut &[u8]) -> Option<Rules> {
        let rules =
            Rules { market: Field::take(bytes)?, terms: Field::take(bytes)?, limits: Field::take(bytes)? };
        let possible = rules.check().is_ok() && rules.terms.price_decimals <= MONEY_DECIMALS;
        possible.then_some(rules)
    }
}
