//! The complete state of an account as bytes, and back: load then go on equals never having stopped.

use alloc::vec::Vec;

use crate::account::{Account, Purse};
use crate::book::Book;
use crate::limits::Limits;
use crate::names::Field;
use crate::number::MONEY_MAX;
use crate::record::Phase;
use crate::rules::Rules;

/// What every saved account begins with: whose bytes they are, and of which version.
const MARK: &[u8; 4] = b"eyas";
const VERSION: u32 = 1;

/// Why bytes are no saved account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// They are somebody else's.
    Foreign,
    /// They were saved by another version.
    Version(u32),
    /// They are cut off, or were changed since they were saved.
    Damaged,
}

impl Account {
    /// Return the complete state, with a version and a checksum. The journal is not part of it: a host keeps
    /// the events that it has taken, and sequence numbers go on.
    pub fn save(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes.extend_from_slice(MARK);
        VERSION.put(&mut bytes);
        self.rules.put(&mut bytes);
        self.books.put(&mut bytes);
        self.purses.put(&mut bytes);
        self.step.put(&mut bytes);
        self.time_ns.put(&mut bytes);
        self.clock_ns.put(&mut bytes);
        self.phase.put(&mut bytes);
        self.turn.put(&mut bytes);
        self.finished.put(&mut bytes);
        self.next_seq.put(&mut bytes);
        self.last_order.put(&mut bytes);
        self.bars_held.put(&mut bytes);
        self.ambiguous_bars.put(&mut bytes);
        self.guard.put(&mut bytes);
        self.filled_now.put(&mut bytes);
        (self.cancels.len() as u64).put(&mut bytes);
        for (number, bar, time_ns) in &self.cancels {
            number.put(&mut bytes);
            bar.put(&mut bytes);
            time_ns.put(&mut bytes);
        }
        checksum(&bytes).put(&mut bytes);
        bytes
    }

    /// Return the account that was saved as bytes, or why there is none. Its journal begins empty.
    pub fn load(bytes: &[u8]) -> Result<Account, LoadError> {
        if bytes.len() < 4 || bytes[..4] != MARK[..] {
            return Err(LoadError::Foreign);
        }
        let mut rest = &bytes[4..];
        let version = u32::take(&mut rest).ok_or(LoadError::Damaged)?;
        if version != VERSION {
            return Err(LoadError::Version(version));
        }
        let end = bytes.len().checked_sub(8).filter(|end| *end >= 8).ok_or(LoadError::Damaged)?;
        let mut last = &bytes[end..];
        if u64::take(&mut last) != Some(checksum(&bytes[..end])) {
            return Err(LoadError::Damaged);
        }
        let mut body = &bytes[8..end];
        let account = read(&mut body).ok_or(LoadError::Damaged)?;
        if body.is_empty() {
            return Ok(account);
        }
        Err(LoadError::Damaged)
    }
}

fn read(bytes: &mut &[u8]) -> Option<Account> {
    let rules = Rules::take(bytes)?;
    let books: Vec<Book> = Field::take(bytes)?;
    let purses: Vec<Purse> = Field::take(bytes)?;
    let sound = |book: &Book| (book.purse as usize) < purses.len();
    let numbered = books.iter().enumerate().all(|(place, book)| book.instrument() as usize == place);
    if books.is_empty() || purses.is_empty() || !books.iter().all(sound) || !numbered {
        return None;
    }
    let priced = |purse: &Purse| purse.priced_by.map_or(true, |place| (place as usize) < books.len());
    if !purses.iter().all(|purse| priced(purse) && purse.cash.unsigned_abs() <= 8 * MONEY_MAX as u128) {
        return None;
    }
    let live = books.iter().map(|book| book.tickets.len() + book.orders.len()).sum();
    let triggers = books.iter().any(|book| book.orders.iter().any(|waiting| waiting.held));
    let charges_always = charges(&books);
    let mut account = Account {
        limited: rules.limits != Limits::default(),
        rules,
        books,
        purses,
        step: Field::take(bytes)?,
        time_ns: Field::take(bytes)?,
        clock_ns: Field::take(bytes)?,
        venue_ns: 0,
        phase: Phase::take(bytes)?,
        turn: Field::take(bytes)?,
        finished: Field::take(bytes)?,
        next_seq: Field::take(bytes)?,
        last_order: Field::take(bytes)?,
        bars_held: Field::take(bytes)?,
        ambiguous_bars: Field::take(bytes)?,
        guard: Field::take(bytes)?,
        filled_now: Field::take(bytes)?,
        triggers,
        released: Vec::new(),
        cancels: Vec::new(),
        live,
        charges_always,
        events: Vec::new(),
        turns: Vec::new(),
        active: Vec::new(),
    };
    for _ in 0..u64::take(bytes)? {
        account.cancels.push((Field::take(bytes)?, Field::take(bytes)?, Field::take(bytes)?));
    }
    Some(account)
}

/// Return whether holding anything can cost something at any close.
pub(crate) fn charges(books: &[Book]) -> bool {
    books.iter().any(|book| book.terms.funding_rate != 0 || book.terms.borrow_rate != 0)
}

/// Return the FNV-1a hash of bytes: no single changed byte leaves it as it was.
fn checksum(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ *byte as u64).wrapping_mul(0x0000_0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

impl Field for Purse {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.cash.put(bytes);
        self.priced_by.put(bytes);
    }
    fn take(bytes: &mut &[u8]) -> Option<Purse> {
        Some(Purse { cash: Field::take(bytes)?, priced_by: Field::take(bytes)? })
    }
}
