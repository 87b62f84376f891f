//! How a strategy words an order, checked before the kernel sees it: `eyas/asking.py` and `eyas/options.py` say the
//! same to Python.

use alloc::format;
use alloc::string::{String, ToString};

use eyas_kernel::request::LevelWish;

use crate::codes::LevelKind;
use crate::fault::{Done, Fault};
use crate::machine::Sight;
use crate::text;
use crate::value::Value;

/// Return a value as Python prints it.
pub fn shown(value: Value, sight: &Sight<'_>) -> String {
    match value {
        Value::Unset | Value::None => "None".to_string(),
        Value::Bool(value) => if value { "True" } else { "False" }.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Float(value) => text::float(value),
        Value::Text(number) => format!("'{}'", sight.text(number)),
        Value::Level(kind, value) => format!("Level(kind='{}', value={})", kind.name(), text::float(value)),
        other => format!("a {}", other.class().rsplit('.').next().unwrap_or("")),
    }
}

/// Return a number as a float; a text, a truth value or a level is none.
pub fn number(name: &str, value: Value, sight: &Sight<'_>) -> Done<f64> {
    match value {
        Value::Float(value) => Ok(value),
        Value::Int(value) => Ok(value as f64),
        Value::Series(_) => Ok(sight.number(value).unwrap_or(f64::NAN)),
        _ => Err(Fault::usage(format!("{} is {}, but must be a number", name, shown(value, sight)))),
    }
}

/// Return what was given, where it is not None.
pub fn given(value: Value) -> Option<Value> {
    match value {
        Value::None | Value::Unset => None,
        value => Some(value),
    }
}

/// Return the one option that was given, by its place, or None.
pub fn one_of(names: &[&str], values: &[Value], sight: &Sight<'_>) -> Done<Option<(usize, f64)>> {
    let mut found = None;
    for (place, value) in values.iter().enumerate() {
        if given(*value).is_none() {
            continue;
        }
        if found.is_some() {
            let said = names.iter().zip(values).filter(|pair| given(*pair.1).is_some());
            let said: alloc::vec::Vec<&str> = said.map(|pair| *pair.0).collect();
            let text = format!("give one of {}, not {}", names.join(", "), said.join(" and "));
            return Err(Fault::usage(text));
        }
        found = Some((place, number(names[place], *value, sight)?));
    }
    Ok(found)
}

/// Return a stop or target; a bare number is a fraction of the entry, and below `most`.
pub fn level(name: &str, value: Value, most: f64, is_distance: bool, sight: &Sight<'_>) -> Done<LevelWish> {
    match value {
        Value::None | Value::Unset => return Ok(LevelWish::None),
        Value::Level(kind, value) => {
            return Ok(match kind {
                LevelKind::Price => LevelWish::Price(value),
                LevelKind::Distance => LevelWish::Distance(value),
                LevelKind::Fraction => LevelWish::Fraction(value),
                LevelKind::Risk => LevelWish::Risk(value),
            })
        }
        _ => {}
    }
    let fraction = number(name, value, sight)?;
    if fraction >= most {
        let said = shown(value, sight);
        let price =
            if is_distance { String::new() } else { format!("for a price write eyas.at({}), ", said) };
        return Err(Fault::usage(format!(
            "{}={} would be {} of the entry, since a bare number is a fraction (0.01 is 1 %); {}for a distance \
             eyas.away({})",
            name,
            said,
            text::percent(fraction),
            price,
            said
        )));
    }
    Ok(LevelWish::Fraction(fraction))
}

/// Return how far a level lies from what it follows; `risk` says that multiples of the risk mean something.
pub fn distance(name: &str, value: Value, most: f64, risk: bool, sight: &Sight<'_>) -> Done<LevelWish> {
    if let Value::Level(kind, _) = value {
        if kind == LevelKind::Price || (kind == LevelKind::Risk && !risk) {
            let ways = if risk {
                "a fraction such as 0.01 or eyas.away(…) or eyas.risk(…)"
            } else {
                "a fraction such as 0.01 or eyas.away(…)"
            };
            let said = shown(value, sight);
            return Err(Fault::usage(format!("{} is a distance: give {}, not {}", name, ways, said)));
        }
    }
    level(name, value, most, true, sight)
}

/// Return a whole number above 0.
pub fn whole(name: &str, value: Value, what: &str, most: i64, sight: &Sight<'_>) -> Done<i64> {
    match value {
        Value::Int(value) if (1..=most).contains(&value) => Ok(value),
        _ => Err(Fault::usage(format!("{} is {}, but must be {}", name, shown(value, sight), what))),
    }
}

/// Return a truth value.
pub fn switch(name: &str, value: Value, sight: &Sight<'_>) -> Done<bool> {
    match value {
        Value::Bool(value) => Ok(value),
        _ => Err(Fault::usage(format!("{} is {}, but must be True or False", name, shown(value, sight)))),
    }
}
