//! Rules as pairs of name and text.

use eyas_kernel::rules::{all_rules, RuleError, Rules};
use eyas_kernel::terms::{Terms, TERMS};
use pyo3::exceptions::{PyKeyError, PyValueError};
use pyo3::prelude::*;

pub type Pairs = Vec<(String, String)>;

/// Read rules from names and texts; the sentence of an error names the rule and what it may be.
pub fn rules_of(pairs: &[(String, String)]) -> PyResult<Rules> {
    let mut rules = Rules::default();
    let borrowed: Vec<(&str, &str)> =
        pairs.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    if let Some((name, _)) = borrowed.iter().find(|pair| !all_rules().any(|rule| rule.0 == pair.0)) {
        return Err(PyKeyError::new_err((*name).to_owned()));
    }
    rules.set_all(&borrowed).map_err(|error| match error {
        RuleError::Unknown => PyKeyError::new_err("unknown rule"),
        RuleError::Value { name, allowed } => {
            let said = borrowed.iter().rev().find(|pair| pair.0 == name);
            let text = said.map_or("", |pair| pair.1);
            PyValueError::new_err(format!("{name} is {text}, but must be {allowed}"))
        }
        RuleError::Impossible(why) => PyValueError::new_err(why),
    })?;
    Ok(rules)
}

/// Read the terms of each instrument: those of the rules, with its own pairs on top. All are read anew,
/// because an instrument with other decimals scales the rules' prices otherwise.
pub fn terms_of(rules: &[(String, String)], instruments: &[Pairs]) -> PyResult<Vec<Terms>> {
    let one = |own: &Pairs| {
        if let Some((name, _)) = own.iter().find(|pair| !TERMS.iter().any(|term| term.0 == pair.0)) {
            return Err(PyKeyError::new_err(name.clone()));
        }
        let all: Pairs = rules.iter().chain(own).cloned().collect();
        rules_of(&all).map(|rules| rules.terms)
    };
    instruments.iter().map(one).collect()
}

/// Check rules given as (name, text) pairs. Raise KeyError for an unknown name, else ValueError.
#[pyfunction]
pub fn check_rules(rules: Pairs) -> PyResult<()> {
    rules_of(&rules).map(|_| ())
}
