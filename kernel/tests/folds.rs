//! What a journal says when it is read again, against what the account itself knew at every step.

mod market;

use eyas_kernel::excursions::{Excursion, Excursions, ReadsBack};
use eyas_kernel::exposure::{share_of, Exposure};
use eyas_kernel::folds::each_event;
use eyas_kernel::number::{from_float, to_float, MONEY_DECIMALS};
use eyas_kernel::paid::Payments;
use eyas_kernel::prices::{Columns, Peaks};
use eyas_kernel::record::{Bar, Cause, Event, EventKind, Phase};
use eyas_kernel::rules::FillAt;
use eyas_kernel::{Account, Field};
use market::extreme::extremes;
use market::play::{scenarios, Run, Scenario};
use market::searching;
use proptest::collection::vec;
use proptest::prelude::*;

/// What an account took and knew, step by step.
#[derive(Default)]
struct Watched {
    /// The bars of each instrument in floats, and the steps at which they were taken.
    prices: Vec<[Vec<f64>; 4]>,
    steps: Vec<Vec<i64>>,
    decimals: Vec<u32>,
    /// Whether floats say the same of every price as whole units.
    is_exact: bool,
    /// Of each step what was held at the closes after its decision.
    held: Vec<f64>,
    /// Ticket, and its running profit at a close that it lived to see.
    seen: Vec<(u64, i128)>,
}

impl Watched {
    fn new(scenario: &Scenario) -> Watched {
        let count = scenario.terms.len();
        let decimals = scenario.terms.iter().map(|terms| terms.price_decimals).collect();
        let (prices, steps) = (vec![Default::default(); count], vec![Vec::new(); count]);
        Watched { prices, steps, decimals, is_exact: true, ..Watched::default() }
    }

    /// Look at an account after its events.
    fn look(&mut self, account: &Account, events: &[Event]) {
        let step = account.bar_index();
        if step >= self.held.len() as i64 {
            self.held.push(0.0);
            for book in account.books().iter().filter(|book| book.step == step) {
                self.take(&book.bar, step);
                let late = |event: &Event| {
                    event.kind == EventKind::Filled && !matches!(event.phase, Phase::Open | Phase::Range)
                };
                for ticket in &book.tickets {
                    // What was filled before the close has lived to see it.
                    if !events.iter().any(|event| event.ticket == ticket.number && late(event)) {
                        let profit = ticket.profit + ticket.open_profit(book.bar.close);
                        self.seen.push((ticket.number, profit));
                    }
                }
            }
        }
        if let Some(held) = self.held.last_mut() {
            let worth = |quantity: i64, mark: i64, decimals: u32| {
                to_float(quantity as i128, MONEY_DECIMALS - decimals) * to_float(mark as i128, decimals)
            };
            let books = account.books().iter().zip(&self.decimals).filter(|(book, _)| book.index >= 0);
            *held = books.map(|(book, decimals)| worth(book.gross_quantity, book.bar.close, *decimals)).sum();
        }
    }

    fn take(&mut self, bar: &Bar, step: i64) {
        let place = bar.instrument as usize;
        let decimals = self.decimals[place];
        for (column, price) in self.prices[place].iter_mut().zip([bar.open, bar.high, bar.low, bar.close]) {
            let float = to_float(price as i128, decimals);
            self.is_exact &= from_float(float, decimals) == Some(price);
            column.push(float);
        }
        self.steps[place].push(step);
    }

    fn columns(&self, run: &Run) -> Vec<Columns<'_>> {
        self.prices
            .iter()
            .enumerate()
            .map(|(place, [open, high, low, close])| Columns {
                open,
                high,
                low,
                close,
                scale: run.account.scale_of(place as u32),
                steps: Some(&self.steps[place]),
                priced_by: None,
            })
            .collect()
    }
}

/// Play a scenario and watch it.
fn watched(scenario: &Scenario) -> Result<(Run, Watched), TestCaseError> {
    let mut watched = Watched::new(scenario);
    let run = scenario.play_watched(
        |_| {},
        |account, events| {
            watched.look(account, events);
            Ok(())
        },
    )?;
    Ok((run, watched))
}

fn reads_back(scenario: &Scenario) -> ReadsBack {
    let market = &scenario.rules.market;
    ReadsBack { entries: market.market_fill == FillAt::SameOpen, exits: market.exit_fill == FillAt::SameOpen }
}

