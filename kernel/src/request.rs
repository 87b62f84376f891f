//! The edge at which a person's floats become an order of scaled integers.

use alloc::vec::Vec;

use crate::account::Account;
use crate::bracket::{Bracket, Breakeven, Level, Rung, Trail, RUNGS_MAX};
use crate::number::{from_float, money_from_float, Scale, RATE_DECIMALS, RATE_ONE};
use crate::order::{Intent, Order, OrderKind, Side, Size, TimeInForce};
use crate::refusal::Refusal;

/// An order as a person writes it, in floats; `Account::request` turns it into an `Order`.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    pub instrument: u32,
    pub side: Side,
    pub kind: OrderKind,
    pub intent: Intent,
    pub size: SizeWish,
    pub price: Option<f64>,
    pub limit: Option<f64>,
    pub trail: LevelWish,
    pub ticket: u64,
    pub bracket: BracketWish,
    pub time_in_force: TimeInForce,
    pub until_ns: i64,
    pub bars: u32,
    pub post_only: bool,
    pub other: u64,
    pub after: u64,
    pub rank: f64,
}

impl Request {
    /// Return a request at the market that opens a ticket of the first instrument.
    pub fn market(side: Side, size: SizeWish) -> Request {
        Request {
            instrument: 0,
            side,
            kind: OrderKind::Market,
            intent: Intent::Open,
            size,
            price: None,
            limit: None,
            trail: LevelWish::None,
            ticket: 0,
            bracket: BracketWish::default(),
            time_in_force: TimeInForce::Gtc,
            until_ns: 0,
            bars: 0,
            post_only: false,
            other: 0,
            after: 0,
            rank: 0.0,
        }
    }

    /// Return a request that closes a ticket, whole or in part.
    pub fn close(ticket: u64, size: SizeWish) -> Request {
        Request { intent: Intent::Close, ticket, ..Request::market(Side::Sell, size) }
    }
}

/// A size as a person writes it, in floats.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SizeWish {
    Quantity(f64),
    Notional(f64),
    Fraction(f64),
}

impl SizeWish {
    /// Turn the floats into scaled integers, or say what is wrong with them.
    pub fn scaled(self, scale: Scale) -> Result<Size, Refusal> {
        match self {
            SizeWish::Quantity(value) => scale.quantity(value).map(Size::Quantity),
            SizeWish::Notional(value) if value.is_nan() => Err(Refusal::QuantityMustBeANumber),
            SizeWish::Notional(value) if value <= 0.0 => Err(Refusal::QuantityMustBePositive),
            SizeWish::Notional(value) => {
                money_from_float(value).map(Size::Notional).ok_or(Refusal::QuantityMustBeInRange)
            }
            SizeWish::Fraction(value) if value.is_nan() => Err(Refusal::QuantityMustBeANumber),
            SizeWish::Fraction(value) => match from_float(value, RATE_DECIMALS) {
                Some(rate) if rate > 0 && rate <= RATE_ONE => Ok(Size::Fraction(rate)),
                _ => Err(Refusal::FractionMustBeAboveZeroToOne),
            },
        }
    }
}

/// A level as a person writes it, in floats.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LevelWish {
    None,
    Price(f64),
    Distance(f64),
    Fraction(f64),
    Risk(f64),
}

impl LevelWish {
    /// Turn the float into a scaled integer; `wrong` is the refusal of a level that is not positive.
    pub fn scaled(self, scale: Scale, wrong: Refusal) -> Result<Level, Refusal> {
        let (value, decimals) = match self {
            LevelWish::None => return Ok(Level::None),
            LevelWish::Price(value) | LevelWish::Distance(value) => (value, scale.price_decimals()),
            LevelWish::Fraction(value) | LevelWish::Risk(value) => (value, RATE_DECIMALS),
        };
        if value.is_nan() {
            return Err(Refusal::LevelMustBeANumber);
        }
        let units = from_float(value, decimals).filter(|units| *units > 0).ok_or(wrong)?;
        Ok(match self {
            LevelWish::Price(_) => Level::Price(units),
            LevelWish::Distance(_) => Level::Distance(units),
            LevelWish::Risk(_) => Level::Risk(units),
            _ => Level::Fraction(units),
        })
    }
}

/// A bracket as a person writes it, in floats.
#[derive(Clone, Debug, PartialEq)]
pub struct BracketWish {
    pub stop_loss: LevelWish,
    /// Targets, nearest first, each with the share of what then remains.
    pub rungs: Vec<(LevelWish, f64)>,
    /// Distance and trigger.
    pub trail: (LevelWish, LevelWish),
    /// Trigger and offset.
    pub breakeven: (LevelWish, LevelWish),
    pub breakeven_after_rung: u8,
    pub bars: u32,
    pub time_ns: i64,
}

