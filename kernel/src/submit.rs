//! What can be known of an order when it is asked for (R5), and changing it while it waits.

use crate::account::Account;
use crate::book::{trail_of, Waiting};
use crate::bracket::{plan, trailed, Bracket, Level};
use crate::number::{MONEY_MAX, RATE_ONE, UNITS_MAX};
use crate::order::{Intent, Order, OrderKind, Side, Size, TimeInForce};
use crate::record::{Cause, Event, EventKind};
use crate::refusal::Refusal;
use crate::rules::{FillAt, Holding, Matching};

impl Account {
    /// Ask for an order. Return its number, or why not; refused orders bear a number too (R35).
    /// An order that fills in the decision fills before this returns.
    pub fn submit(&mut self, mut order: Order) -> Result<u64, Refusal> {
        self.submit_read(&mut order)
    }

    /// Ask for an order, of which form is rounded in place.
    pub(crate) fn submit_read(&mut self, order: &mut Order) -> Result<u64, Refusal> {
        self.last_order += 1;
        let number = self.last_order;
        let instrument = order.instrument as usize;
        if let Err(refusal) = self.check_form(order).and_then(|()| self.check_limits(order)) {
            self.refuse(instrument, number, order.kind, refusal);
            return Err(refusal);
        }
        let waiting = self.waiting_of(number, order);
        self.write_submitted(&waiting);
        self.join_group(&waiting);
        let held = waiting.held;
        self.triggers |= held;
        let book = &mut self.books[instrument];
        book.orders.push(waiting);
        book.changed = true;
        self.live += 1;
        if self.fills_in_decision(order) && !held {
            return self.decide_one(instrument, number);
        }
        Ok(number)
    }

    fn waiting_of(&self, number: u64, order: &mut Order) -> Waiting {
        order.rank = order.rank.max(-i64::MAX);
        let book = &self.books[order.instrument as usize];
        let market = &self.rules.market;
        let remaining = match order.size {
            Size::Quantity(quantity) => quantity,
            _ => 0,
        };
        let group = if order.other == 0 { 0 } else { self.group_of(order.other) };
        let mut waiting = Waiting {
            number,
            order: *order,
            remaining,
            submitted_bar: book.index,
            from_bar: book.index + market.latency_bars as i64,
            from_ns: self.clock_ns.saturating_add(market.latency_ms),
            first_bar: -1,
            first_day: 0,
            price: order.price,
            best: 0,
            group,
            held: order.after != 0 && !self.filled_now.contains(&order.after),
            traded: false,
            touched: false,
            at_market: false,
            done: false,
        };
        waiting.begin_trailing(book.bar.close);
        waiting
    }

    fn write_submitted(&mut self, waiting: &Waiting) {
        let order = &waiting.order;
        let cause = match order.intent {
            Intent::Open => Cause::Entry,
            Intent::Close => Cause::Close,
            Intent::Add => Cause::Average,
            Intent::Reduce => Cause::Reduce,
        };
        self.push(Event {
            order: waiting.number,
            ticket: order.ticket,
            price: waiting.price,
            reference: order.limit,
            quantity: order.side.sign() * waiting.remaining,
            cause,
            order_kind: order.kind,
            ..self.event(order.instrument as usize, EventKind::Submitted)
        });
    }

    /// Return whether an order trades in the decision in which it is asked, or at the end of a bar.
    pub(crate) fn fills_in_decision(&self, order: &Order) -> bool {
        order.kind == OrderKind::Market
            && self.fill_at(order) != FillAt::NextOpen
            && self.rules.market.matching == Matching::Here
    }

    pub(crate) fn fill_at(&self, order: &Order) -> FillAt {
        if order.closes() {
            return self.rules.market.exit_fill;
        }
        self.rules.market.market_fill
    }

