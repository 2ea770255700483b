//! The immutable geometry of each event; it is prepared once and reused until plan or prices change.

use axum::http::HeaderValue;
use fairseat_app::Failure;
use fairseat_app::catalogue::EventLocks;
use fairseat_contract::JsonMoney;
use fairseat_contract::sections::{PriceColor, PriceColors};
use fairseat_domain::Sale;
use fairseat_domain::ids::EventNumber;
use fairseat_domain::money::Amount;
use fairseat_domain::seating_plan::{SeatingPlan, SeatmapFormat, price_colors, seatmap_json, seatmap_svg};
use fairseat_domain::terms::PriceTier;
use fairseat_edge::json::to_bytes;
use fairseat_edge::prepared::{CachePolicy, Prepared};
use moka::sync::Cache;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One event's map; it is valid while plan and tiers stay the same.
#[derive(Debug)]
pub struct Geometry {
    plan: SeatingPlan,
    tiers: Vec<PriceTier>,
    /// The content's hash; addresses that contain it may be cached for ever.
    pub hash: String,
    /// The document with every row.
    pub every_row: Documents,
    /// The document in which rows that are alike are written once.
    pub rows_alike: Documents,
    /// The sections as a picture.
    pub svg: Prepared,
    /// The colours of prices in the picture.
    pub price_colors: Prepared,
}

/// One document under both kinds of addresses.
#[derive(Debug)]
pub struct Documents {
    /// For addresses with the hash.
    pub immutable: Prepared,
    /// For addresses without the hash.
    pub current: Prepared,
}

impl Documents {
    fn of(json: Vec<u8>) -> Self {
        let (kind, json) = (HeaderValue::from_static("application/json"), bytes::Bytes::from(json));
        Self {
            immutable: Prepared::new(kind.clone(), json.clone(), CachePolicy::IMMUTABLE),
            current: Prepared::new(kind, json, CachePolicy::REVALIDATE),
        }
    }
}

/// The most maps in the cache.
const MAX_EVENTS: u64 = 500;

/// The maps of events, cached.
#[derive(Debug)]
pub struct Geometries {
    events: Cache<EventNumber, Arc<Geometry>>,
    /// A crowd that asks for a map which nobody asked for before waits for one computation of it.
    making: EventLocks,
}

impl Default for Geometries {
    fn default() -> Self {
        Self { events: Cache::new(MAX_EVENTS), making: EventLocks::default() }
    }
}

impl Geometries {
    /// The map of an event as its sale is now.
    ///
    /// # Errors
    /// When the work was cancelled, which happens only when the server stops.
    pub async fn of(&self, event: EventNumber, sale: &Sale) -> Result<Arc<Geometry>, Failure> {
        if let Some(known) = self.known(event, sale) {
            return Ok(known);
        }
        let making = self.making.lock(event).await;
        if let Some(known) = self.known(event, sale) {
            return Ok(known);
        }
        let (sale, events) = (sale.clone(), self.events.clone());
        // The thread holds the lock and keeps the map, because it goes on when nobody waits for it any more.
        let work = tokio::task::spawn_blocking(move || {
            let made = Arc::new(prepare(&sale));
            events.insert(event, made.clone());
            drop(making);
            made
        });
        work.await.map_err(Failure::bug)
    }

    fn known(&self, event: EventNumber, sale: &Sale) -> Option<Arc<Geometry>> {
        let known = self.events.get(&event);
        known.filter(|known| known.plan == *sale.plan() && known.tiers == sale.tiers())
    }
}

fn prepare(sale: &Sale) -> Geometry {
    let (plan, tiers) = (sale.plan().clone(), sale.tiers().to_vec());
    let names: Vec<&str> = tiers.iter().map(|tier| &*tier.name).collect();
    let json = |format| seatmap_json(&plan, format, &names, |seat| sale.tier_of(seat).map(|tier| tier.0));
    let (every_row, rows_alike) = (json(SeatmapFormat::EveryRow), json(SeatmapFormat::RowsAlike));
    let hash = blake3::hash(&every_row).to_hex().get(..16).unwrap_or_default().to_owned();
    let prices: BTreeSet<Reverse<Amount>> = tiers.iter().map(|tier| Reverse(tier.price)).collect();
    let prices: Vec<Amount> = prices.into_iter().map(|price| price.0).collect();
    let rank = |seat| {
        let tier = sale.tier_of(seat).and_then(|tier| tiers.get(usize::from(tier.0)))?;
        prices.iter().position(|price| *price == tier.price)
    };
    let svg = seatmap_svg(&plan, rank);
    let colors = colors_of(sale, &prices, price_colors(&plan, rank));
    let svg = svg.into_bytes().into();
    let svg_kind = HeaderValue::from_static("image/svg+xml");
    Geometry {
        every_row: Documents::of(every_row),
        rows_alike: Documents::of(rows_alike),
        svg: Prepared::new(svg_kind, svg, CachePolicy::seconds(300)),
        price_colors: colors,
        plan,
        tiers,
        hash,
    }
}

/// The legend of the picture: each price that a seat has, with its colour.
fn colors_of(sale: &Sale, prices: &[Amount], colors: BTreeMap<usize, (String, String)>) -> Prepared {
    let currency = sale.terms().currency;
    let of = |(rank, (color, dark_color))| {
        let price = JsonMoney(*prices.get(rank)?, currency);
        Some(PriceColor { price, color, dark_color })
    };
    let colors = PriceColors {
        currency: currency.code().to_owned(),
        prices: colors.into_iter().filter_map(of).collect(),
    };
    // A few numbers and texts can always be written as JSON.
    let json = to_bytes(&colors).unwrap_or_default();
    Prepared::new(HeaderValue::from_static("application/json"), json.into(), CachePolicy::REVALIDATE)
}
