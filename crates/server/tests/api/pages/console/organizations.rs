//! Organizations and their members in the console.

use super::at_work;
use crate::common::TestServer;
use crate::common::browser::{html_of, location, registered};
use fairseat_store::OrganizationId;
use fairseat_store::organizations::Role;
use serde_json::Value;

#[tokio::test]
async fn an_organization_needs_a_name() {
    let server = TestServer::start().await;
    let fred = registered(&server, "fred").await;
    let refused = fred.form("/console/organizations", "name=+").await;
    refused.expect(422);
    assert!(html_of(&refused).contains("Create an organization"), "{}", html_of(&refused));
    assert!(
        location(&fred.form("/console/organizations", "name=Ours").await)
            .starts_with("/console?organization=")
    );
    for list in ["/console?page=9", "/console/venues?page=9", "/console?status=nonsense"] {
        assert!(matches!(fred.page(list).await.status.as_u16(), 200 | 303), "{list}");
    }
}

#[tokio::test]
async fn adding_an_existing_member_keeps_the_old_role() {
    let server = TestServer::start().await;
    let (fred, _, organization) = at_work(&server).await;
    registered(&server, "gina").await;
    server.join("gina@example.test", OrganizationId(organization.parse().unwrap()), Role::Manager).await;
    let members = format!("/console/organizations/{organization}/members");
    let refused = fred.form(&members, "add=yes&email=Gina%40example.test&role=staff").await;
    refused.expect(409);
    let page = html_of(&refused);
    assert!(page.contains("gina is a member already, as manager. Set another role in the list."), "{page}");
    let list = async || fred.get(&format!("/organizations/{organization}/members")).await.expect(200).clone();
    let is_gina = |one: &&Value| one["username"] == "gina";
    let gina = list().await["members"].as_array().unwrap().iter().find(is_gina).unwrap()["user_id"].clone();
    let change = format!("user_id={}&role=finance", gina.as_str().unwrap());
    location(&fred.form(&members, &change).await);
    let list = list().await;
    let gina = list["members"].as_array().unwrap().iter().find(is_gina).unwrap();
    assert_eq!(gina["role"], "finance");
    let remove = format!("{members}/{}/remove", gina["user_id"].as_str().unwrap());
    assert_eq!(location(&fred.form(&remove, "").await), members);
    assert_eq!(location(&fred.form(&remove, "").await), members, "it is done already");
}

#[tokio::test]
async fn somebody_is_invited_again_and_the_invitation_is_withdrawn() {
    let server = TestServer::start().await;
    let (fred, _, organization) = at_work(&server).await;
    let members = format!("/console/organizations/{organization}/members");
    assert_eq!(location(&fred.form(&members, "add=yes&email=gina%40example.test&role=staff").await), members);
    let page = html_of(&fred.page(&members).await);
    assert!(page.contains("gina@example.test") && page.contains("invited by fred"), "{page}");
    location(&fred.form(&members, "email=gina%40example.test&role=staff").await);
    let list = fred.get(&format!("/organizations/{organization}/invitations")).await.expect(200).clone();
    assert_eq!(list["total"], 1, "the same invitation was sent again");
    let id = list["invitations"][0]["invitation_id"].as_str().unwrap();
    let withdraw = format!("/console/organizations/{organization}/invitations/{id}/withdraw");
    for _ in 0..2 {
        assert_eq!(location(&fred.form(&withdraw, "").await), members, "the second time it is done already");
    }
    assert!(!html_of(&fred.page(&members).await).contains("gina@example.test"));
}

#[tokio::test]
async fn members_see_the_limits_and_an_administrator_changes_them() {
    let server = TestServer::start().await;
    let (fred, _, organization) = at_work(&server).await;
    let boss = registered(&server, "boss").await;
    let found = server.store().users().by_email("boss@example.test").await.unwrap().unwrap();
    server.store().users().set_admin(found.id, true, server.app.now()).await.unwrap();
    server.app.access.access_changed(found.id);
    let page = format!("/console/organizations/{organization}/quota");
    let shown = html_of(&fred.page(&page).await);
    assert!(shown.contains("Drafts of events") && !shown.contains("Change them"), "{shown}");
    assert!(html_of(&boss.page(&page).await).contains("Change them"));
    let form = "draft_events=7&published_events=6&seats=1000&venues=8&pictures=9";
    assert_eq!(fred.form(&page, form).await.status, 403);
    assert_eq!(location(&boss.form(&page, form).await), page);
    let quota = async || fred.get(&format!("/organizations/{organization}/quota")).await.expect(200).clone();
    assert_eq!(quota().await["limits"]["venues"], 8);
    let wrong =
        boss.form(&page, "draft_events=seven&published_events=6&seats=1000&venues=8&pictures=9").await;
    assert_eq!(wrong.status, 422);
    assert_eq!(location(&boss.form(&page, "usual=yes").await), page);
    assert_eq!(quota().await["set_by_administrator"], false);
}