    /// Check what can be known when an order is submitted, and round its quantity (R5, R29).
    fn check_form(&self, order: &mut Order) -> Result<(), Refusal> {
        if self.finished {
            return Err(Refusal::RunMustBeOpen);
        }
        let instrument = order.instrument as usize;
        if self.books.get(instrument).map_or(true, |book| book.delisted) {
            return Err(Refusal::InstrumentMustBeListed);
        }
        let size = self.check_size(order)?;
        order.trail = self.trail_from_close(order);
        self.check_prices(order)?;
        if !self.is_priced(instrument) {
            return Err(Refusal::PriceMustBeKnown);
        }
        check_lifetime(order)?;
        match order.intent {
            Intent::Close if order.kind != OrderKind::Market => return Err(Refusal::CloseMustBeMarketOrder),
            Intent::Close | Intent::Add => {
                let ticket = self.books[instrument].ticket(order.ticket).ok_or(Refusal::TicketMustBeOpen)?;
                let same = self.books[instrument].tickets[ticket].direction == order.side.sign();
                if same != (order.intent == Intent::Add) {
                    return Err(Refusal::SideMustMatchTicket);
                }
            }
            Intent::Open | Intent::Reduce => {}
        }
        self.check_bracket(order)?;
        for number in [order.other, order.after] {
            let filled = number == order.after && self.filled_now.contains(&number);
            if number != 0 && !filled && self.find_order(number).is_none() {
                return Err(Refusal::PartnerMustBeWaiting);
            }
        }
        order.size = size;
        Ok(())
    }

    /// Turn a trailing stop that is said as a price into its distance from the last close.
    fn trail_from_close(&self, order: &Order) -> Level {
        let close = self.books[order.instrument as usize].bar.close;
        match order.trail {
            Level::Price(price) => {
                Level::Distance(order.side.sign() * price.saturating_sub(close).max(-i64::MAX))
            }
            level => level,
        }
    }

    pub(crate) fn check_size(&self, order: &Order) -> Result<Size, Refusal> {
        Ok(match order.size {
            Size::Quantity(quantity) if quantity <= 0 => return Err(Refusal::QuantityMustBePositive),
            Size::Quantity(quantity) if quantity > UNITS_MAX => return Err(Refusal::QuantityMustBeInRange),
            Size::Quantity(quantity) => Size::Quantity(self.stepped(order.instrument as usize, quantity)?),
            Size::Notional(money) if money <= 0 => return Err(Refusal::QuantityMustBePositive),
            Size::Notional(money) if money > MONEY_MAX => return Err(Refusal::QuantityMustBeInRange),
            Size::Fraction(rate) if rate <= 0 || rate > RATE_ONE => {
                return Err(Refusal::FractionMustBeAboveZeroToOne)
            }
            _ if self.rules.market.matching == Matching::Elsewhere => {
                return Err(Refusal::QuantityMustBeGiven)
            }
            size => size,
        })
    }

    pub(crate) fn check_prices(&self, order: &Order) -> Result<(), Refusal> {
        let instrument = order.instrument as usize;
        match order.kind {
            OrderKind::None => return Err(Refusal::OrderMustBeReadable),
            OrderKind::Market if order.price != 0 => self.check_price(instrument, order.price)?,
            OrderKind::Market => {}
            OrderKind::TrailingStop => {
                let (distance, rate) = trail_of(order.trail);
                if (distance <= 0 && rate <= 0) || rate >= RATE_ONE {
                    return Err(Refusal::TrailMustBePositive);
                }
                let close = self.books[instrument].bar.close;
                if close == 0 {
                    return Err(Refusal::PriceMustBeKnown);
                }
                let stop = trailed(-order.side.sign(), close, distance, rate);
                stop.ok_or(Refusal::TrailMustBePositive)?;
            }
            OrderKind::StopLimit | OrderKind::LimitIfTouched => {
                self.check_price(instrument, order.price)?;
                self.check_price(instrument, order.limit)?;
            }
            OrderKind::Limit | OrderKind::Stop | OrderKind::MarketIfTouched => {
                self.check_price(instrument, order.price)?
            }
        }
        if self.fills_in_decision(order) {
            self.check_stated(order)?;
        }
        Ok(())
    }

    /// Check that an order which fills in the decision has a price to fill at (R25).
    fn check_stated(&self, order: &Order) -> Result<(), Refusal> {
        let book = &self.books[order.instrument as usize];
        let fill_at = self.fill_at(order);
        if fill_at == FillAt::SignalPrice && order.price == 0 && !order.closes() {
            return Err(Refusal::PriceMustBeGiven);
        }
        if book.index < 0 {
            return Err(Refusal::PriceMustBeKnown);
        }
        Ok(())
    }

    pub(crate) fn check_price(&self, instrument: usize, price: i64) -> Result<(), Refusal> {
        let tick = self.books[instrument].terms.price_tick;
        match price {
            price if price <= 0 => Err(Refusal::PriceMustBePositive),
            price if price > UNITS_MAX => Err(Refusal::PriceMustBeInRange),
            price if tick > 0 && price % tick != 0 => Err(Refusal::PriceMustBeOnTick),
            _ => Ok(()),
        }
    }

