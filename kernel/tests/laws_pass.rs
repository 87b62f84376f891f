//! Passing many bars at once equals taking them one by one, byte for byte.

mod market;

use eyas_kernel::account::Account;
use eyas_kernel::number::{to_float, MONEY_DECIMALS};
use eyas_kernel::record::Bar;
use eyas_kernel::stretch::Stretch;
use eyas_kernel::{Event, Refusal};
use market::asks::{put, Ask};
use market::play::{scenarios, Scenario};
use market::searching;
use proptest::prelude::*;
use proptest::sample::select;

/// What is done to a bar so that it may be one that cannot have happened.
#[derive(Clone, Copy, Debug)]
enum Harm {
    None,
    Earlier,
    ClosesFirst,
    Upside,
    Worthless,
    Volume,
    Funding,
    Given,
    Foreign,
}

fn harmed(bar: &Bar, harm: Harm) -> Bar {
    match harm {
        Harm::None => *bar,
        Harm::Earlier => Bar { time_ns: bar.time_ns - 86_400_000_000_000, ..*bar },
        Harm::ClosesFirst => Bar { close_ns: bar.time_ns - 1, ..*bar },
        Harm::Upside => Bar { high: bar.low - 1, ..*bar },
        Harm::Worthless => Bar { low: 0, ..*bar },
        Harm::Volume => Bar { volume: -1, ..*bar },
        Harm::Funding => Bar { funding: 2_000_000_000_000, ..*bar },
        Harm::Given => Bar { given: -1, ..*bar },
        Harm::Foreign => Bar { instrument: 1, ..*bar },
    }
}

fn harms() -> impl Strategy<Value = Harm> {
    let all = vec![
        Harm::Earlier,
        Harm::ClosesFirst,
        Harm::Upside,
        Harm::Worthless,
        Harm::Volume,
        Harm::Funding,
        Harm::Given,
        Harm::Foreign,
    ];
    prop_oneof![30 => Just(Harm::None), 1 => select(all)]
}

/// Bars of one instrument with what is asked after some of them.
#[derive(Clone, Debug)]
struct Course {
    opened: Scenario,
    bars: Vec<Bar>,
    asks: Vec<(usize, Vec<Ask>)>,
    /// The places at which a host stops all the same.
    pauses: usize,
}

/// Every third row, or so, is asked about; the others only bring bars. Each row comes several times in a row,
/// so that there is something to pass.
fn courses() -> impl Strategy<Value = Course> {
    let harms = proptest::collection::vec(harms(), 80);
    (scenarios(|_| true), harms, 1_usize..9, 1_usize..4).prop_map(|(scenario, harms, pauses, repeats)| {
        let mut opened = Scenario { rows: Vec::new(), ..scenario.clone() };
        opened.terms.truncate(1);
        opened.terms[0].currency = None;
        let (mut bars, mut asks, mut time_ns) = (Vec::new(), Vec::new(), 0);
        for row in &scenario.rows {
            for _ in 0..repeats {
                for bar in row.bars.iter().filter(|bar| bar.instrument == 0) {
                    let lasts_ns = bar.close_ns - bar.time_ns;
                    let step = if bars.len() % 7 == 6 { 86_400_000_000_000 } else { 60_000_000_000 };
                    time_ns += step;
                    let moved = Bar { time_ns, close_ns: time_ns + lasts_ns, ..*bar };
                    bars.push(harmed(&moved, harms[bars.len() % harms.len()]));
                }
            }
            if !row.asks.is_empty() && !bars.is_empty() {
                asks.push((bars.len() - 1, row.asks.clone()));
            }
        }
        Course { opened, bars, asks, pauses }
    })
}

/// What a host sees of a run.
#[derive(Debug, PartialEq)]
struct Seen {
    curve: Vec<u64>,
    refusals: Vec<(usize, Refusal)>,
    saved: Vec<Vec<u8>>,
    events: Vec<Event>,
}

impl Course {
    /// Run with something that passes bars from a place on, and says how many.
    fn run(&self, mut pass: impl FnMut(&mut Account, usize, usize, &mut [f64]) -> usize) -> Seen {
        let mut account = self.opened.open();
        let mut seen =
            Seen { curve: Vec::new(), refusals: Vec::new(), saved: Vec::new(), events: Vec::new() };
        let mut curve = vec![0.0; self.bars.len()];
        let mut place = 0;
        for (row, asks) in self.asks.iter().chain([&(self.bars.len().max(1) - 1, Vec::new())]) {
            let end = (row + 1).min(self.bars.len());
            while place < end {
                let until = end.min(place + self.pauses);
                place += pass(&mut account, place, until, &mut curve[place..until]);
                if place < until {
                    if let Err(refusal) = account.advance(&self.bars[place..=place], &[]) {
                        seen.refusals.push((place, refusal));
                    }
                    curve[place] = to_float(account.equity(), MONEY_DECIMALS);
                    place += 1;
                }
            }
            for ask in asks {
                let _ = put(&mut account, ask);
            }
            seen.saved.push(account.save());
        }
        account.finish();
        seen.saved.push(account.save());
        seen.events = account.take_events();
        seen.curve = curve.iter().map(|value| value.to_bits()).collect();
        seen
    }
}

proptest! {
    #![proptest_config(searching(3_000))]

    #[test]
    fn passing_equals_advancing(course in courses()) {
        let stretch = Stretch::of(&course.bars);
        let slow = course.run(|_, _, _, _| 0);
        let fast = course.run(|account, place, until, curve| account.pass(&course.bars[place..until], curve));
        prop_assert_eq!(&fast, &slow);
        // A stretch is of one instrument: where a bar says otherwise, that one is another bar.
        if course.bars.iter().all(|bar| bar.instrument == course.bars[0].instrument) {
            let judged = course.run(|account, place, until, curve| {
                account.pass_stretch(&stretch, place..until, curve)
            });
            prop_assert_eq!(&judged, &slow);
        }
    }

    /// A saved account that is loaded passes on as if it had never been saved.
    #[test]
    fn a_loaded_account_passes_on(course in courses()) {
        let kept = course.run(|account, place, until, curve| account.pass(&course.bars[place..until], curve));
        let mut events = Vec::new();
        let mut loaded = course.run(|account, place, until, curve| {
            events.extend(account.take_events());
            *account = Account::load(&account.save()).expect("it was saved");
            account.pass(&course.bars[place..until], curve)
        });
        events.append(&mut loaded.events);
        loaded.events = events;
        prop_assert_eq!(&loaded, &kept);
    }
}

/// What the laws above compare must be reached: bars that pass with a ticket held, and bars that do not.
#[test]
fn much_is_passed() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
    let seed = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(searching(1), seed);
    let (mut flat, mut held, mut stopped) = (0, 0, 0);
    for _ in 0..500 {
        let course = courses().new_tree(&mut runner).expect("a course can be made").current();
        course.run(|account, place, until, curve| {
            let holds = account.tickets().next().is_some();
            let taken = account.pass(&course.bars[place..until], curve);
            *if holds { &mut held } else { &mut flat } += taken;
            stopped += (taken < until - place) as usize;
            taken
        });
    }
    assert!(flat > 1_000 && held > 500 && stopped > 1_000, "{flat} flat, {held} held, {stopped} stopped");
}
