//! Every route for every role, in their own organization and in a foreign one: a table, and a test that no route is missing.

use crate::common::{Actor, TestServer};
use fairseat_store::organizations::Role;
use serde_json::{Value, json};

/// What anonymous, buyer, staff, finance, manager, owner, an owner elsewhere, admin are answered; in this order.
type Expected = [u16; 8];

const WHO: [&str; 8] = ["anonymous", "buyer", "staff", "finance", "manager", "owner", "stranger", "admin"];

/// For everybody signed in.
const SIGNED_IN: Expected = [401, 200, 200, 200, 200, 200, 200, 200];
/// The same for everybody.
const fn everybody(status: u16) -> Expected {
    [status; 8]
}

struct Case {
    method: &'static str,
    template: &'static str,
    body: Value,
    expected: Expected,
}

/// `{organization_id}` is that of the members; `{user_id}` somebody who is a member of it.
fn cases() -> Vec<Case> {
    let case = |method, template, body, expected| Case { method, template, body, expected };
    vec![
        case("POST", "/auth/register", json!({}), everybody(422)),
        case("POST", "/auth/login", json!({"email": "x", "password": "y"}), everybody(401)),
        case("POST", "/auth/refresh", json!({"refresh_token": "x"}), everybody(401)),
        case("POST", "/auth/logout", json!({"refresh_token": "x"}), everybody(204)),
        case("POST", "/auth/verify-email", json!({"token": "x"}), everybody(422)),
        case("POST", "/auth/forgot-password", json!({"email": "nobody@example.test"}), everybody(202)),
        case(
            "POST",
            "/auth/reset-password",
            json!({"token": "x", "password": "long enough"}),
            everybody(422),
        ),
        case("GET", "/users/me", Value::Null, SIGNED_IN),
        case("PATCH", "/users/me", json!({}), SIGNED_IN),
        case("GET", "/users/me/export", Value::Null, SIGNED_IN),
        case("DELETE", "/users/me", json!({}), [401, 422, 422, 422, 422, 422, 422, 422]),
        case("GET", "/organizations", Value::Null, SIGNED_IN),
        case("POST", "/organizations", json!({"name": "X"}), [401, 201, 201, 201, 201, 201, 201, 201]),
        case(
            "GET",
            "/organizations/{organization_id}/members",
            Value::Null,
            [401, 404, 403, 403, 200, 200, 404, 200],
        ),
        case(
            "POST",
            "/organizations/{organization_id}/members",
            json!({"email": "member@example.test", "role": "staff"}),
            [401, 404, 403, 403, 403, 201, 404, 201],
        ),
        case(
            "DELETE",
            "/organizations/{organization_id}/members",
            Value::Null,
            [401, 422, 422, 422, 422, 422, 422, 422],
        ),
        case(
            "DELETE",
            "/organizations/{organization_id}/members/{user_id}",
            Value::Null,
            [401, 404, 403, 403, 403, 204, 404, 204],
        ),
    ]
}

async fn everyone(server: &TestServer) -> [Actor; 8] {
    let owner = server.organizer("owner").await;
    let organization = owner.organization();
    [
        server.anonymous(),
        server.buyer("buyer").await,
        server.member("staff", organization, Role::Staff).await,
        server.member("finance", organization, Role::Finance).await,
        server.member("manager", organization, Role::Manager).await,
        owner,
        server.organizer("stranger").await,
        server.admin().await,
    ]
}

#[tokio::test]
async fn every_route_for_every_role() {
    let server = TestServer::start().await;
    let everyone = everyone(&server).await;
    let organization = everyone[5].organization();
    let member = server.member("member", organization, Role::Staff).await;
    let mut wrong = Vec::new();
    for Case { method, template, body, expected } in cases() {
        let path = template
            .replace("{organization_id}", &organization.0.to_string())
            .replace("{user_id}", &member.id().to_string());
        for ((actor, who), expected) in everyone.iter().zip(WHO).zip(expected) {
            let now = server.app.now();
            let (id, staff) = (member.account.unwrap(), Role::Staff);
            server.store().organizations().set_member(organization, id, staff, now).await.unwrap();
            let body = Some(body.clone()).filter(|body| !body.is_null());
            let answer = actor.send(method.parse().unwrap(), &path, body).await;
            if answer.status != expected {
                wrong.push(format!("{method} {template} as {who}: {} instead of {expected}", answer.status));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_route_is_missing() {
    let listed = fairseat_server::http::listed();
    let ours = ["/api/v1/auth/", "/api/v1/users/me", "/api/v1/organizations"];
    for (method, template) in listed {
        let is_ours = ours.iter().any(|prefix| template.starts_with(prefix));
        let is_tested = cases()
            .iter()
            .any(|case| case.method == method && format!("/api/v1{}", case.template) == template);
        assert_eq!(is_ours, is_tested, "{method} {template}");
    }
}
