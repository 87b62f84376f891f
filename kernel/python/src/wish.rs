//! What Python asks for, as the kernel's request: names and floats, checked for being readable at all.

use eyas_kernel::order::{Intent, OrderKind, Side, TimeInForce};
use eyas_kernel::request::{LevelWish, Request, SizeWish};
use pyo3::exceptions::{PyKeyError, PyOverflowError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// A name and a number, such as ("quantity", 10.0).
pub type Named = (String, f64);

pub fn side_of(name: &str) -> PyResult<Side> {
    Side::from_name(name).ok_or_else(|| PyValueError::new_err(format!("a side is buy or sell, not {name}")))
}

pub fn size_of(name: &str, value: f64) -> PyResult<SizeWish> {
    Ok(size_kind(name)?(value))
}

/// Return what makes a size of a number.
pub fn size_kind(name: &str) -> PyResult<fn(f64) -> SizeWish> {
    match name {
        "quantity" => Ok(SizeWish::Quantity),
        "notional" => Ok(SizeWish::Notional),
        "fraction" => Ok(SizeWish::Fraction),
        _ => Err(PyValueError::new_err(format!("a size is a quantity, notional or fraction, not {name}"))),
    }
}

pub fn level_of((name, value): Named) -> PyResult<LevelWish> {
    match name.as_str() {
        "price" => Ok(LevelWish::Price(value)),
        "distance" => Ok(LevelWish::Distance(value)),
        "fraction" => Ok(LevelWish::Fraction(value)),
        "risk" => Ok(LevelWish::Risk(value)),
        _ => {
            Err(PyValueError::new_err(format!("a level is a price, distance, fraction or risk, not {name}")))
        }
    }
}

fn any_level_of(level: Option<Named>) -> PyResult<LevelWish> {
    level.map_or(Ok(LevelWish::None), level_of)
}

/// Return a kind of order by name, and its price: the limit, stop or trigger; what a market order states.
fn kind_of((name, price): &Named) -> PyResult<(OrderKind, Option<f64>)> {
    match OrderKind::from_name(name) {
        Some(OrderKind::Market) => Ok((OrderKind::Market, Some(*price).filter(|price| *price != 0.0))),
        Some(OrderKind::TrailingStop) => Ok((OrderKind::TrailingStop, None)),
        Some(kind) if kind != OrderKind::None => Ok((kind, Some(*price))),
        _ => {
            let names: Vec<&str> = OrderKind::ALL[1..].iter().map(|kind| kind.name()).collect();
            let names = names.join(", ");
            Err(PyValueError::new_err(format!("the kind of an order is one of {names}, not {name}")))
        }
    }
}

/// Return a request for an order of a kind, without levels.
pub fn wish(side: Side, size: &Named, kind: &Named) -> PyResult<Request> {
    let (kind, price) = kind_of(kind)?;
    let size = size_of(&size.0, size.1)?;
    Ok(Request { kind, price, ..Request::market(side, size) })
}

/// Add a stop and a target to a request.
pub fn add_levels(
    request: &mut Request,
    stop_loss: Option<Named>,
    take_profit: Option<Named>,
) -> PyResult<()> {
    request.bracket.stop_loss = any_level_of(stop_loss)?;
    if let Some(target) = take_profit {
        request.bracket.rungs.push((level_of(target)?, 1.0));
    }
    Ok(())
}

/// Add what is said by name. Raise KeyError for a name that is no option.
pub fn add_options(request: &mut Request, options: &Bound<'_, PyDict>) -> PyResult<()> {
    for (name, value) in options {
        let name: String = read("the name of an option", &name)?;
        add_option(request, &name, &value)?;
    }
    Ok(())
}

fn add_option(request: &mut Request, name: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
    let bracket = &mut request.bracket;
    match name {
        "limit" => request.limit = Some(read(name, value)?),
        "trail" => request.trail = level_of(read(name, value)?)?,
        "stop_loss" => bracket.stop_loss = level_of(read(name, value)?)?,
        "take_profits" => {
            if !bracket.rungs.is_empty() {
                return Err(PyValueError::new_err("give take_profit or take_profits, not both"));
            }
            let rungs: Vec<(Named, f64)> = read(name, value)?;
            for (level, share) in rungs {
                bracket.rungs.push((level_of(level)?, share));
            }
        }
        "trailing" => {
            let (distance, trigger): (Named, Option<Named>) = read(name, value)?;
            bracket.trail = (level_of(distance)?, any_level_of(trigger)?);
        }
        "breakeven" => {
            let (trigger, offset, after_rung): (Option<Named>, Option<Named>, u8) = read(name, value)?;
            bracket.breakeven = (any_level_of(trigger)?, any_level_of(offset)?);
            bracket.breakeven_after_rung = after_rung;
        }
        "leave_after_bars" => bracket.bars = read(name, value)?,
        "leave_after_ns" => bracket.time_ns = read(name, value)?,
        "time_in_force" => {
            let lifetime: String = read(name, value)?;
            request.time_in_force = TimeInForce::from_name(&lifetime).ok_or_else(|| {
                PyValueError::new_err(format!(
                    "time_in_force is {lifetime}, but must be gtc, gtd, day, ioc or fok"
                ))
            })?;
        }
        "until" => request.until_ns = read(name, value)?,
        "bars" => request.bars = read(name, value)?,
        "post_only" => request.post_only = read(name, value)?,
        "reduce_only" => {
            if read(name, value)? {
                request.intent = Intent::Reduce;
            }
        }
        "other" => request.other = read(name, value)?,
        "after" => request.after = read(name, value)?,
        "rank" => request.rank = read(name, value)?,
        _ => return Err(PyKeyError::new_err(name.to_owned())),
    }
    Ok(())
}

/// Read the value of an option; an error names it.
fn read<'a, 'py, T: FromPyObject<'a, 'py>>(name: &str, value: &'a Bound<'py, PyAny>) -> PyResult<T> {
    value.extract().map_err(|error: T::Error| {
        let error: PyErr = error.into();
        let said = format!("{name}: {}", error.value(value.py()));
        if error.is_instance_of::<PyOverflowError>(value.py()) {
            return PyValueError::new_err(said);
        }
        PyTypeError::new_err(said)
    })
}
