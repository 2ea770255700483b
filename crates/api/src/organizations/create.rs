//! `POST /organizations`.

use crate::handler::{ApiError, ApiState, Check, Problem, SignedIn, State, StatusCode, Uuid};
use crate::idempotency::{Answer, Claimed, IdempotencyHeader, IdempotentBody};
use crate::organizations::view::organization_json;
use fairseat_contract::organizations::{NewOrganization, OrganizationJson};
use fairseat_store::OrganizationId;
use fairseat_store::organizations::Role;

const NAME_CHARS: std::ops::RangeInclusive<usize> = 1..=200;

/// Create an organization
///
/// You are its first owner.
#[utoipa::path(post, path = "/organizations", tag = "Organizations", params(IdempotencyHeader),
    request_body = NewOrganization, responses((status = 201, body = OrganizationJson)))]
pub(crate) async fn found_organization(
    State(app): State<ApiState>,
    signed_in: SignedIn,
    IdempotentBody { body, key }: IdempotentBody<NewOrganization>,
) -> Result<Answer, ApiError> {
    signed_in.require_address()?;
    let mut check = Check::new();
    let name = check.text("name", &body.name, NAME_CHARS);
    check.finish()?;
    let (doing, owner) = (app.clone(), signed_in.account);
    let create = move |claimed: Claimed| async move {
        let organizations = doing.store.organizations();
        let created = match claimed.created {
            Some(id) => organizations
                .by_id(OrganizationId(Uuid::from_u128(id)))
                .await?
                .ok_or_else(Problem::not_found)?,
            None => {
                let created = organizations.create(name, owner, claimed.key, doing.now()).await;
                doing.access.access_changed(owner);
                created?
            }
        };
        Answer::json(StatusCode::CREATED, &organization_json(created, Some(Role::Owner)))
    };
    key.once(&app, Some(owner), create).await
}
