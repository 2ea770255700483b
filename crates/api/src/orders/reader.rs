//! Who reads an order or a ticket: somebody signed in, or somebody with the key in the link of the order's letter.
//!
//! What must always hold: a key opens one order with its tickets, for reading, and nothing else.

use crate::caller::{MaybeSignedIn, SignedIn};
use crate::handler::*;
use crate::orders::access::visible;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use fairseat_app::access::secret_token::SecretToken;
use fairseat_domain::ids::OrderNumber;
use fairseat_domain::sale::Order;
use fairseat_edge::query;

/// The key of an order, in the query.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct OrderKey {
    /// The key in the link of a guest's letter, which opens this order and its tickets without signing in
    #[param(required = false)]
    key: Option<String>,
}

/// The caller of a route that a key opens too; 401 for a caller with neither.
#[derive(Debug)]
pub(crate) struct OrderReader {
    signed_in: Option<SignedIn>,
    key: Option<String>,
}

impl FromRequestParts<ApiState> for OrderReader {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &ApiState) -> Result<Self, ApiError> {
        let OrderKey { key } = query::parse(parts.uri.query().unwrap_or_default())?;
        let MaybeSignedIn(signed_in) = MaybeSignedIn::from_request_parts(parts, app).await?;
        if signed_in.is_none() && key.is_none() {
            let hint = "Send an access token as Authorization: Bearer <token>.";
            return Err(Problem::unauthenticated(hint).into());
        }
        Ok(Self { signed_in, key })
    }
}

impl OrderReader {
    /// The order, if this caller may see it.
    ///
    /// # Errors
    /// As [`visible`]; `not_found` when the key opens another order or none.
    pub(crate) async fn order<'s>(
        &self,
        app: &ApiState,
        sale: &'s Sale,
        number: OrderNumber,
        permission: Permission,
    ) -> Result<&'s Order, ApiError> {
        if self.has_key_of(app, sale, number) {
            return Ok(sale.order(number).ok_or_else(Problem::not_found)?);
        }
        let signed_in = self.signed_in.as_ref().ok_or_else(Problem::not_found)?;
        visible(app, signed_in, sale, number, permission).await
    }

    /// Whether the caller is signed in as the buyer.
    pub(crate) fn is_buyer_of(&self, order: &Order) -> bool {
        self.signed_in.as_ref().is_some_and(|caller| caller.account == order.buyer)
    }

    /// Whether the caller has the key of this order.
    pub(crate) fn has_key_of(&self, app: &ApiState, sale: &Sale, number: OrderNumber) -> bool {
        let id = app.ids.order(sale.event(), number);
        let opens = |key: &String| SecretToken::of_order(&app.keys.links, id).is(key);
        self.key.as_ref().is_some_and(opens)
    }

    /// Whether the caller is a guest.
    pub(crate) fn is_guest(&self) -> bool {
        self.signed_in.as_ref().is_some_and(|caller| caller.is_guest())
    }
}
