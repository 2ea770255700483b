//! How a sale is going, for those who run it: cheap enough to be asked every other second.

mod curve;
mod figures;

use crate::caller::SignedIn;
use crate::error::ApiError;
use crate::events::access::event_for;
use crate::events::statistics::curve::Point;
use crate::events::statistics::figures::{Figures, Part};
use crate::state::ApiState;
use axum::extract::State;
use axum::response::Response;
use fairseat_app::access::Permission;
use fairseat_contract::{JsonMoney, JsonTime};
use fairseat_domain::Sale;
use fairseat_domain::time::Timestamp;
use fairseat_edge::json;
use fairseat_edge::problem::Problem;
use fairseat_edge::query::Path;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// How a sale is going. All of it is true at the same instant.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Statistics<'a> {
    event_id: Uuid,
    /// When it was asked
    as_of: JsonTime,
    /// The version of the sale this shows; see `availability`
    version: u64,
    /// Of every amount, ISO 4217
    currency: &'a str,
    seats: SeatFigures,
    reservations: ReservationFigures,
    orders: OrderFigures,
    tickets: TicketFigures,
    money: MoneyFigures,
    box_office: CounterFigures,
    price_tiers: Vec<TierFigures<'a>>,
    /// In the plan's order
    sections: Vec<SectionFigures<'a>>,
    sales: SalesCurve,
}

/// Seats by what they are doing; the four add up to the total.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SeatFigures {
    total: u32,
    available: u32,
    reserved: u32,
    sold: u32,
    blocked: u32,
}

/// Reservations whose time runs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReservationFigures {
    active: u32,
    seats: u32,
    amount: JsonMoney,
    /// Of these, with an attempt to pay under way
    paying: u32,
    /// The first of them ends then
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    next_expires_at: Option<JsonTime>,
}

/// Orders by what has become of them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OrderFigures {
    pending: u32,
    confirmed: u32,
    /// Confirmed once, then cancelled
    cancelled: u32,
    /// Never paid
    unpaid: u32,
}

/// Tickets by whether they let somebody in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TicketFigures {
    valid: u32,
    /// Until somebody has looked at their payment
    suspended: u32,
    void: u32,
}

/// Money. What was sold, less what went back, is to go back and was never to be had, is what remains.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MoneyFigures {
    /// Of every order ever confirmed, fees included
    gross: JsonMoney,
    /// The part of it that is fees
    fees: JsonMoney,
    /// What is with the buyers again
    refunded: JsonMoney,
    /// What is on its way back
    refunds_pending: JsonMoney,
    /// What was promised and finally not to be had
    uncollected: JsonMoney,
    net: JsonMoney,
}

/// What was sold at the counter and stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CounterFigures {
    orders: u32,
    tickets: u32,
    cash: JsonMoney,
    card_terminal: JsonMoney,
    /// Given away
    complimentary_tickets: u32,
    /// What was taken there, cancelled orders too, and not handed out again
    in_hand: JsonMoney,
}

/// A price and how its seats are going.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TierFigures<'a> {
    /// A section of the plan or a category
    name: &'a str,
    price: JsonMoney,
    total: u32,
    available: u32,
    reserved: u32,
    sold: u32,
    blocked: u32,
    /// What the sold ones cost when they were bought, without fees
    revenue: JsonMoney,
}

/// A section and how its seats are going.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SectionFigures<'a> {
    section: &'a str,
    general_admission: bool,
    total: u32,
    available: u32,
    reserved: u32,
    sold: u32,
    blocked: u32,
    /// What the sold ones cost when they were bought, without fees
    revenue: JsonMoney,
}

/// What was sold when, from the first order to the last; at most 400 points. Orders cancelled since count where they were sold.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SalesCurve {
    /// How long each point lasts: `minute`, `hour`, `day` or `week`, by how long the sale has been going on
    bucket: &'static str,
    /// The same in seconds; weeks may be several
    bucket_seconds: i64,
    points: Vec<CurvePoint>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CurvePoint {
    start: JsonTime,
    orders: u32,
    tickets: u32,
    /// Fees included
    revenue: JsonMoney,
}

