//! What is asked of the account in a table, in words.

use eyas_kernel::ask::Unasked;
use eyas_kernel::number::parse;
use eyas_kernel::order::{Intent, OrderKind, Side, TimeInForce};
use eyas_kernel::request::{BracketWish, LevelWish, Request, SizeWish};
use eyas_kernel::Account;

/// How a scenario goes through the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Through {
    /// The kernel reads the words, in integers.
    Words,
    /// The same, and the account is saved and loaded before everything that happens to it.
    Saved,
    /// Orders are a person's floats.
    Floats,
}

/// Ask the account for one thing. A refusal is in the journal, where it is compared; what cannot be read is
/// an error.
pub fn ask(account: &mut Account, text: &str, through: Through) -> Result<(), String> {
    let verb = text.split_whitespace().next().unwrap_or_default();
    if through == Through::Floats && ["buy", "sell", "close", "add"].contains(&verb) {
        let request = request_of(text)?;
        let _ = account.request(&request);
        return Ok(());
    }
    match account.ask(text) {
        Err(Unasked::Unreadable) => Err(format!("nobody can ask {text:?}")),
        Ok(_) | Err(Unasked::Refused(_)) => Ok(()),
    }
}

/// Read the words of an order as the floats of a person.
fn request_of(text: &str) -> Result<Request, String> {
    let mut words = Words(text.split_whitespace().collect());
    let instrument = words.instrument()?;
    let mut request = match words.next()? {
        "buy" => Request::market(Side::Buy, SizeWish::Fraction(1.0)),
        "sell" => Request::market(Side::Sell, SizeWish::Fraction(1.0)),
        "add" => {
            let market = Request::market(Side::Buy, SizeWish::Fraction(1.0));
            Request { intent: Intent::Add, ticket: words.whole()?, ..market }
        }
        _ => Request::close(words.whole()?, SizeWish::Fraction(1.0)),
    };
    if request.intent != Intent::Close || !words.0.is_empty() {
        request.size = words.size()?;
    }
    words.kind(&mut request)?;
    while !words.0.is_empty() {
        let option = words.next()?;
        words.option(option, &mut request)?;
    }
    Ok(Request { instrument, ..request })
}

/// Read a decimal number, nan, inf or -inf.
pub fn float(text: &str) -> Result<f64, String> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_decimal = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.ends_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c == '.' || c.is_ascii_digit());
    match text {
        "nan" => Ok(f64::NAN),
        "inf" => Ok(f64::INFINITY),
        "-inf" => Ok(f64::NEG_INFINITY),
        _ => text.parse().ok().filter(|_| is_decimal).ok_or_else(|| format!("{text} is no number")),
    }
}

/// Read decimal text as scaled units.
pub fn units(text: &str, decimals: u32) -> Result<i64, String> {
    let value = parse(text, decimals).and_then(|value| i64::try_from(value).ok());
    value.ok_or_else(|| format!("{text:?} is no number"))
}

/// The words of one ask, taken from the front.
struct Words<'a>(Vec<&'a str>);

