//! The module's one state: what the handles stand for, the input and the answer.

use std::cell::RefCell;

use crate::failure::Failure;
use crate::history::History;
use crate::program::Program;
use crate::session::Session;

/// Everything that lives between two calls.
pub struct Shell {
    pub accounts: Handles<Session>,
    pub histories: Handles<History>,
    pub programs: Handles<Program>,
    pub input: Vec<u8>,
    pub answer: Vec<u8>,
}

thread_local! {
    static SHELL: RefCell<Shell> = const {
        RefCell::new(Shell {
            accounts: Handles::new("account"),
            histories: Handles::new("history"),
            programs: Handles::new("program"),
            input: Vec::new(),
            answer: Vec::new(),
        })
    };
}

/// Do something with the state.
pub fn with<T>(work: impl FnOnce(&mut Shell) -> T) -> T {
    SHELL.with(|shell| work(&mut shell.borrow_mut()))
}

/// Do something; if it fails, return its code and put its sentence into the answer.
pub fn answering<T: From<i32>>(work: impl FnOnce(&mut Shell) -> Result<T, Failure>) -> T {
    with(|shell| work(shell).unwrap_or_else(|failure| T::from(shell.admit(failure))))
}

/// Do something; if it fails, return `failed` and put its sentence into the answer.
pub fn answering_or<T>(failed: T, work: impl FnOnce(&mut Shell) -> Result<T, Failure>) -> T {
    with(|shell| {
        work(shell).unwrap_or_else(|failure| {
            shell.admit(failure);
            failed
        })
    })
}

/// Replace the answer by these values' bytes and return its length.
pub fn put<const SIZE: usize>(answer: &mut Vec<u8>, values: impl Iterator<Item = [u8; SIZE]>) -> i32 {
    answer.clear();
    values.for_each(|value| answer.extend_from_slice(&value));
    answer.len() as i32
}

impl Shell {
    /// Replace the answer by a text and return its length.
    pub fn say(&mut self, text: &str) -> i32 {
        self.answer.clear();
        self.answer.extend_from_slice(text.as_bytes());
        self.answer.len() as i32
    }

    /// Return the input as text.
    pub fn text(&self) -> Result<&str, Failure> {
        std::str::from_utf8(&self.input).map_err(|_| Failure::misuse("the input is not UTF-8".to_owned()))
    }

    fn admit(&mut self, failure: Failure) -> i32 {
        self.say(&failure.sentence);
        failure.code
    }
}

/// Things a host knows by number. A number is never used twice, so a stale one finds nothing.
pub struct Handles<T> {
    name: &'static str,
    kept: Vec<Option<Box<T>>>,
}

impl<T> Handles<T> {
    const fn new(name: &'static str) -> Handles<T> {
        Handles { name, kept: Vec::new() }
    }

    pub fn keep(&mut self, thing: T) -> Result<i32, Failure> {
        self.kept.push(Some(Box::new(thing)));
        Ok(self.kept.len() as i32 - 1)
    }

    pub fn get(&mut self, handle: u32) -> Result<&mut T, Failure> {
        let (name, count) = (self.name, self.kept.len());
        let thing = self.kept.get_mut(handle as usize).and_then(Option::as_deref_mut);
        thing.ok_or_else(|| gone(name, count, handle))
    }

    pub fn free(&mut self, handle: u32) -> Result<i32, Failure> {
        let (name, count) = (self.name, self.kept.len());
        let thing = self.kept.get_mut(handle as usize).and_then(Option::take);
        thing.map(|_| 0).ok_or_else(|| gone(name, count, handle))
    }
}

fn gone(name: &str, count: usize, handle: u32) -> Failure {
    Failure::misuse(if (handle as usize) < count {
        format!("{name} {handle} was freed")
    } else {
        format!("there is no {name} {handle}: {count} were made so far")
    })
}
