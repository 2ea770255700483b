//! The members of an organization and their roles, and invitations to become one; creating an organization.

use super::fields::Fields;
use super::layout::ConsoleLayout;
use super::problem_text::{form_problem, is_outdated, other_errors, outdated, unavailable_reason};
use askama::Template;
use axum::extract::{Path, RawForm};
use axum::http::Method;
use axum::response::Response;
use fairseat_client::{ApiClient, PageError, Problem};
use fairseat_web::done::Done;
use fairseat_web::forms::message_for;
use fairseat_web::render::{encoded, personal_with, see_other, status_of};
use fairseat_web::values::Instant;
use serde::Deserialize;
use serde_json::json;

#[derive(Debug, Deserialize)]
struct Member {
    user_id: String,
    email: String,
    username: String,
    role: String,
    created_at: Option<Instant>,
}

/// All members.
#[derive(Debug, Default, Deserialize)]
struct Members {
    members: Vec<Member>,
    /// The version of the list.
    #[serde(skip)]
    edit_tag: String,
}

impl Members {
    /// Members in one answer of the API.
    const PAGE: usize = 100;

    async fn of(client: &ApiClient, organization: &str) -> Result<Self, PageError> {
        let mut all = Self::default();
        loop {
            let (limit, offset) = (Self::PAGE, all.members.len());
            let path = format!("{}?limit={limit}&offset={offset}", object(organization));
            let (answer, edit_tag) = client.get_editable::<Self>(&path).await?;
            let more = answer.members;
            all.edit_tag = edit_tag;
            let is_last = more.len() < limit;
            all.members.extend(more);
            if is_last {
                return Ok(all);
            }
        }
    }

    fn find(self, is_meant: impl Fn(&Member) -> bool) -> Option<Member> {
        self.members.into_iter().find(is_meant)
    }

    /// Whether this member is the only owner: the API refuses to remove them or to change their role.
    fn is_last_owner(&self, member: &Member) -> bool {
        let owners = self.members.iter().filter(|member| member.role == "owner").count();
        member.role == "owner" && owners == 1
    }
}

/// An invitation that has not expired.
#[derive(Debug, Deserialize)]
struct Invitation {
    invitation_id: String,
    email: String,
    role: String,
    status: String,
    expires_at: Instant,
    invited_by: Option<String>,
}

impl Invitation {
    fn is_open(&self) -> bool {
        self.status == "open"
    }
}

#[derive(Debug, Default, Deserialize)]
struct Invitations {
    invitations: Vec<Invitation>,
}

#[derive(Template)]
#[template(path = "console/members.html")]
struct Page {
    layout: ConsoleLayout,
    organization: String,
    list: Result<Members, String>,
    invitations: Vec<Invitation>,
    fields: Fields,
    problem: Option<Problem>,
}

impl Page {
    fn roles(&self) -> &'static [(&'static str, &'static str)] {
        fairseat_web::roles::ROLES
    }

    fn value(&self, name: &str) -> &str {
        self.fields.get(name)
    }

    fn error_for(&self, name: &str) -> Option<&str> {
        message_for(self.problem.as_ref(), name)
    }

    /// Errors of fields that do not show their own.
    fn other_errors(&self) -> Vec<String> {
        self.problem.as_ref().map_or_else(Vec::new, |problem| other_errors(problem, &["email"]))
    }
}

fn object(organization: &str) -> String {
    format!("/organizations/{}/members", encoded(organization))
}

fn invitations(organization: &str) -> String {
    format!("/organizations/{}/invitations", encoded(organization))
}

async fn page(
    client: &ApiClient,
    organization: &str,
    fields: Fields,
    problem: Option<Problem>,
) -> Result<Response, PageError> {
    let layout = ConsoleLayout::for_organization(client, organization, "members").await?;
    let list = Members::of(client, organization).await;
    let list = list.map_err(|failure| unavailable_reason(&failure));
    let invitations = match &list {
        // An organization has at most as many as one answer holds.
        Ok(_) => {
            client.get::<Invitations>(&format!("{}?limit=100", invitations(organization))).await?.invitations
        }
        Err(_unavailable) => Vec::new(),
    };
    let status = status_of(problem.as_ref());
    let page = Page { layout, organization: organization.to_owned(), list, invitations, fields, problem };
    Ok(personal_with(status, &page))
}

/// The members.
pub(crate) async fn list(client: ApiClient, Path(organization): Path<String>) -> Result<Response, PageError> {
    page(&client, &organization, Fields::default(), None).await
}

