//! The kernel's Python shell: `eyas._kernel`. It converts and loops, and decides nothing.

mod account;
mod amounts;
mod bar;
mod clock;
mod column;
mod crossing;
mod event;
mod feed;
mod figures;
mod fill;
mod finer;
mod folds;
mod history;
mod place;
mod program;
mod pump;
mod quick;
mod rules;
mod scan;
mod seen;
mod series;
mod shared;
mod signals;
mod ticket;
mod times;
mod trials;
mod widest;
mod windows;
mod wish;

use eyas_kernel::excursions::Excursion;
use eyas_kernel::limits::LIMITS;
use eyas_kernel::order::{OrderKind, STEPS};
use eyas_kernel::paid::{FillCost, Paid};
use eyas_kernel::record;
use eyas_kernel::rules::all_rules;
use eyas_kernel::terms::TERMS;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::figures::shape_of;

/// Return what an equity curve says, as floats by name: see kernel/src/metrics.rs.
#[pyfunction]
fn curve_figures<'py>(
    py: Python<'py>,
    opening_cash: f64,
    equity: &Bound<'_, PyAny>,
    bars_per_year: f64,
) -> PyResult<Bound<'py, PyDict>> {
    let equity = column::Column::<f64>::new("equity", equity)?;
    let figures = equity.read(|values| shape_of(opening_cash, values));
    let named = PyDict::new(py);
    named.set_item("total_return", figures.total_return)?;
    named.set_item("max_drawdown", figures.max_drawdown)?;
    named.set_item("max_drawdown_bars", figures.max_drawdown_bars)?;
    named.set_item("sharpe", figures.sharpe(bars_per_year))?;
    named.set_item("sortino", figures.sortino(bars_per_year))?;
    named.set_item("volatility", figures.volatility(bars_per_year))?;
    Ok(named)
}

/// The names of a table of rules.
fn names_of(table: &[(&'static str, &'static str)]) -> Vec<&'static str> {
    table.iter().map(|rule| rule.0).collect()
}

/// Every step that an order can take, by name.
fn steps() -> Vec<(&'static str, &'static str, &'static str)> {
    STEPS.iter().map(|(from, event, to)| (from.name(), event.name(), to.name())).collect()
}

/// The codes of a table of names, as a dictionary.
macro_rules! table {
    ($module:expr, $name:literal, $enum:ty) => {{
        let table = PyDict::new($module.py());
        for value in <$enum>::ALL {
            table.set_item(value.code(), value.name())?;
        }
        $module.add($name, table)?;
    }};
}

// Columns are read in place, which is sound only while the interpreter is held.
#[pymodule(gil_used = true)]
fn _kernel(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("LookAheadError", module.py().get_type::<series::LookAheadError>())?;
    module.add("BarError", module.py().get_type::<pump::BarError>())?;
    module.add_class::<account::Account>()?;
    module.add_class::<bar::Bar>()?;
    module.add_class::<event::Event>()?;
    module.add_class::<ticket::Ticket>()?;
    module.add_class::<ticket::WaitingOrder>()?;
    module.add_class::<history::History>()?;
    module.add_class::<clock::Clock>()?;
    module.add_class::<series::Series>()?;
    module.add_class::<times::Times>()?;
    module.add_function(wrap_pyfunction!(rules::check_rules, module)?)?;
    module.add_function(wrap_pyfunction!(curve_figures, module)?)?;
    module.add_function(wrap_pyfunction!(crossing::crossed, module)?)?;
    module.add_function(wrap_pyfunction!(pump::pump, module)?)?;
    module.add_function(wrap_pyfunction!(signals::pump_signals, module)?)?;
    module.add_function(wrap_pyfunction!(scan::is_rising, module)?)?;
    module.add_function(wrap_pyfunction!(scan::extremes, module)?)?;
    module.add_function(wrap_pyfunction!(scan::median_apart, module)?)?;
    module.add_function(wrap_pyfunction!(scan::take_bars, module)?)?;
    module.add_function(wrap_pyfunction!(scan::scan_bars, module)?)?;
    module.add_function(wrap_pyfunction!(windows::window_means, module)?)?;
    module.add_function(wrap_pyfunction!(windows::window_deviations, module)?)?;
    module.add_function(wrap_pyfunction!(windows::window_weighted, module)?)?;
    module.add_function(wrap_pyfunction!(windows::decay, module)?)?;
    module.add_function(wrap_pyfunction!(trials::run_trials, module)?)?;
    module.add_function(wrap_pyfunction!(trials::trial_figures, module)?)?;
    module.add_class::<folds::Prices>()?;
    module.add_function(wrap_pyfunction!(folds::excursions, module)?)?;
    module.add_function(wrap_pyfunction!(folds::paid, module)?)?;
    module.add_function(wrap_pyfunction!(folds::exposures, module)?)?;
    module.add_class::<program::ProgramCode>()?;
    module.add_class::<trials::Stop>()?;
    module.add_class::<program::BoundProgram>()?;
    module.add_function(wrap_pyfunction!(program::pump_program, module)?)?;
    module.add("PROGRAM_NAMES", program::lists(module.py())?)?;
    module.add("TRIAL_FIGURES", figures::NAMES.to_vec())?;
    module.add("EVENT_FIELDS", record::Event::FIELDS.to_vec())?;
    module.add("EXCURSION_FIELDS", Excursion::FIELDS.to_vec())?;
    module.add("PAID_FIELDS", Paid::FIELDS.to_vec())?;
    module.add("FILL_COST_FIELDS", FillCost::FIELDS.to_vec())?;
    module.add("RULES", all_rules().copied().collect::<Vec<_>>())?;
    module.add("TERMS", names_of(TERMS))?;
    module.add("LIMITS", names_of(LIMITS))?;
    module.add("STEPS", steps())?;
    table!(module, "EVENT_KINDS", record::EventKind);
    table!(module, "PHASES", record::Phase);
    table!(module, "CAUSES", record::Cause);
    table!(module, "REFUSALS", eyas_kernel::Refusal);
    table!(module, "ORDER_KINDS", OrderKind);
    Ok(())
}
