//! What hangs on an entry: stop, ladder of targets, trailing, break-even, time limit.

use crate::names::{record, Field};
use crate::number::{divide, multiply_divide, RATE_ONE, UNITS_MAX};
use crate::record::Cause;
use crate::refusal::Refusal;

/// The most targets that one ladder can have.
pub const RUNGS_MAX: usize = 8;

/// Where a level stands: as a price, or measured from the fill price of the first entry (R10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    None,
    Price(i64),
    Distance(i64),
    Fraction(i64),
    /// A multiple of the initial risk: |first fill - initial stop|.
    Risk(i64),
}

record! {
    /// A target, and the share of what then remains that leaves there; the last rung takes all (R17).
    pub struct Rung {
        pub level: Level,
        pub share: i64,
    }
}

record! {
    /// A stop that follows the best price, once it has gone as far as the trigger (R16).
    pub struct Trail {
        pub distance: Level,
        pub trigger: Level,
    }
}

record! {
    /// A stop that moves to the entry plus an offset: at a trigger, or once so many targets were reached.
    pub struct Breakeven {
        pub trigger: Level,
        pub offset: Level,
        pub after_rung: u8,
    }
}

record! {
    /// All that an entry brings with it.
    pub struct Bracket {
        pub stop_loss: Level,
        pub rungs: [Rung; RUNGS_MAX],
        pub trail: Trail,
        pub breakeven: Breakeven,
        /// The ticket leaves when it has been open for so many bars; 0 for no limit (R11).
        pub bars: u32,
        /// Or for so many nanoseconds; 0 for no limit.
        pub time_ns: i64,
    }
}

impl Bracket {
    pub const NONE: Bracket = Bracket {
        stop_loss: Level::None,
        rungs: [Rung { level: Level::None, share: 0 }; RUNGS_MAX],
        trail: Trail { distance: Level::None, trigger: Level::None },
        breakeven: Breakeven { trigger: Level::None, offset: Level::None, after_rung: 0 },
        bars: 0,
        time_ns: 0,
    };

    /// Return a bracket of a stop and one target.
    pub fn of(stop_loss: Level, take_profit: Level) -> Bracket {
        let mut bracket = Bracket { stop_loss, ..Bracket::NONE };
        if take_profit != Level::None {
            bracket.rungs[0] = Rung { level: take_profit, share: RATE_ONE };
        }
        bracket
    }

    pub fn is_empty(&self) -> bool {
        *self == Bracket::NONE
    }

    /// Return whether a level is a multiple of a risk that only a stop can define.
    pub fn needs_stop(&self) -> bool {
        let risk = |level: Level| matches!(level, Level::Risk(_));
        self.rungs.iter().any(|rung| risk(rung.level))
            || [self.trail.distance, self.trail.trigger, self.breakeven.trigger, self.breakeven.offset]
                .iter()
                .any(|level| risk(*level))
    }
}

impl Level {
    /// Return how far away the level is from a fill, in price units; a price is as far as it is.
    pub fn distance(self, fill: i64, risk: i64) -> Option<i64> {
        let distance = match self {
            Level::None => return Some(0),
            Level::Price(price) => (price - fill).abs() as i128,
            Level::Distance(distance) => distance as i128,
            Level::Fraction(rate) => multiply_divide(fill as i128, rate, RATE_ONE)?,
            Level::Risk(rate) => multiply_divide(risk as i128, rate, RATE_ONE)?,
        };
        (distance <= UNITS_MAX as i128).then_some(distance as i64)
    }

    /// Return where the level stands, 0 for none; `away` is 1 when it lies above the fill.
    pub fn price(self, fill: i64, risk: i64, away: i64) -> Option<i64> {
        let price = match self {
            Level::None => return Some(0),
            Level::Price(price) => price as i128,
            Level::Fraction(rate) => {
                divide(fill as i128 * (RATE_ONE as i128 + away as i128 * rate as i128), RATE_ONE as i128)
            }
            level => fill as i128 + away as i128 * level.distance(fill, risk)? as i128,
        };
        (price > 0 && price <= UNITS_MAX as i128).then_some(price as i64)
    }
}

impl Field for Level {
    const SIZE: usize = 9;
    fn put(&self, bytes: &mut alloc::vec::Vec<u8>) {
        let (kind, value) = match *self {
            Level::None => (0_u8, 0),
            Level::Price(value) => (1, value),
            Level::Distance(value) => (2, value),
            Level::Fraction(value) => (3, value),
            Level::Risk(value) => (4, value),
        };
        kind.put(bytes);
        value.put(bytes);
    }
    fn take(bytes: &mut &[u8]) -> Option<Level> {
        let (kind, value) = (u8::take(bytes)?, i64::take(bytes)?);
        Some(match kind {
            0 => Level::None,
            1 => Level::Price(value),
            2 => Level::Distance(value),
            3 => Level::Fraction(value),
            4 => Level::Risk(value),
            _ => return None,
        })
    }
}

