//! The life of every order follows `order::STEPS`: random markets, replayed from their journals.

mod market;

use std::collections::{BTreeMap, HashMap};

use eyas_kernel::account::Account;
use eyas_kernel::order::{State, STEPS};
use eyas_kernel::record::{Event, EventKind};
use eyas_kernel::Refusal;
use market::play::scenarios;
use market::searching;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};

/// The states that each order can be in by its events, and what triggers those that are held.
#[derive(Debug, Default)]
struct Lives {
    states: HashMap<u64, Vec<State>>,
    parents: HashMap<u64, u64>,
    /// How often each step of the table was taken, by its place.
    taken: BTreeMap<usize, usize>,
}

fn lives_on(state: State) -> bool {
    matches!(state, State::Waiting | State::Held)
}

impl Lives {
    fn take(&mut self, account: &Account, events: &[Event]) -> Result<(), TestCaseError> {
        for event in events {
            if event.kind == EventKind::Filled {
                self.release(event.order);
            }
            if event.order != 0 && event.kind != EventKind::Closed && !self.is_about_nobody(event) {
                self.step(event)?;
            }
        }
        self.compare(account)
    }

    /// A cancel or an amendment of an order that no longer waits is no step of that order.
    fn is_about_nobody(&self, event: &Event) -> bool {
        let states = self.states.get(&event.order);
        let alive = states.map_or(false, |states| states.iter().any(|state| lives_on(*state)));
        let answers = matches!(event.kind, EventKind::Refused | EventKind::Warned);
        answers && !alive && event.refusal == Refusal::OrderMustBeWaiting
    }

    /// What the order triggers may wait from now on.
    fn release(&mut self, order: u64) {
        for (child, parent) in &self.parents {
            if *parent == order {
                if let Some(states) = self.states.get_mut(child) {
                    if states.contains(&State::Held) {
                        states.push(State::Waiting);
                    }
                }
            }
        }
    }

    fn step(&mut self, event: &Event) -> Result<(), TestCaseError> {
        let before = self.states.entry(event.order).or_insert_with(|| vec![State::New]).clone();
        let mut after = Vec::new();
        for (place, (from, kind, to)) in STEPS.iter().enumerate() {
            let own = *from != State::Held || *kind != EventKind::Filled;
            if before.contains(from) && *kind == event.kind && own {
                *self.taken.entry(place).or_insert(0) += 1;
                after.push(*to);
            }
        }
        prop_assert!(!after.is_empty(), "no step leads from {before:?} by {event:?}");
        self.states.insert(event.order, after);
        Ok(())
    }

    /// Of the states an order can be in, keep those that the account says.
    fn compare(&mut self, account: &Account) -> Result<(), TestCaseError> {
        let mut waiting = HashMap::new();
        for order in account.orders().filter(|order| !order.done) {
            waiting.insert(order.number, order.held);
            if order.held {
                self.parents.insert(order.number, order.order.after);
            }
        }
        for (number, _) in waiting.iter().filter(|(_, held)| **held) {
            prop_assert!(waiting.contains_key(&self.parents[number]), "{number} is held by nobody");
        }
        for (number, states) in &mut self.states {
            match waiting.get(number) {
                Some(true) => states.retain(|state| *state == State::Held),
                Some(false) => {
                    if states.contains(&State::Held) {
                        let released = (State::Held, EventKind::Filled, State::Waiting);
                        let place = STEPS.iter().position(|step| *step == released);
                        *self.taken.entry(place.expect("the table lets it go")).or_insert(0) += 1;
                    }
                    states.retain(|state| *state == State::Waiting);
                }
                None => states.retain(|state| !lives_on(*state)),
            }
            prop_assert!(!states.is_empty(), "order {number} is not what its events say");
        }
        prop_assert!(waiting.keys().all(|number| self.states.contains_key(number)));
        Ok(())
    }
}

fn live(scenario: &market::play::Scenario) -> Result<Lives, TestCaseError> {
    let mut lives = Lives::default();
    scenario.play_watched(|_| {}, |account, events| lives.take(account, events))?;
    Ok(lives)
}

proptest! {
    #![proptest_config(searching(3_000))]

    #[test]
    fn every_order_follows_the_table(scenario in scenarios(|_| true)) {
        live(&scenario)?;
    }
}

#[test]
fn every_step_of_the_table_is_taken() {
    let seed = TestRng::from_seed(RngAlgorithm::ChaCha, &[11; 32]);
    let mut runner = TestRunner::new_with_rng(searching(1), seed);
    let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
    for _ in 0..3_000 {
        let scenario = scenarios(|_| true).new_tree(&mut runner).expect("a scenario can be made").current();
        for (place, times) in live(&scenario).expect("the lives follow the table").taken {
            *taken.entry(place).or_insert(0) += times;
        }
    }
    let idle: Vec<_> = (0..STEPS.len()).filter(|place| !taken.contains_key(place)).collect();
    assert!(idle.is_empty(), "never taken: {:?}", idle.iter().map(|place| STEPS[*place]).collect::<Vec<_>>());
}
