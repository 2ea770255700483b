//! `POST /organizations/{organization_id}/members`: invites somebody, or changes the role of a member.
//!
//! What must always hold: the answer for an address that belongs to no member is the same whether it has an account or not; the id of somebody
//! who is not a member is answered like an id that nobody has.

use crate::accounts::fields::check_email;
use crate::accounts::letters::permit_invitation;
use crate::handler::*;
use crate::idempotency::{Answer, IdempotencyHeader, IdempotentBody};
use crate::organizations::access::permitted;
use crate::organizations::invitations::invitation_json;
use crate::organizations::members::{edit_tag, member_json};
use crate::organizations::view::role_of;
use fairseat_app::{OrFailure, membership};
use fairseat_contract::organizations::{NewMember, NewMemberAnswer, NewMemberSchema};
use fairseat_domain::ids::AccountId;
use fairseat_store::OrganizationId;
use fairseat_store::organizations::{Member, Role, SetMemberError};
use std::net::IpAddr;

/// Whom a request is about.
enum Person {
    Member(AccountId),
    Address(String),
}

/// Invite somebody
///
/// Sends an invitation to `email`. The person becomes a member by accepting it, with a confirmed account of that address, within 7 days.
/// Inviting again sends the letter again. For a member, named by `email` or `user_id`, the role is changed at once. Your own address must be
/// confirmed (`email_unverified`).
#[utoipa::path(post, path = "/organizations/{organization_id}/members", tag = "Organizations",
    params(IdempotencyHeader, IfMatchHeader), request_body = NewMemberSchema,
    responses((status = 201, body = NewMemberAnswer),
        (status = 409, description = "The last owner must stay one; or the person has declined; or too many invitations are open")))]
pub(crate) async fn invite(
    State(app): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    signed_in: SignedIn,
    Path(organization_id): Path<Uuid>,
    if_match: IfMatch,
    IdempotentBody { body, key }: IdempotentBody<NewMember>,
) -> Result<Answer, ApiError> {
    let organization = permitted(&app, &signed_in, organization_id, Permission::ManageMembers).await?;
    let (doing, caller) = (app.clone(), signed_in.account);
    let work = |_| async move {
        if_match.check(&edit_tag(&doing, organization).await?)?;
        let role = role_of(body.role);
        let member = match person(body)? {
            Person::Member(id) => id,
            Person::Address(address) => {
                let found = doing.store.organizations().member_by_email(organization, &address).await?;
                let Some(Member { user, .. }) = found else {
                    let client = context.client;
                    return send(&doing, &signed_in, (organization, role), address, client).await;
                };
                user
            }
        };
        change_role(&doing, &signed_in, organization, (member, role)).await
    };
    key.once(&app, Some(caller), work).await
}

fn person(body: NewMember) -> Result<Person, ApiError> {
    match (body.email, body.user_id) {
        (Some(email), None) => {
            let mut check = Check::new();
            let email = check_email(&mut check, "email", &email);
            check.finish()?;
            Ok(Person::Address(email))
        }
        (None, Some(id)) => Ok(Person::Member(AccountId(id.as_u128()))),
        (Some(_), Some(_)) | (None, None) => {
            Err(Problem::invalid("email", "either email or user_id is required, not both").into())
        }
    }
}

async fn send(
    app: &ApiState,
    inviter: &SignedIn,
    (organization, role): (OrganizationId, Role),
    email: String,
    client: IpAddr,
) -> Result<Answer, ApiError> {
    let permit = permit_invitation(app, inviter, organization, client, &email).await?;
    let sent = membership::invite(app, inviter.account, (organization, role), email, permit).await?;
    Answer::json(StatusCode::CREATED, &NewMemberAnswer::Invited(invitation_json(sent, None)))
}

async fn change_role(
    app: &ApiState,
    caller: &SignedIn,
    organization: OrganizationId,
    (user, role): (AccountId, Role),
) -> Result<Answer, ApiError> {
    let changed = membership::change_role(app, caller.account, organization, (user, role)).await;
    changed.map_err(|error| match error {
        OrFailure::Refused(SetMemberError::NotFound) => {
            Problem::invalid("user_id", "is not a member: invite people by their e-mail address").into()
        }
        OrFailure::Refused(
            error @ (SetMemberError::LastOwner | SetMemberError::TooMany | SetMemberError::Store(_)),
        ) => ApiError::from(error),
        OrFailure::Failed(failure) => failure.into(),
    })?;
    let member = app.store.organizations().member(organization, user).await?;
    let member = member_json(member.ok_or_else(Problem::not_found)?);
    Answer::json(StatusCode::CREATED, &NewMemberAnswer::Changed(member))
}
