//! `/organizations/{organization_id}/members`.

use crate::common::{Actor, TestServer, until};
use fairseat_store::organizations::Role;
use serde_json::json;

fn members_of(actor: &Actor) -> String {
    format!("/organizations/{}/members", actor.organization().0)
}

#[tokio::test]
async fn owners_manage_members_and_the_last_owner_stays() {
    let server = TestServer::start().await;
    let org = server.organizer("org").await;
    let (bob, eve) = (server.buyer("bob").await, server.buyer("eve").await);
    let members = members_of(&org);
    bob.get(&members).await.refused(404, "not_found");
    let added =
        org.post(&members, json!({"email": "BOB@example.test", "role": "manager"})).await.expect(201).clone();
    assert_eq!((&added["user_id"], &added["role"]), (&json!(bob.id()), &json!("manager")));
    bob.get(&members).await.expect(200);
    org.post(&members, json!({"user_id": bob.id(), "role": "staff"})).await.expect(201);
    bob.get(&members).await.refused(403, "forbidden");
    org.post(&members, json!({"user_id": org.id(), "role": "staff"})).await.refused(409, "conflict");
    org.delete(&format!("{members}/{}", org.id())).await.refused(409, "conflict");
    org.delete(&format!("{members}/{}", eve.id())).await.refused(404, "not_found");
    bob.delete(&format!("{members}/{}", org.id())).await.refused(403, "forbidden");
    bob.delete(&format!("{members}/{}", bob.id())).await.expect(204);
    bob.get(&members).await.refused(404, "not_found");
    org.post(&members, json!({"user_id": eve.id(), "role": "owner"})).await.expect(201);
    eve.delete(&format!("{members}?user_id={}", org.id())).await.expect(204);
    org.get(&members).await.refused(404, "not_found");
}

#[tokio::test]
async fn every_field_of_a_member_is_checked() {
    let server = TestServer::start().await;
    let org = server.organizer("org").await;
    let members = members_of(&org);
    for (body, field) in [
        (json!({"role": "staff"}), "email"),
        (json!({"email": "org@example.test", "user_id": org.id(), "role": "staff"}), "email"),
        (json!({"email": "nobody@example.test", "role": "staff"}), "email"),
        (json!({"user_id": uuid::Uuid::nil(), "role": "staff"}), "user_id"),
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
async fn an_administrator_manages_any_organization_that_exists() {
    let server = TestServer::start().await;
    let (org, admin) = (server.organizer("org").await, server.admin().await);
    admin.get(&members_of(&org)).await.expect(200);
    admin.post(&members_of(&org), json!({"user_id": admin.id(), "role": "finance"})).await.expect(201);
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