/// A bracket as prices, in the order in which they lie; 0 for what it has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    pub stop_loss: i64,
    pub stop_cause: Cause,
    pub risk: i64,
    pub rungs: [i64; RUNGS_MAX],
    pub shares: [i64; RUNGS_MAX],
    pub trail_distance: i64,
    /// The share of the best price at which a trailing stop follows.
    pub trail_rate: i64,
    pub trail_trigger: i64,
    pub even_trigger: i64,
    pub even_price: i64,
    pub even_rung: u8,
}

impl Plan {
    pub const NONE: Plan = Plan {
        stop_loss: 0,
        stop_cause: Cause::StopLoss,
        risk: 0,
        rungs: [0; RUNGS_MAX],
        shares: [0; RUNGS_MAX],
        trail_distance: 0,
        trail_rate: 0,
        trail_trigger: 0,
        even_trigger: 0,
        even_price: 0,
        even_rung: 0,
    };
}

/// Return where a trailing stop stands under (above, for a short) the best price; None beyond all prices.
pub fn trailed(direction: i64, best: i64, distance: i64, rate: i64) -> Option<i64> {
    let stop = if rate > 0 {
        divide(best as i128 * (RATE_ONE as i128 - direction as i128 * rate as i128), RATE_ONE as i128)
    } else {
        best as i128 - (direction as i128 * distance as i128)
    };
    (stop > 0 && stop <= UNITS_MAX as i128).then_some(stop as i64)
}

/// Turn a bracket into prices, and check that each level lies beyond the price before costs, and each target
/// beyond the one before it (R9, R10, R16).
pub fn plan(bracket: &Bracket, direction: i64, fill: i64, reference: i64) -> Result<Plan, Refusal> {
    if *bracket == Bracket::NONE {
        return Ok(Plan::NONE);
    }
    let mut plan = Plan::NONE;
    plan.stop_loss = bracket.stop_loss.price(fill, 0, -direction).ok_or(Refusal::StopMustBeBeyondPrice)?;
    if plan.stop_loss != 0 {
        plan.risk = (fill - plan.stop_loss).abs();
    }
    // The stop that was asked for is judged before the targets; the one that trailing may have put there, last.
    check_stop(&plan, direction, reference)?;
    plan_targets(bracket, &mut plan, direction, fill, reference)?;
    plan_trail(bracket, &mut plan, direction, fill)?;
    plan_breakeven(bracket, &mut plan, direction, fill)?;
    check_stop(&plan, direction, reference)?;
    Ok(plan)
}

fn check_stop(plan: &Plan, direction: i64, reference: i64) -> Result<(), Refusal> {
    if plan.stop_loss != 0 && direction * (reference - plan.stop_loss) <= 0 {
        return Err(Refusal::StopMustBeBeyondPrice);
    }
    Ok(())
}

fn plan_targets(
    bracket: &Bracket,
    plan: &mut Plan,
    direction: i64,
    fill: i64,
    reference: i64,
) -> Result<(), Refusal> {
    let mut before = reference;
    for (place, rung) in bracket.rungs.iter().enumerate() {
        let wrong = Refusal::TargetMustBeBeyondPrice;
        let price = rung.level.price(fill, plan.risk, direction).ok_or(wrong)?;
        if price == 0 {
            break;
        }
        if direction * (price - before) <= 0 {
            return Err(wrong);
        }
        before = price;
        plan.rungs[place] = price;
        plan.shares[place] = rung.share;
    }
    Ok(())
}

fn plan_trail(bracket: &Bracket, plan: &mut Plan, direction: i64, fill: i64) -> Result<(), Refusal> {
    let wrong = Refusal::TrailMustBePositive;
    match bracket.trail.distance {
        Level::None => return Ok(()),
        Level::Fraction(rate) => plan.trail_rate = rate,
        level => plan.trail_distance = level.distance(fill, plan.risk).filter(|far| *far > 0).ok_or(wrong)?,
    }
    if bracket.trail.trigger == Level::None {
        let stop = trailed(direction, fill, plan.trail_distance, plan.trail_rate).ok_or(wrong)?;
        if plan.stop_loss == 0 || direction * (stop - plan.stop_loss) > 0 {
            plan.stop_loss = stop;
            plan.stop_cause = Cause::TrailingStop;
        }
        return Ok(());
    }
    plan.trail_trigger = bracket.trail.trigger.price(fill, plan.risk, direction).ok_or(wrong)?;
    Ok(())
}

fn plan_breakeven(bracket: &Bracket, plan: &mut Plan, direction: i64, fill: i64) -> Result<(), Refusal> {
    let (even, wrong) = (bracket.breakeven, Refusal::BreakevenMustStayBelowTrigger);
    if even.trigger == Level::None && even.after_rung == 0 {
        return Ok(());
    }
    let offset = even.offset.distance(fill, plan.risk).ok_or(wrong)?;
    plan.even_price = fill + direction * offset;
    plan.even_rung = even.after_rung;
    plan.even_trigger = even.trigger.price(fill, plan.risk, direction).ok_or(wrong)?;
    if plan.even_price <= 0 || plan.even_price > UNITS_MAX {
        return Err(wrong);
    }
    if plan.even_trigger != 0 && direction * (plan.even_trigger - plan.even_price) <= 0 {
        return Err(wrong);
    }
    Ok(())
}
