//! `GET /events/{event_id}/statistics`: sales figures for organizers, cheap enough to be requested every other second.

use crate::events::access::event_for;
use crate::handler::*;
use fairseat_app::hold_refusals::HoardingLimit;
use fairseat_app::statistics::{Figures, Part, Point};
use fairseat_contract::statistics::{
    CounterFigures, CurvePoint, HoldFigures, MoneyFigures, OrderFigures, ReservationFigures, SalesCurve,
    SeatFigures, SectionFigures, Statistics, TicketFigures, TierFigures,
};
use fairseat_domain::time::Timestamp;
use fairseat_edge::json;

/// The sales figures of an event
///
/// For members of its organization who may see orders. All figures are of one instant, so they are consistent.
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
    // Counting every seat and order of a stadium takes milliseconds, so a blocking thread does it.
    let refused = |limit| app.hold_refusals.of(event.number, limit, now);
    let (network, instrument) = (refused(HoardingLimit::Network), refused(HoardingLimit::Instrument));
    let work = tokio::task::spawn_blocking(move || {
        let mut statistics = statistics_of(event_id, &published.state, published.position.0, now);
        statistics.holds.refused = network.count;
        statistics.holds.last_refused_at = network.last.map(JsonTime);
        statistics.holds.refused_by_instrument = instrument.count;
        statistics.holds.last_refused_by_instrument_at = instrument.last.map(JsonTime);
        json::to_bytes(&statistics)
    });
    let json = work.await.map_err(Problem::internal)?.map_err(Problem::internal)?;
    Ok(json::response(json.into()))
}

fn statistics_of<'a>(event_id: Uuid, sale: &'a Sale, version: u64, now: Timestamp) -> Statistics<'a> {
    let figures = Figures::of(sale);
    let (counts, currency) = (sale.counts(), sale.terms().currency);
    let money = |amount| JsonMoney(amount, currency);
    Statistics {
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
        holds: holds(sale),
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
            points: figures.curve.points.iter().map(|point| curve_point(point, sale)).collect(),
        },
    }
}

fn holds(sale: &Sale) -> HoldFigures {
    let (most, (limit, limit_of_new_accounts)) = (sale.most_held_from_one_origin(), sale.hold_limits());
    HoldFigures {
        most_seats: most.all,
        most_seats_of_new_accounts: most.by_new_accounts,
        limit,
        limit_of_new_accounts,
        refused: 0,
        last_refused_at: None,
        limit_by_instrument: sale.instrument_limit(),
        refused_by_instrument: 0,
        last_refused_by_instrument_at: None,
    }
}

fn curve_point(point: &Point, sale: &Sale) -> CurvePoint {
    CurvePoint {
        start: JsonTime(point.start),
        orders: point.orders,
        tickets: point.tickets,
        revenue: JsonMoney(point.revenue, sale.terms().currency),
    }
}

const fn bucket(seconds: i64) -> &'static str {
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
