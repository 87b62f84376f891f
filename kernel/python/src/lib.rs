//! The kernel's Python shell: `eyas._kernel`. It converts and loops, and decides nothing.

mod account;
mod bar;
mod column;
mod event;
mod history;
mod pump;
mod series;

use eyas_kernel::metrics::CurveFigures;
use eyas_kernel::record;
use eyas_kernel::rules::RULES;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Return what an equity curve says, as floats by name: see kernel/src/metrics.rs.
#[pyfunction]
fn curve_figures<'py>(
    py: Python<'py>,
    opening_cash: f64,
    equity: &Bound<'_, PyAny>,
    bars_per_year: f64,
) -> PyResult<Bound<'py, PyDict>> {
    let equity = column::Column::<f64>::new("equity", equity)?;
    let figures = equity.read(|values| CurveFigures::of(opening_cash, values));
    let named = PyDict::new(py);
    named.set_item("total_return", figures.total_return)?;
    named.set_item("max_drawdown", figures.max_drawdown)?;
    named.set_item("max_drawdown_bars", figures.max_drawdown_bars)?;
    named.set_item("sharpe", figures.sharpe(bars_per_year))?;
    Ok(named)
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
    module.add_class::<event::Ticket>()?;
    module.add_class::<event::WaitingOrder>()?;
    module.add_class::<history::History>()?;
    module.add_class::<series::Series>()?;
    module.add_function(wrap_pyfunction!(account::check_rules, module)?)?;
    module.add_function(wrap_pyfunction!(curve_figures, module)?)?;
    module.add_function(wrap_pyfunction!(pump::pump, module)?)?;
    module.add_function(wrap_pyfunction!(pump::pump_signals, module)?)?;
    module.add("EVENT_FIELDS", record::Event::FIELDS.to_vec())?;
    module.add("RULES", RULES.to_vec())?;
    table!(module, "EVENT_KINDS", record::EventKind);
    table!(module, "PHASES", record::Phase);
    table!(module, "CAUSES", record::Cause);
    table!(module, "REFUSALS", eyas_kernel::Refusal);
    Ok(())
}
