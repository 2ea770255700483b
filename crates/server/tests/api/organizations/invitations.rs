//! `/organizations/{organization_id}/invitations`, and `/invitations/{token}` of the invited person.

use super::members::members_of;
use crate::common::accounts::{invitation_token, login, register, with_access_token};
use crate::common::browser::{html_of, location, registered};
use crate::common::{Actor, TestServer};
use crate::mail::TestMailer;
use fairseat_store::Page;
use fairseat_store::organizations::Role;
use serde_json::{Value, json};

async fn invited(org: &Actor, email: &str, role: &str) -> Value {
    org.post(&members_of(org), json!({"email": email, "role": role})).await.expect(201).clone()
}

fn invitations_of(actor: &Actor) -> String {
    format!("/organizations/{}/invitations", actor.organization().0)
}

#[tokio::test]
async fn the_answer_says_nothing_that_the_inviter_did_not_type() {
    let server = TestServer::start().await;
    let org = server.organizer("org").await;
    server.buyer("bob").await;
    let shape = |answer: &Value| answer.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let (known, unknown) = (
        invited(&org, "Bob@example.test", "staff").await,
        invited(&org, "nobody@example.test", "staff").await,
    );
    assert_eq!(shape(&known), shape(&unknown));
    assert_eq!((&known["email"], &known["status"]), (&json!("Bob@example.test"), &json!("open")));
    assert_eq!(known.get("user_id").or(known.get("username")), None);
    let listed = org.get(&invitations_of(&org)).await.expect(200).clone();
    assert_eq!((&listed["total"], &listed["invitations"][0]["invited_by"]), (&json!(2), &json!("org")));
    assert_eq!(org.get(&members_of(&org)).await.expect(200)["total"], 1, "nobody is a member yet");
}

#[tokio::test]
async fn only_the_confirmed_owner_of_the_address_accepts() {
    let server = TestServer::start().await;
    let org = server.organizer("org").await;
    let token = invitation_token(&server, &invited(&org, "gina@example.test", "manager").await);
    let shown = server.anonymous().get(&format!("/invitations/{token}")).await.expect(200).clone();
    assert_eq!((&shown["organization_name"], &shown["role"]), (&json!("org's"), &json!("manager")));
    let accept = format!("/invitations/{token}/accept");
    server.anonymous().post(&accept, json!({})).await.refused(401, "unauthenticated");
    server.buyer("eve").await.post(&accept, json!({})).await.refused(403, "other_address");
    org.post(&accept, json!({})).await.refused(403, "other_address");

    register(&server, "Gina@example.test", "lovelace").await;
    let tokens = login(&server, "gina@example.test", "lovelace").await.expect(200).clone();
    let gina = with_access_token(&server, &tokens["access_token"]);
    gina.post(&accept, json!({})).await.refused(403, "email_unverified");
    gina.get(&members_of(&org)).await.refused(404, "not_found");
    let account = server.store().users().by_email("gina@example.test").await.unwrap().unwrap();
    server.store().users().set_verified(account.id, server.app.now()).await.unwrap();
    assert_eq!(
        gina.post(&accept, json!({})).await.expect(200)["organization_id"],
        json!(org.organization().0)
    );
    gina.get(&members_of(&org)).await.expect(200);
    gina.post(&accept, json!({})).await.refused(404, "not_found");
    assert_eq!(org.get(&invitations_of(&org)).await.expect(200)["total"], 0);
}

#[tokio::test]
async fn an_unconfirmed_inviter_is_refused() {
    let server = TestServer::start().await;
    register(&server, "ada@example.org", "lovelace").await;
    let tokens = login(&server, "ada@example.org", "lovelace").await.expect(200).clone();
    let ada = with_access_token(&server, &tokens["access_token"]);
    let founded = ada.post("/organizations", json!({"name": "Visit evil.example"})).await.expect(201).clone();
    let members = format!("/organizations/{}/members", founded["organization_id"].as_str().unwrap());
    let before = server.store().outbox().count().await.unwrap();
    let invitation = json!({"email": "victim@example.test", "role": "owner"});
    ada.post(&members, invitation).await.refused(403, "email_unverified");
    assert_eq!(server.store().outbox().count().await.unwrap(), before);
}

#[tokio::test]
async fn a_declined_or_withdrawn_invitation_is_over() {
    let server = TestServer::start().await;
    let org = server.organizer("org").await;
    let gina = server.buyer("gina").await;
    let invitation = invited(&org, "gina@example.test", "staff").await;
    let path = format!("/invitations/{}", invitation_token(&server, &invitation));
    server.anonymous().post(&format!("{path}/decline"), json!({})).await.expect(204);
    for answer in [
        server.anonymous().post(&format!("{path}/decline"), json!({})).await,
        gina.post(&format!("{path}/accept"), json!({})).await,
        gina.get(&path).await,
    ] {
        answer.refused(404, "not_found");
    }
    let listed = org.get(&invitations_of(&org)).await.expect(200).clone();
    assert_eq!(listed["invitations"][0]["status"], "declined");
    let again = json!({"email": "gina@example.test", "role": "staff"});
    org.post(&members_of(&org), again).await.refused(409, "conflict");
    let withdraw = |invitation: &Value| {
        format!("{}/{}", invitations_of(&org), invitation["invitation_id"].as_str().unwrap())
    };
    org.delete(&withdraw(&invitation)).await.refused(404, "not_found");

    let invitation = invited(&org, "hans@example.test", "staff").await;
    let hans = server.buyer("hans").await;
    let foreign = server.organizer("foreign").await;
    let id = invitation["invitation_id"].as_str().unwrap();
    foreign.delete(&format!("{}/{id}", invitations_of(&foreign))).await.refused(404, "not_found");
    org.delete(&withdraw(&invitation)).await.expect(204);
    let accept = format!("/invitations/{}/accept", invitation_token(&server, &invitation));
    hans.post(&accept, json!({})).await.refused(404, "not_found");
}

