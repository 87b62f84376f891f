//! Numbers and figures against slow, plain arithmetic.

mod market;

use eyas_kernel::metrics::{square_root, CurveFigures};
use eyas_kernel::number::{
    divide, from_float, from_floats, multiply_divide, multiply_divide_add, multiply_divide_twice, parse,
    power_of_ten, to_float, to_step, to_text, UNITS_MAX,
};
use market::searching;
use proptest::collection::vec;
use proptest::prelude::*;

/// Multiply and divide 256 bits wide, one bit at a time; half to even on the magnitude.
fn slow_multiply_divide(a: i128, b: i64, c: i64) -> Option<i128> {
    let (mut high, mut low) = (0_u128, 0_u128);
    for bit in (0..64).rev() {
        high = high << 1 | low >> 127;
        low <<= 1;
        if b.unsigned_abs() >> bit & 1 == 1 {
            let (sum, carry) = low.overflowing_add(a.unsigned_abs());
            low = sum;
            high += carry as u128;
        }
    }
    let (mut rest, mut quotient_high, mut quotient, divisor) = (0_u128, 0_u128, 0_u128, c as u128);
    for bit in (0..256).rev() {
        let word = if bit >= 128 { high >> (bit - 128) } else { low >> bit };
        rest = rest << 1 | word & 1;
        quotient_high = quotient_high << 1 | quotient >> 127;
        quotient <<= 1;
        if rest >= divisor {
            rest -= divisor;
            quotient |= 1;
        }
    }
    let up = 2 * rest > divisor || 2 * rest == divisor && quotient & 1 == 1;
    let (rounded, carry) = quotient.overflowing_add(up as u128);
    if quotient_high > 0 || carry || rounded > i128::MAX as u128 {
        return None;
    }
    Some(if (a < 0) != (b < 0) { -(rounded as i128) } else { rounded as i128 })
}

/// Return the shortest text that reads back as the float, without an exponent.
fn plain_text(value: f64) -> String {
    format!("{value}")
}

