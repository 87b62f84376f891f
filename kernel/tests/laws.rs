//! Laws that hold whatever the rules: random bars and orders against the laws of money.
//! PROPTEST_CASES says how long to search, PROPTEST_RNG_SEED where to begin.

use eyas_kernel::account::Account;
use eyas_kernel::metrics::TradeFigures;
use eyas_kernel::number::{RATE_ONE, UNITS_MAX};
use eyas_kernel::order::{Intent, Level, Order, OrderKind, Side, Size, State, STEPS};
use eyas_kernel::record::{Bar, Event, EventKind};
use eyas_kernel::request::{KindWish, LevelWish, Request, SizeWish};
use eyas_kernel::rules::{
    AccountKind, BracketFrom, EndPolicy, FillAt, FillKinds, Gap, Matching, Rounding, Rules, Tie,
};
use eyas_kernel::Refusal;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

const MINUTE: i64 = 60_000_000_000;

fn searching() -> ProptestConfig {
    // A failure prints its smallest case; there is no file to keep.
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}

// --- random markets ---

#[derive(Clone, Debug)]
enum Ask {
    Submit(Order),
    Request(Request),
    /// Close the n-th open ticket.
    Close(usize, Size),
    /// Cancel the n-th waiting order.
    Cancel(usize),
}

/// One bar and what is asked after it.
type Row = (Bar, Vec<Ask>);

fn price() -> impl Strategy<Value = i64> {
    // A coarse grid, so that touches, ties and gaps happen often; and now and then the edges.
    prop_oneof![12 => (90_i64..=110).prop_map(|whole| whole * 100_000_000), 1 => 1..=UNITS_MAX, 1 => select(vec![1, 2, UNITS_MAX])]
}

fn bars() -> impl Strategy<Value = Bar> {
    (price(), price(), price(), price()).prop_map(|(a, b, c, d)| {
        let mut sorted = [a, b, c, d];
        sorted.sort_unstable();
        Bar { time_ns: 0, open: b, high: sorted[3], low: sorted[0], close: c, volume: 0, instrument: 0 }
    })
}

fn sizes() -> impl Strategy<Value = Size> {
    prop_oneof![
        8 => (1_i64..=500).prop_map(|tenths| Size::Quantity(tenths * 10_000_000)),
        2 => (1_i128..=10_000).prop_map(|whole| Size::Notional(whole * 10_i128.pow(16))),
        3 => (1..=RATE_ONE).prop_map(Size::Fraction),
        1 => any::<i64>().prop_map(Size::Quantity),
        1 => any::<i128>().prop_map(Size::Notional),
        1 => any::<i64>().prop_map(Size::Fraction),
    ]
}

fn levels() -> impl Strategy<Value = Level> {
    prop_oneof![
        4 => Just(Level::None),
        2 => price().prop_map(Level::Price),
        4 => (1_i64..=12).prop_map(|whole| Level::Distance(whole * 100_000_000)),
        4 => (1..=RATE_ONE / 5).prop_map(Level::Fraction),
        1 => (1..=UNITS_MAX).prop_map(Level::Distance),
        1 => (1..=UNITS_MAX).prop_map(Level::Fraction),
    ]
}

fn orders() -> impl Strategy<Value = Order> {
    let kinds = prop_oneof![
        Just(OrderKind::Market),
        price().prop_map(OrderKind::Limit),
        price().prop_map(OrderKind::Stop)
    ];
    let intents = prop_oneof![
        9 => (levels(), levels()).prop_map(|(stop_loss, take_profit)| Intent::Open { stop_loss, take_profit }),
        1 => (0_u64..9).prop_map(|ticket| Intent::Close { ticket }),
    ];
    let sides = select(vec![Side::Buy, Side::Sell]);
    (sides, kinds, sizes(), intents).prop_map(|(side, kind, size, intent)| Order { side, kind, size, intent })
}

fn floats() -> impl Strategy<Value = f64> {
    let odd =
        vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, 5e-324, 1e308, -1e308, 2.305843e18, 1.0];
    prop_oneof![any::<f64>(), any::<u64>().prop_map(f64::from_bits), select(odd), 1e-9..3e10, 90.0..110.0]
}

fn requests() -> impl Strategy<Value = Request> {
    let size = || {
        (0..3, floats()).prop_map(|(name, value)| match name {
            0 => SizeWish::Quantity(value),
            1 => SizeWish::Notional(value),
            _ => SizeWish::Fraction(value),
        })
    };
    let kind = (0..3, floats()).prop_map(|(name, value)| match name {
        0 => KindWish::Market,
        1 => KindWish::Limit(value),
        _ => KindWish::Stop(value),
    });
    let level = || {
        (0..4, floats()).prop_map(|(name, value)| match name {
            0 => LevelWish::None,
            1 => LevelWish::Price(value),
            2 => LevelWish::Distance(value),
            _ => LevelWish::Fraction(value),
        })
    };
    let side = select(vec![Side::Buy, Side::Sell]);
    prop_oneof![
        3 => (side, kind, size(), level(), level()).prop_map(|(side, kind, size, stop_loss, take_profit)| {
            Request::Open { side, kind, size, stop_loss, take_profit }
        }),
        1 => (any::<u64>(), size()).prop_map(|(ticket, size)| Request::Close { ticket, size }),
    ]
}

