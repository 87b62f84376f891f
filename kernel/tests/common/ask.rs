//! What is asked of the account in a table, in words.

use eyas_kernel::number::{parse, Scale, MONEY_DECIMALS, RATE_DECIMALS, RATE_ONE};
use eyas_kernel::order::{Intent, Level, Order, OrderKind, Side, Size};
use eyas_kernel::request::{KindWish, LevelWish, Request, SizeWish};
use eyas_kernel::{Account, Fill};

const SIZES: &[&str] = &["notional", "fraction"];
const LEVELS: &[&str] = &["distance", "fraction"];

/// How orders reach the kernel: as a person's floats, or as integers that never were floats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Through {
    Floats,
    Integers,
}

/// A name and its number, such as ("fraction", "0.5").
type Named<'a> = (&'a str, &'a str);

/// Ask the account for one thing. A venue's fill happens at `fill_ns`; return whether it was one.
pub fn ask(account: &mut Account, text: &str, through: Through, fill_ns: i64) -> Result<bool, String> {
    let mut words = Words(text.split_whitespace().collect());
    match words.next()? {
        "buy" => open(account, words, Side::Buy, through)?,
        "sell" => open(account, words, Side::Sell, through)?,
        "close" => close(account, words, through)?,
        "cancel" => {
            let number = words.whole()?;
            words.end()?;
            // A refusal is in the journal, where it is compared.
            let _ = account.cancel(number);
        }
        "fill" => return fill(account, words, fill_ns).map(|()| true),
        verb => return Err(format!("nobody can ask {verb}")),
    }
    Ok(false)
}

fn open(account: &mut Account, mut words: Words<'_>, side: Side, through: Through) -> Result<(), String> {
    let size = words.named("quantity", SIZES)?;
    let kind = match words.skip(&["limit", "stop"]) {
        Some(name) => (name, words.next()?),
        None => ("market", "0"),
    };
    let mut level = |name: &str| match words.skip(&[name]) {
        Some(_) => words.named("price", LEVELS).map(Some),
        None => Ok(None),
    };
    let (stop_loss, take_profit) = (level("stop_loss")?, level("take_profit")?);
    words.end()?;
    let request = Request::Open {
        side,
        kind: match kind.0 {
            "market" => KindWish::Market,
            "limit" => KindWish::Limit(float(kind.1)?),
            _ => KindWish::Stop(float(kind.1)?),
        },
        size: size_wish(size)?,
        stop_loss: level_wish(stop_loss)?,
        take_profit: level_wish(take_profit)?,
    };
    let order = open_order(account.scale(), side, kind, size, (stop_loss, take_profit));
    submit(account, order, &request, through);
    Ok(())
}

fn close(account: &mut Account, mut words: Words<'_>, through: Through) -> Result<(), String> {
    let ticket = words.whole()?;
    let size = if words.0.is_empty() { ("fraction", "1") } else { words.named("quantity", SIZES)? };
    words.end()?;
    let request = Request::Close { ticket, size: size_wish(size)? };
    let order = close_order(account, ticket, size);
    submit(account, order, &request, through);
    Ok(())
}

/// Submit the order of integers where the run goes through those and they can say it.
fn submit(account: &mut Account, order: Option<Order>, request: &Request, through: Through) {
    let _ = match order.filter(|_| through == Through::Integers) {
        Some(order) => account.submit(order),
        None => account.request(request),
    };
}

fn fill(account: &mut Account, mut words: Words<'_>, time_ns: i64) -> Result<(), String> {
    let scale = account.scale();
    let order = words.whole()?;
    let quantity = units(words.next()?, scale.quantity_decimals())?;
    words.skip(&["at"]).ok_or("at is missing")?;
    let price = units(words.next()?, scale.price_decimals())?;
    let fee = match words.skip(&["fee"]) {
        Some(_) => words.next()?,
        None => "0",
    };
    let fee = parse(fee, MONEY_DECIMALS).ok_or("the fee is no number")?;
    let refused = words.skip(&["refused"]).is_some();
    words.end()?;
    let taken = account.apply(&Fill { time_ns, order, price, quantity, fee }).is_ok();
    if taken == refused {
        return Err(format!("the fill was {}taken", if refused { "" } else { "not " }));
    }
    Ok(())
}

