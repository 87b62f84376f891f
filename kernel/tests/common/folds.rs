//! What the folds of a scenario's journal say: figures of a ticket (`mfe.1`) and of a step (`long.2`).

use eyas_kernel::excursions::{Excursions, ReadsBack};
use eyas_kernel::exposure::{share_of, Exposure};
use eyas_kernel::number::{to_float, MONEY_DECIMALS};
use eyas_kernel::paid::Payments;
use eyas_kernel::prices::Columns;
use eyas_kernel::record::{Bar, Event};
use eyas_kernel::rules::FillAt;
use eyas_kernel::Account;

/// The bars of an instrument that were taken, in floats, with their steps.
#[derive(Clone, Default)]
struct Taken {
    prices: [Vec<f64>; 4],
    steps: Vec<i64>,
}

/// Return one figure of the folds, None when there is none of that name.
pub fn fold(
    name: &str,
    account: &Account,
    bars: &[(i64, Bar)],
    events: &[Event],
    equity: &[f64],
) -> Option<f64> {
    let (what, number) = name.split_once('.')?;
    let number: usize = number.parse().ok()?;
    let taken: Vec<Taken> = (0..account.books().len()).map(|place| of(account, bars, place)).collect();
    let columns: Vec<Columns<'_>> = taken
        .iter()
        .enumerate()
        .map(|(place, taken)| Columns {
            open: &taken.prices[0],
            high: &taken.prices[1],
            low: &taken.prices[2],
            close: &taken.prices[3],
            scale: account.scale_of(place as u32),
            steps: Some(&taken.steps),
            priced_by: None,
        })
        .collect();
    if what == "long" || what == "short" {
        let (mut long, mut short) = (vec![0.0; equity.len()], vec![0.0; equity.len()]);
        let mut fold = Exposure::onto(&columns, &mut long, &mut short);
        events.iter().for_each(|event| fold.take(event));
        fold.end();
        let held = if what == "long" { &mut long } else { &mut short };
        share_of(equity, held);
        return held.get(number).copied();
    }
    excursion(what, number as u64, account, &columns, events).or_else(|| payment(what, number as u64, events))
}

fn of(account: &Account, bars: &[(i64, Bar)], place: usize) -> Taken {
    let mut taken = Taken::default();
    let decimals = account.scale_of(place as u32).price_decimals();
    for (step, bar) in bars.iter().filter(|(_, bar)| bar.instrument as usize == place) {
        for (column, price) in taken.prices.iter_mut().zip([bar.open, bar.high, bar.low, bar.close]) {
            column.push(to_float(price as i128, decimals));
        }
        taken.steps.push(*step);
    }
    taken
}

fn excursion(
    what: &str,
    ticket: u64,
    account: &Account,
    columns: &[Columns<'_>],
    events: &[Event],
) -> Option<f64> {
    let market = &account.rules().market;
    let reads_back = ReadsBack {
        entries: market.market_fill == FillAt::SameOpen,
        exits: market.exit_fill == FillAt::SameOpen,
    };
    let mut fold = Excursions::over(columns, reads_back);
    events.iter().for_each(|event| fold.take(event));
    let row = fold.rows().iter().find(|row| row.ticket == ticket)?;
    let money = |units: i128| to_float(units, MONEY_DECIMALS);
    let decimals = account.scale_of(row.instrument).price_decimals();
    Some(match what {
        "mfe" => money(row.mfe),
        "mae" => money(row.mae),
        "mfe_possible" => money(row.mfe_possible),
        "mae_possible" => money(row.mae_possible),
        "mfe_price" => to_float(row.mfe_price as i128, decimals),
        "mae_price" => to_float(row.mae_price as i128, decimals),
        "mfe_bar" => row.mfe_bar as f64,
        "mae_bar" => row.mae_bar as f64,
        _ => return None,
    })
}

fn payment(what: &str, ticket: u64, events: &[Event]) -> Option<f64> {
    let mut fold = Payments::default();
    events.iter().for_each(|event| fold.take(event));
    let row = fold.trades().iter().find(|row| row.ticket == ticket)?;
    let units = match what {
        "bought" => row.bought,
        "sold" => row.sold,
        "slippage" => row.slippage,
        "fees" => row.fees,
        "funding" => row.funding,
        "borrowing" => row.borrowing,
        _ => return None,
    };
    Some(to_float(units, MONEY_DECIMALS))
}
