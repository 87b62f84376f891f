//! Which of 64 bars may matter to a program at all: its conditions on columns, for all of them at once.

use alloc::vec::Vec;

use crate::code::Glance;
use crate::codes::{BarField, Look};
use crate::column::Column;
use crate::machine::Sight;
use crate::value::Value;

const LANES: usize = 64;
/// Which part of an operand says how many bars ago; the rest says that it was an index.
const BACK: usize = 0x7fff;
/// Up to here every whole number is a float.
const EXACT: i64 = 1 << 53;

/// A float for each bar.
type Floats = [f64; LANES];

/// Rows of floats and of bits, kept from block to block.
#[derive(Clone, Debug)]
pub struct Watch {
    floats: Vec<Floats>,
    bits: Vec<u64>,
}

impl Watch {
    pub fn new((rows, bits): (usize, usize)) -> Watch {
        Watch { floats: alloc::vec![[0.0; LANES]; rows], bits: alloc::vec![0; bits] }
    }

    /// Return a bit for each row from `first` on; rows beyond `count` may have any. Inlined, so that a host can
    /// let it use what its processor has.
    #[inline(always)]
    pub fn look(
        &mut self,
        glances: &[Glance],
        registers: &[Value],
        sight: &Sight<'_>,
        (first, count): (usize, usize),
    ) -> u64 {
        for glance in glances {
            let (a, b, c) = (glance.a as usize, glance.b as usize, glance.c as usize);
            match glance.look {
                Look::Series => {
                    let column = column(registers[b], sight);
                    // What a series that follows was some rows ago is not what it was some bars ago, and by an
                    // index it fails where nothing is known.
                    if c > 0 && column.map_or(true, |one| one.follow.is_some()) {
                        return u64::MAX;
                    }
                    series(&mut self.floats[a], column, (first, count), c & BACK);
                }
                Look::BarField => {
                    // The floats are the first fields.
                    let field = BarField::of(glance.b).map_or(0, |field| field as usize);
                    let values = sight.bars.floats.get(field).copied().unwrap_or(&[]);
                    copy(&mut self.floats[a], values, (first, count));
                }
                Look::Number => match registers[b] {
                    // Compared as floats these would not be what they are.
                    Value::Int(value) if !(-EXACT..=EXACT).contains(&value) => return u64::MAX,
                    value => self.floats[a] = [value.float().unwrap_or(f64::NAN); LANES],
                },
                Look::Add | Look::Subtract | Look::Multiply | Look::Divide => self.combine(glance),
                Look::Negative => {
                    let source = self.floats[b];
                    for (value, source) in self.floats[a].iter_mut().zip(source) {
                        *value = -source;
                    }
                }
                Look::Absolute => {
                    let source = self.floats[b];
                    for (value, source) in self.floats[a].iter_mut().zip(source) {
                        *value = f64::from_bits(source.to_bits() & !(1 << 63));
                    }
                }
                Look::CrossedAbove | Look::CrossedBelow => {
                    let above = glance.look == Look::CrossedAbove;
                    self.bits[a] = crossed(above, registers[b], registers[c], sight, (first, count));
                }
                Look::And => self.bits[a] = self.bits[b] & self.bits[c],
                Look::Or => self.bits[a] = self.bits[b] | self.bits[c],
                Look::Not => self.bits[a] = !self.bits[b],
                Look::All => self.bits[a] = u64::MAX,
                Look::Early => {
                    let early = b.saturating_sub(first);
                    self.bits[a] = if early >= LANES { u64::MAX } else { (1 << early) - 1 };
                }
                Look::Answer => return self.bits[a],
                _ => self.bits[a] = self.compare(glance.look, b, c),
            }
        }
        u64::MAX
    }

    fn combine(&mut self, glance: &Glance) {
        let (left, right) = (self.floats[glance.b as usize], self.floats[glance.c as usize]);
        let target = &mut self.floats[glance.a as usize];
        let pairs = left.iter().zip(right.iter());
        let both = target.iter_mut().zip(pairs);
        match glance.look {
            Look::Add => both.for_each(|(value, (a, b))| *value = a + b),
            Look::Subtract => both.for_each(|(value, (a, b))| *value = a - b),
            Look::Multiply => both.for_each(|(value, (a, b))| *value = a * b),
            _ => both.for_each(|(value, (a, b))| *value = a / b),
        }
    }

    fn compare(&self, look: Look, b: usize, c: usize) -> u64 {
        let (left, right) = (&self.floats[b], &self.floats[c]);
        match look {
            Look::Less => bits(left, right, |a, b| a < b),
            Look::LessEqual => bits(left, right, |a, b| a <= b),
            Look::Equal => bits(left, right, |a, b| a == b),
            Look::NotEqual => bits(left, right, |a, b| a != b),
            Look::Greater => bits(left, right, |a, b| a > b),
            _ => bits(left, right, |a, b| a >= b),
        }
    }
}

