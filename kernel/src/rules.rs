//! Every named difference between markets. A preset is a value of `Rules`; nothing asks which.

use crate::names::names;
use crate::number::{parse, MONEY_DECIMALS, RATE_DECIMALS, RATE_ONE, UNITS_MAX};

names! {
    /// When an order at the market fills.
    pub enum FillAt {
        NextOpen = 0 "next_open",
        Close = 1 "close",
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
    }
}

names! {
    /// What pays for a position.
    pub enum AccountKind {
        /// Open profit counts, and margin is set aside.
        Margin = 0 "margin",
        /// The full price is paid; nothing is sold short.
        Cash = 1 "cash",
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
    /// Who matches orders.
    pub enum Matching {
        Here = 0 "here",
        Elsewhere = 1 "elsewhere",
    }
}

/// The kinds of fill that spread and slippage apply to (R7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FillKinds {
    pub market: bool,
    pub stop: bool,
    pub limit: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    pub market_fill: FillAt,
    pub exit_fill: FillAt,
    pub bracket_from: BracketFrom,
    pub gap: Gap,
    pub tie: Tie,
    pub reentry_same_bar: bool,
    pub short: bool,
    pub tickets_max: Option<u32>,
    pub account: AccountKind,
    pub leverage: i64,
    pub margin_cap: i64,
    pub margin_call: Option<i64>,
    pub fee_rate: i64,
    pub maker_fee_rate: Option<i64>,
    pub fee_fixed: i128,
    pub spread: i64,
    pub slippage: i64,
    pub slippage_on: FillKinds,
    pub quantity_step: i64,
    pub price_tick: i64,
    pub rounding: Rounding,
    pub end_policy: EndPolicy,
    pub matching: Matching,
    pub price_decimals: u32,
}

impl Default for Rules {
    fn default() -> Rules {
        Rules {
            market_fill: FillAt::NextOpen,
            exit_fill: FillAt::NextOpen,
            bracket_from: BracketFrom::Auto,
            gap: Gap::Open,
            tie: Tie::Stop,
            reentry_same_bar: true,
            short: true,
            tickets_max: None,
            account: AccountKind::Margin,
            leverage: RATE_ONE,
            margin_cap: RATE_ONE,
            margin_call: None,
            fee_rate: 0,
            maker_fee_rate: None,
            fee_fixed: 0,
            spread: 0,
            slippage: 0,
            slippage_on: FillKinds { market: true, stop: true, limit: false },
            quantity_step: 0,
            price_tick: 0,
            rounding: Rounding::Down,
            end_policy: EndPolicy::CloseLast,
            matching: Matching::Here,
            price_decimals: 8,
        }
    }
}

/// Every rule by name, with what it may be: the words a host shows when a value is wrong.
pub const RULES: &[(&str, &str)] = &[
    ("market_fill", "next_open or close"),
    ("exit_fill", "next_open or close"),
    ("bracket_from", "auto, fill_bar or after_fill"),
    ("gap", "open or level"),
    ("tie", "stop, target or nearest_to_open"),
    ("reentry_same_bar", "yes or no (True or False in Python)"),
    ("short", "yes or no (True or False in Python)"),
    ("tickets_max", "none, or a whole number above 0"),
    ("account", "margin or cash"),
    ("leverage", "a number from 1 to 1000000"),
    ("margin_cap", "a number above 0, at most 1"),
    ("margin_call", "none, or a number above 0, at most 1000"),
    ("fee_rate", "a fraction of the traded money, at least 0 and below 1 (0.001 is 0.1 %)"),
    ("maker_fee_rate", "none, or a fraction above -1 and below 1 (negative is a rebate)"),
    ("fee_fixed", "money for each fill, at least 0 and at most 2e10"),
    ("spread", "a width in price units, at least 0 and in the range of prices"),
    ("slippage", "a fraction of the price, at least 0 and below 1"),
    ("slippage_on", "any of market, stop and limit, joined by +, or none"),
    ("quantity_step", "a quantity in range, 0 for no step"),
    ("price_tick", "a price in range, 0 for no tick"),
    ("rounding", "down or nearest"),
    ("end_policy", "close_last or mark_only"),
    ("matching", "here or elsewhere"),
    ("price_decimals", "a whole number from 0 to 16"),
];

