//! The price tier of each seat. A tier names a section or, where no tier names the section, a category of the plan.
//! [`PriceTier`] says which of the two a name means that belongs to both.

use crate::ids::SeatIndex;
use crate::money::Amount;
use crate::seating_plan::{SeatingPlan, SectionView};
use crate::terms::PriceTier;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

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

/// Which of a seat's two tiers applies in a section that shares its name with a category. In other sections it is always the
/// section's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum SharedNames {
    /// The tier that names the section.
    #[default]
    MeanSections,
    /// The tier that names the seat's category, if there is one: since [`Fact::CategoriesPreferred`](crate::Fact).
    MeanCategories,
}

impl Pricing {
    pub(super) fn new(plan: &SeatingPlan, tiers: &[PriceTier], shared: SharedNames) -> Self {
        let by_name: BTreeMap<&str, u16> =
            (0_u16..).zip(tiers).map(|(index, tier)| (&*tier.name, index)).collect();
        let tier_named = |name: &str| by_name.get(name).copied().unwrap_or(NO_TIER);
        let category_names: BTreeSet<&str> =
            plan.categories().iter().map(|category| &*category.name).collect();
        let section = |section: SectionView<'_>| {
            let means_category =
                shared == SharedNames::MeanCategories && category_names.contains(section.name());
            (tier_named(section.name()), means_category)
        };
        let sections: Vec<(u16, bool)> = plan.sections().map(section).collect();
        let categories: Vec<u16> =
            plan.categories().iter().map(|category| tier_named(&category.name)).collect();
        let tier_of_seat = plan.seats().map(|seat| {
            let (by_section, means_category) =
                sections.get(seat.section.position()).copied().unwrap_or((NO_TIER, false));
            let category = seat.category.and_then(|category| categories.get(category.position()).copied());
            let by_category = category.unwrap_or(NO_TIER);
            let (first, second) =
                if means_category { (by_category, by_section) } else { (by_section, by_category) };
            match (seat.removed, first) {
                (true, _) => NO_TIER,
                (false, NO_TIER) => second,
                (false, first) => first,
            }
        });
        Self { tier_of_seat: tier_of_seat.collect(), prices: tiers.iter().map(|tier| tier.price).collect() }
    }

    /// Whether the two meanings of shared names give some seat different tiers.
    pub(super) fn depends_on_shared_names(plan: &SeatingPlan, tiers: &[PriceTier]) -> bool {
        let by = |shared| Self::new(plan, tiers, shared);
        by(SharedNames::MeanSections) != by(SharedNames::MeanCategories)
    }

    pub(super) fn tier(&self, seat: SeatIndex) -> Option<TierIndex> {
        self.tier_of_seat.get(seat.position()).copied().filter(|tier| *tier != NO_TIER).map(TierIndex)
    }

    pub(super) fn price(&self, seat: SeatIndex) -> Option<Amount> {
        self.tier(seat).and_then(|tier| self.prices.get(usize::from(tier.0)).copied())
    }
}