    /// Levels are checked at the fill; here only against a price that is already known (R5).
    pub(crate) fn check_bracket(&self, order: &Order) -> Result<(), Refusal> {
        let bracket = &order.bracket;
        if order.post_only && reaches(order, self.books[order.instrument as usize].bar.close) {
            return Err(Refusal::PostOnlyMustRest);
        }
        if *bracket == Bracket::NONE {
            return Ok(());
        }
        if order.intent != Intent::Open {
            return Err(Refusal::BracketMustComeWithEntry);
        }
        if self.rules.market.holding == Holding::Net {
            return Err(Refusal::NetMustHaveNoBracket);
        }
        if bracket.needs_stop() && bracket.stop_loss == Level::None {
            return Err(Refusal::RiskMustHaveStop);
        }
        check_shares(bracket)?;
        check_levels(bracket)?;
        check_breakeven(bracket)?;
        let rungs = bracket.rungs.iter().map(|rung| rung.level);
        for level in rungs.chain([bracket.stop_loss]) {
            if let Level::Price(price) = level {
                self.check_price(order.instrument as usize, price)?;
            }
        }
        let known = match order.kind {
            OrderKind::Market | OrderKind::None | OrderKind::TrailingStop => return Ok(()),
            // It fills at its trigger if the limit admits that, else as a limit order (R21).
            OrderKind::StopLimit | OrderKind::LimitIfTouched => match order.side {
                Side::Buy => order.price.min(order.limit),
                Side::Sell => order.price.max(order.limit),
            },
            _ => order.price,
        };
        plan(bracket, order.side.sign(), known, known).map(|_| ())
    }
}

/// Return whether a price fills a limit order at once.
pub(crate) fn reaches(order: &Order, price: i64) -> bool {
    price != 0
        && match order.side {
            Side::Buy => price <= order.price,
            Side::Sell => price >= order.price,
        }
}

/// Refuse distances, rates and prices that are not above zero and in range.
fn check_levels(bracket: &Bracket) -> Result<(), Refusal> {
    let refuse = |level: Level, wrong: Refusal| match level {
        Level::None => Ok(()),
        Level::Price(units) | Level::Distance(units) | Level::Fraction(units) | Level::Risk(units) => {
            if units > 0 && units <= UNITS_MAX {
                return Ok(());
            }
            Err(wrong)
        }
    };
    let trail = bracket.trail;
    refuse(bracket.stop_loss, Refusal::StopMustBeBeyondPrice)?;
    for rung in &bracket.rungs {
        refuse(rung.level, Refusal::TargetMustBeBeyondPrice)?;
    }
    for level in [trail.distance, trail.trigger] {
        refuse(level, Refusal::TrailMustBePositive)?;
    }
    for level in [bracket.breakeven.trigger, bracket.breakeven.offset] {
        refuse(level, Refusal::BreakevenMustStayBelowTrigger)?;
    }
    Ok(())
}

/// Refuse a break-even that would move a stop beyond its own trigger, where both are said in the same way.
fn check_breakeven(bracket: &Bracket) -> Result<(), Refusal> {
    let stays = match (bracket.breakeven.trigger, bracket.breakeven.offset) {
        (Level::Distance(trigger), Level::Distance(offset))
        | (Level::Fraction(trigger), Level::Fraction(offset))
        | (Level::Risk(trigger), Level::Risk(offset)) => offset < trigger,
        _ => true,
    };
    if stays {
        return Ok(());
    }
    Err(Refusal::BreakevenMustStayBelowTrigger)
}

fn check_lifetime(order: &Order) -> Result<(), Refusal> {
    let at_once = matches!(order.time_in_force, TimeInForce::Ioc | TimeInForce::Fok);
    let suits = matches!(order.kind, OrderKind::Market | OrderKind::Limit);
    let rests = order.kind == OrderKind::Limit && !at_once;
    let timeless = order.bracket.time_ns < 0;
    if timeless || (at_once && !suits) || (order.post_only && !rests) {
        return Err(Refusal::LifetimeMustSuitOrder);
    }
    Ok(())
}

/// Check that targets share out what a ticket holds: each a share above 0, at most all, without gaps.
fn check_shares(bracket: &Bracket) -> Result<(), Refusal> {
    let mut ended = false;
    for rung in &bracket.rungs {
        if rung.level == Level::None {
            ended = true;
        } else if ended || rung.share <= 0 || rung.share > RATE_ONE {
            return Err(Refusal::LadderMustShareWhole);
        }
    }
    Ok(())
}
