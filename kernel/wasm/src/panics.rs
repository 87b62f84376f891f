//! The last words of a module that traps, kept where a host can still read them.

use std::cell::RefCell;
use std::panic::set_hook;

const LONGEST: usize = 512;

struct LastWords {
    bytes: [u8; LONGEST],
    length: usize,
}

impl LastWords {
    fn keep(&mut self, message: impl Iterator<Item = u8>) {
        self.length = 0;
        for (place, byte) in self.bytes.iter_mut().zip(message) {
            *place = byte;
            self.length += 1;
        }
    }
}

thread_local! {
    static LAST_WORDS: RefCell<LastWords> = const { RefCell::new(LastWords { bytes: [0; LONGEST], length: 0 }) };
}

/// From now on, keep the message of a panic.
pub fn listen() {
    set_hook(Box::new(|panic| {
        let payload = panic.payload();
        let message = match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
            (Some(message), _) => *message,
            (_, Some(message)) => message.as_str(),
            _ => "a panic without words",
        };
        let place =
            panic.location().map_or(String::new(), |place| format!(" ({}:{})", place.file(), place.line()));
        LAST_WORDS.with(|words| words.borrow_mut().keep(message.bytes().chain(place.bytes())));
    }));
}

/// Return where the message lies and its length.
pub fn message() -> (*const u8, usize) {
    LAST_WORDS.with(|words| {
        let words = words.borrow();
        (words.bytes.as_ptr(), words.length)
    })
}
