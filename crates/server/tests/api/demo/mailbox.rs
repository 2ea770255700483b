//! `/api/v1/demo/mailbox`.

use crate::common::TestServer;
use crate::common::browser::html_of;
use crate::common::catalogue::make_event;
use crate::mail::TestMailer;
use serde_json::json;

#[tokio::test]
async fn the_demo_shows_messages_newest_first_and_their_links_work() {
    let server = TestServer::start_with(|settings| settings.demo = true).await;
    let post = TestMailer::of(&server, None);
    let visitor = server.anonymous();
    for name in ["ada", "eve"] {
        let body = json!({"email": format!("{name}@demo.test"), "username": name, "password": "lovelace"});
        visitor.post("/auth/register", body).await.expect(201);
        assert_eq!(post.send_after(1).await, 1);
    }
    let listed = visitor.get("/demo/mailbox?limit=1").await.expect(200).clone();
    assert_eq!((&listed["total"], &listed["limit"], &listed["offset"]), (&json!(2), &json!(1), &json!(0)));
    let message = &listed["messages"][0];
    assert_eq!(
        (&message["to"], &message["subject"]),
        (&json!("eve@demo.test"), &json!("Confirm your e-mail address"))
    );
    assert!(message["html"].as_str().unwrap().starts_with("<!DOCTYPE html>"));
    assert!(message["sent_at"].as_str().unwrap().ends_with('Z'));
    let path = format!("/demo/mailbox/{}", message["message_id"].as_str().unwrap());
    assert_eq!(visitor.get(&path).await.expect(200), message);
    let older = visitor.get("/demo/mailbox?offset=1").await;
    assert_eq!(older.expect(200)["messages"][0]["to"], "ada@demo.test");

    let text = message["text"].as_str().unwrap();
    let (_, token) = text.split_once("http://fairseat.test/verify-email?token=").unwrap();
    let token = token.lines().next().unwrap();
    visitor.post("/auth/verify-email", json!({"token": token})).await.expect(204);
    visitor.get("/demo/mailbox/nothing").await.refused(404, "not_found");
    visitor.get("/demo/mailbox/00000000-0000-0000-0000-000000000000").await.refused(404, "not_found");
    assert_eq!(visitor.get("/demo/mailbox?limit=101").await.invalid_fields(), ["limit"]);
}

#[tokio::test]
async fn the_demo_shows_attachments() {
    let server = TestServer::start_with(|settings| settings.demo = true).await;
    let organizer = server.organizer("ada").await;
    let event = make_event(&organizer, json!({})).await;
    let post = TestMailer::of(&server, None);
    let sale = json!({"best_available": {"quantity": 1}, "payment": "cash", "email": "walter@example.org"});
    let sold = organizer.post(&format!("/events/{event}/box-office"), sale).await;
    let tickets = format!("tickets-{}.pdf", sold.expect(201)["number"].as_str().unwrap());
    assert_eq!(post.send_after(1).await, 1);
    let visitor = server.anonymous();
    let listed = visitor.get("/demo/mailbox?limit=1").await.expect(200)["messages"][0].clone();
    assert_eq!((&listed["to"], &listed["files"]), (&json!("walter@example.org"), &json!([])));
    let path = format!("/demo/mailbox/{}", listed["message_id"].as_str().unwrap());
    assert_eq!(visitor.get(&path).await.expect(200)["files"], json!(["event.ics", tickets]));
    let file = visitor.get(&format!("{path}/files/{tickets}")).await;
    assert!(file.status == 200 && file.bytes.starts_with(b"%PDF-"));
    assert_eq!(file.header("content-type"), Some("application/pdf"));
    let calendar = visitor.get(&format!("{path}/files/event.ics")).await;
    assert_eq!(calendar.header("content-type"), Some("text/calendar; charset=utf-8"));
    visitor.get(&format!("{path}/files/tickets.pdf")).await.refused(404, "not_found");
    let page = html_of(&visitor.page(&path).await);
    assert!(page.contains(&format!("href=\"/api/v1{path}/files/{tickets}\"")), "{page}");
}

#[tokio::test]
async fn the_mailbox_exists_in_the_demo_only() {
    let server = TestServer::start().await;
    for actor in [server.anonymous(), server.admin().await] {
        actor.get("/demo/mailbox").await.refused(404, "not_found");
    }
}
