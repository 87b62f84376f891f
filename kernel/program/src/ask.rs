//! What a program asks of the account: the verbs of `eyas/strategy.py`.

use alloc::format;
use alloc::vec::Vec;

use eyas_kernel::order::{Intent, OrderKind, Side, TimeInForce};
use eyas_kernel::request::{LevelWish, Request, SizeWish};
use eyas_kernel::Account;

use crate::code::{Asking, NONE};
use crate::codes::{Say, Verb};
use crate::fault::{Done, Fault};
use crate::machine::Machine;
use crate::text;
use crate::value::Value;
use crate::words::{distance, given, level, number, one_of, shown, switch, whole};

const WHOLE_MAX: i64 = u32::MAX as i64;
const TIME_INTEGER_MIN_NS: i64 = 100_000_000_000_000_000;
const RUNGS_MAX: usize = eyas_kernel::bracket::RUNGS_MAX;

/// What is said of one order, by option.
struct Said([Value; Say::ALL.len()]);

impl Said {
    fn get(&self, say: Say) -> Value {
        self.0[say as usize]
    }

    fn given(&self, say: Say) -> Option<Value> {
        given(self.get(say))
    }
}

impl Machine<'_> {
    /// Return the number of a ticket or order, or of what was given by its number.
    pub fn number_of(&self, value: Value) -> Done<u64> {
        match (self.seen.number_of(value), value) {
            (Some(number), _) => Ok(number),
            (_, Value::Int(number)) if number >= 1 => Ok(number as u64),
            _ => Err(Fault::usage(format!(
                "tickets and orders are numbered 1, 2, 3 …, so none has the number {}",
                shown(value, &self.sight)
            ))),
        }
    }

    /// Ask for an order, and return its number, taken or refused.
    pub fn ask(&mut self, asking: &Asking, market: &mut Account) -> Done<Value> {
        let mut said = Said([Value::None; Say::ALL.len()]);
        for (say, register) in &asking.said {
            said.0[*say as usize] = self.registers[*register as usize];
        }
        let ticket = match asking.verb {
            Verb::Add => self.number_of(self.registers[asking.ticket as usize])?,
            _ => 0,
        };
        let size = self.size_of(&said)?;
        let side = if asking.verb == Verb::Sell { Side::Sell } else { Side::Buy };
        let mut request = Request { ticket, ..Request::market(side, size) };
        if asking.verb == Verb::Add {
            request.intent = Intent::Add;
        }
        self.stop_loss(asking.verb, &said, &mut request)?;
        self.kind(&said, &mut request)?;
        self.options(&said, &mut request)?;
        self.targets(asking, &said, &mut request)?;
        self.bracket(&said, &mut request)?;
        self.lifetime(&said, &mut request)?;
        let _ = market.request(&request);
        Ok(Value::Int(market.last_order() as i64))
    }

    fn size_of(&self, said: &Said) -> Done<SizeWish> {
        let values = [Say::Quantity, Say::Notional, Say::Fraction].map(|say| said.get(say));
        let found = one_of(&["quantity", "notional", "fraction"], &values, &self.sight)?;
        Ok(match found {
            Some((0, value)) => SizeWish::Quantity(value),
            Some((1, value)) => SizeWish::Notional(value),
            Some((_, value)) => SizeWish::Fraction(value),
            None => SizeWish::Fraction(1.0),
        })
    }

    fn stop_loss(&self, verb: Verb, said: &Said, request: &mut Request) -> Done<()> {
        let most = if verb == Verb::Buy { 1.0 } else { 10.0 };
        let loss = level("stop_loss", said.get(Say::StopLoss), most, false, &self.sight)?;
        if let LevelWish::Risk(_) = loss {
            return Err(Fault::usage(
                "stop_loss cannot be a multiple of the risk, since it decides the risk: give a fraction, \
                 eyas.at(price) or eyas.away(distance)",
            ));
        }
        request.bracket.stop_loss = loss;
        Ok(())
    }

    /// Word the kind of an order and its prices.
    fn kind(&self, said: &Said, request: &mut Request) -> Done<()> {
        let price = |name: &str, say: Say| number(name, said.get(say), &self.sight).map(Some);
        let places = [
            ("stop", Say::Stop),
            ("touch", Say::Touch),
            ("trail", Say::Trail),
            ("at", Say::At),
            ("limit", Say::Limit),
        ];
        let named: Vec<&str> =
            places.iter().filter(|place| said.given(place.1).is_some()).map(|place| place.0).collect();
        let (kind, price_said) = match named[..] {
            [] => (OrderKind::Market, None),
            ["at"] => {
                request.price = price("at", Say::At)?;
                if request.price == Some(0.0) {
                    let text = "at=0 is no price: leave it out to trade at the market's own";
                    return Err(Fault::usage(text));
                }
                return Ok(());
            }
            ["limit"] => (OrderKind::Limit, Some(("limit", Say::Limit))),
            ["stop"] => (OrderKind::Stop, Some(("stop", Say::Stop))),
            ["stop", "limit"] => (OrderKind::StopLimit, Some(("stop", Say::Stop))),
            ["touch"] => (OrderKind::MarketIfTouched, Some(("touch", Say::Touch))),
            ["touch", "limit"] => (OrderKind::LimitIfTouched, Some(("touch", Say::Touch))),
            ["trail"] => {
                request.kind = OrderKind::TrailingStop;
                request.trail = distance("trail", said.get(Say::Trail), 1.0, false, &self.sight)?;
                return Ok(());
            }
            _ => {
                return Err(Fault::usage(format!(
                "an order cannot have {}: give one of limit, stop, touch, trail, at; or stop with limit, or \
                     touch with limit",
                named.join(" and ")
            )))
            }
        };
        request.kind = kind;
        if named.len() == 2 {
            request.limit = price("limit", Say::Limit)?;
        }
        if let Some((name, say)) = price_said {
            request.price = price(name, say)?;
        }
        Ok(())
    }

    /// Word what stands for itself.
    fn options(&self, said: &Said, request: &mut Request) -> Done<()> {
        let sight = &self.sight;
        if let Some(value) = said.given(Say::LeaveAfter) {
            let what = "a whole number of bars above 0, or a timedelta";
            request.bracket.bars = whole("leave_after", value, what, WHOLE_MAX, sight)? as u32;
        }
        if let Some(value) = said.given(Say::GoodFor) {
            let what = "a whole number of bars above 0";
            request.bars = whole("good_for", value, what, WHOLE_MAX, sight)? as u32;
        }
        if let Some(value) = said.given(Say::PostOnly) {
            request.post_only = switch("post_only", value, sight)?;
        }
        if let Some(value) = said.given(Say::ReduceOnly) {
            if switch("reduce_only", value, sight)? {
                request.intent = Intent::Reduce;
            }
        }
        if let Some(value) = said.given(Say::Cancels) {
            request.other = self.number_of(value)?;
        }
        if let Some(value) = said.given(Say::After) {
            request.after = self.number_of(value)?;
        }
        if let Some(value) = said.given(Say::Rank) {
            request.rank = number("rank", value, sight)?;
            if request.rank.is_nan() {
                return Err(Fault::usage(
                    "rank is nan, but must be a number: an indicator that warms up has none yet",
                ));
            }
        }
        Ok(())
    }

    fn targets(&self, asking: &Asking, said: &Said, request: &mut Request) -> Done<()> {
        let ladder = match &asking.rungs {
            None => {
                let target = level("take_profit", said.get(Say::TakeProfit), 10.0, false, &self.sight)?;
                if target != LevelWish::None {
                    request.bracket.rungs.push((target, 1.0));
                }
                return Ok(());
            }
            Some(ladder) => ladder,
        };
        let mut rungs = Vec::new();
        for (place, (at, share)) in ladder.iter().enumerate() {
            let name = format!("rung {} of take_profit", place + 1);
            let stands = level(&name, self.registers[*at as usize], 10.0, false, &self.sight)?;
            if stands == LevelWish::None {
                return Err(Fault::usage(format!(
                    "{} is None: leave it out, or give a level, or a level and a share",
                    name
                )));
            }
            let share = match *share {
                NONE => 1.0,
                register => {
                    let name = format!("the share of {}", name);
                    number(&name, self.registers[register as usize], &self.sight)?
                }
            };
            rungs.push((stands, share));
        }
        check_shares(ladder, &rungs)?;
        request.bracket.rungs = rungs;
        Ok(())
    }

    /// Word trailing and break-even.
    fn bracket(&self, said: &Said, request: &mut Request) -> Done<()> {
        let sight = &self.sight;
        let without = |name: &str, of: &str| Err(Fault::usage(format!("{} needs {}", name, of)));
        let far = |name: &str, value: Value, most: f64| distance(name, value, most, true, sight);
        let trigger = said.given(Say::TrailingFrom);
        let (even, offset, rung) =
            (said.given(Say::Breakeven), said.given(Say::BreakevenOffset), said.given(Say::BreakevenAfter));
        if trigger.is_some() && said.given(Say::Trailing).is_none() {
            return without("trailing_from", "trailing");
        }
        if offset.is_some() && even.is_none() && rung.is_none() {
            return without("breakeven_offset", "breakeven or breakeven_after");
        }
        if let Some(value) = said.given(Say::Trailing) {
            let behind = far("trailing", value, 1.0)?;
            let from = trigger.map_or(Ok(LevelWish::None), |value| far("trailing_from", value, 10.0))?;
            request.bracket.trail = (behind, from);
        }
        if even.is_some() && rung.is_some() {
            let text = "give breakeven, a trigger, or breakeven_after, the number of a rung; not both";
            return Err(Fault::usage(text));
        }
        if let Some(value) = rung {
            request.bracket.breakeven_after_rung = self.rung(value, request.bracket.rungs.len(), said)?;
        }
        if let Some(value) = offset {
            let below = match value {
                Value::Level(_, at) => at < 0.0,
                other => sight.number(other).map_or(false, |number| number < 0.0),
            };
            if below {
                return Err(Fault::usage(format!(
                    "breakeven_offset is {}, but lies on the side of profit: at least 0, also for a short",
                    shown(value, sight)
                )));
            }
        }
        request.bracket.breakeven = (
            even.map_or(Ok(LevelWish::None), |value| far("breakeven", value, 10.0))?,
            offset.map_or(Ok(LevelWish::None), |value| far("breakeven_offset", value, 10.0))?,
        );
        Ok(())
    }

    fn rung(&self, value: Value, count: usize, said: &Said) -> Done<u8> {
        let number = whole("breakeven_after", value, "the number of a rung, from 1", 255, &self.sight)?;
        if count == 0 || said.given(Say::TakeProfit).is_some() {
            return Err(Fault::usage(
                "breakeven_after counts rungs, and take_profit has none: give take_profit=[…]",
            ));
        }
        if number as usize >= count {
            return Err(Fault::usage(format!(
                "breakeven_after is {}, but of {} rungs the last takes all that is left: {} at most leave a stop \
                 to move",
                number,
                count,
                count - 1
            )));
        }
        Ok(number as u8)
    }

    /// Word how long an order waits.
    fn lifetime(&self, said: &Said, request: &mut Request) -> Done<()> {
        let (named, till) = (said.given(Say::TimeInForce), said.given(Say::GoodTill));
        if let Some(value) = named {
            let word = match value {
                Value::Text(number) => self.sight.text(number).to_ascii_lowercase(),
                _ => Default::default(),
            };
            let found = TimeInForce::from_name(&word).ok_or_else(|| {
                let said = shown(value, &self.sight);
                Fault::usage(format!("time_in_force is {}, but must be one of gtc, day, ioc, fok", said))
            })?;
            if (found == TimeInForce::Gtd) != till.is_some() {
                return Err(Fault::usage(
                    "an order that is good till a time has good_till=time, and no other lifetime",
                ));
            }
            request.time_in_force = found;
        }
        let until = match till {
            None => return Ok(()),
            Some(Value::Int(until)) => until,
            Some(other) => {
                return Err(Fault::usage(format!(
                "good_till is {}, but compiled strategies say it in nanoseconds since 1970 UTC, as bar.time \
                     is",
                shown(other, &self.sight)
            )))
            }
        };
        if until < TIME_INTEGER_MIN_NS {
            return Err(Fault::usage(format!(
                "good_till={} looks like no nanoseconds: bar.time is nanoseconds since 1970 UTC",
                until
            )));
        }
        if until <= self.sight.bars.close_time[self.sight.bar] {
            return Err(Fault::usage(format!("good_till is {}, which is over already", until)));
        }
        request.time_in_force = TimeInForce::Gtd;
        request.until_ns = until;
        Ok(())
    }
}

/// Refuse shares that can never act as they read.
fn check_shares(ladder: &[(u16, u16)], rungs: &[(LevelWish, f64)]) -> Done<()> {
    for (place, (said, rung)) in ladder.iter().zip(rungs).enumerate() {
        let name = format!("rung {} of take_profit", place + 1);
        let is_last = place + 1 == rungs.len();
        if !is_last && rung.1 == 1.0 {
            let wrong = match said.1 {
                NONE => format!("{} has no share, which means all", name),
                _ => format!("the share of {} is 1.0", name),
            };
            return Err(Fault::usage(format!(
                "{}, so no rung after it could ever act: give it a share below 1",
                wrong
            )));
        }
        if is_last && 0.0 < rung.1 && rung.1 < 1.0 {
            return Err(Fault::usage(format!(
                "the share of {} is {}, but the last rung takes all that is left: write 1.0, or leave the share out",
                name,
                text::short(rung.1)
            )));
        }
    }
    if rungs.len() > RUNGS_MAX {
        return Err(Fault::usage(format!(
            "take_profit has {} rungs, but a ladder has at most {} rungs",
            rungs.len(),
            RUNGS_MAX
        )));
    }
    Ok(())
}
