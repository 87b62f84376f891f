//! What an account says of itself: exact amounts, the journal, the figures of its trades.

use eyas_kernel::metrics::TradeFigures;
use eyas_kernel::number::{to_float, to_text, MONEY_DECIMALS};
use eyas_kernel::save::LoadError;
use eyas_kernel::{record, Account, Field, Fixed, Rules};
use pyo3::exceptions::{PyAttributeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

/// Return an amount as exact decimal text.
pub fn exact(account: &Account, name: &str, instrument: u32) -> PyResult<String> {
    let money = match name {
        "cash" => account.cash(),
        "equity" => account.equity(),
        "free_cash" => account.free_cash(),
        "used_margin" => account.used_margin(),
        "open_profit" => account.open_profit(),
        "margin_level" => return Ok(account.margin_level().to_string()),
        "position" => {
            let quantity = account.net_quantity_of(instrument) as i128;
            return Ok(to_text(quantity, account.scale_of(instrument).quantity_decimals()));
        }
        _ => return Err(PyAttributeError::new_err(format!("an account has no exact {name}"))),
    };
    Ok(to_text(money, MONEY_DECIMALS))
}

/// Return events as bytes: one record after another.
pub fn journal<'py>(py: Python<'py>, events: &[record::Event]) -> PyResult<Bound<'py, PyBytes>> {
    // Written in place: a journal can be large, and is not held twice on its way out.
    PyBytes::new_with(py, events.len() * record::Event::SIZE, |bytes| {
        for (event, place) in events.iter().zip(bytes.chunks_exact_mut(record::Event::SIZE)) {
            event.lay(place);
        }
        Ok(())
    })
}

/// Return what the closed trades say, as floats by name.
pub fn trade_figures<'py>(
    py: Python<'py>,
    account: &Account,
    opening_cash: f64,
) -> PyResult<Bound<'py, PyDict>> {
    let figures = TradeFigures::of(account.events());
    let money = |units: i128| to_float(units, MONEY_DECIMALS);
    let named = PyDict::new(py);
    named.set_item("opening_cash", opening_cash)?;
    named.set_item("bars_held", account.bars_held())?;
    named.set_item("trades", figures.trades)?;
    named.set_item("wins", figures.wins)?;
    named.set_item("losses", figures.losses)?;
    named.set_item("refused", figures.refused)?;
    named.set_item("net_profit", money(figures.net_profit))?;
    named.set_item("gross_profit", money(figures.gross_profit))?;
    named.set_item("gross_loss", money(figures.gross_loss))?;
    named.set_item("fees", money(figures.fees))?;
    named.set_item("best", money(figures.best))?;
    named.set_item("worst", money(figures.worst))?;
    named.set_item("win_rate", figures.win_rate())?;
    named.set_item("profit_factor", figures.profit_factor())?;
    Ok(named)
}

/// Return the error that says why bytes are no saved account.
pub fn unloaded(error: LoadError) -> PyErr {
    PyValueError::new_err(match error {
        LoadError::Foreign => "these bytes are no saved account of eyas".to_owned(),
        LoadError::Version(found) => {
            format!(
                "the account was saved by version {found} of eyas's format (this is version {})",
                version()
            )
        }
        LoadError::Damaged => {
            "the saved account is damaged: cut off, or changed since it was saved".to_owned()
        }
    })
}

/// Return the version that this kernel writes, as it stands in what it saves.
fn version() -> u32 {
    let saved = Account::new(Rules::default(), 1, 0).map_or(Vec::new(), |account| account.save());
    saved.get(4..8).and_then(|mut bytes| u32::take(&mut bytes)).unwrap_or(0)
}
