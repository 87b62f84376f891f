//! Why an export could not do its work: a code for the program, a sentence for the person.

use eyas_kernel::Refusal;

/// The code of what a host did wrong; a refusal's code is nearer to zero.
const MISUSE: i32 = -1000;

/// A negative code and its sentence.
#[derive(Debug)]
pub struct Failure {
    pub code: i32,
    pub sentence: String,
}

impl Failure {
    pub fn misuse(sentence: String) -> Failure {
        Failure { code: MISUSE, sentence }
    }

    /// Put a refusal into words after the name of what was refused.
    pub fn refused(what: &str, refusal: Refusal) -> Failure {
        let sentence = format!("{what}{}", refusal.name().replace('_', " "));
        Failure { code: -(refusal.code() as i32), sentence }
    }
}

/// Return what a table has under a code.
pub fn one_of<'a, T>(table: &str, rows: &'a [(&str, T)], code: u32) -> Result<&'a T, Failure> {
    match rows.get(code as usize) {
        Some((_, value)) => Ok(value),
        None => Err(Failure::misuse(format!("{code} is no code of the table {table}"))),
    }
}