/// How an event is selling
///
/// For those in its organization who may see orders. Everything is of one instant, so that it adds up.
#[utoipa::path(get, path = "/events/{event_id}/statistics", tag = "Console", params(("event_id" = Uuid, Path)),
    responses((status = 200, body = Statistics<'_>), (status = 404, description = "No such event of the caller's")))]
pub(crate) async fn statistics(
    State(app): State<ApiState>,
    caller: SignedIn,
    Path(event_id): Path<Uuid>,
) -> Result<Response, ApiError> {
    let (event, _) = event_for(&app, &caller, event_id, Permission::SeeOrders).await?;
    let published = app.sale_now(event.number).await?;
    let now = app.now();
    // Every seat and order is looked at, which takes milliseconds in a stadium: not on a thread that answers others.
    let work = tokio::task::spawn_blocking(move || {
        json::to_bytes(&Statistics::of(event_id, &published.state, published.position.0, now))
    });
    let json = work.await.map_err(Problem::internal)?.map_err(Problem::internal)?;
    Ok(json::response(json.into()))
}

impl<'a> Statistics<'a> {
    fn of(event_id: Uuid, sale: &'a Sale, version: u64, now: Timestamp) -> Self {
        let figures = Figures::of(sale);
        let (counts, currency) = (sale.counts(), sale.terms().currency);
        let money = |amount| JsonMoney(amount, currency);
        Self {
            event_id,
            as_of: JsonTime(now),
            version,
            currency: sale.terms().currency.code(),
            seats: SeatFigures {
                total: counts.total(),
                available: counts.available,
                reserved: counts.reserved,
                sold: counts.sold,
                blocked: counts.blocked,
            },
            reservations: ReservationFigures {
                active: figures.reservations.active,
                seats: figures.reservations.seats,
                amount: money(figures.reservations.amount),
                paying: figures.reservations.paying,
                next_expires_at: figures.reservations.next_end.map(JsonTime),
            },
            orders: OrderFigures {
                pending: figures.orders.pending,
                confirmed: figures.orders.confirmed,
                cancelled: figures.orders.cancelled,
                unpaid: figures.orders.unpaid,
            },
            tickets: TicketFigures {
                valid: figures.tickets.valid,
                suspended: figures.tickets.suspended,
                void: figures.tickets.void,
            },
            money: MoneyFigures {
                gross: money(figures.money.gross),
                fees: money(figures.money.fees),
                refunded: money(figures.money.refunded),
                refunds_pending: money(figures.money.refunds_pending),
                uncollected: money(figures.money.uncollected),
                net: money(figures.money.net),
            },
            box_office: CounterFigures {
                orders: figures.counter.orders,
                tickets: figures.counter.tickets,
                cash: money(figures.counter.cash),
                card_terminal: money(figures.counter.card_terminal),
                complimentary_tickets: figures.counter.complimentary,
                in_hand: money(figures.counter.in_hand),
            },
            price_tiers: tiers(sale, &figures),
            sections: sections(sale, &figures),
            sales: SalesCurve {
                bucket: bucket(figures.curve.seconds),
                bucket_seconds: figures.curve.seconds,
                points: figures.curve.points.iter().map(|point| CurvePoint::of(point, sale)).collect(),
            },
        }
    }
}

impl CurvePoint {
    fn of(point: &Point, sale: &Sale) -> Self {
        Self {
            start: JsonTime(point.start),
            orders: point.orders,
            tickets: point.tickets,
            revenue: JsonMoney(point.revenue, sale.terms().currency),
        }
    }
}

pub(crate) const fn bucket(seconds: i64) -> &'static str {
    match seconds {
        60 => "minute",
        3_600 => "hour",
        86_400 => "day",
        _ => "week",
    }
}

pub(crate) fn tiers<'a>(sale: &'a Sale, figures: &Figures) -> Vec<TierFigures<'a>> {
    let currency = sale.terms().currency;
    let tier = |(tier, part): (&'a fairseat_domain::terms::PriceTier, &Part)| TierFigures {
        name: &tier.name,
        price: JsonMoney(tier.price, currency),
        total: part.total(),
        available: part.available,
        reserved: part.reserved,
        sold: part.sold,
        blocked: part.blocked,
        revenue: JsonMoney(part.revenue, currency),
    };
    sale.tiers().iter().zip(&figures.tiers).map(tier).collect()
}

pub(crate) fn sections<'a>(sale: &'a Sale, figures: &Figures) -> Vec<SectionFigures<'a>> {
    let currency = sale.terms().currency;
    let section = |(section, part): (fairseat_domain::seating_plan::SectionView<'a>, &Part)| SectionFigures {
        section: section.name(),
        general_admission: section.general_admission(),
        total: part.total(),
        available: part.available,
        reserved: part.reserved,
        sold: part.sold,
        blocked: part.blocked,
        revenue: JsonMoney(part.revenue, currency),
    };
    sale.plan().sections().zip(&figures.sections).map(section).collect()
}
