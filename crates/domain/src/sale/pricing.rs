//! The price tier of each seat. A tier names a section or, where no tier names the section, a category of the plan.

use crate::ids::SeatIndex;
use crate::money::Amount;
use crate::seating_plan::SeatingPlan;
use crate::terms::PriceTier;
use std::collections::BTreeMap;

/// The position of a tier in the sale's list of tiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TierIndex(pub u16);

/// The price tier of every seat, computed when prices or plan change. Removed seats have none.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Pricing {
    prices: Vec<Amount>,
    tier_of_seat: Vec<u16>,
}

const NO_TIER: u16 = u16::MAX;

impl Pricing {
    pub(super) fn new(plan: &SeatingPlan, tiers: &[PriceTier]) -> Self {
        let by_name: BTreeMap<&str, u16> =
            (0_u16..).zip(tiers).map(|(index, tier)| (&*tier.name, index)).collect();
        let tier_named = |name: &str| by_name.get(name).copied().unwrap_or(NO_TIER);
        let sections: Vec<u16> = plan.sections().map(|section| tier_named(section.name())).collect();
        let categories: Vec<u16> =
            plan.categories().iter().map(|category| tier_named(&category.name)).collect();
        let tier_of_seat = plan.seats().map(|seat| {
            let by_section = sections.get(seat.section.position()).copied().unwrap_or(NO_TIER);
            let category = seat.category.and_then(|category| categories.get(category.position()).copied());
            match (seat.removed, by_section) {
                (true, _) => NO_TIER,
                (false, NO_TIER) => category.unwrap_or(NO_TIER),
                (false, by_section) => by_section,
            }
        });
        Self { tier_of_seat: tier_of_seat.collect(), prices: tiers.iter().map(|tier| tier.price).collect() }
    }

    pub(super) fn tier(&self, seat: SeatIndex) -> Option<TierIndex> {
        self.tier_of_seat.get(seat.position()).copied().filter(|tier| *tier != NO_TIER).map(TierIndex)
    }

    pub(super) fn price(&self, seat: SeatIndex) -> Option<Amount> {
        self.tier(seat).and_then(|tier| self.prices.get(usize::from(tier.0)).copied())
    }
}
