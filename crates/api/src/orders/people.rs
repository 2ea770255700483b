//! The people of an order, for those who may know them: its buyer, and who stood at the counter.

use crate::error::ApiError;
use crate::state::ApiState;
use fairseat_app::ids::account_uuid;
use fairseat_domain::ids::{AccountId, EventNumber, OrderNumber};
use fairseat_store::counter_sales::Customer;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// How an order came about.
pub(crate) const fn channel(at_counter: bool) -> &'static str {
    if at_counter { "box_office" } else { "online" }
}

/// An account; what it no longer says is left out.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrderBuyer)]
pub(crate) struct Buyer {
    user_id: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    username: Option<String>,
}

impl Buyer {
    /// The account with what is known of it.
    pub(crate) fn new(account: AccountId, email: Option<String>, username: Option<String>) -> Self {
        Self { user_id: account_uuid(account), email, username }
    }

    /// The account as the store knows it.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn of(app: &ApiState, account: AccountId) -> Result<Self, ApiError> {
        let user = app.store.users().by_id(account).await?;
        let username = user.as_ref().map(|user| user.username.clone());
        Ok(Self::new(account, user.map(|user| user.email), username))
    }
}

/// Somebody at the counter; what they did not say is left out.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrderCustomer)]
pub(crate) struct CustomerView {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    email: Option<String>,
    /// The seller's own words
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    note: Option<String>,
}

impl From<Customer> for CustomerView {
    fn from(customer: Customer) -> Self {
        let said = |text: String| Some(text).filter(|text| !text.is_empty());
        Self { name: said(customer.name), email: said(customer.email), note: said(customer.note) }
    }
}

impl CustomerView {
    /// Who an order of the counter was sold to, if that was noted.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn of(
        app: &ApiState,
        event: EventNumber,
        order: OrderNumber,
    ) -> Result<Option<Self>, ApiError> {
        Ok(app.store.counter_sales().of(event, order).await?.map(Self::from))
    }
}
