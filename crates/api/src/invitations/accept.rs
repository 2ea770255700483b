//! `POST /invitations/{token}/accept`.

use crate::handler::{ApiError, ApiState, Code, Json, Path, Problem, SignedIn, State};
use crate::invitations::not_open;
use crate::organizations::access::set_member_problem;
use crate::organizations::members::member_entry;
use crate::organizations::view::role_json;
use fairseat_app::access::secret_token::SecretToken;
use fairseat_contract::organizations::JoinedJson;
use fairseat_store::invitations::AcceptError;
use fairseat_store::organizations::SetMemberError;

fn accept_problem(error: AcceptError) -> ApiError {
    match error {
        AcceptError::NotOpen => not_open().into(),
        AcceptError::OtherAddress => {
            let detail = "The invitation is for another address. Sign in with the account that has it, or register with it.";
            Problem::new(Code::OtherAddress, detail).into()
        }
        AcceptError::Unverified => {
            let detail = "Follow the link in the message that we sent to your address, then accept.";
            Problem::new(Code::EmailUnverified, detail).into()
        }
        AcceptError::TooMany => set_member_problem(SetMemberError::TooMany),
        AcceptError::Store(error) => error.into(),
    }
}

/// Accept an invitation
///
/// Makes you a member. Your address must be the invited one (`other_address`) and confirmed (`email_unverified`).
#[utoipa::path(post, path = "/invitations/{token}/accept", tag = "Organizations",
    responses((status = 200, body = JoinedJson), (status = 404, description = "No such open invitation"),
        (status = 409, description = "The organization has too many members, or you are in too many")))]
pub(crate) async fn accept_invitation(
    State(app): State<ApiState>,
    signed_in: SignedIn,
    Path(token): Path<String>,
) -> Result<Json<JoinedJson>, ApiError> {
    let (doing, account) = (app.clone(), signed_in.account);
    let accept = async move {
        let trail = doing.clone();
        let entry = move |organization, role: fairseat_store::organizations::Role| {
            let detail = serde_json::json!({"role": role.name()});
            member_entry(&trail, account, organization, ("member.joined", account), &detail)
        };
        let hash = SecretToken::hash_of(&token);
        doing.store.invitations().accept(hash, account, entry, doing.now()).await
    };
    let (organization, role) = app.access.changing(account, accept).await?.map_err(accept_problem)?;
    Ok(Json(JoinedJson {
        organization_id: organization.id.0,
        name: organization.name,
        role: role_json(role),
    }))
}
