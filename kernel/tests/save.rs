//! Saved accounts: damage of every kind is refused, and nothing that is loaded makes the kernel panic.

mod market;

use eyas_kernel::account::Account;
use eyas_kernel::record::{Bar, NO_RATE};
use eyas_kernel::rules::Rules;
use eyas_kernel::save::LoadError;
use market::play::scenarios;
use market::{searching, MINUTE, MONEY, WHOLE};
use proptest::collection::vec;
use proptest::prelude::*;

fn bar(instrument: u32, minute: i64, prices: [i64; 4]) -> Bar {
    let [open, high, low, close] = prices.map(|whole| whole * WHOLE);
    let (time_ns, volume) = (minute * MINUTE, 100 * WHOLE);
    Bar { time_ns, close_ns: time_ns, open, high, low, close, volume, given: 0, funding: NO_RATE, instrument }
}

/// Return an account that holds something of everything: instruments, currencies, tickets, partners, cancels.
fn rich() -> Account {
    let mut rules = Rules::default();
    let pairs = [("leverage", "3"), ("margin_call", "0.5"), ("fee_rate", "0.001"), ("latency_bars", "1")];
    let limits =
        [("orders_per_minute_max", "100"), ("daily_loss_max", "5000"), ("consecutive_errors_max", "9")];
    rules.set_all(&[&pairs[..], &limits[..]].concat()).expect("the rules are possible");
    let mut foreign = rules.terms;
    foreign.currency = Some(0);
    let mut account =
        Account::with_instruments(rules, &[rules.terms, foreign], 10_000 * MONEY, 0).expect("it opens");
    let step = |account: &mut Account, minute: i64| {
        let bars = [bar(0, minute, [2, 3, 1, 2]), bar(1, minute, [100, 104, 98, 101])];
        account.advance(&bars, &[]).expect("the bars can have happened");
    };
    step(&mut account, 1);
    let bracket =
        "stop_loss 90 take_profit 110 share 0.5 take_profit 120 trailing distance 9 from fraction 0.1";
    for text in [
        &format!("buy 10 {bracket} breakeven rung 1 leave_after 50 on 1"),
        "sell 5 limit 108 until 4000 on 1",
        "buy 5 stop 109 limit 110 other 2 rank 2 on 1",
        "buy 1 trail fraction 0.05 after 2 on 1",
        "sell 3 limit 107 reduce_only for 9 on 1",
    ] {
        account.ask(text).expect("it can be asked for");
    }
    account.record_error();
    step(&mut account, 2);
    step(&mut account, 3);
    account.ask("cancel 5").expect("it is on its way");
    assert!(account.tickets().count() == 1 && account.orders().count() == 4, "much is held");
    account.take_events();
    account
}

fn checksum(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ *byte as u64).wrapping_mul(0x0000_0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

/// Give bytes the checksum that they ought to have, as if they had been saved that way.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let end = bytes.len() - 8;
    let sum = checksum(&bytes[..end]).to_le_bytes();
    bytes[end..].copy_from_slice(&sum);
    bytes
}

#[test]
fn what_was_saved_is_loaded() {
    let account = rich();
    let loaded = Account::load(&account.save()).expect("it was saved");
    assert_eq!(loaded.save(), account.save());
    assert_eq!(loaded.equity(), account.equity());
    assert_eq!(loaded.rules(), account.rules());
    assert_eq!(sealed(account.save()), account.save(), "the checksum is what this page thinks it is");
}

#[test]
fn every_changed_byte_is_refused() {
    let bytes = rich().save();
    for place in 0..bytes.len() {
        for change in [1, 0x80, 0xff] {
            let mut changed = bytes.clone();
            changed[place] ^= change;
            let error = Account::load(&changed).err();
            let named = match place {
                0..=3 => matches!(error, Some(LoadError::Foreign)),
                4..=7 => matches!(error, Some(LoadError::Version(_))),
                _ => matches!(error, Some(LoadError::Damaged)),
            };
            assert!(named, "byte {place} changed by {change}: {error:?}");
        }
    }
}

#[test]
fn what_is_cut_or_longer_is_refused() {
    let bytes = rich().save();
    for end in 0..bytes.len() {
        let wanted = if end < 4 { LoadError::Foreign } else { LoadError::Damaged };
        assert_eq!(Account::load(&bytes[..end]).err(), Some(wanted), "cut at {end}");
        if end >= 16 {
            let error = Account::load(&sealed(bytes[..end].to_vec())).err();
            assert_eq!(error, Some(LoadError::Damaged), "cut at {end}, with the checksum of what is left");
        }
    }
    let longer = [&bytes[..], &[0]].concat();
    assert_eq!(Account::load(&longer).err(), Some(LoadError::Damaged));
    assert_eq!(Account::load(&sealed([&longer[..], &[0; 7]].concat())).err(), Some(LoadError::Damaged));
}

/// A checksum is no lock: bytes that somebody made up on purpose load or are refused, without a panic.
#[test]
fn every_forged_byte_is_loaded_or_refused() {
    let bytes = rich().save();
    for place in 8..bytes.len() - 8 {
        for change in [1, 0x7f, 0x80, 0xff] {
            let mut changed = bytes.clone();
            changed[place] ^= change;
            let answer = std::panic::catch_unwind(|| Account::load(&sealed(changed)).map(|_| ()));
            assert!(answer.is_ok(), "byte {place} changed by {change}: a panic");
        }
    }
}

/// The same with whole numbers that lie at the edge: the least, the largest, minus one.
#[test]
fn every_forged_number_is_loaded_or_refused() {
    let bytes = rich().save();
    let numbers = [i64::MIN.to_le_bytes(), i64::MAX.to_le_bytes(), [0xff; 8]];
    let wide = [i128::MIN.to_le_bytes(), i128::MAX.to_le_bytes()];
    let edges: Vec<&[u8]> =
        numbers.iter().map(|edge| &edge[..]).chain(wide.iter().map(|edge| &edge[..])).collect();
    for place in 8..bytes.len() - 8 - 16 {
        for edge in &edges {
            let mut changed = bytes.clone();
            changed[place..place + edge.len()].copy_from_slice(edge);
            let answer = std::panic::catch_unwind(|| Account::load(&sealed(changed)).map(|_| ()));
            assert!(answer.is_ok(), "{edge:?} at byte {place}: a panic");
        }
    }
}

proptest! {
    #![proptest_config(searching(2_000))]

    #[test]
    fn random_bytes_are_refused(bytes in vec(any::<u8>(), 0..400), marked: bool) {
        let bytes = if marked { [b"eyas\x01\0\0\0", &bytes[..]].concat() } else { bytes };
        prop_assert!(Account::load(&bytes).is_err());
        if marked && bytes.len() >= 16 {
            prop_assert!(Account::load(&sealed(bytes)).is_err());
        }
    }

    #[test]
    fn a_random_account_that_was_forged_is_loaded_or_refused(
        scenario in scenarios(|_| true),
        stop in 0_usize..60,
        changes in vec((any::<usize>(), any::<u8>()), 1..4),
    ) {
        let (mut turn, mut saved) = (0, Vec::new());
        scenario.play_with(|account| {
            if turn <= stop {
                saved = account.save();
            }
            turn += 1;
        })?;
        for (place, change) in changes {
            let place = 8 + place % (saved.len() - 16);
            saved[place] ^= change;
        }
        // Whatever it says, it is loaded or refused.
        let _ = Account::load(&sealed(saved)).map(|account| account.save());
    }
}
