//! Organizations and their members in the console.

use super::at_work;
use crate::common::TestServer;
use crate::common::browser::{html_of, location, registered};

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
    let members = format!("/console/organizations/{organization}/members");
    location(&fred.form(&members, "add=yes&email=gina%40example.test&role=manager").await);
    let refused = fred.form(&members, "add=yes&email=Gina%40example.test&role=staff").await;
    refused.expect(409);
    let page = html_of(&refused);
    assert!(page.contains("gina is a member already, as manager. Set another role in the list."), "{page}");
    location(&fred.form(&members, "email=gina%40example.test&role=finance").await);
    let list = fred.get(&format!("/organizations/{organization}/members")).await;
    let gina =
        list.expect(200)["members"].as_array().unwrap().iter().find(|one| one["username"] == "gina").unwrap();
    assert_eq!(gina["role"], "finance");
    let remove = format!("{members}/{}/remove", gina["user_id"].as_str().unwrap());
    assert_eq!(location(&fred.form(&remove, "").await), members);
    assert_eq!(location(&fred.form(&remove, "").await), members, "it is done already");
}