/// Invites somebody, or changes a member's role.
pub(crate) async fn set(
    client: ApiClient,
    Path(organization): Path<String>,
    RawForm(form): RawForm,
) -> Result<Response, PageError> {
    let fields = Fields::read(&form);
    // The API would change the role of an existing member, without showing the old one, so that is refused here.
    let meant = fields.get("email").trim().to_lowercase();
    let is_meant = |member: &Member| member.email.to_lowercase() == meant;
    if fields.given("add").is_some()
        && let Some(member) = Members::of(&client, &organization).await?.find(is_meant)
    {
        let detail = format!(
            "{} is a member already, as {}. Set another role in the list.",
            member.username, member.role
        );
        let problem =
            Problem { status: 409, title: "Nothing was changed".to_owned(), detail, ..Problem::default() };
        return page(&client, &organization, fields, Some(problem)).await;
    }
    let body = match fields.given("user_id") {
        Some(user) => json!({"user_id": user, "role": fields.get("role")}),
        None => json!({"email": fields.get("email"), "role": fields.get("role")}),
    };
    let seen = fields.given("seen");
    match client.send_json_if_match(Method::POST, &object(&organization), seen, &body).await {
        Ok(_) => {
            let done = if fields.given("user_id").is_some() { Done::RoleChanged } else { Done::Invited };
            Ok(done.then(&format!("/console{}", object(&organization))))
        }
        Err(failure) if is_outdated(&failure) => {
            // The page shows the roles that were saved in the meantime.
            page(&client, &organization, fields, Some(members_outdated())).await
        }
        Err(failure) => page(&client, &organization, fields, Some(form_problem(failure)?)).await,
    }
}

/// Withdraws an invitation.
pub(crate) async fn withdraw(
    client: ApiClient,
    Path((organization, invitation)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let path = format!("{}/{}", invitations(&organization), encoded(&invitation));
    match client.send_empty(Method::DELETE, &path).await {
        // 404: accepted, declined or withdrawn meanwhile.
        Err(failure) if failure.problem.status != 404 => {
            page(&client, &organization, Fields::default(), Some(form_problem(failure)?)).await
        }
        Ok(_) | Err(_) => Ok(Done::Withdrawn.then(&format!("/console{}", object(&organization)))),
    }
}

#[derive(Template)]
#[template(path = "console/member_remove.html")]
struct RemovePage {
    layout: ConsoleLayout,
    organization: String,
    member: Member,
    edit_tag: String,
    problem: Option<Problem>,
}

/// The refusal of a form when the list of members was changed after the page was opened.
fn members_outdated() -> Problem {
    let detail = "Members or roles were changed meanwhile, in another tab or by somebody else. This page shows them as they are now: send \
                  your change again if it is still meant.";
    Problem { detail: detail.to_owned(), ..outdated(Vec::new()) }
}

async fn remove_page(
    client: &ApiClient,
    organization: &str,
    user: &str,
    problem: Option<Problem>,
) -> Result<Response, PageError> {
    let layout = ConsoleLayout::for_organization(client, organization, "members").await?;
    let list = Members::of(client, organization).await?;
    let edit_tag = list.edit_tag.clone();
    let member = list.find(|member| member.user_id == user);
    let Some(member) = member else { return Ok(see_other(&format!("/console{}", object(organization)))) };
    let organization = organization.to_owned();
    Ok(personal_with(
        status_of(problem.as_ref()),
        &RemovePage { layout, organization, member, edit_tag, problem },
    ))
}

/// Asks whether to remove a member.
pub(crate) async fn remove_form(
    client: ApiClient,
    Path((organization, user)): Path<(String, String)>,
) -> Result<Response, PageError> {
    remove_page(&client, &organization, &user, None).await
}

/// Removes a member.
pub(crate) async fn remove(
    client: ApiClient,
    Path((organization, user)): Path<(String, String)>,
    RawForm(form): RawForm,
) -> Result<Response, PageError> {
    let fields = Fields::read(&form);
    let member = format!("{}/{}", object(&organization), encoded(&user));
    match client.send_empty_if_match(Method::DELETE, &member, fields.given("seen")).await {
        Ok(_) => Ok(Done::MemberRemoved.then(&format!("/console{}", object(&organization)))),
        // Already removed, in another tab or by another member.
        Err(failure) if failure.problem.status == 404 => {
            Ok(see_other(&format!("/console{}", object(&organization))))
        }
        Err(failure) if is_outdated(&failure) => {
            remove_page(&client, &organization, &user, Some(members_outdated())).await
        }
        Err(failure) => remove_page(&client, &organization, &user, Some(form_problem(failure)?)).await,
    }
}

/// The form for a new organization, after the API refused it.
#[derive(Template)]
#[template(path = "console/organization_new.html")]
struct NewOrganizationPage {
    layout: ConsoleLayout,
    fields: Fields,
    problem: Option<Problem>,
}

impl NewOrganizationPage {
    fn value(&self, name: &str) -> &str {
        self.fields.get(name)
    }

    fn error_for(&self, name: &str) -> Option<&str> {
        message_for(self.problem.as_ref(), name)
    }
}

#[derive(Deserialize)]
struct CreatedOrganization {
    organization_id: String,
}

/// Creates an organization.
pub(crate) async fn create_organization(
    client: ApiClient,
    RawForm(form): RawForm,
) -> Result<Response, PageError> {
    let fields = Fields::read(&form);
    match client.post("/organizations", &json!({"name": fields.get("name")})).await {
        Ok(answer) => {
            let created: CreatedOrganization = answer.json(&client)?;
            Ok(Done::OrganizationCreated.then(&format!("/console?organization={}", created.organization_id)))
        }
        Err(failure) => {
            let problem = form_problem(failure)?;
            let layout = ConsoleLayout::for_organization(&client, "", "members").await?;
            let status = status_of(Some(&problem));
            Ok(personal_with(status, &NewOrganizationPage { layout, fields, problem: Some(problem) }))
        }
    }
}
