//! Orders in words: the language of the tables in `spec/`, of consoles and of any host without a better one.

use alloc::vec::Vec;

use crate::account::Account;
use crate::bracket::{Bracket, Level, Rung};
use crate::number::{parse, Scale, MONEY_DECIMALS, MONEY_MAX, RATE_DECIMALS, RATE_ONE};
use crate::order::{Intent, Order, OrderKind, Side, Size, TimeInForce};
use crate::reading::kept;
use crate::record::Fill;
use crate::refusal::Refusal;

/// Why words cannot be done: what they say is refused, or they say nothing that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unasked {
    Refused(Refusal),
    Unreadable,
}

impl From<Refusal> for Unasked {
    fn from(refusal: Refusal) -> Unasked {
        Unasked::Refused(refusal)
    }
}

struct Words<'a> {
    rest: Vec<&'a str>,
    scale: Scale,
    /// Why what they say is refused, first of all. They are read to their end all the same: what cannot be
    /// read is no order.
    refused: Option<Refusal>,
}

impl<'a> Words<'a> {
    fn next(&mut self) -> Result<&'a str, Unasked> {
        self.rest.pop().ok_or(Unasked::Unreadable)
    }

    fn skip(&mut self, name: &str) -> bool {
        let found = self.rest.last() == Some(&name);
        if found {
            self.rest.pop();
        }
        found
    }

    fn end(&self) -> Result<(), Unasked> {
        if self.rest.is_empty() {
            return Ok(());
        }
        Err(Unasked::Unreadable)
    }

    /// Refuse what the words say if that cannot be.
    fn done(&self) -> Result<(), Unasked> {
        self.refused.map_or(Ok(()), |refusal| Err(refusal.into()))
    }

    /// Keep why a number cannot be, and go on reading with none.
    fn refuse(&mut self, refusal: Refusal) -> i64 {
        self.refused.get_or_insert(refusal);
        0
    }

    fn whole<T: core::str::FromStr>(&mut self) -> Result<T, Unasked> {
        self.next()?.parse().map_err(|_| Unasked::Unreadable)
    }

    /// Read a decimal number; `nan`, `inf` and numbers out of range are refusals of the words that hold them.
    fn units(&mut self, decimals: u32, nan: Refusal, wrong: Refusal, large: Refusal) -> Result<i64, Unasked> {
        Ok(match self.next()? {
            "nan" => self.refuse(nan),
            "inf" => self.refuse(large),
            "-inf" => self.refuse(wrong),
            word => match parse(word, decimals).ok_or(Unasked::Unreadable)? {
                value if value <= 0 => self.refuse(wrong),
                value => i64::try_from(value).unwrap_or_else(|_| self.refuse(large)),
            },
        })
    }

    fn price(&mut self) -> Result<i64, Unasked> {
        let decimals = self.scale.price_decimals();
        self.units(
            decimals,
            Refusal::PriceMustBeANumber,
            Refusal::PriceMustBePositive,
            Refusal::PriceMustBeInRange,
        )
    }

    fn size(&mut self) -> Result<Size, Unasked> {
        let (nan, wrong, large) =
            (Refusal::QuantityMustBeANumber, Refusal::QuantityMustBePositive, Refusal::QuantityMustBeInRange);
        if self.skip("fraction") {
            let wrong = Refusal::FractionMustBeAboveZeroToOne;
            let rate = self.units(RATE_DECIMALS, nan, wrong, wrong)?;
            if rate > RATE_ONE {
                self.refuse(wrong);
            }
            return Ok(Size::Fraction(rate));
        }
        if self.skip("notional") {
            let refused = match self.next()? {
                "nan" => nan,
                "inf" => large,
                "-inf" => wrong,
                word => match parse(word, MONEY_DECIMALS).ok_or(Unasked::Unreadable)? {
                    money if money <= 0 => wrong,
                    money if money > MONEY_MAX => large,
                    money => return Ok(Size::Notional(money)),
                },
            };
            return Ok(Size::Notional(self.refuse(refused) as i128));
        }
        let decimals = self.scale.quantity_decimals();
        let word = self.rest.last().copied().unwrap_or("");
        if parse(word, decimals) == Some(0) && kept(word, decimals).is_none() && !word.starts_with('-') {
            // More than nothing, but less than the last decimal.
            self.rest.pop();
            return Ok(Size::Quantity(self.refuse(Refusal::QuantityMustReachStep)));
        }
        self.units(decimals, nan, wrong, large).map(Size::Quantity)
    }

    fn level(&mut self, wrong: Refusal) -> Result<Level, Unasked> {
        let nan = Refusal::LevelMustBeANumber;
        let (prices, rates) = (self.scale.price_decimals(), RATE_DECIMALS);
        if self.skip("distance") {
            return self.units(prices, nan, wrong, wrong).map(Level::Distance);
        }
        if self.skip("fraction") {
            return self.units(rates, nan, wrong, wrong).map(Level::Fraction);
        }
        if self.skip("risk") {
            return self.units(rates, nan, wrong, wrong).map(Level::Risk);
        }
        self.units(prices, nan, wrong, wrong).map(Level::Price)
    }

    fn rate(&mut self) -> Result<i64, Unasked> {
        self.any(RATE_DECIMALS)
    }

    /// Read a decimal number of whatever sign.
    fn any(&mut self, decimals: u32) -> Result<i64, Unasked> {
        let value = parse(self.next()?, decimals).ok_or(Unasked::Unreadable)?;
        i64::try_from(value).map_err(|_| Unasked::Unreadable)
    }

    fn nanoseconds(&mut self) -> Result<i64, Unasked> {
        self.any(9)
    }

    /// Read how an order trades: nothing (the market), `at`, `limit`, `stop`, `touch` or `trail`.
    fn kind(&mut self, order: &mut Order) -> Result<(), Unasked> {
        order.kind = OrderKind::Market;
        if self.skip("at") {
            order.price = self.price()?;
        } else if self.skip("limit") {
            order.kind = OrderKind::Limit;
            order.price = self.price()?;
        } else if self.skip("trail") {
            order.kind = OrderKind::TrailingStop;
            order.trail = self.level(Refusal::TrailMustBePositive)?;
        } else {
            let kinds = [
                ("stop", OrderKind::Stop, OrderKind::StopLimit),
                ("touch", OrderKind::MarketIfTouched, OrderKind::LimitIfTouched),
            ];
            for (word, alone, with_limit) in kinds {
                if self.skip(word) {
                    order.kind = alone;
                    order.price = self.price()?;
                    if self.skip("limit") {
                        order.kind = with_limit;
                        order.limit = self.price()?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Read one of the words that may follow; false when the next word is none of them.
    fn option(&mut self, order: &mut Order) -> Result<bool, Unasked> {
        let word = match self.rest.last() {
            Some(word) => *word,
            None => return Ok(false),
        };
        self.rest.pop();
        match word {
            "day" => order.time_in_force = TimeInForce::Day,
            "ioc" => order.time_in_force = TimeInForce::Ioc,
            "fok" => order.time_in_force = TimeInForce::Fok,
            "until" => {
                order.time_in_force = TimeInForce::Gtd;
                order.until_ns = self.nanoseconds()?;
            }
            "for" => order.bars = self.whole()?,
            "post_only" => order.post_only = true,
            "reduce_only" => order.intent = Intent::Reduce,
            "other" => order.other = self.whole()?,
            "after" => order.after = self.whole()?,
            "rank" => order.rank = self.rate()?,
            "stop_loss" => order.bracket.stop_loss = self.level(Refusal::StopMustBeBeyondPrice)?,
            "take_profit" => self.rung(&mut order.bracket)?,
            "trailing" => {
                order.bracket.trail.distance = self.level(Refusal::TrailMustBePositive)?;
                if self.skip("from") {
                    order.bracket.trail.trigger = self.level(Refusal::TrailMustBePositive)?;
                }
            }
            "breakeven" => {
                let wrong = Refusal::BreakevenMustStayBelowTrigger;
                if self.skip("rung") {
                    order.bracket.breakeven.after_rung = self.whole()?;
                } else {
                    order.bracket.breakeven.trigger = self.level(wrong)?;
                }
                if self.skip("offset") {
                    order.bracket.breakeven.offset = self.level(wrong)?;
                }
            }
            "leave_after" => order.bracket.bars = self.whole()?,
            "leave_after_s" => order.bracket.time_ns = self.nanoseconds()?,
            _ => return Err(Unasked::Unreadable),
        }
        Ok(true)
    }

    /// Read a target, which takes all that remains unless a share is said.
    fn rung(&mut self, bracket: &mut Bracket) -> Result<(), Unasked> {
        let level = self.level(Refusal::TargetMustBeBeyondPrice)?;
        let wrong = Refusal::LadderMustShareWhole;
        let share = match self.skip("share") {
            true => self.units(RATE_DECIMALS, wrong, wrong, wrong)?,
            false => RATE_ONE,
        };
        match bracket.rungs.iter_mut().find(|rung| rung.level == Level::None) {
            Some(rung) => *rung = Rung { level, share },
            None => {
                self.refuse(wrong);
            }
        }
        Ok(())
    }
}

impl Account {
    /// Do what words ask: `buy 10 limit 99 stop_loss 95`, `close 1 fraction 0.5`, `cancel 2`. Refusals are in
    /// the journal; `Unreadable` words change nothing at all.
    pub fn ask(&mut self, text: &str) -> Result<u64, Unasked> {
        let mut rest: Vec<&str> = text.split_whitespace().collect();
        rest.reverse();
        let mut words = Words { rest, scale: Scale::default(), refused: None };
        match words.next()? {
            "buy" => self.ask_order(words, Intent::Open, Side::Buy),
            "sell" => self.ask_order(words, Intent::Open, Side::Sell),
            "add" => self.ask_order(words, Intent::Add, Side::Buy),
            "close" => self.ask_order(words, Intent::Close, Side::Sell),
            "cancel" => {
                let number = words.whole()?;
                words.end()?;
                self.cancel(number).map(|()| number).map_err(Unasked::from)
            }
            "amend" => self.ask_amend(words),
            "levels" => self.ask_levels(words),
            "fill" => self.ask_fill(words),
            "transfer" => {
                let money = parse(words.next()?, MONEY_DECIMALS).ok_or(Unasked::Unreadable)?;
                words.end()?;
                self.transfer(money).map(|()| 0).map_err(Unasked::from)
            }
            "delist" => {
                let instrument = words.whole()?;
                words.end()?;
                self.delist(instrument).map(|_| 0).map_err(Unasked::from)
            }
            "error" => {
                words.end()?;
                self.record_error();
                Ok(0)
            }
            _ => Err(Unasked::Unreadable),
        }
    }

    fn ask_order(&mut self, mut words: Words<'_>, intent: Intent, side: Side) -> Result<u64, Unasked> {
        let mut instrument = take_instrument(&mut words)?;
        let mut ticket = 0;
        let mut side = side;
        if intent != Intent::Open {
            ticket = words.whole()?;
            if let Some((place, held)) = self.find_ticket(ticket) {
                instrument = place as u32;
                side = if (held.direction > 0) == (intent == Intent::Add) { Side::Buy } else { Side::Sell };
            }
        }
        let order = self.read_order(
            &mut words,
            Order { intent, ticket, ..Order::market(instrument, side, Size::Fraction(RATE_ONE)) },
        );
        match order {
            Ok(order) => self.submit(order).map_err(Unasked::from),
            Err(Unasked::Refused(refusal)) => self.refuse_unread(instrument, refusal).map_err(Unasked::from),
            Err(unreadable) => Err(unreadable),
        }
    }

    fn read_order(&self, words: &mut Words<'_>, mut order: Order) -> Result<Order, Unasked> {
        match self.books.get(order.instrument as usize) {
            _ if self.finished => words.refused = Some(Refusal::RunMustBeOpen),
            Some(book) => words.scale = book.scale,
            None => words.refused = Some(Refusal::InstrumentMustBeListed),
        }
        if order.intent != Intent::Close || !words.rest.is_empty() {
            order.size = words.size()?;
        }
        words.kind(&mut order)?;
        while words.option(&mut order)? {}
        words.done().map(|()| order)
    }

    fn ask_amend(&mut self, mut words: Words<'_>) -> Result<u64, Unasked> {
        let number = words.whole()?;
        let instrument = self.find_order(number);
        words.scale = self.scale_of(instrument.unwrap_or(0) as u32);
        match read_amendment(&mut words) {
            Ok((price, limit, quantity)) => {
                self.amend(number, price, limit, quantity).map(|()| number).map_err(Unasked::from)
            }
            Err(Unasked::Refused(refusal)) => {
                self.warn(instrument.unwrap_or(0), number, 0, refusal);
                Err(refusal.into())
            }
            Err(unreadable) => Err(unreadable),
        }
    }

    fn ask_levels(&mut self, mut words: Words<'_>) -> Result<u64, Unasked> {
        let number = words.whole()?;
        let instrument = self.find_ticket(number).map_or(0, |(instrument, _)| instrument);
        words.scale = self.scale_of(instrument as u32);
        match read_levels(&mut words) {
            Ok((stop_loss, take_profit)) => {
                self.amend_ticket(number, stop_loss, take_profit).map(|()| number).map_err(Unasked::from)
            }
            Err(Unasked::Refused(refusal)) => {
                self.warn(instrument, 0, number, refusal);
                Err(refusal.into())
            }
            Err(unreadable) => Err(unreadable),
        }
    }

    /// Read `fill 1 10 at 101 fee 0.5 time 61`: the time in seconds, that of the bar when left out.
    fn ask_fill(&mut self, mut words: Words<'_>) -> Result<u64, Unasked> {
        let order: u64 = words.whole()?;
        if let Some(instrument) = self.find_order(order) {
            words.scale = self.books[instrument].scale;
        }
        let (prices, quantities) = (words.scale.price_decimals(), words.scale.quantity_decimals());
        // Numbers that cannot be are for `apply` to refuse and to write down.
        let quantity = words.any(quantities)?;
        if !words.skip("at") {
            return Err(Unasked::Unreadable);
        }
        let price = words.any(prices)?;
        let mut fee = 0;
        if words.skip("fee") {
            fee = parse(words.next()?, MONEY_DECIMALS).ok_or(Unasked::Unreadable)?;
        }
        let mut time_ns = self.clock_ns;
        if words.skip("time") {
            time_ns = words.nanoseconds()?;
        }
        words.end()?;
        self.apply(&Fill { time_ns, order, price, quantity, fee }).map(|_| order).map_err(Unasked::from)
    }
}

/// Take `on 2` from the end of the words, wherever it stands: the instrument, 0 when left out.
fn take_instrument(words: &mut Words<'_>) -> Result<u32, Unasked> {
    // The words are in reverse, so the number stands before its word.
    match words.rest.iter().position(|word| *word == "on") {
        Some(place) if place > 0 => {
            words.rest.remove(place);
            words.rest.remove(place - 1).parse().map_err(|_| Unasked::Unreadable)
        }
        Some(_) => Err(Unasked::Unreadable),
        None => Ok(0),
    }
}

type Amendment = (Option<i64>, Option<i64>, Option<i64>);

/// Read the price, limit and quantity that an order is to have.
fn read_amendment(words: &mut Words<'_>) -> Result<Amendment, Unasked> {
    let (mut price, mut limit, mut quantity) = (None, None, None);
    while !words.rest.is_empty() {
        match words.next()? {
            "price" => price = Some(words.price()?),
            "limit" => limit = Some(words.price()?),
            "quantity" => match words.size()? {
                Size::Quantity(units) => quantity = Some(units),
                _ => return Err(Unasked::Unreadable),
            },
            _ => return Err(Unasked::Unreadable),
        }
    }
    words.done().map(|()| (price, limit, quantity))
}

/// Read the stop and the target that a ticket is to have; 0 for none.
fn read_levels(words: &mut Words<'_>) -> Result<(Option<i64>, Option<i64>), Unasked> {
    let (mut stop_loss, mut take_profit) = (None, None);
    while !words.rest.is_empty() {
        let place = match words.next()? {
            "stop_loss" => &mut stop_loss,
            "take_profit" => &mut take_profit,
            _ => return Err(Unasked::Unreadable),
        };
        *place = Some(if words.skip("none") { 0 } else { words.price()? });
    }
    words.done().map(|()| (stop_loss, take_profit))
}
