//! The kernel's browser shell: plain exports over one shared state. It converts and loops, and decides nothing.
//!
//! The border in four sentences. Text comes in through `input` and goes out, like bytes, through the answer:
//! an export that has one returns its length. What fails returns a negative number (an amount: NaN), and the
//! answer says why in a sentence. Accounts and histories are handles that are never used twice, so that a stale
//! one is noticed. A broken money law traps, and `panic_pointer` and `panic_length` tell which law it was.
//!
//! Names, codes and layouts are not copied into a host: `description` lists them.
//!
//! With std, because on Rust 1.63 no_std with alloc needs an allocation error handler, which was not stable then.

mod failure;
mod history;
#[cfg(target_arch = "wasm32")]
mod memory;
mod panics;
mod program;
mod session;
mod shell;
mod tables;

use eyas_kernel::metrics::{CurveFigures, TradeFigures};
use eyas_kernel::number::{from_float, money_from_float, to_text, MONEY_DECIMALS};
use eyas_kernel::Field;

use crate::failure::one_of;
use crate::session::Session;
use crate::shell::{answering, answering_or, with};
use crate::tables::{AMOUNTS, CURVE_FIGURES, TICKET_FIELDS, TRADE_FIGURES, WAITING_FIELDS};

/// Prepare the module; a host calls this once, before anything else.
#[no_mangle]
pub extern "C" fn start() {
    panics::listen();
}

/// Return where the message of the panic lies that stopped the module.
#[no_mangle]
pub extern "C" fn panic_pointer() -> *const u8 {
    panics::message().0
}

/// Return the length of that message, 0 when nothing panicked.
#[no_mangle]
pub extern "C" fn panic_length() -> usize {
    panics::message().1
}

/// Panic, so that a host can test what it makes of it.
#[no_mangle]
pub extern "C" fn panic_on_purpose() {
    panic!("this panic is on purpose");
}

/// Return where to write so many bytes of text for the next call that reads the input.
#[no_mangle]
pub extern "C" fn input(length: usize) -> *mut u8 {
    with(|shell| {
        shell.input.clear();
        shell.input.resize(length, 0);
        shell.input.as_mut_ptr()
    })
}

/// Return where the answer lies; it holds until the next call.
#[no_mangle]
pub extern "C" fn answer_pointer() -> *const u8 {
    with(|shell| shell.answer.as_ptr())
}

/// Return how many bytes the answer has.
#[no_mangle]
pub extern "C" fn answer_length() -> usize {
    with(|shell| shell.answer.len())
}

/// Answer with every name, code and layout: lines of words parted by tabs, the first naming the table.
#[no_mangle]
pub extern "C" fn description() -> i32 {
    answering(|shell| Ok(shell.say(&tables::description())))
}

/// Make a history of so many bars, all zero; return its handle.
#[no_mangle]
pub extern "C" fn history_new(bars: usize) -> i32 {
    answering(|shell| shell.histories.keep(history::History::new(bars)?))
}

/// Return where a column lies, by its code of the table `column`; 0 when there is none.
#[no_mangle]
pub extern "C" fn history_column(history: u32, column: usize) -> *mut u64 {
    with(|shell| match shell.histories.get(history) {
        Ok(history) => history.column(column),
        Err(_) => std::ptr::null_mut(),
    })
}

/// Give a history's memory back.
#[no_mangle]
pub extern "C" fn history_free(history: u32) -> i32 {
    answering(|shell| shell.histories.free(history))
}

/// Open an account from the input: the cash on the first line, then a line `name=text` for each rule. After a line
/// `instrument` they are the terms of one more instrument.
#[no_mangle]
pub extern "C" fn account_new(time_ns: i64) -> i32 {
    answering(|shell| {
        let session = Session::new(shell.text()?, time_ns)?;
        shell.accounts.keep(session)
    })
}

/// Give an account's memory back.
#[no_mangle]
pub extern "C" fn account_free(account: u32) -> i32 {
    answering(|shell| shell.accounts.free(account))
}

/// Do what the words in the input ask (`buy 10 limit 99 stop_loss 95`, `close 1`, `cancel 2`); return the number of the
/// last order, taken or refused. Words that cannot be read change nothing and fail.
#[no_mangle]
pub extern "C" fn ask(account: u32) -> f64 {
    answering(|shell| {
        let text = shell.text()?.to_owned();
        shell.accounts.get(account)?.ask(&text)
    })
}