impl Default for BracketWish {
    fn default() -> BracketWish {
        BracketWish {
            stop_loss: LevelWish::None,
            rungs: Vec::new(),
            trail: (LevelWish::None, LevelWish::None),
            breakeven: (LevelWish::None, LevelWish::None),
            breakeven_after_rung: 0,
            bars: 0,
            time_ns: 0,
        }
    }
}

impl BracketWish {
    pub fn scaled(&self, scale: Scale) -> Result<Bracket, Refusal> {
        let mut bracket = Bracket::NONE;
        self.read_into(&mut bracket, scale).map(|()| bracket)
    }

    /// Write what is wished into a bracket that holds nothing.
    fn read_into(&self, bracket: &mut Bracket, scale: Scale) -> Result<(), Refusal> {
        let trail = |level: LevelWish| level.scaled(scale, Refusal::TrailMustBePositive);
        let even = |level: LevelWish| level.scaled(scale, Refusal::BreakevenMustStayBelowTrigger);
        if self.rungs.len() > RUNGS_MAX {
            return Err(Refusal::LadderMustShareWhole);
        }
        // In the order in which words are usually written, so that both find the same reason first.
        bracket.stop_loss = self.stop_loss.scaled(scale, Refusal::StopMustBeBeyondPrice)?;
        bracket.bars = self.bars;
        bracket.time_ns = self.time_ns;
        for (place, (level, share)) in self.rungs.iter().enumerate() {
            bracket.rungs[place] = Rung {
                level: level.scaled(scale, Refusal::TargetMustBeBeyondPrice)?,
                share: from_float(*share, RATE_DECIMALS).ok_or(Refusal::LadderMustShareWhole)?,
            };
        }
        bracket.trail = Trail { distance: trail(self.trail.0)?, trigger: trail(self.trail.1)? };
        bracket.breakeven = Breakeven {
            trigger: even(self.breakeven.0)?,
            offset: even(self.breakeven.1)?,
            after_rung: self.breakeven_after_rung,
        };
        Ok(())
    }
}

impl Account {
    /// Turn floats into an order and submit it; what cannot be an order is refused and recorded too.
    pub fn request(&mut self, request: &Request) -> Result<u64, Refusal> {
        // An order is large: it is written where it is read.
        let mut order = Order::market(request.instrument, request.side, Size::Quantity(0));
        match self.read_request(request, &mut order) {
            Ok(()) => self.submit_read(&mut order),
            Err(refusal) => self.refuse_unread(request.instrument, refusal),
        }
    }

    fn read_request(&self, request: &Request, order: &mut Order) -> Result<(), Refusal> {
        if self.finished {
            return Err(Refusal::RunMustBeOpen);
        }
        // A close is a ticket's, wherever that trades.
        let held = if request.ticket == 0 { None } else { self.find_ticket(request.ticket) };
        let instrument = held.map_or(request.instrument, |(instrument, _)| instrument as u32);
        let book = self.books.get(instrument as usize).ok_or(Refusal::InstrumentMustBeListed)?;
        let scale = book.scale;
        order.instrument = instrument;
        order.side = match (request.intent, held) {
            (Intent::Close, Some((_, ticket))) if ticket.direction > 0 => Side::Sell,
            (Intent::Close, _) => Side::Buy,
            (Intent::Add, Some((_, ticket))) if ticket.direction > 0 => Side::Buy,
            (Intent::Add, Some(_)) => Side::Sell,
            _ => request.side,
        };
        order.size = request.size.scaled(scale)?;
        order.price = request.price.map_or(Ok(0), |price| scale.price(price))?;
        order.limit = request.limit.map_or(Ok(0), |price| scale.price(price))?;
        order.trail = request.trail.scaled(scale, Refusal::TrailMustBePositive)?;
        request.bracket.read_into(&mut order.bracket, scale)?;
        order.kind = request.kind;
        order.intent = request.intent;
        order.time_in_force = request.time_in_force;
        order.ticket = request.ticket;
        order.until_ns = request.until_ns;
        order.bars = request.bars;
        order.post_only = request.post_only;
        order.other = request.other;
        order.after = request.after;
        order.rank = rank_of(request.rank);
        Ok(())
    }
}

/// Return a rank as units of a rate; one beyond range is the largest, one that is no number the least.
fn rank_of(rank: f64) -> i64 {
    if rank == 0.0 {
        return 0;
    }
    if rank.is_nan() {
        return i64::MIN / 2;
    }
    from_float(rank, RATE_DECIMALS).unwrap_or(if rank > 0.0 { i64::MAX / 2 } else { i64::MIN / 2 })
}