impl<'a> Words<'a> {
    fn next(&mut self) -> Result<&'a str, String> {
        if self.0.is_empty() {
            return Err("something is missing".to_owned());
        }
        Ok(self.0.remove(0))
    }

    fn skip(&mut self, name: &str) -> bool {
        let found = self.0.first() == Some(&name);
        if found {
            self.0.remove(0);
        }
        found
    }

    /// Take `on 2`, which may stand anywhere: the instrument, 0 when left out.
    fn instrument(&mut self) -> Result<u32, String> {
        match self.0.iter().position(|word| *word == "on") {
            Some(place) => {
                let mut taken = Words(self.0.split_off(place).split_off(1));
                let instrument = taken.whole()?;
                self.0.extend(taken.0);
                Ok(instrument)
            }
            None => Ok(0),
        }
    }

    fn number(&mut self) -> Result<f64, String> {
        float(self.next()?)
    }

    fn whole<T: std::str::FromStr>(&mut self) -> Result<T, String> {
        let word = self.next()?;
        word.parse().map_err(|_| format!("{word} is no whole number"))
    }

    fn nanoseconds(&mut self) -> Result<i64, String> {
        units(self.next()?, 9)
    }

    fn size(&mut self) -> Result<SizeWish, String> {
        Ok(match (self.skip("notional"), self.skip("fraction")) {
            (true, _) => SizeWish::Notional(self.number()?),
            (_, true) => SizeWish::Fraction(self.number()?),
            _ => SizeWish::Quantity(self.number()?),
        })
    }

    fn level(&mut self) -> Result<LevelWish, String> {
        if self.skip("distance") {
            return self.number().map(LevelWish::Distance);
        }
        if self.skip("fraction") {
            return self.number().map(LevelWish::Fraction);
        }
        if self.skip("risk") {
            return self.number().map(LevelWish::Risk);
        }
        self.number().map(LevelWish::Price)
    }

    fn level_after(&mut self, name: &str) -> Result<LevelWish, String> {
        if self.skip(name) {
            return self.level();
        }
        Ok(LevelWish::None)
    }

    fn price_after(&mut self, name: &str) -> Result<Option<f64>, String> {
        self.skip(name).then(|| self.number()).transpose()
    }

    fn kind(&mut self, request: &mut Request) -> Result<(), String> {
        request.price = self.price_after("at")?;
        for (word, kind, with_limit) in [
            ("limit", OrderKind::Limit, None),
            ("stop", OrderKind::Stop, Some(OrderKind::StopLimit)),
            ("touch", OrderKind::MarketIfTouched, Some(OrderKind::LimitIfTouched)),
        ] {
            if request.price.is_some() || !self.skip(word) {
                continue;
            }
            request.kind = kind;
            request.price = Some(self.number()?);
            if let Some(with_limit) = with_limit {
                request.limit = self.price_after("limit")?;
                request.kind = request.limit.map_or(kind, |_| with_limit);
            }
        }
        if request.price.is_none() && self.skip("trail") {
            request.kind = OrderKind::TrailingStop;
            request.trail = self.level()?;
        }
        Ok(())
    }

    fn option(&mut self, name: &str, request: &mut Request) -> Result<(), String> {
        match name {
            "day" => request.time_in_force = TimeInForce::Day,
            "ioc" => request.time_in_force = TimeInForce::Ioc,
            "fok" => request.time_in_force = TimeInForce::Fok,
            "until" => {
                request.time_in_force = TimeInForce::Gtd;
                request.until_ns = self.nanoseconds()?;
            }
            "for" => request.bars = self.whole()?,
            "post_only" => request.post_only = true,
            "reduce_only" => request.intent = Intent::Reduce,
            "other" => request.other = self.whole()?,
            "after" => request.after = self.whole()?,
            "rank" => request.rank = self.number()?,
            name => return self.bracket(name, &mut request.bracket),
        }
        Ok(())
    }

    fn bracket(&mut self, name: &str, bracket: &mut BracketWish) -> Result<(), String> {
        match name {
            "stop_loss" => bracket.stop_loss = self.level()?,
            "take_profit" => {
                let level = self.level()?;
                let share = if self.skip("share") { self.number()? } else { 1.0 };
                bracket.rungs.push((level, share));
            }
            "trailing" => bracket.trail = (self.level()?, self.level_after("from")?),
            "breakeven" if self.skip("rung") => {
                bracket.breakeven_after_rung = self.whole()?;
                bracket.breakeven.1 = self.level_after("offset")?;
            }
            "breakeven" => bracket.breakeven = (self.level()?, self.level_after("offset")?),
            "leave_after" => bracket.bars = self.whole()?,
            "leave_after_s" => bracket.time_ns = self.nanoseconds()?,
            _ => return Err(format!("{name} cannot stand there")),
        }
        Ok(())
    }
}