fn column<'s, 'a>(value: Value, sight: &'s Sight<'a>) -> Option<&'s Column<'a, f64>> {
    match value {
        Value::Series(number) => sight.floats.get(number as usize),
        _ => None,
    }
}

/// Put the values of some rows into place; what lies beyond the column stays.
fn copy(target: &mut Floats, values: &[f64], (first, count): (usize, usize)) {
    if let Some(found) = values.get(first..first + count.min(LANES)) {
        target[..found.len()].copy_from_slice(found);
    }
}

/// Put a series' values of so many bars ago into place: rows that have none are for `Early` to name.
fn series(
    target: &mut Floats,
    column: Option<&Column<'_, f64>>,
    (first, count): (usize, usize),
    back: usize,
) {
    let column = match column {
        Some(column) => column,
        None => return,
    };
    let count = count.min(LANES);
    if column.follow.is_some() {
        for (place, value) in target[..count].iter_mut().enumerate() {
            *value = column.now((first + place).saturating_sub(back));
        }
        return;
    }
    let skipped = back.saturating_sub(first).min(count);
    let start = first + skipped - back.min(first + skipped);
    if let Some(found) = column.values.get(start..start + count - skipped) {
        target[skipped..count].copy_from_slice(found);
    }
}

/// Return a bit for each pair of which something holds.
#[inline(always)]
fn bits(left: &Floats, right: &Floats, holds: impl Fn(f64, f64) -> bool) -> u64 {
    let mut bytes = [0_u8; LANES];
    for (byte, (a, b)) in bytes.iter_mut().zip(left.iter().zip(right)) {
        *byte = holds(*a, *b) as u8;
    }
    packed(&bytes)
}

/// Return a bit for each byte that is 1.
#[inline(always)]
fn packed(bytes: &[u8; LANES]) -> u64 {
    let mut bits = 0;
    for (place, eight) in bytes.chunks_exact(8).enumerate() {
        let mut word = [0; 8];
        word.copy_from_slice(eight);
        // Each byte's bit lands in the highest byte, in order.
        let gathered = u64::from_le_bytes(word).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        bits |= gathered << (8 * place);
    }
    bits
}

/// Return a bit for each row on which a series crossed another, or a number.
#[inline(always)]
fn crossed(above: bool, a: Value, b: Value, sight: &Sight<'_>, rows: (usize, usize)) -> u64 {
    let (first, count) = rows;
    let whole = |value: Value| column(value, sight).and_then(|column| around(column, rows));
    let mut bytes = [0_u8; LANES];
    match (whole(a), whole(b)) {
        (Some(a), Some(b)) => crossings(above, [&a[..LANES], &b[..LANES]], [&a[1..], &b[1..]], &mut bytes),
        _ => {
            let (mut before, mut now) = ([[f64::NAN; LANES]; 2], [[f64::NAN; LANES]; 2]);
            for (place, value) in [a, b].iter().enumerate() {
                match (column(*value, sight), value.float()) {
                    (None, Some(number)) => {
                        before[place] = [number; LANES];
                        now[place] = [number; LANES];
                    }
                    (found, _) => {
                        series(&mut before[place], found, rows, 1);
                        series(&mut now[place], found, rows, 0);
                    }
                }
            }
            crossings(above, [&before[0], &before[1]], [&now[0], &now[1]], &mut bytes);
        }
    }
    // On the first bar nothing has crossed: it has no bar before.
    let found = packed(&bytes);
    if first == 0 && count > 0 {
        found & !1
    } else {
        found
    }
}

/// Return the values of 64 rows and of the row before them, where a column has them all at hand.
fn around<'a>(column: &Column<'a, f64>, (first, count): (usize, usize)) -> Option<&'a [f64]> {
    let start = first.checked_sub(1).filter(|_| column.follow.is_none() && count == LANES)?;
    column.values.get(start..=start + LANES)
}

/// Write for each row whether one column crossed the other since the row before.
#[inline(always)]
fn crossings(above: bool, before: [&[f64]; 2], now: [&[f64]; 2], bytes: &mut [u8; LANES]) {
    let sides = before[0].iter().zip(before[1]).zip(now[0].iter().zip(now[1]));
    if above {
        for (byte, ((a, c), (b, d))) in bytes.iter_mut().zip(sides) {
            *byte = (a <= c) as u8 & (b > d) as u8;
        }
    } else {
        for (byte, ((a, c), (b, d))) in bytes.iter_mut().zip(sides) {
            *byte = (a >= c) as u8 & (b < d) as u8;
        }
    }
}
