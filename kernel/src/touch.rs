//! Where a waiting order trades on a bar: once its open has passed it, or once its range reaches it.

use crate::account::Account;
use crate::book::{trail_of, Waiting};
use crate::bracket::trailed;
use crate::costs::FillKind;
use crate::order::{OrderKind, Side};
use crate::rules::{Gap, TrailUpdate};

/// A price that an order trades at before costs, and as what kind of fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Touch {
    pub reference: i64,
    pub kind: FillKind,
    /// Its trigger was reached, but its limit does not admit the price: it is a limit order from now on.
    pub only_triggers: bool,
}

impl Touch {
    pub fn market(reference: i64) -> Touch {
        Touch { reference, kind: FillKind::Market, only_triggers: false }
    }
}

/// Return where a resting order fills that the open has passed (R20).
pub(crate) fn at_open(account: &Account, instrument: usize, waiting: &Waiting) -> Option<Touch> {
    let open = account.books[instrument].now.open;
    let passed = reached(waiting, open, open);
    passed.then(|| match account.rules.market.gap {
        Gap::Open => touch(waiting, open),
        Gap::Level => touch(waiting, waiting.level()),
    })
}

/// Return where a resting order fills inside the range: at its own price.
pub(crate) fn in_range(account: &Account, instrument: usize, waiting: &Waiting) -> Option<Touch> {
    let bar = &account.books[instrument].now;
    reached(waiting, bar.high, bar.low).then(|| touch(waiting, waiting.level()))
}

/// Return whether prices from `low` to `high` reach an order; a touch is a hit.
fn reached(waiting: &Waiting, high: i64, low: i64) -> bool {
    if waiting.kind() == OrderKind::Market {
        return false;
    }
    if waiting.waits_above() {
        return high >= waiting.level();
    }
    low <= waiting.level()
}

/// Return what kind of fill an order makes at a price that has reached it (R21).
fn touch(waiting: &Waiting, reference: i64) -> Touch {
    let limit = waiting.order.limit;
    let (kind, only_triggers) = match waiting.kind() {
        OrderKind::Stop | OrderKind::TrailingStop => (FillKind::Stop, false),
        OrderKind::Limit => (FillKind::Limit, false),
        OrderKind::StopLimit | OrderKind::LimitIfTouched => {
            let admits = match waiting.order.side {
                Side::Buy => reference <= limit,
                Side::Sell => reference >= limit,
            };
            (FillKind::Limit, !admits)
        }
        OrderKind::Market | OrderKind::MarketIfTouched | OrderKind::None => (FillKind::Market, false),
    };
    Touch { reference, kind, only_triggers }
}

impl Account {
    /// Move trailing stop orders after the best price, where the rules say it is time to.
    pub(crate) fn follow_orders(&mut self, instrument: usize, now: TrailUpdate) {
        if self.rules.market.trail_update != now || !self.books[instrument].watch.following {
            return;
        }
        for place in 0..self.books[instrument].orders.len() {
            let waiting = &self.books[instrument].orders[place];
            let follows = waiting.order.kind == OrderKind::TrailingStop && !waiting.at_market;
            if !follows || waiting.done || !self.may_trade(instrument, waiting) {
                continue;
            }
            let book = &mut self.books[instrument];
            let waiting = &mut book.orders[place];
            // The stop of a sale stands below the best price, that of a purchase above it.
            let direction = -waiting.order.side.sign();
            waiting.best = match waiting.order.side {
                Side::Sell => waiting.best.max(book.now.high),
                Side::Buy => waiting.best.min(book.now.low),
            };
            let (distance, rate) = trail_of(waiting.order.trail);
            let stop = trailed(direction, waiting.best, distance, rate).unwrap_or(waiting.price);
            if direction * (stop - waiting.price) > 0 {
                waiting.price = stop;
            }
        }
    }
}