/// Answer with a float as a word for `ask`, with at most so many decimals: rounded as every float of a person, so that
/// words ask for what numbers ask for in other hosts. `nan`, `inf` or `-inf` where it is none or too large.
#[no_mangle]
pub extern "C" fn decimal(value: f64, decimals: u32) -> i32 {
    let decimals = decimals.min(MONEY_DECIMALS);
    answering(|shell| Ok(shell.say(&word(value, from_float(value, decimals).map(i128::from), decimals))))
}

/// Answer with a float of money as a word for `ask`.
#[no_mangle]
pub extern "C" fn money(value: f64) -> i32 {
    answering(|shell| Ok(shell.say(&word(value, money_from_float(value), MONEY_DECIMALS))))
}

fn word(value: f64, units: Option<i128>, decimals: u32) -> String {
    match units {
        Some(units) => to_text(units, decimals),
        None if value.is_nan() => "nan".to_owned(),
        None => if value > 0.0 { "inf" } else { "-inf" }.to_owned(),
    }
}

/// Answer with the complete state of an account as bytes.
#[no_mangle]
pub extern "C" fn save(account: u32) -> i32 {
    answering(|shell| {
        shell.answer = shell.accounts.get(account)?.account.save();
        Ok(shell.answer.len() as i32)
    })
}

/// Open the account whose saved bytes are in the input; return its handle. Its journal begins empty.
#[no_mangle]
pub extern "C" fn load() -> i32 {
    answering(|shell| {
        let session = Session::load(&shell.input)?;
        shell.accounts.keep(session)
    })
}

/// Take one step of the clock: the input holds rows of ten numbers of 8 bytes, the last `finer` of which are finer bars
/// inside the others. A row is the instrument, the opening and closing time (integers), open, high, low, close, volume,
/// given price and funding (floats, NaN where unknown). Return how many events came of it.
#[no_mangle]
pub extern "C" fn advance(account: u32, finer: usize) -> i32 {
    answering(|shell| {
        let bytes = std::mem::take(&mut shell.input);
        shell.accounts.get(account)?.advance(&bytes, finer)
    })
}

/// Take the bars from `first` up to `last` (exclusive); return how many events came of them,
/// or below zero the code of the refusal of a bar.
#[no_mangle]
pub extern "C" fn run(account: u32, history: u32, first: usize, last: usize) -> i32 {
    answering(|shell| {
        let history = shell.histories.get(history)?;
        shell.accounts.get(account)?.run(history, first, last)
    })
}

/// Make a program of a compiled strategy from the input: its bytes and what is bound to it (see program.rs); return its
/// handle.
#[no_mangle]
pub extern "C" fn program_new() -> i32 {
    answering(|shell| {
        let program = program::Program::new(&std::mem::take(&mut shell.input))?;
        shell.programs.keep(program)
    })
}

/// Take the bars from `first` up to `last` (exclusive) and let a program decide on them; return how many events came of
/// them. A program that goes on where it was left goes on with what it remembers.
#[no_mangle]
pub extern "C" fn program_run(account: u32, history: u32, program: u32, first: usize, last: usize) -> i32 {
    answering(|shell| {
        let history = shell.histories.get(history)?;
        shell.programs.get(program)?.run(shell.accounts.get(account)?, history, first, last)
    })
}

/// Give a program's memory back.
#[no_mangle]
pub extern "C" fn program_free(program: u32) -> i32 {
    answering(|shell| shell.programs.free(program))
}

/// End the run; return how many events came of it.
#[no_mangle]
pub extern "C" fn finish(account: u32) -> i32 {
    answering(|shell| Ok(shell.accounts.get(account)?.account.finish().len() as i32))
}

/// Return how many events there are.
#[no_mangle]
pub extern "C" fn event_count(account: u32) -> i32 {
    answering(|shell| Ok(shell.accounts.get(account)?.account.events().len() as i32))
}

