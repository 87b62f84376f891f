//! A ticket: its entries with their own stop, targets and time limit.

use crate::bracket::{trailed, Bracket, Plan, RUNGS_MAX};
use crate::names::record;
use crate::number::{divide, multiply_divide};
use crate::record::{Bar, Cause, Phase};

record! {
    /// An open ticket. All that it knows of money is exact sums: an average is for display.
    pub struct Ticket {
        /// The number of the order that opened it.
        pub number: u64,
        /// 1 for long, -1 for short.
        pub direction: i64,
        /// What is still held, always positive.
        pub quantity: i64,
        /// Exact sum of price times quantity of what is still held, and the same before costs.
        pub cost: i128,
        pub reference_cost: i128,
        /// The best entry so far, before costs: the lowest of a long, the highest of a short.
        pub extreme: i64,
        /// The stop as a price, 0 for none, and what put it there.
        pub stop_loss: i64,
        pub stop_cause: Cause,
        /// |first fill - initial stop|.
        pub risk: i64,
        /// The targets as prices, 0 for none, with their shares of what then remains.
        pub rungs: [i64; RUNGS_MAX],
        pub shares: [i64; RUNGS_MAX],
        /// How many targets were reached, and what is left of one that volume did not fill.
        pub rung: u8,
        pub rung_left: i64,
        pub trail_distance: i64,
        pub trail_rate: i64,
        pub trail_trigger: i64,
        pub even_trigger: i64,
        pub even_price: i64,
        pub even_rung: u8,
        /// The bar of the instrument, and the time, at which it is due to leave.
        pub due_bar: i64,
        pub due_ns: i64,
        /// Where its own margin is lost (R27), 0 for nowhere.
        pub liquidation: i64,
        /// Why it leaves at the next open, `None` when it stays.
        pub leaving: Cause,
        /// Step of the clock, bar of the instrument, turn of the matching, phase and time of its first fill.
        pub opened_bar: i64,
        pub opened_index: i64,
        pub opened_turn: u64,
        pub opened_phase: Phase,
        pub opened_ns: i64,
        /// The highest and lowest price since, on the bars that could move it.
        pub highest: i64,
        pub lowest: i64,
        /// Sums over its whole life, for the trade that it becomes.
        pub entered: i128,
        pub entry_cost: i128,
        pub exit_proceeds: i128,
        pub profit: i128,
        pub fees: i128,
    }
}

/// When and where a ticket opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    pub bar: i64,
    pub index: i64,
    pub turn: u64,
    pub phase: Phase,
    pub time_ns: i64,
    /// The time from which its time limit counts: a fill in the decision happens when the bar has closed.
    pub known_ns: i64,
}

impl Ticket {
    /// Return a ticket that holds nothing yet.
    pub fn new(
        number: u64,
        direction: i64,
        price: i64,
        plan: &Plan,
        bracket: &Bracket,
        at: Opening,
    ) -> Ticket {
        let due_bar = if bracket.bars > 0 { at.index + bracket.bars as i64 } else { i64::MAX };
        let due_ns = if bracket.time_ns > 0 { at.known_ns.saturating_add(bracket.time_ns) } else { i64::MAX };
        Ticket {
            number,
            direction,
            quantity: 0,
            cost: 0,
            reference_cost: 0,
            extreme: 0,
            stop_loss: plan.stop_loss,
            stop_cause: plan.stop_cause,
            risk: plan.risk,
            rungs: plan.rungs,
            shares: plan.shares,
            rung: 0,
            rung_left: 0,
            trail_distance: plan.trail_distance,
            trail_rate: plan.trail_rate,
            trail_trigger: plan.trail_trigger,
            even_trigger: plan.even_trigger,
            even_price: plan.even_price,
            even_rung: plan.even_rung,
            due_bar,
            due_ns,
            liquidation: 0,
            leaving: Cause::None,
            opened_bar: at.bar,
            opened_index: at.index,
            opened_turn: at.turn,
            opened_phase: at.phase,
            opened_ns: at.time_ns,
            highest: price,
            lowest: price,
            entered: 0,
            entry_cost: 0,
            exit_proceeds: 0,
            profit: 0,
            fees: 0,
        }
    }

