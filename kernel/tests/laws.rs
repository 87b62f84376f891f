//! Laws that hold whatever the rules: random bars and wishes against the laws of money.

mod market;

use eyas_kernel::metrics::TradeFigures;
use eyas_kernel::record::EventKind;
use market::play::scenarios;
use market::searching;
use proptest::prelude::*;

proptest! {
    #![proptest_config(searching(6_000))]

    /// Everything that `Ledger` checks: cash, equity, tickets, trades, bars, limits, volume; and every refusal.
    #[test]
    fn money_is_conserved(scenario in scenarios(|_| true)) {
        let run = scenario.play()?;
        let moved = run.events.iter().filter(|event| event.kind == EventKind::Transferred);
        let moved: i128 = moved.map(|event| event.cash).sum();
        if run.account.tickets().next().is_none() && run.account.purses().len() == 1 {
            let earned = TradeFigures::of(&run.events).net_profit;
            prop_assert_eq!(run.account.cash(), moved + earned, "all that was earned is in the closed trades");
        }
    }
}