/// Answer with the bytes of every event from a place on.
#[no_mangle]
pub extern "C" fn events(account: u32, first: usize) -> i32 {
    answering(|shell| {
        let events = shell.accounts.get(account)?.account.events();
        shell.answer.clear();
        for event in events.iter().skip(first) {
            Field::put(event, &mut shell.answer);
        }
        Ok(shell.answer.len() as i32)
    })
}

/// Answer with the open tickets, by instrument and age: a record of `ticket` each.
#[no_mangle]
pub extern "C" fn tickets(account: u32) -> i32 {
    answering(|shell| {
        let account = &shell.accounts.get(account)?.account;
        let all =
            account.books().iter().flat_map(|book| book.tickets.iter().map(move |ticket| (book, ticket)));
        // One that was closed just now is forgotten only when its bar ends.
        let rows = all.filter(|row| row.1.quantity > 0);
        let units = rows.flat_map(|row| TICKET_FIELDS.iter().map(move |field| (field.1)(row.0, row.1)));
        Ok(shell::put(&mut shell.answer, units.map(i128::to_le_bytes)))
    })
}

/// Answer with the orders that wait for a price, by instrument and age: a record of `waiting` each.
#[no_mangle]
pub extern "C" fn waiting_orders(account: u32) -> i32 {
    answering(|shell| {
        let rows = shell.accounts.get(account)?.account.orders().filter(|waiting| !waiting.done);
        let units = rows.flat_map(|waiting| WAITING_FIELDS.iter().map(move |field| (field.1)(waiting)));
        Ok(shell::put(&mut shell.answer, units.map(i128::to_le_bytes)))
    })
}

/// Return how many decimals the prices of an instrument keep; its quantities keep the rest of 16.
#[no_mangle]
pub extern "C" fn price_decimals(account: u32, instrument: u32) -> i32 {
    answering(|shell| Ok(shell.accounts.get(account)?.account.scale_of(instrument).price_decimals() as i32))
}

/// Return how many bars were taken.
#[no_mangle]
pub extern "C" fn bar_count(account: u32) -> i32 {
    answering(|shell| Ok(shell.accounts.get(account)?.account.bar_index() as i32 + 1))
}

/// Return an amount by its code as a float, NaN without such an account.
#[no_mangle]
pub extern "C" fn amount(account: u32, code: u32) -> f64 {
    answering_or(f64::NAN, |shell| {
        Ok(one_of("amount", AMOUNTS, code)?(&shell.accounts.get(account)?.account).float())
    })
}

/// Answer with an amount as exact decimal text.
#[no_mangle]
pub extern "C" fn exact(account: u32, code: u32) -> i32 {
    answering(|shell| {
        let text = one_of("amount", AMOUNTS, code)?(&shell.accounts.get(account)?.account).text();
        Ok(shell.say(&text))
    })
}

/// Bring the equity column up to now and return its length: one float for each bar taken.
#[no_mangle]
pub extern "C" fn equity_length(account: u32) -> i32 {
    answering(|shell| Ok(shell.accounts.get(account)?.curve().len() as i32))
}

/// Return where the equity column lies; it moves when the account takes more bars.
#[no_mangle]
pub extern "C" fn equity_pointer(account: u32) -> *const f64 {
    with(|shell| match shell.accounts.get(account) {
        Ok(session) => session.curve().as_ptr(),
        Err(_) => std::ptr::null(),
    })
}

/// Answer with what the closed trades say: a float for each name of `trade_figure`.
#[no_mangle]
pub extern "C" fn trade_figures(account: u32) -> i32 {
    answering(|shell| {
        let session = shell.accounts.get(account)?;
        let figures = TradeFigures::of(session.account.events());
        let values = TRADE_FIGURES.iter().map(|figure| (figure.1)(session, &figures).to_le_bytes());
        Ok(shell::put(&mut shell.answer, values))
    })
}

/// Answer with what the equity column says: a float for each name of `curve_figure`.
#[no_mangle]
pub extern "C" fn curve_figures(account: u32, bars_per_year: f64) -> i32 {
    answering(|shell| {
        let session = shell.accounts.get(account)?;
        let figures = CurveFigures::of(session.opening_cash, session.curve());
        let values = CURVE_FIGURES.iter().map(|figure| (figure.1)(&figures, bars_per_year).to_le_bytes());
        Ok(shell::put(&mut shell.answer, values))
    })
}
