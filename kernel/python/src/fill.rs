//! Columns of floats become a stretch of the kernel's bars, with what the processor has: the numbers are the same.

use eyas_kernel::number::{from_floats, Scale};
use eyas_kernel::stretch::Stretch;

use crate::widest::widest;

/// Open, high, low, close and volume of some bars.
pub type Floats<'a> = [&'a [f64]; 5];

widest! {
    /// Turn floats into units and judge the bars, whose times are written already; return whether that could be
    /// done for all of them. If not, the stretch is worth nothing.
    pub fn fill[](stretch: &mut Stretch, floats: Floats<'_>, scale: Scale) -> bool {
        let [open, high, low, close, volume] = floats;
        let decimals = scale.price_decimals();
        let within = from_floats(open, decimals, &mut stretch.open)
            & from_floats(high, decimals, &mut stretch.high)
            & from_floats(low, decimals, &mut stretch.low)
            & from_floats(close, decimals, &mut stretch.close)
            & from_floats(volume, scale.quantity_decimals(), &mut stretch.volume);
        if within {
            stretch.judge();
        }
        within
    }
}