/// Why rules cannot be: the name of one rule, and what it may be; or a sentence about two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleError {
    Unknown,
    Value { name: &'static str, allowed: &'static str },
    Impossible(&'static str),
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
        let (name, allowed) = match RULES.iter().find(|rule| rule.0 == name) {
            Some(rule) => *rule,
            None => return Err(RuleError::Unknown),
        };
        self.assign(name, text).ok_or(RuleError::Value { name, allowed })
    }

    fn assign(&mut self, name: &str, text: &str) -> Option<()> {
        let quantity_decimals = MONEY_DECIMALS - self.price_decimals;
        match name {
            "market_fill" => self.market_fill = FillAt::from_name(text)?,
            "exit_fill" => self.exit_fill = FillAt::from_name(text)?,
            "bracket_from" => self.bracket_from = BracketFrom::from_name(text)?,
            "gap" => self.gap = Gap::from_name(text)?,
            "tie" => self.tie = Tie::from_name(text)?,
            "reentry_same_bar" => self.reentry_same_bar = yes_or_no(text)?,
            "short" => self.short = yes_or_no(text)?,
            "tickets_max" => self.tickets_max = optional(text, whole_above_zero)?,
            "account" => self.account = AccountKind::from_name(text)?,
            "leverage" => self.leverage = rate(text, RATE_ONE, 1_000_000 * RATE_ONE)?,
            "margin_cap" => self.margin_cap = rate(text, 1, RATE_ONE)?,
            "margin_call" => self.margin_call = optional(text, |text| rate(text, 1, 1_000 * RATE_ONE))?,
            "fee_rate" => self.fee_rate = rate(text, 0, RATE_ONE - 1)?,
            "maker_fee_rate" => {
                self.maker_fee_rate = optional(text, |text| rate(text, 1 - RATE_ONE, RATE_ONE - 1))?
            }
            "fee_fixed" => {
                self.fee_fixed = within(kept(text, MONEY_DECIMALS)?, UNITS_MAX as i128 * 10_i128.pow(8))?
            }
            "spread" => self.spread = units(text, self.price_decimals)?,
            "slippage" => self.slippage = rate(text, 0, RATE_ONE - 1)?,
            "slippage_on" => self.slippage_on = fill_kinds(text)?,
            "quantity_step" => self.quantity_step = units(text, quantity_decimals)?,
            "price_tick" => self.price_tick = units(text, self.price_decimals)?,
            "rounding" => self.rounding = Rounding::from_name(text)?,
            "end_policy" => self.end_policy = EndPolicy::from_name(text)?,
            "matching" => self.matching = Matching::from_name(text)?,
            "price_decimals" => {
                self.price_decimals =
                    u32::try_from(parse(text, 0)?).ok().filter(|decimals| *decimals <= MONEY_DECIMALS)?
            }
            _ => return None,
        }
        Some(())
    }

    /// Refuse combinations that cannot be (R38).
    pub fn check(&self) -> Result<(), RuleError> {
        let margin = self.account == AccountKind::Margin;
        if self.leverage < RATE_ONE {
            return Err(RuleError::Impossible("leverage below 1 would tie up more than a position costs"));
        }
        if !margin && self.leverage != RATE_ONE {
            return Err(RuleError::Impossible("leverage other than 1 needs account=margin"));
        }
        if self.margin_call.is_some() && !(margin && self.leverage > RATE_ONE) {
            return Err(RuleError::Impossible("margin_call needs account=margin and leverage above 1"));
        }
        Ok(())
    }
}

fn yes_or_no(text: &str) -> Option<bool> {
    match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

fn optional<T>(text: &str, read: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
    if text == "none" {
        return Some(None);
    }
    read(text).map(Some)
}

fn whole_above_zero(text: &str) -> Option<u32> {
    text.parse().ok().filter(|number| *number > 0)
}

fn rate(text: &str, least: i64, most: i64) -> Option<i64> {
    let value = kept(text, RATE_DECIMALS)?;
    (value >= least as i128 && value <= most as i128).then_some(value as i64)
}

/// Read a number that must not vanish by rounding.
fn kept(text: &str, decimals: u32) -> Option<i128> {
    let mantissa = text.split(['e', 'E']).next()?;
    let vanishes = mantissa.bytes().any(|digit| matches!(digit, b'1'..=b'9'));
    parse(text, decimals).filter(|value| *value != 0 || !vanishes)
}

fn within(value: i128, most: i128) -> Option<i128> {
    (value >= 0 && value <= most).then_some(value)
}

fn units(text: &str, decimals: u32) -> Option<i64> {
    within(kept(text, decimals)?, UNITS_MAX as i128).map(|value| value as i64)
}

fn fill_kinds(text: &str) -> Option<FillKinds> {
    let mut kinds = FillKinds { market: false, stop: false, limit: false };
    if text == "none" {
        return Some(kinds);
    }
    for name in text.split('+') {
        match name {
            "market" => kinds.market = true,
            "stop" => kinds.stop = true,
            "limit" => kinds.limit = true,
            _ => return None,
        }
    }
    Some(kinds)
}
