//! What holding costs: funding and borrowing, charged at the close (R32).

use crate::account::Account;
use crate::number::{at_rate, multiply_divide, MONEY_MAX, RATE_ONE};
use crate::record::{Bar, Cause, Event, EventKind, NO_RATE};
use crate::rules::MarginMode;

impl Account {
    /// Charge every ticket of the instruments that had a bar.
    pub(crate) fn charge(&mut self, bars: &[Bar]) {
        for bar in bars {
            let instrument = bar.instrument as usize;
            let terms = self.books[instrument].terms;
            let funding = if bar.funding != NO_RATE { bar.funding } else { terms.funding_rate };
            for place in 0..self.books[instrument].tickets.len() {
                let ticket = &self.books[instrument].tickets[place];
                let held = ticket.quantity as i128 * bar.close as i128;
                let (direction, short) = (ticket.direction as i128, ticket.direction < 0);
                let owed = multiply_divide(held * direction, funding, RATE_ONE).unwrap_or(0);
                self.charge_ticket(instrument, place, owed, Cause::Funding);
                if short {
                    let owed = at_rate(held, terms.borrow_rate).unwrap_or(0);
                    self.charge_ticket(instrument, place, owed, Cause::Borrow);
                }
            }
        }
    }

    fn charge_ticket(&mut self, instrument: usize, place: usize, owed: i128, cause: Cause) {
        // What no account can hold any more is not charged.
        let purse = self.books[instrument].purse as usize;
        let cash = self.purses[purse].cash;
        let owed = cash - cash.saturating_sub(owed).clamp(-8 * MONEY_MAX, 8 * MONEY_MAX);
        if owed == 0 {
            return;
        }
        let book = &mut self.books[instrument];
        let close = book.bar.close;
        let ticket = &mut book.tickets[place];
        ticket.fees += owed;
        let (number, signed) = (ticket.number, ticket.direction * ticket.quantity);
        let isolated = self.rules.market.margin_mode == MarginMode::Isolated;
        self.purses[purse].cash -= owed;
        let event = self.event(instrument, EventKind::Charged);
        self.push(Event {
            ticket: number,
            price: close,
            quantity: signed,
            fee: owed,
            cash: -owed,
            cause,
            ..event
        });
        if isolated {
            self.reckon_liquidation(instrument, place);
            self.books[instrument].changed = true;
        }
    }
}
