//! Where a ticket's own stop and target take it out.

use crate::costs::FillKind;
use crate::position::Ticket;
use crate::record::{Bar, Cause};
use crate::rules::{Gap, Tie};

/// An exit that is due: what brought it about, and the price before costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit {
    pub cause: Cause,
    pub reference: i64,
}

impl Exit {
    pub fn fill_kind(&self) -> FillKind {
        match self.cause {
            Cause::StopLoss => FillKind::Stop,
            Cause::TakeProfit => FillKind::Limit,
            _ => FillKind::Market,
        }
    }
}

/// Return the exit of a level that the open has already passed; a touch is a hit.
pub fn at_open(ticket: &Ticket, bar: &Bar, gap: Gap) -> Option<Exit> {
    let exit = touched(ticket, bar.open, bar.open, bar.open, Tie::Stop)?;
    match gap {
        Gap::Open => Some(Exit { reference: bar.open, ..exit }),
        Gap::Level => Some(exit),
    }
}

/// Return the exit of a level that the range of the bar touches, at the level.
pub fn in_range(ticket: &Ticket, bar: &Bar, tie: Tie) -> Option<Exit> {
    touched(ticket, bar.open, bar.high, bar.low, tie)
}

fn touched(ticket: &Ticket, open: i64, high: i64, low: i64, tie: Tie) -> Option<Exit> {
    let (stop, target) = (ticket.stop_loss, ticket.take_profit);
    let long = ticket.direction > 0;
    let stopped = stop != 0 && if long { low <= stop } else { high >= stop };
    let reached = target != 0 && if long { high >= target } else { low <= target };
    let stop_first = match tie {
        Tie::Stop => true,
        Tie::Target => false,
        Tie::NearestToOpen => (open - stop).abs() <= (open - target).abs(),
    };
    if stopped && (stop_first || !reached) {
        return Some(Exit { cause: Cause::StopLoss, reference: stop });
    }
    reached.then_some(Exit { cause: Cause::TakeProfit, reference: target })
}