proptest! {
    #![proptest_config(searching(10_000))]

    #[test]
    fn multiply_divide_is_exact(a in prop_oneof![any::<i128>(), (any::<i64>()).prop_map(i128::from)], b: i64, c in 1..=i64::MAX) {
        prop_assert_eq!(multiply_divide(a, b, c), slow_multiply_divide(a, b, c));
        // Small divisors make ties.
        let small = c % 8 + 1;
        prop_assert_eq!(multiply_divide(a, b, small), slow_multiply_divide(a, b, small));
    }

    #[test]
    fn what_is_added_is_added_before_rounding(a: i128, b: i64, c in 1..=i64::MAX, d in -(1_i128 << 125)..1 << 125) {
        let whole = |sum: i128| sum.checked_add(d);
        if let Some(quotient) = slow_multiply_divide(a / 4, b, c).and_then(whole) {
            prop_assert!(multiply_divide_add(a / 4, b, c, d).map_or(false, |sum| (sum - quotient).abs() <= 1));
        }
        // Ties go to the even sum, so an odd number that is added turns them over.
        prop_assert_eq!(multiply_divide_add(1, 1, 2, d), Some(d + d.rem_euclid(2)));
        prop_assert_eq!(multiply_divide_add(3, 1, 2, d), Some(d + 1 + (d + 1).rem_euclid(2)));
    }

    #[test]
    fn dividing_twice_rounds_once(a in -(1_i128 << 62)..1 << 62, b in -(1_i64 << 40)..1 << 40, c in 1_i64..1 << 40, d in 1_i64..1 << 40) {
        let exact = divide(a * b as i128, c as i128 * d as i128);
        prop_assert_eq!(multiply_divide_twice(a, b, c, d), Some(exact));
        let small = (c % 5 + 1, d % 5 + 1);
        let exact = divide(a * b as i128, small.0 as i128 * small.1 as i128);
        prop_assert_eq!(multiply_divide_twice(a, b, small.0, small.1), Some(exact));
    }

    /// Two exact parts and one rounding find the float that is nearest, as a conversion of all digits does.
    #[test]
    fn the_nearest_float_is_found(any: i128, bits in 0_u32..=127, place in 0_u32..=110, nudge in -1_i128..=1, decimals in 0_u32..=16) {
        // Also right beside the middle between two floats, where a second rounding would show.
        let odd = 2 * (any.unsigned_abs() >> 75 | 1 << 52) as i128 + 1;
        let middle = (odd << place.min(70)) + nudge;
        for units in [any, any >> bits, middle, -middle] {
            let plain = units as f64 / power_of_ten(decimals) as f64;
            prop_assert_eq!(to_float(units, decimals).to_bits(), plain.to_bits(), "{}", units);
        }
    }

    #[test]
    fn a_rate_of_one_or_of_nothing_changes_nothing(a: i128, c in 1..=i64::MAX, d in -(1_i128 << 125)..1 << 125) {
        prop_assert_eq!(multiply_divide(a, c, c), slow_multiply_divide(a, c, c));
        prop_assert_eq!(multiply_divide_add(a, 0, c, d), Some(d));
    }

    #[test]
    fn divide_goes_to_the_nearest_and_ties_to_even(dividend: i128, divisor in prop_oneof![1..=i64::MAX as i128, 1..10_i128]) {
        let quotient = divide(dividend, divisor);
        let (whole, rest) = (dividend.div_euclid(divisor), dividend.rem_euclid(divisor));
        prop_assert!(quotient == whole || quotient == whole + 1);
        match (2 * rest).cmp(&divisor) {
            std::cmp::Ordering::Less => prop_assert_eq!(quotient, whole),
            std::cmp::Ordering::Greater => prop_assert_eq!(quotient, whole + 1),
            std::cmp::Ordering::Equal => prop_assert_eq!(quotient % 2, 0),
        }
    }

    #[test]
    fn a_decimal_float_is_what_its_text_says(units in 0_i64..2_251_799_813_685_248, decimals in 0_u32..=16, negative: bool) {
        let value = units as f64 / power_of_ten(decimals) as f64 * if negative { -1.0 } else { 1.0 };
        let meant = parse(&plain_text(value), decimals);
        prop_assert_eq!(from_float(value, decimals).map(i128::from), meant);
    }

    #[test]
    fn a_large_decimal_float_is_what_its_text_says(
        digits in 1_i64..1_000_000_000_000_000,
        zeros in 0_u32..=16,
        decimals in 0_u32..=16,
        negative: bool,
    ) {
        if let Some(units) = digits.checked_mul(power_of_ten(zeros)).filter(|units| *units < UNITS_MAX - 1024) {
            let units = if negative { -units } else { units };
            let text = to_text(units as i128, decimals);
            let value: f64 = text.parse().expect("it is a number");
            prop_assert_eq!(from_float(value, decimals), Some(units), "{}", text);
        }
    }

    #[test]
    fn any_float_is_within_a_unit_of_its_text(value in prop_oneof![-1e3..1e3, -3e10..3e10, any::<f64>()], decimals in 0_u32..=16) {
        match (from_float(value, decimals), parse(&plain_text(value), decimals)) {
            (None, Some(meant)) => prop_assert!(meant.abs() >= UNITS_MAX as i128 - 1024),
            (Some(units), Some(meant)) => {
                // From 2^52 on a float has no more digits than units: the product is as near as it gets.
                let slack = 1.max(meant.abs() >> 51);
                prop_assert!((units as i128 - meant).abs() <= slack, "{value} is {units}, not {meant}");
                prop_assert!(units.abs() <= UNITS_MAX);
            }
            // Text with more digits than fit is too large, or so small that it is nothing.
            (units, None) => prop_assert!(units.map_or(true, |units| units.abs() <= 1_000), "{value} is {units:?}"),
        }
    }

    #[test]
    fn text_and_units_say_the_same(units in -i128::MAX..=i128::MAX, decimals in 0_u32..=16) {
        let text = to_text(units, decimals);
        prop_assert_eq!(parse(&text, decimals), Some(units), "{}", text);
        prop_assert!(!text.contains('.') || !text.ends_with('0'), "{}", text);
    }

    #[test]
    fn any_text_is_a_number_or_nothing(text in ".{0,30}", number in "[-+]?[0-9]{0,20}\\.?[0-9]{0,20}([eE][-+]?[0-9]{1,3})?", decimals in 0_u32..=16) {
        parse(&text, decimals);
        let float: Option<f64> = number.parse().ok();
        if let (Some(units), Some(float)) = (parse(&number, decimals), float) {
            let near = float * power_of_ten(decimals) as f64;
            prop_assert!((units as f64 - near).abs() <= 1.0_f64.max(near.abs() * 1e-14), "{number} is {units}");
        }
    }

    #[test]
    fn a_step_is_kept(units in 1..=UNITS_MAX, step in prop_oneof![1..=UNITS_MAX, 1_i64..100], nearest: bool) {
        let stepped = to_step(units, step, nearest);
        prop_assert_eq!(stepped % step, 0);
        let off = units - stepped;
        let near = if nearest { 2 * off.unsigned_abs() <= step as u64 } else { (0..step).contains(&off) };
        prop_assert!(near, "{} is not near {}", stepped, units);
        prop_assert_eq!(to_step(stepped, step, nearest), stepped);
        prop_assert_eq!(to_step(units, 0, nearest), units);
    }

    #[test]
    fn square_root_is_within_a_digit(bits: u64) {
        let value = f64::from_bits(bits);
        let (ours, theirs) = (square_root(value), value.sqrt());
        if theirs.is_nan() {
            prop_assert!(ours.is_nan());
        } else {
            prop_assert!(ours.to_bits().abs_diff(theirs.to_bits()) <= 1, "the root of {value:e} is {ours:e}, not {theirs:e}");
        }
    }

    #[test]
    fn many_floats_are_turned_as_one(values in vec(prop_oneof![4 => -1e7..1e7_f64, 1 => any::<f64>()], 0..20), decimals in 0_u32..=16) {
        let mut units = vec![7; values.len()];
        if from_floats(&values, decimals, &mut units) {
            for (value, units) in values.iter().zip(&units) {
                prop_assert_eq!(from_float(*value, decimals), Some(*units), "{:e} with {} decimals", value, decimals);
            }
        }
    }

    #[test]
    fn a_curve_is_what_plain_sums_say(cash in 1.0..1e6_f64, equity in vec(prop_oneof![20 => 0.1..2e6_f64, 1 => -1e3..1e3_f64], 0..60)) {
        let figures = CurveFigures::of(cash, &equity);
        let curve: Vec<f64> = std::iter::once(cash).chain(equity.iter().copied()).collect();
        let peaks: Vec<f64> = (0..curve.len()).map(|end| curve[..=end].iter().copied().fold(f64::MIN, f64::max)).collect();
        let falls: Vec<f64> = curve.iter().zip(&peaks).map(|(now, peak)| (peak - now) / peak).collect();
        let stretches = falls.split(|fall| *fall == 0.0).map(<[f64]>::len).max().unwrap_or(0);
        let close = |ours: f64, plain: f64| (ours - plain).abs() <= 1e-9 * plain.abs().max(1.0) || ours.is_nan() && plain.is_nan();
        prop_assert!(close(figures.total_return, curve[curve.len() - 1] / cash - 1.0));
        prop_assert!(close(figures.max_drawdown, falls.iter().copied().fold(0.0, f64::max)));
        prop_assert_eq!(figures.max_drawdown_bars, stretches as u64);
        let returns: Vec<f64> = curve.windows(2).filter(|pair| pair[0] > 0.0).map(|pair| pair[1] / pair[0] - 1.0).collect();
        let count = returns.len() as f64;
        let mean = returns.iter().sum::<f64>() / count;
        let spread = returns.iter().map(|change| (change - mean).powi(2)).sum::<f64>() / (count - 1.0);
        prop_assert!(close(figures.return_mean, mean), "{} is not {mean}", figures.return_mean);
        let deviation = if count > 1.0 { spread.sqrt() } else { f64::NAN };
        prop_assert!(close(figures.return_deviation, deviation), "{} is not {deviation}", figures.return_deviation);
        let losses = returns.iter().map(|change| change.min(0.0).powi(2)).sum::<f64>();
        prop_assert!(close(figures.downside_deviation, (losses / count).sqrt()));
        let power = |exponent| returns.iter().map(|change| change.powi(exponent)).sum::<f64>();
        let near = |ours: f64, plain: f64| (ours - plain).abs() <= 1e-9 * returns.iter().map(|change| change.abs().powi(4) + change.abs()).sum::<f64>().max(1.0);
        prop_assert!(near(figures.cubes, power(3)) && near(figures.fourths, power(4)));
        prop_assert_eq!(figures.returns, count);
    }

    /// The stretches that statistics over trials go by are those of the rows, however long the run.
    #[test]
    fn sixteen_stretches_hold_the_returns_of_their_rows(equity in vec(0.5..2.0_f64, 0..700)) {
        let figures = CurveFigures::of(1.0, &equity);
        let mut before = 1.0;
        for (number, block) in figures.blocks.iter().enumerate() {
            let rows = &equity[equity.len() * number / 16..equity.len() * (number + 1) / 16];
            let returns: Vec<f64> = rows.iter().map(|now| { let change = (now - before) / before; before = *now; change }).collect();
            prop_assert_eq!(block.count, returns.len() as f64);
            prop_assert!((block.sum - returns.iter().sum::<f64>()).abs() < 1e-12 * (1.0 + block.squares));
            prop_assert!((block.squares - returns.iter().map(|change| change * change).sum::<f64>()).abs() < 1e-12 * (1.0 + block.squares));
        }
    }
}
