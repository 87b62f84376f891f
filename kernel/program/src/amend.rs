//! Changes of orders and tickets in floats. A float that is no price or quantity goes in words, so that the
//! kernel refuses it by name and writes it down.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use eyas_kernel::number::to_text;

use eyas_kernel::{Account, Refusal};

/// One number of a change: its name, what it is in units or why it is none, and the decimals of its units.
type Part = (&'static str, Option<Result<i64, Refusal>>, u32);

/// Change a waiting order; return whether it was changed.
pub fn order(
    account: &mut Account,
    number: u64,
    price: Option<f64>,
    limit: Option<f64>,
    quantity: Option<f64>,
) -> bool {
    let scale = account.scale_of(account.find_order(number).unwrap_or(0) as u32);
    let parts = [
        ("price", price.map(|value| scale.price(value)), scale.price_decimals()),
        ("limit", limit.map(|value| scale.price(value)), scale.price_decimals()),
        ("quantity", quantity.map(|value| scale.quantity(value)), scale.quantity_decimals()),
    ];
    match units(&parts) {
        Some([price, limit, quantity]) => account.amend(number, price, limit, quantity).is_ok(),
        None => account.ask(&words("amend", number, &parts)).is_ok(),
    }
}

/// Set the levels of an open ticket, 0 for none; return whether they were set.
pub fn ticket(account: &mut Account, number: u64, stop_loss: Option<f64>, take_profit: Option<f64>) -> bool {
    let scale = account.scale_of(account.find_ticket(number).map_or(0, |(place, _)| place) as u32);
    let level = |value: f64| if value == 0.0 { Ok(0) } else { scale.price(value) };
    let parts = [
        ("stop_loss", stop_loss.map(level), scale.price_decimals()),
        ("take_profit", take_profit.map(level), scale.price_decimals()),
    ];
    match units(&parts) {
        Some([stop_loss, take_profit]) => account.amend_ticket(number, stop_loss, take_profit).is_ok(),
        None => account.ask(&words("levels", number, &parts)).is_ok(),
    }
}

/// Return the numbers in units; None when one of them is none.
fn units<const N: usize>(parts: &[Part; N]) -> Option<[Option<i64>; N]> {
    let mut found = [None; N];
    for (place, (_, value, _)) in parts.iter().enumerate() {
        found[place] = value.transpose().ok()?;
    }
    Some(found)
}

fn words(verb: &str, number: u64, parts: &[Part]) -> String {
    let mut text = format!("{verb} {number}");
    for (name, value, decimals) in parts {
        let word = match value {
            None => continue,
            Some(Ok(0)) => "none".to_owned(),
            Some(Ok(units)) => to_text(*units as i128, *decimals),
            Some(Err(Refusal::PriceMustBeANumber | Refusal::QuantityMustBeANumber)) => "nan".to_owned(),
            Some(Err(Refusal::PriceMustBeInRange | Refusal::QuantityMustBeInRange)) => "inf".to_owned(),
            Some(Err(_)) => "-inf".to_owned(),
        };
        text.push_str(&format!(" {name} {word}"));
    }
    text
}
