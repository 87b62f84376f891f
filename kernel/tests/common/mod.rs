//! Reads the tables of `spec/` and runs them: `spec/README.md` says how.

pub mod ask;
pub mod folds;
pub mod market;
pub mod run;
pub mod tables;
pub mod written;