fn asks() -> impl Strategy<Value = Ask> {
    prop_oneof![
        6 => orders().prop_map(Ask::Submit),
        1 => requests().prop_map(Ask::Request),
        3 => (0_usize..4, sizes()).prop_map(|(place, size)| Ask::Close(place, size)),
        1 => (0_usize..4).prop_map(Ask::Cancel),
    ]
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    vec((bars(), vec(asks(), 0..4)), 1..25).prop_map(|mut rows| {
        for (index, row) in rows.iter_mut().enumerate() {
            row.0.time_ns = (index as i64 + 1) * MINUTE;
        }
        rows
    })
}

fn rules() -> impl Strategy<Value = Rules> {
    let names = (
        select(FillAt::ALL),
        select(FillAt::ALL),
        select(BracketFrom::ALL),
        select(Gap::ALL),
        select(Tie::ALL),
        select(Rounding::ALL),
        select(EndPolicy::ALL),
        select(AccountKind::ALL),
        any::<(bool, bool, bool, bool, bool)>(),
    );
    let rates = (
        select(vec![RATE_ONE, 3 * RATE_ONE, 25 * RATE_ONE, 1_000_000 * RATE_ONE, 1_700_000_000_000]),
        select(vec![RATE_ONE, RATE_ONE / 2, 1]),
        option::of(select(vec![RATE_ONE, 1, 1_000 * RATE_ONE])),
        select(vec![0, 1_000_000_000, 600_000_001, RATE_ONE - 1]),
        option::of(select(vec![0, 200_000_001, -100_000_001, 1 - RATE_ONE])),
        select(vec![0, 1, 10_i128.pow(16), UNITS_MAX as i128 * 10_i128.pow(8)]),
        select(vec![0, 1, 100_000_000, UNITS_MAX]),
        select(vec![0, 100_000_000, 10_000_000_000, RATE_ONE - 1]),
        select(vec![0, 1, 50_000_000, UNITS_MAX]),
        option::of(1_u32..4),
    );
    (names, rates).prop_map(|(names, rates)| {
        let (market, stop, limit, reentry_same_bar, short) = names.8;
        let account = names.7;
        let leverage = if account == AccountKind::Margin { rates.0 } else { RATE_ONE };
        Rules {
            market_fill: names.0,
            exit_fill: names.1,
            bracket_from: names.2,
            gap: names.3,
            tie: names.4,
            rounding: names.5,
            end_policy: names.6,
            account,
            reentry_same_bar,
            short,
            tickets_max: rates.9,
            leverage,
            margin_cap: rates.1,
            margin_call: rates.2.filter(|_| leverage > RATE_ONE),
            fee_rate: rates.3,
            maker_fee_rate: rates.4,
            fee_fixed: rates.5,
            spread: rates.6,
            slippage: rates.7,
            slippage_on: FillKinds { market, stop, limit },
            quantity_step: rates.8,
            price_tick: 0,
            matching: Matching::Here,
            price_decimals: 8,
        }
    })
}

fn cash() -> impl Strategy<Value = i128> {
    prop_oneof![6 => Just(10_000 * 10_i128.pow(16)), 2 => 1..=10_i128.pow(37), 1 => Just(1)]
}

fn put(account: &mut Account, ask: &Ask) -> Result<(), Refusal> {
    match ask {
        Ask::Submit(order) => account.submit(*order).map(|_| ()),
        Ask::Request(request) => account.request(request).map(|_| ()),
        Ask::Close(place, size) => match account.tickets().get(*place).copied() {
            None => Ok(()),
            Some(ticket) => {
                let side = if ticket.direction > 0 { Side::Sell } else { Side::Buy };
                let intent = Intent::Close { ticket: ticket.number };
                account.submit(Order { side, kind: OrderKind::Market, size: *size, intent }).map(|_| ())
            }
        },
        Ask::Cancel(place) => match account.orders().get(*place).copied() {
            None => Ok(()),
            Some(waiting) => account.cancel(waiting.number),
        },
    }
}

/// Check that the account is what its journal and its open tickets say, to the last digit.
fn check_money(account: &Account, rules: &Rules) -> Result<(), TestCaseError> {
    let events = account.events();
    prop_assert_eq!(account.cash(), events.iter().map(|event| event.cash).sum::<i128>());
    let close = account.bar().close;
    let held = account.tickets().iter().map(|ticket| match rules.account {
        AccountKind::Margin => ticket.open_profit(close),
        AccountKind::Cash => (ticket.direction * ticket.quantity) as i128 * close as i128,
    });
    prop_assert_eq!(account.equity(), account.cash() + held.sum::<i128>());
    let fills = events.iter().filter(|event| event.kind == EventKind::Filled);
    prop_assert_eq!(account.net_quantity(), fills.map(|event| event.quantity).sum::<i64>());
    prop_assert!(account.tickets().iter().all(|ticket| ticket.quantity > 0 && ticket.quantity <= UNITS_MAX));
    Ok(())
}

