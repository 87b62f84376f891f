//! Laws of time: the same twice, stopped anywhere and gone on, and never a look ahead.

mod market;

use eyas_kernel::account::Account;
use eyas_kernel::order::{Order, OrderKind, Side, Size};
use eyas_kernel::record::{Bar, Event, Phase};
use market::asks::put;
use market::play::{scenarios, Row, Run, Scenario};
use market::{searching, WHOLE};
use proptest::prelude::*;

/// Check that two runs came to the same, event by event and mark by mark.
fn same(ours: &Run, theirs: &Run) -> Result<(), TestCaseError> {
    for (one, other) in ours.events.iter().zip(&theirs.events) {
        prop_assert_eq!(one, other);
    }
    prop_assert_eq!(&ours.marks, &theirs.marks);
    prop_assert_eq!(ours.account.save(), theirs.account.save());
    prop_assert_eq!(ours.bytes(), theirs.bytes());
    Ok(())
}

/// Go on with the account that was saved. Loading also puts every book's watch out of date.
fn reload(account: &mut Account) {
    let bytes = account.save();
    let loaded = Account::load(&bytes).expect("what was saved can be loaded");
    assert_eq!(loaded.save(), bytes, "what was loaded saves the same bytes");
    *account = loaded;
}

/// What came of a scenario: events, without their places in the journal, and equity.
#[derive(Debug, PartialEq)]
struct Outcome {
    events: Vec<Event>,
    equity: Vec<i128>,
}

/// Run a scenario. With `wakers` there is, on every bar of every book, one more order that must see the bar but
/// can never trade: no book is passed over. What is said of those orders is left out, and their numbers too.
fn outcome(scenario: &Scenario, wakes: bool) -> Outcome {
    let (mut account, mut wakers) = (scenario.open(), Vec::new());
    let mut outcome = Outcome { events: Vec::new(), equity: Vec::new() };
    for row in &scenario.rows {
        let listed = |bar: &&Bar| !account.books()[bar.instrument as usize].delisted;
        let bars: Vec<Bar> = row.bars.iter().filter(listed).copied().collect();
        let finer: Vec<Bar> = row.finer.iter().filter(listed).copied().collect();
        if !bars.is_empty() {
            for instrument in bars.iter().map(|bar| bar.instrument).filter(|_| wakes) {
                let price = account.books()[instrument as usize].terms.price_tick.max(1);
                let order = Order::market(instrument, Side::Buy, Size::Quantity(50 * WHOLE));
                let order = Order { kind: OrderKind::Limit, price, bars: 2, ..order };
                let _ = account.submit(order);
                wakers.push(account.last_order());
            }
            account.advance(&bars, &finer).expect("the bars can have happened");
            outcome.equity.push(account.equity());
            for number in wakers
                .iter()
                .filter(|number| account.find_order(**number).is_some())
                .copied()
                .collect::<Vec<_>>()
            {
                account.cancel(number).expect("it waits");
            }
        }
        for ask in &row.asks {
            let _ = put(&mut account, ask);
            outcome.equity.push(account.equity());
        }
    }
    account.finish();
    let last = account.last_order();
    let own = |number: u64| {
        if number > last {
            number
        } else {
            number - wakers.iter().filter(|waker| **waker < number).count() as u64
        }
    };
    let events = account.events().iter().filter(|event| !wakers.contains(&event.order));
    outcome.events = events
        .map(|event| Event { seq: 0, order: own(event.order), ticket: own(event.ticket), ..*event })
        .collect();
    outcome
}

/// Return another bar that opens where this one does.
fn with_other_end(bar: &Bar, other: &Bar) -> Bar {
    let (high, low) = (bar.open.max(other.high), bar.open.min(other.low));
    Bar { high, low, close: other.close, given: other.given, funding: other.funding, ..*bar }
}

fn opened(events: &[Event]) -> Vec<Event> {
    events.iter().filter(|event| event.phase == Phase::Open).copied().collect()
}

