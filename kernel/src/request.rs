//! The edge at which a person's floats become an order of scaled integers.

use crate::account::Account;
use crate::number::{from_float, money_from_float, Scale, RATE_DECIMALS, RATE_ONE};
use crate::order::{Intent, Level, Order, OrderKind, Side, Size};
use crate::refusal::Refusal;

/// An order as a person writes it, in floats; `Account::request` turns it into an `Order`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Request {
    Open { side: Side, kind: KindWish, size: SizeWish, stop_loss: LevelWish, take_profit: LevelWish },
    Close { ticket: u64, size: SizeWish },
}

/// A kind of order as a person writes it, in floats.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum KindWish {
    Market,
    Limit(f64),
    Stop(f64),
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
}

impl LevelWish {
    /// Turn the float into a scaled integer; `wrong` is the refusal of a level that is not positive.
    pub fn scaled(self, scale: Scale, wrong: Refusal) -> Result<Level, Refusal> {
        let (value, decimals) = match self {
            LevelWish::None => return Ok(Level::None),
            LevelWish::Price(value) | LevelWish::Distance(value) => (value, scale.price_decimals()),
            LevelWish::Fraction(value) => (value, RATE_DECIMALS),
        };
        if value.is_nan() {
            return Err(Refusal::LevelMustBeANumber);
        }
        let units = from_float(value, decimals).filter(|units| *units > 0).ok_or(wrong)?;
        Ok(match self {
            LevelWish::Price(_) => Level::Price(units),
            LevelWish::Distance(_) => Level::Distance(units),
            _ => Level::Fraction(units),
        })
    }
}

impl Account {
    /// Turn floats into an order and submit it; what cannot be an order is refused and recorded too.
    pub fn request(&mut self, request: &Request) -> Result<u64, Refusal> {
        let order = if self.finished { Err(Refusal::RunMustBeOpen) } else { self.order_of(request) };
        match order {
            Ok(order) => self.submit(order),
            Err(refusal) => {
                self.last_order += 1;
                self.refuse(self.last_order, refusal);
                Err(refusal)
            }
        }
    }

    fn order_of(&self, request: &Request) -> Result<Order, Refusal> {
        match *request {
            Request::Close { ticket, size } => {
                let size = size.scaled(self.scale)?;
                let held = self.tickets.iter().find(|held| held.number == ticket);
                let side = if held.map_or(1, |held| held.direction) > 0 { Side::Sell } else { Side::Buy };
                Ok(Order { side, kind: OrderKind::Market, size, intent: Intent::Close { ticket } })
            }
            Request::Open { side, kind, size, stop_loss, take_profit } => {
                let kind = match kind {
                    KindWish::Market => OrderKind::Market,
                    KindWish::Limit(price) => OrderKind::Limit(self.scale.price(price)?),
                    KindWish::Stop(price) => OrderKind::Stop(self.scale.price(price)?),
                };
                let size = size.scaled(self.scale)?;
                let stop_loss = stop_loss.scaled(self.scale, Refusal::StopMustBeBeyondPrice)?;
                let take_profit = take_profit.scaled(self.scale, Refusal::TargetMustBeBeyondPrice)?;
                Ok(Order { side, kind, size, intent: Intent::Open { stop_loss, take_profit } })
            }
        }
    }
}
