//! Net holding: all entries of an instrument are one position; the opposite order reduces it first (R22).

use crate::account::Account;
use crate::book::Waiting;
use crate::costs::fee;
use crate::execution::Traded;
use crate::order::Size;
use crate::record::Cause;
use crate::refusal::Refusal;
use crate::touch::Touch;

impl Account {
    pub(crate) fn trade_net(
        &mut self,
        instrument: usize,
        waiting: &Waiting,
        touch: Touch,
    ) -> Result<Traded, Refusal> {
        let side = waiting.order.side.sign();
        let held = self.reducible(instrument, side);
        if held == 0 {
            return self.enter(instrument, waiting, touch, None);
        }
        let total = match waiting.order.size {
            Size::Quantity(_) => waiting.remaining,
            Size::Notional(_) => self.entry_quantity(instrument, &waiting.order, touch)?,
            // A share of the position, as in a close.
            size => self.closing_quantity(instrument, held, -side, size, touch)?,
        };
        // What would be left the other way must be allowed, or the whole order is refused.
        if total > held {
            self.admit_short(side)?;
        }
        let part = self.offered(instrument, total);
        if part == 0 || self.is_all_or_nothing(instrument, waiting, total) {
            return Ok(Traded { filled: 0, left: total });
        }
        let reduced = part.min(held);
        self.reduce_position(instrument, waiting, touch, reduced, part - reduced);
        if part == reduced {
            return Ok(Traded { filled: reduced, left: total - reduced });
        }
        match self.enter(instrument, waiting, touch, Some(part - reduced)) {
            Ok(entered) => {
                let filled = reduced + entered.filled;
                Ok(Traded { filled, left: total - filled })
            }
            Err(refusal) => {
                // The reduction stands, and with it what it means for others.
                self.guard.filled();
                self.cancel_partners(waiting.group, waiting.number);
                Err(refusal)
            }
        }
    }

    /// Close a part of the position; one execution that also opens pays its fixed fee here, once.
    fn reduce_position(
        &mut self,
        instrument: usize,
        waiting: &Waiting,
        touch: Touch,
        reduced: i64,
        rest: i64,
    ) {
        let place = self.books[instrument].tickets.iter().position(|ticket| ticket.quantity > 0);
        let place = place.unwrap_or(0);
        let mut trade =
            self.exit_trade(instrument, place, reduced, touch.reference, touch.kind, Some(waiting));
        if rest > 0 {
            let terms = &self.books[instrument].terms;
            let notional = |quantity: i64| quantity as i128 * trade.price as i128;
            let all = fee(terms, touch.kind, reduced + rest, notional(reduced + rest), true);
            trade.fee = all - fee(terms, touch.kind, rest, notional(rest), false);
        }
        self.close(instrument, place, trade, Cause::Close);
    }
}