#[tokio::test]
async fn an_invitation_ends_with_its_inviters_right() {
    let server = TestServer::start().await;
    let org = server.organizer("org").await;
    let gina = server.buyer("gina").await;
    let mole = server.member("mole", org.organization(), Role::Owner).await;
    let token = invitation_token(&server, &invited(&mole, "gina@example.test", "owner").await);
    org.post(&members_of(&org), json!({"user_id": mole.id(), "role": "manager"})).await.expect(201);
    gina.post(&format!("/invitations/{token}/accept"), json!({})).await.refused(404, "not_found");
    assert_eq!(org.get(&invitations_of(&org)).await.expect(200)["total"], 0);
}

#[tokio::test]
async fn the_letter_leads_to_a_page_that_works_signed_out_and_keeps_the_invitation() {
    let server = TestServer::start_with(|settings| settings.demo = true).await;
    let org = server.organizer("org").await;
    invited(&org, "gina@example.test", "staff").await;
    assert_eq!(TestMailer::of(&server, None).send_after(1).await, 1);
    let letters = server.store().mailbox().list(Page::FIRST).await.unwrap();
    let letter = &letters.rows[0];
    let url =
        letter.text.lines().find_map(|line| line.strip_prefix("http://fairseat.test")).unwrap().to_owned();
    let text = letter.text.replace(&url, "/invitations/TOKEN");
    let (before, after) = text.split_once("The invitation is open until ").unwrap();
    let text = format!("{before}The invitation is open until TIME.{}", after.split_once('.').unwrap().1);
    insta::assert_snapshot!(format!("{} to {}\n\n{}", letter.subject, letter.address, text.replace("-- \n", "--\n").trim_end()), @r"
    You are invited to join org's to gina@example.test

    Hello,

    You are invited to work on events and tickets with org's. Nothing changes unless you accept.

    Organization: org's
    Role:         staff
    Invited by:   org@example.test

    See the invitation:
    http://fairseat.test/invitations/TOKEN

    The invitation is open until TIME. If you don't know the sender, you can ignore this e-mail or decline on that page.

    --
    Fairseat
    http://fairseat.test
    ");

    let visitor = server.anonymous();
    let page = html_of(&visitor.page(&url).await);
    let next = format!("next={}", url.replace('/', "%2F"));
    assert!(
        page.contains(&format!("/sign-in?{next}")) && page.contains(&format!("/register?{next}")),
        "{page}"
    );
    let gina = registered(&server, "gina").await;
    let page = html_of(&gina.page(&url).await);
    assert!(page.contains("follow the link in the message") && !page.contains(">Accept<"), "{page}");
    let account = server.store().users().by_email("gina@example.test").await.unwrap().unwrap();
    server.store().users().set_verified(account.id, server.app.now()).await.unwrap();
    assert!(html_of(&gina.page(&url).await).contains(">Accept<"));
    let eve = registered(&server, "eve").await;
    assert!(
        html_of(&eve.page(&url).await).contains("You are signed in as <strong>eve@example.test</strong>")
    );
    let console = location(&gina.form(&format!("{url}/accept"), "").await);
    assert_eq!(console, format!("/console?organization={}", org.organization().0));
    let over = gina.page(&url).await;
    assert!(
        over.status == 404 && html_of(&over).contains("This invitation link doesn’t work"),
        "{}",
        html_of(&over)
    );
}

#[tokio::test]
async fn an_invitation_is_declined_on_its_page_and_an_organization_left_on_the_account_page() {
    let server = TestServer::start().await;
    let org = server.organizer("org").await;
    let token = invitation_token(&server, &invited(&org, "gina@example.test", "staff").await);
    let declined = server.anonymous().form(&format!("/invitations/{token}/decline"), "").await;
    assert!(declined.status == 200 && html_of(&declined).contains("Declined"), "{}", html_of(&declined));

    let hans = registered(&server, "hans").await;
    server.join("hans@example.test", org.organization(), Role::Staff).await;
    let leave = format!("/account/organizations/{}/leave", org.organization().0);
    assert!(html_of(&hans.page("/account").await).contains(&leave));
    assert!(html_of(&hans.form(&leave, "").await).contains("You have left the organization."));
    assert_eq!(location(&hans.form(&leave, "").await), "/account", "it is done already");
    let fred = registered(&server, "fred").await;
    let founded = location(&fred.form("/console/organizations", "name=Ours").await);
    let own = founded.split_once("organization=").unwrap().1;
    let page = html_of(&fred.form(&format!("/account/organizations/{own}/leave"), "").await);
    assert!(page.contains("You cannot leave yet") && page.contains("invite somebody as owner"), "{page}");
}
