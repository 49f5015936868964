//! The bands of a policy that stays, kept for each group: an edit of a draft asks the policy in force nothing anew.

use crate::kernel::decimal::Decimal;
use crate::kernel::policy::{Ask, Band, Bands, Reached};

/// What every value comes to for one pair, with ceilings of its own.
#[derive(Debug, Clone)]
pub(super) struct KeptBands {
    bands: Vec<(Option<Decimal>, Reached)>,
    unfit: Reached,
    asks: Vec<Ask>,
}

impl KeptBands {
    pub fn of(bands: Bands<'_>) -> Self {
        let Bands { bands, unfit, asks } = bands;
        Self { bands: bands.into_iter().map(|band| (band.upto.cloned(), band.reached)).collect(), unfit, asks }
    }

    pub fn bands(&self) -> Bands<'_> {
        let bands = self.bands.iter().map(|(upto, reached)| Band { upto: upto.as_ref(), reached: *reached });
        Bands { bands: bands.collect(), unfit: self.unfit, asks: self.asks.clone() }
    }
}
