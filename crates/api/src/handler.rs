//! Names that most handlers use, so that a handler imports them in one line: `use crate::handler::*`.

pub(crate) use crate::caller::SignedIn;
pub(crate) use crate::lists::Lists;
pub(crate) use crate::state::ApiState;
pub(crate) use axum::Extension;
pub(crate) use axum::extract::State;
pub(crate) use axum::http::StatusCode;
pub(crate) use axum::response::{IntoResponse, Response};
pub(crate) use fairseat_app::access::Permission;
pub(crate) use fairseat_contract::{JsonMoney, JsonTime};
pub(crate) use fairseat_domain::Sale;
pub(crate) use fairseat_edge::body::Body;
pub(crate) use fairseat_edge::check::Check;
pub(crate) use fairseat_edge::context::RequestContext;
pub(crate) use fairseat_edge::edit_tag::{EditTag, IfMatch, IfMatchHeader};
pub(crate) use fairseat_edge::json::Json;
pub(crate) use fairseat_edge::limits::{LimitedCaller, RateLimit};
pub(crate) use fairseat_edge::problem::{Code, Problem};
pub(crate) use fairseat_edge::query::{Paging, Path, Query};
pub(crate) use fairseat_problems::errors::ApiError;
pub(crate) use serde::Deserialize;
pub(crate) use utoipa::{IntoParams, ToSchema};
pub(crate) use uuid::Uuid;
