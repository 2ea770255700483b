//! `/organizations/{organization_id}/members`.

use crate::common::accounts::invitation_token;
use crate::common::{Actor, TestServer, until};
use fairseat_store::organizations::Role;
use serde_json::json;

pub(super) fn members_of(actor: &Actor) -> String {
    format!("/organizations/{}/members", actor.organization().0)
}

#[tokio::test]
async fn owners_manage_members_and_the_last_owner_stays() {
    let server = TestServer::start().await;
    let org = server.organizer("org").await;
    let (bob, eve) = (server.buyer("bob").await, server.buyer("eve").await);
    let members = members_of(&org);
    bob.get(&members).await.refused(404, "not_found");
    let join = async |who: &Actor, email: &str, role: &str| {
        let invited = org.post(&members, json!({"email": email, "role": role})).await.expect(201).clone();
        let accept = format!("/invitations/{}/accept", invitation_token(&server, &invited));
        who.post(&accept, json!({})).await.expect(200).clone()
    };
    assert_eq!(join(&bob, "BOB@example.test", "manager").await["role"], "manager");
    bob.get(&members).await.expect(200);
    let by_email = org.post(&members, json!({"email": "Bob@example.test", "role": "finance"})).await;
    assert_eq!(
        (&by_email.expect(201)["user_id"], &by_email.json["role"]),
        (&json!(bob.id()), &json!("finance"))
    );
    org.post(&members, json!({"user_id": bob.id(), "role": "staff"})).await.expect(201);
    bob.get(&members).await.refused(403, "forbidden");
    org.post(&members, json!({"user_id": org.id(), "role": "staff"})).await.refused(409, "conflict");
    let told = org.delete(&format!("{members}/{}", org.id())).await;
    assert!(told.refused(409, "conflict")["detail"].as_str().unwrap().contains("invite somebody as owner"));
    org.delete(&format!("{members}/{}", eve.id())).await.refused(404, "not_found");
    bob.delete(&format!("{members}/{}", org.id())).await.refused(403, "forbidden");
    bob.delete(&format!("{members}/{}", bob.id())).await.expect(204);
    bob.get(&members).await.refused(404, "not_found");
    join(&eve, "eve@example.test", "owner").await;
    eve.delete(&format!("{members}?user_id={}", org.id())).await.expect(204);
    org.get(&members).await.refused(404, "not_found");
}

#[tokio::test]
async fn every_role_can_leave() {
    let server = TestServer::start().await;
    let org = server.organizer("org").await;
    for role in [Role::Owner, Role::Manager, Role::Finance, Role::Staff] {
        let member = server.member(role.name(), org.organization(), role).await;
        member.delete(&format!("{}/{}", members_of(&org), member.id())).await.expect(204);
    }
    assert_eq!(org.get(&members_of(&org)).await.expect(200)["total"], 1);
}

#[tokio::test]
async fn every_field_of_a_member_is_checked() {
    let server = TestServer::start().await;
    let org = server.organizer("org").await;
    let members = members_of(&org);
    for (body, field) in [
        (json!({"role": "staff"}), "email"),
        (json!({"email": "org@example.test", "user_id": org.id(), "role": "staff"}), "email"),
        (json!({"email": "nobody", "role": "staff"}), "email"),
        (json!({"user_id": "x", "role": "staff"}), "user_id"),
        (json!({"email": "org@example.test"}), "role"),
        (json!({"email": "org@example.test", "role": "king"}), "role"),
    ] {
        assert_eq!(org.post(&members, body.clone()).await.invalid_fields(), [field], "{body}");
    }
    assert_eq!(org.delete(&members).await.invalid_fields(), ["user_id"]);
    org.delete(&format!("{members}/x")).await.refused(404, "not_found");
}

#[tokio::test]
async fn the_id_of_a_stranger_is_answered_like_an_id_that_nobody_has() {
    let server = TestServer::start().await;
    let (org, stranger) = (server.organizer("org").await, server.buyer("stranger").await);
    let ask = async |id: uuid::Uuid| {
        let set = org.post(&members_of(&org), json!({"user_id": id, "role": "owner"})).await;
        let removed = org.delete(&format!("{}/{id}", members_of(&org))).await;
        (set.status, set.json, removed.status, removed.json)
    };
    assert_eq!(ask(stranger.id()).await, ask(uuid::Uuid::nil()).await);
    stranger.get(&members_of(&org)).await.refused(404, "not_found");
}

#[tokio::test]
async fn an_administrator_manages_any_organization_that_exists() {
    let server = TestServer::start().await;
    let (org, admin) = (server.organizer("org").await, server.admin().await);
    admin.get(&members_of(&org)).await.expect(200);
    let invited =
        admin.post(&members_of(&org), json!({"email": "admin@example.test", "role": "finance"})).await;
    let token = invitation_token(&server, invited.expect(201));
    admin.post(&format!("/invitations/{token}/accept"), json!({})).await.expect(200);
    let nowhere = format!("/organizations/{}/members", uuid::Uuid::nil());
    admin.get(&nowhere).await.refused(404, "not_found");
    admin.post(&nowhere, json!({"user_id": admin.id(), "role": "owner"})).await.refused(404, "not_found");
}

#[tokio::test]
async fn a_role_removed_by_another_process_is_noticed() {
    let server = TestServer::start().await;
    let org = server.organizer("org").await;
    let bob = server.member("bob", org.organization(), Role::Manager).await;
    bob.get(&members_of(&org)).await.expect(200);
    // The change goes to the store only, as if another process made it; this server notices it when it reads the role again.
    server.store().organizations().remove_member(org.organization(), bob.account.unwrap()).await.unwrap();
    let is_stranger = async || bob.get(&members_of(&org)).await.status == 404;
    until("the role is read again", is_stranger).await;
}