/// Run a market, checking it after every step. Return the account and how many events each bar ended with.
fn play(rules: Rules, cash: i128, rows: &[Row]) -> Result<(Account, Vec<usize>), TestCaseError> {
    let mut account = Account::new(rules, cash, 0).expect("the first cash is in range");
    let mut counts = Vec::new();
    for (bar, asks) in rows {
        account.advance(bar).expect("the bar can have happened");
        check_money(&account, &rules)?;
        for ask in asks {
            let (money, tickets) = ((account.cash(), account.equity()), account.tickets().to_vec());
            if put(&mut account, ask).is_err() {
                prop_assert_eq!(money, (account.cash(), account.equity()), "a refusal moves no money");
                prop_assert_eq!(&tickets[..], account.tickets());
            }
            check_money(&account, &rules)?;
        }
        counts.push(account.events().len());
    }
    Ok((account, counts))
}

/// Walk every order through the table of its steps.
fn check_steps(events: &[Event]) -> Result<(), TestCaseError> {
    let mut states = std::collections::BTreeMap::new();
    for (place, event) in events.iter().enumerate() {
        prop_assert_eq!(event.seq, place as u64);
        let closed = event.kind == EventKind::Closed;
        if event.order == 0 || closed || event.refusal == Refusal::OrderMustBeWaiting {
            continue;
        }
        let now = *states.get(&event.order).unwrap_or(&State::New);
        // Nothing is filled in part here: a fill ends its order.
        // Nothing is filled in part here, so only a new order comes to wait.
        let taken = |step: &&(State, EventKind, State)| {
            step.0 == now && step.1 == event.kind && (step.2 != State::Waiting || now == State::New)
        };
        let next = STEPS.iter().find(taken);
        prop_assert!(
            next.is_some(),
            "order {} was {} and then {}",
            event.order,
            now.name(),
            event.kind.name()
        );
        states.insert(event.order, next.map_or(now, |step| step.2));
    }
    Ok(())
}

proptest! {
    #![proptest_config(searching())]

    #[test]
    fn money_is_conserved_and_orders_follow_their_steps(rules in rules(), cash in cash(), rows in rows()) {
        let (mut account, _) = play(rules, cash, &rows)?;
        account.finish();
        check_money(&account, &rules)?;
        check_steps(account.events())?;
        prop_assert!(account.orders().is_empty());
        let closed: i128 = TradeFigures::of(account.events()).net_profit;
        if account.tickets().is_empty() {
            prop_assert_eq!(account.cash(), cash + closed, "all that was earned is in the closed trades");
        }
    }

    #[test]
    fn the_future_changes_nothing_in_the_past(rules in rules(), rows in rows(), other in rows(), cut in 1_usize..25) {
        let cash = 10_000 * 10_i128.pow(16);
        let cut = cut.min(rows.len());
        let later = other.into_iter().enumerate().map(|(index, (bar, asks))| {
            (Bar { time_ns: (cut + index + 1) as i64 * MINUTE, ..bar }, asks)
        });
        let changed: Vec<Row> = rows[..cut].iter().cloned().chain(later).collect();
        let (first, counts) = play(rules, cash, &rows)?;
        let (second, _) = play(rules, cash, &changed)?;
        prop_assert_eq!(&first.events()[..counts[cut - 1]], &second.events()[..counts[cut - 1]]);
    }

    #[test]
    fn garbage_is_refused_and_moves_nothing(rules in rules(), requests in vec(requests(), 1..20), rows in rows()) {
        let mut account = Account::new(rules, 10_i128.pow(20), 0).expect("the first cash is in range");
        for (index, request) in requests.iter().enumerate() {
            let before = (account.cash(), account.orders().len(), account.last_order());
            let answer = account.request(request);
            prop_assert_eq!(account.last_order(), before.2 + 1);
            if answer.is_err() {
                prop_assert_eq!((account.cash(), account.orders().len()), (before.0, before.1));
                prop_assert_eq!(account.events().last().map(|event| event.kind), Some(EventKind::Refused));
            }
            if let Some((bar, _)) = rows.get(index) {
                account.advance(bar).expect("the bar can have happened");
                check_money(&account, &rules)?;
            }
        }
    }

    #[test]
    fn a_wrong_bar_changes_nothing(fields in any::<[i64; 6]>(), rows in rows()) {
        let [time_ns, open, high, low, close, volume] = fields;
        let bar = Bar { time_ns, open, high, low, close, volume, instrument: 0 };
        let (mut account, _) = play(Rules::default(), 10_i128.pow(20), &rows)?;
        let (events, equity) = (account.events().len(), account.equity());
        if account.advance(&bar).is_err() {
            prop_assert_eq!((events, equity, account.bar_index()), (account.events().len(), account.equity(), rows.len() as i64 - 1));
        } else {
            prop_assert!(bar.check().is_ok() && time_ns > rows.len() as i64 * MINUTE);
        }
    }
}