proptest! {
    #![proptest_config(searching(2_000))]

    #[test]
    fn the_same_twice_is_the_same(scenario in scenarios(|_| true)) {
        same(&scenario.play()?, &scenario.play()?)?;
    }

    /// So nothing that lives only in memory counts.
    #[test]
    fn saving_and_loading_anywhere_changes_nothing(scenario in scenarios(|_| true), every in 1_usize..5) {
        let mut turn = 0;
        let stopped = scenario.play_with(|account| {
            turn += 1;
            if turn % every == 0 {
                reload(account);
            }
        })?;
        same(&scenario.play()?, &stopped)?;
    }

    /// No book is passed over that its bar can touch.
    #[test]
    fn a_book_that_must_see_every_bar_sees_no_more(
        scenario in scenarios(|name| !["latency", "orders_", "decimals"].iter().any(|part| name.contains(part))),
    ) {
        let (plain, awake) = (outcome(&scenario, false), outcome(&scenario, true));
        for (one, other) in plain.events.iter().zip(&awake.events) {
            prop_assert_eq!(one, other);
        }
        prop_assert_eq!(plain, awake);
    }

    #[test]
    fn the_future_changes_nothing_in_the_past(scenario in scenarios(|_| true), other in scenarios(|_| true), cut in 1_usize..20) {
        let cut = cut.min(scenario.rows.len());
        let later = other.rows.iter().skip(cut).cloned();
        let fits = |row: &Row| row.bars.iter().all(|bar| (bar.instrument as usize) < scenario.terms.len());
        let known = |row: Row| Row {
            bars: row.bars.iter().map(|bar| Bar { volume: bar.volume.max(0), ..*bar }).collect(), ..row
        };
        let later = later.filter(fits).map(known);
        let rows: Vec<Row> = scenario.rows[..cut].iter().cloned().chain(later).collect();
        let changed = Scenario { rows, ..scenario.clone() };
        let (first, second) = (scenario.play()?, changed.play());
        // The bars that were sewn on may overlap the last ones: then there is nothing to compare.
        if let Ok(second) = second {
            let (ours, theirs) = (first.marks[first.rows[cut - 1]], second.marks[second.rows[cut - 1]]);
            prop_assert_eq!(ours, theirs);
            prop_assert_eq!(&first.events[..ours.events], &second.events[..theirs.events]);
        }
    }

    /// What happens at an open knows nothing of the rest of the bar, but for the volume that it offers.
    #[test]
    fn the_open_sees_no_further_than_the_open(scenario in scenarios(|_| true), other in scenarios(|_| true)) {
        let mut changed = scenario.clone();
        let rest: Vec<Bar> = other.rows.iter().flat_map(|row| row.bars.iter().copied()).collect();
        let last = match changed.rows.last_mut() {
            Some(last) if !rest.is_empty() && !last.bars.is_empty() => last,
            _ => return Ok(()),
        };
        for (bar, other) in last.bars.iter_mut().zip(rest.iter().cycle()) {
            *bar = with_other_end(bar, other);
        }
        last.finer.clear();
        let (first, second) = (scenario.play()?, changed.play()?);
        let before = |run: &Run| if run.rows.len() < 2 { 0 } else { run.marks[run.rows[run.rows.len() - 2]].events };
        prop_assert_eq!(opened(&first.events[before(&first)..]), opened(&second.events[before(&second)..]));
    }

    /// Finer bars settle what a bar leaves open; one that is the bar itself settles nothing. Under gap=level it does:
    /// an order that fills at its level though the open lies beyond its stop leaves at the finer bar's open.
    #[test]
    fn a_finer_bar_like_the_bar_changes_nothing(scenario in scenarios(|name| name != "gap")) {
        let (mut plain, mut finer) = (scenario.clone(), scenario);
        plain.rows.iter_mut().for_each(|row| row.finer.clear());
        for row in &mut finer.rows {
            // Finer bars come in order of time, whole bars in order of instruments.
            let together = row.bars.windows(2).all(|pair| pair[0].time_ns == pair[1].time_ns);
            row.finer = if together { row.bars.clone() } else { Vec::new() };
        }
        let (plain, finer) = (plain.play()?, finer.play()?);
        for (one, other) in plain.events.iter().zip(&finer.events) {
            prop_assert_eq!(one, other);
        }
        prop_assert_eq!(&plain.marks, &finer.marks);
        prop_assert_eq!(plain.account.ambiguous_bars(), finer.account.ambiguous_bars());
    }
}
