//! The HTTP front of all baselines: everything around reserving a seat, done as our server does it.

use super::{Backend, Design, SeatRequest, Start, postgres, redis_seats, sqlite};
use crate::dataset::{Dataset, ROW, ROWS};
use crate::reference_server;
use anyhow::{Context as _, Result, anyhow};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Extension, Json, Router};
use fairseat_api::caller::SignedIn;
use fairseat_api::{ApiError, ApiState};
use fairseat_app::ids::account_uuid;
use fairseat_app::keys::Keys;
use fairseat_contract::{JsonMoney, JsonTime};
use fairseat_domain::money::{Amount, Currency};
use fairseat_domain::time::{Millis, Timestamp};
use fairseat_edge::body::Body;
use fairseat_edge::context::RequestContext;
use fairseat_edge::limits::{LimitedCaller, RateLimit};
use fairseat_edge::listener;
use fairseat_edge::problem::{Code, Problem};
use fairseat_edge::query::Path;
use fairseat_server::Server;
use fairseat_server::telemetry::{self, LogLevel};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tokio::net::TcpListener;
use uuid::Uuid;

/// Serves one design until it is ended.
///
/// # Errors
/// When a server that the design needs is missing.
pub(crate) fn role(start: &Start) -> Result<()> {
    let _logs = telemetry::init(LogLevel::Info)?;
    let max_connections = listener::raise_file_limit();
    reference_server::runtime()?.block_on(serve(start, max_connections))
}

async fn serve(start: &Start, max_connections: usize) -> Result<()> {
    let backend = Arc::new(open(start).await?);
    let keys = Keys::load_or_create(&start.folder)?;
    let server = Server::open(reference_server::trusting(&start.folder)?, keys, "http://bench").await?;
    let routes = Router::new().route("/api/v1/events/{event_id}/reserve", post(reserve));
    let router = fairseat_server::behind_the_edge(routes, server.api.clone()).layer(Extension(backend));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    reference_server::announce(&listener)?;
    listener::serve(listener, router, server.edge.clone(), max_connections).await;
    Ok(())
}

async fn open(start: &Start) -> Result<Backend> {
    let dataset = Dataset::read(&start.folder)?;
    let postgres = async || {
        let socket = start.postgres.as_deref().context("no PostgreSQL")?;
        postgres::Postgres::open(socket, start.design, &dataset, start.pool).await
    };
    let redis = async || redis_seats::RedisSeats::open(start.redis.as_deref().context("no Redis")?).await;
    Ok(match start.design {
        Design::RowLocks | Design::ConditionalUpdate => Backend::Postgres(postgres().await?),
        Design::RedisLocks => Backend::RedisLocks(redis().await?, postgres().await?),
        Design::RedisLua => Backend::RedisLua(redis().await?),
        Design::SqliteTransaction => {
            Backend::Sqlite(sqlite::Sqlite::open(&start.folder.join("baseline.db"), &dataset)?)
        }
    })
}

#[derive(Debug, Deserialize)]
struct Reserve {
    seat_ids: [Uuid; 1],
    hold_duration: Option<i64>,
}

#[derive(Debug, Serialize)]
struct Reservation {
    reservation_id: Uuid,
    event_id: Uuid,
    user_id: Uuid,
    status: &'static str,
    seat_ids: [Uuid; 1],
    seats: [Seat; 1],
    expires_at: JsonTime,
    total_amount: JsonMoney,
    fees: JsonMoney,
    currency: &'static str,
    created_at: JsonTime,
}

#[derive(Debug, Serialize)]
struct Seat {
    seat_id: Uuid,
    index: u32,
    section: String,
    row: String,
    number: u32,
    label: String,
    price: JsonMoney,
}

async fn reserve(
    State(app): State<ApiState>,
    Extension(backend): Extension<Arc<Backend>>,
    Extension(context): Extension<RequestContext>,
    signed_in: SignedIn,
    Path(event_id): Path<Uuid>,
    Body(body): Body<Reserve>,
) -> Result<Response, ApiError> {
    app.check_limit(RateLimit::ReserveByAccount, LimitedCaller::Account(signed_in.account)).await?;
    app.check_limit(RateLimit::ReserveByAddress, LimitedCaller::address(context.client)).await?;
    let event = app.ids.open_event(event_id).ok_or_else(Problem::not_found)?;
    let [seat_id] = body.seat_ids;
    let seat = app.ids.open_seat(seat_id).filter(|(of, _)| *of == event);
    let (_, seat) = seat.ok_or_else(|| Problem::invalid("seat_ids[0]", "is not a seat of this event"))?;
    let now = app.now();
    let expires_at = now.plus(Millis::from_seconds(body.hold_duration.unwrap_or(600)));
    let reservation_id = Uuid::new_v4();
    let request = SeatRequest {
        event: i64::try_from(event.0).map_err(Problem::internal)?,
        seat: i32::try_from(seat.0).map_err(Problem::internal)?,
        buyer: signed_in.account.0,
        reservation: reservation_id.as_u128(),
        now_ms: now.as_millis(),
        expires_ms: expires_at.as_millis(),
    };
    let taken = backend.take(request).await.map_err(|error| Problem::internal(anyhow!(error)))?;
    let line = Seat::of(seat_id, seat.0, taken.unwrap_or_default());
    if taken.is_none() {
        let detail = "Somebody has it, or it is not for sale. Choose other seats.";
        return Err(Problem::new(Code::SeatUnavailable, detail).with("seats", &[line]).into());
    }
    Ok((StatusCode::CREATED, Json(line.reserved(reservation_id, event_id, &signed_in, now, expires_at)))
        .into_response())
}

impl Seat {
    fn of(seat_id: Uuid, index: u32, price: i64) -> Self {
        let (section, row) =
            (format!("Block {}", index / (ROW * ROWS)), (index / ROW % ROWS + 1).to_string());
        let number = index % ROW + 1;
        let label = format!("{section} {row}-{number}");
        Self { seat_id, index, section, row, number, label, price: JsonMoney(Amount(price), Currency::USD) }
    }

    fn reserved(
        self,
        reservation_id: Uuid,
        event_id: Uuid,
        by: &SignedIn,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Reservation {
        Reservation {
            reservation_id,
            event_id,
            user_id: account_uuid(by.account),
            status: "active",
            seat_ids: [self.seat_id],
            total_amount: self.price,
            fees: JsonMoney(Amount(0), Currency::USD),
            currency: "USD",
            expires_at: JsonTime(expires_at),
            created_at: JsonTime(now),
            seats: [self],
        }
    }
}