    /// Enter once more (or for the first time).
    pub fn enter(&mut self, quantity: i64, price: i64, reference: i64, fee: i128) {
        let cost = quantity as i128 * price as i128;
        let better = self.direction * (self.extreme - reference) > 0;
        if self.entered == 0 || better {
            self.extreme = reference;
        }
        self.quantity += quantity;
        self.cost += cost;
        self.reference_cost += quantity as i128 * reference as i128;
        self.entered += quantity as i128;
        // Sums for display of a position that is turned over for ever stop growing rather than wrap.
        self.entry_cost = self.entry_cost.saturating_add(cost);
        self.fees += fee;
    }

    /// Take out `quantity` and return its share of the cost: exact sums in, one rounding (R12).
    pub fn release(&mut self, quantity: i64) -> i128 {
        assert!(quantity > 0 && quantity <= self.quantity, "a ticket gives up what it holds");
        let (basis, reference_basis) = if quantity == self.quantity {
            (self.cost, self.reference_cost)
        } else {
            // A share of the cost is no larger than the cost.
            let share = |cost: i128| multiply_divide(cost, quantity, self.quantity).unwrap_or(cost);
            (share(self.cost), share(self.reference_cost))
        };
        self.quantity -= quantity;
        self.cost -= basis;
        self.reference_cost -= reference_basis;
        basis
    }

    /// Return the profit of selling (or buying back) at proceeds what was bought (or sold) at basis.
    pub fn profit_of(&self, proceeds: i128, basis: i128) -> i128 {
        self.direction as i128 * (proceeds - basis)
    }

    /// Return the average price of all that was entered, for display only.
    pub fn entry_price(&self) -> i64 {
        divide(self.entry_cost, self.entered) as i64
    }

    /// Return the average price of all that has left, for display only; 0 when nothing has.
    pub fn exit_price(&self) -> i64 {
        let left = self.entered - self.quantity as i128;
        if left == 0 {
            return 0;
        }
        divide(self.exit_proceeds, left) as i64
    }

    /// Return the open profit at a price.
    pub fn open_profit(&self, price: i64) -> i128 {
        self.profit_of(price as i128 * self.quantity as i128, self.cost)
    }

    /// Return the next target, 0 for none.
    pub fn take_profit(&self) -> i64 {
        self.rungs.get(self.rung as usize).copied().unwrap_or(0)
    }

    /// Return whether the next target is the last.
    pub fn is_last_rung(&self) -> bool {
        self.rungs.get(self.rung as usize + 1).map_or(true, |price| *price == 0)
    }

    /// Note how far prices went, and move the stop after them (R16).
    pub fn follow(&mut self, bar: &Bar) {
        self.highest = self.highest.max(bar.high);
        self.lowest = self.lowest.min(bar.low);
        self.move_stop();
    }

    /// Return whether its stop follows the best price.
    pub fn follows(&self) -> bool {
        self.trail_distance != 0 || self.trail_rate != 0
    }

    /// Return whether the stop would move even if prices did not: a command had set it further away.
    pub fn would_move(&self) -> bool {
        if !self.follows() && self.even_trigger == 0 && self.even_rung == 0 {
            return false;
        }
        let mut moved = *self;
        moved.move_stop();
        moved.even_after_rung();
        moved.stop_loss != self.stop_loss
    }

    /// Move the stop to break-even once enough targets were reached (R17).
    pub fn even_after_rung(&mut self) {
        if self.even_rung > 0 && self.rung >= self.even_rung {
            self.tighten(self.even_price, Cause::Breakeven);
        }
    }

    fn move_stop(&mut self) {
        let best = if self.direction > 0 { self.highest } else { self.lowest };
        let reached = |trigger: i64| self.direction * (best - trigger) >= 0;
        if self.follows() {
            let armed = self.trail_trigger == 0 || reached(self.trail_trigger);
            let stop = trailed(self.direction, best, self.trail_distance, self.trail_rate);
            if let Some(stop) = stop.filter(|_| armed) {
                self.tighten(stop, Cause::TrailingStop);
            }
        }
        if self.even_trigger != 0 && self.direction * (best - self.even_trigger) >= 0 {
            self.tighten(self.even_price, Cause::Breakeven);
        }
    }

    /// Move the stop, if that is closer to the price.
    pub fn tighten(&mut self, stop: i64, cause: Cause) {
        if self.stop_loss == 0 || self.direction * (stop - self.stop_loss) > 0 {
            self.stop_loss = stop;
            self.stop_cause = cause;
        }
    }
}
