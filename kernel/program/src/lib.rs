//! A strategy's `on_bar` as a register program, and the machine that runs it beside the kernel.
//!
//! `eyas/compiled/` writes programs; every host runs the same ones. Values mean what they mean in Python: whole
//! numbers and floats are two kinds, 1 / 0 is an error, a series is a column up to now.
//!
//! | module | what it is |
//! |---|---|
//! | `codes` | the names that a program is written in: steps, fields, options |
//! | `code` | a program, read from bytes |
//! | `value`, `fault` | what registers hold; what ends a run |
//! | `arithmetic`, `compare`, `number`, `text` | Python's operations on them |
//! | `column`, `seen` | series up to now; tickets and orders as they stood when asked for |
//! | `ask`, `change`, `words`, `amend` | orders, and changes of what is there |
//! | `watch` | which of 64 bars may matter at all, found for all of them at once |
//! | `machine` | the loop over steps |

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod amend;
mod arithmetic;
mod ask;
mod change;
pub mod code;
pub mod codes;
pub mod column;
mod compare;
pub mod fault;
pub mod machine;
mod number;
mod seen;
mod text;
pub mod value;
mod watch;
mod words;
