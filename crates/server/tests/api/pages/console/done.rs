//! The notice after a form: what was done, said once.

use super::{EVENT, at_work, venue};
use crate::common::TestServer;
use crate::common::browser::{html_of, location_and_done};

#[tokio::test]
async fn every_action_of_the_console_says_what_it_did() {
    let server = TestServer::start().await;
    let (fred, _, organization) = at_work(&server).await;
    let venue = venue(&fred, &organization).await;
    let made = fred.form(&format!("/console/events/new?venue={venue}"), &format!("{EVENT}&name=First")).await;
    let (event, done) = location_and_done(&made);
    assert_eq!(done.as_deref(), Some("draft"));
    let page = html_of(&fred.page(&format!("{event}?done=draft")).await);
    assert!(page.contains("Only your organization sees it until you publish it."), "{page}");
    let members = format!("/console/organizations/{organization}/members");
    for (form, fields, word) in [
        (format!("{event}/edit"), format!("{EVENT}&name=Second"), "saved"),
        (format!("{event}/publish"), String::new(), "published"),
        (members, "add=yes&email=gina%40example.test&role=staff".to_owned(), "invited"),
        (format!("{event}/cancel"), "name=Second".to_owned(), "cancelled"),
    ] {
        let (_, done) = location_and_done(&fred.form(&form, &fields).await);
        assert_eq!(done.as_deref(), Some(word), "{form}");
    }
}

#[tokio::test]
async fn a_link_cannot_make_a_page_say_anything_else() {
    let server = TestServer::start().await;
    let (fred, _, _) = at_work(&server).await;
    for odd in ["Pay+here", "%3Cb%3E", ""] {
        let page = html_of(&fred.page(&format!("/console?done={odd}")).await);
        assert!(!page.contains("notice ok"), "{odd}: {page}");
    }
}