fn excursions(run: &Run, columns: &[Columns<'_>], reads_back: ReadsBack) -> Vec<Excursion> {
    let mut fold = Excursions::over(columns, reads_back);
    let read = each_event(&run.bytes(), &[EventKind::Filled, EventKind::Closed], |event| fold.take(event));
    assert_eq!(read, Some(()));
    fold.rows().to_vec()
}

fn check(scenario: &Scenario) -> Result<(), TestCaseError> {
    let (run, watched) = watched(scenario)?;
    let columns = watched.columns(&run);
    let back = reads_back(scenario);
    let rows = excursions(&run, &columns, back);
    let closed: Vec<&Event> = run.events.iter().filter(|event| event.kind == EventKind::Closed).collect();
    prop_assert_eq!(rows.len(), closed.len());
    for (row, closed) in rows.iter().zip(closed) {
        prop_assert_eq!((row.ticket, row.instrument), (closed.ticket, closed.instrument));
        prop_assert!(row.entered > 0, "all of it is in the journal");
        let earned = closed.profit + closed.fee;
        prop_assert!(row.mae <= earned && earned <= row.mfe, "{row:?} holds what it earned, {earned}");
        prop_assert!(row.mae <= 0 && row.mfe >= 0);
        prop_assert!(row.mae_possible <= row.mae && row.mfe <= row.mfe_possible, "what is sure is possible");
        if !watched.is_exact || back.exits {
            continue;
        }
        for (_, profit) in watched.seen.iter().filter(|seen| seen.0 == row.ticket) {
            prop_assert!(row.mae <= *profit && *profit <= row.mfe, "{row:?} holds {profit} at a close");
        }
    }
    check_payments(&run)?;
    if run.account.purses().len() == 1 {
        check_exposure(&run, &watched, &columns)?;
    }
    Ok(())
}

fn check_payments(run: &Run) -> Result<(), TestCaseError> {
    let mut fold = Payments::default();
    run.events.iter().for_each(|event| fold.take(event));
    let of = |kind: EventKind| run.events.iter().filter(move |event| event.kind == kind);
    let all = |sum: fn(&eyas_kernel::paid::Paid) -> i128| fold.totals().iter().map(sum).sum::<i128>();
    prop_assert_eq!(all(|paid| paid.fees), of(EventKind::Filled).map(|event| event.fee).sum::<i128>());
    let charged = of(EventKind::Charged).map(|event| event.fee).sum::<i128>();
    prop_assert_eq!(all(|paid| paid.funding + paid.borrowing), charged);
    let borrowed = of(EventKind::Charged).filter(|event| event.cause == Cause::Borrow);
    prop_assert_eq!(all(|paid| paid.borrowing), borrowed.map(|event| event.fee).sum::<i128>());
    prop_assert_eq!(fold.fills().len(), of(EventKind::Filled).count());
    prop_assert!(fold.fills().iter().all(|fill| fill.slippage >= 0), "costs make no price better");
    let traded: i128 = fold.fills().iter().map(|fill| fill.notional.abs()).sum();
    prop_assert_eq!(all(|paid| paid.bought + paid.sold), traded);
    for (paid, closed) in fold.trades().iter().zip(of(EventKind::Closed)) {
        prop_assert_eq!(paid.ticket, closed.ticket);
        prop_assert_eq!(paid.fees + paid.funding + paid.borrowing, closed.fee);
        prop_assert_eq!(paid.sold - paid.bought - closed.fee, closed.profit);
    }
    Ok(())
}

fn check_exposure(run: &Run, watched: &Watched, columns: &[Columns<'_>]) -> Result<(), TestCaseError> {
    let count = watched.held.len();
    let (mut long, mut short) = (vec![0.0; count], vec![0.0; count]);
    let mut fold = Exposure::onto(columns, &mut long, &mut short);
    run.events.iter().for_each(|event| fold.take(event));
    fold.end();
    for (step, held) in watched.held.iter().enumerate() {
        let gross = long[step] + short[step];
        prop_assert!(long[step] >= 0.0 && short[step] >= 0.0);
        prop_assert!((gross - held).abs() <= 1e-9 * held.abs(), "step {step}: {gross} is not {held}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(searching(3_000))]

    #[test]
    fn folds_say_what_the_account_knew(scenario in scenarios(|_| true)) {
        check(&scenario)?;
    }

    /// Prices, sizes and cash at the edge of what there is.
    #[test]
    fn folds_of_extreme_markets_say_what_the_account_knew(scenario in extremes()) {
        check(&scenario)?;
    }

    #[test]
    fn the_furthest_of_any_rows_is_found_block_by_block(
        values in vec(0_u8..50, 1..9_000), ends in (any::<prop::sample::Index>(), any::<prop::sample::Index>())
    ) {
        let values: Vec<f64> = values.into_iter().map(f64::from).collect();
        let (one, other) = (ends.0.index(values.len()), ends.1.index(values.len()));
        let rows = one.min(other)..one.max(other) + 1;
        let best = values[rows.clone()].iter().copied().fold(f64::MIN, f64::max);
        let worst = values[rows.clone()].iter().copied().fold(f64::MAX, f64::min);
        for (peaks, wanted) in [(Peaks::highest_of(&values), best), (Peaks::lowest_of(&values), worst)] {
            prop_assert_eq!(peaks.furthest(rows.clone()), wanted);
            let first = rows.clone().find(|row| values[*row] == wanted);
            prop_assert_eq!(peaks.first(rows.clone(), |value| value == wanted), first);
        }
    }
}

#[test]
fn a_journal_that_is_cut_or_damaged_is_none() {
    let mut event = Vec::new();
    let mut account = Account::new(Default::default(), 10_i128.pow(20), 0).expect("cash");
    account.take_events()[0].put(&mut event);
    assert_eq!(event.len(), Event::SIZE);
    let read = |bytes: &[u8]| each_event(bytes, &[EventKind::Transferred], |_| {});
    assert_eq!(read(&event), Some(()));
    assert_eq!(read(&event[1..]), None);
    let last = event.len() - 1;
    event[last] = 200;
    assert_eq!(read(&event), None);
    let read_others = each_event(&event, &[EventKind::Filled], |_| panic!("there is no such event"));
    assert_eq!(read_others, Some(()), "what is of another kind is not looked at");
}

#[test]
fn a_share_of_nothing_is_no_number() {
    let mut held = [1.0, 1.0, 0.0];
    share_of(&[2.0, 0.0, -1.0], &mut held);
    assert_eq!(held[0], 0.5);
    assert!(held[1].is_nan() && held[2].is_nan());
}

#[test]
fn records_are_as_wide_as_their_fields() {
    let row = Excursions::over(&[], ReadsBack::default());
    assert!(row.rows().is_empty());
    let widths: usize = Excursion::FIELDS.iter().map(|field| field.2).sum();
    assert_eq!(widths, Excursion::SIZE);
}