// --- as integers ---

fn open_order(
    scale: Scale,
    side: Side,
    kind: Named<'_>,
    size: Named<'_>,
    levels: (Option<Named<'_>>, Option<Named<'_>>),
) -> Option<Order> {
    let decimals = scale.price_decimals();
    let level = |level: Option<Named<'_>>| match level {
        None => Some(Level::None),
        Some(("price", text)) => above_zero(text, decimals).map(Level::Price),
        Some(("distance", text)) => above_zero(text, decimals).map(Level::Distance),
        Some((_, text)) => above_zero(text, RATE_DECIMALS).map(Level::Fraction),
    };
    let kind = match kind.0 {
        "market" => OrderKind::Market,
        "limit" => OrderKind::Limit(above_zero(kind.1, decimals)?),
        _ => OrderKind::Stop(above_zero(kind.1, decimals)?),
    };
    let intent = Intent::Open { stop_loss: level(levels.0)?, take_profit: level(levels.1)? };
    Some(Order { side, kind, size: size_of(scale, size)?, intent })
}

fn close_order(account: &Account, ticket: u64, size: Named<'_>) -> Option<Order> {
    let held = account.tickets().iter().find(|held| held.number == ticket)?;
    let side = if held.direction > 0 { Side::Sell } else { Side::Buy };
    let size = size_of(account.scale(), size)?;
    Some(Order { side, kind: OrderKind::Market, size, intent: Intent::Close { ticket } })
}

fn size_of(scale: Scale, (name, text): Named<'_>) -> Option<Size> {
    match name {
        "notional" => parse(text, MONEY_DECIMALS).filter(|money| *money > 0).map(Size::Notional),
        "fraction" => above_zero(text, RATE_DECIMALS).filter(|rate| *rate <= RATE_ONE).map(Size::Fraction),
        _ => above_zero(text, scale.quantity_decimals()).map(Size::Quantity),
    }
}

fn above_zero(text: &str, decimals: u32) -> Option<i64> {
    units(text, decimals).ok().filter(|value| *value > 0)
}

/// Read decimal text as scaled units.
pub fn units(text: &str, decimals: u32) -> Result<i64, String> {
    let value = parse(text, decimals).and_then(|value| i64::try_from(value).ok());
    value.ok_or_else(|| format!("{text:?} is no number"))
}

// --- as floats ---

fn size_wish((name, text): Named<'_>) -> Result<SizeWish, String> {
    let value = float(text)?;
    Ok(match name {
        "notional" => SizeWish::Notional(value),
        "fraction" => SizeWish::Fraction(value),
        _ => SizeWish::Quantity(value),
    })
}

fn level_wish(level: Option<Named<'_>>) -> Result<LevelWish, String> {
    Ok(match level {
        None => LevelWish::None,
        Some(("price", text)) => LevelWish::Price(float(text)?),
        Some(("distance", text)) => LevelWish::Distance(float(text)?),
        Some((_, text)) => LevelWish::Fraction(float(text)?),
    })
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

/// The words of one ask, taken from the front.
struct Words<'a>(Vec<&'a str>);

impl<'a> Words<'a> {
    fn next(&mut self) -> Result<&'a str, String> {
        if self.0.is_empty() {
            return Err("something is missing".to_owned());
        }
        Ok(self.0.remove(0))
    }

    fn skip(&mut self, names: &[&str]) -> Option<&'a str> {
        let first = self.0.first().copied().filter(|word| names.contains(word))?;
        self.0.remove(0);
        Some(first)
    }

    fn whole(&mut self) -> Result<u64, String> {
        let word = self.next()?;
        word.parse().map_err(|_| format!("{word} is no whole number"))
    }

    fn named(&mut self, bare: &'a str, names: &[&str]) -> Result<Named<'a>, String> {
        let name = self.skip(names).unwrap_or(bare);
        let text = self.next()?;
        float(text).map(|_| (name, text))
    }

    fn end(self) -> Result<(), String> {
        self.0.first().map_or(Ok(()), |word| Err(format!("{word} cannot stand there")))
    }
}
