//! The picture of an event in the console.

use crate::common::browser::{html_of, location, registered};
use crate::common::pictures::png;
use crate::common::{Actor, Answer, TestServer};
use axum::http::Method;
use fairseat_store::organizations::Role;

/// A form with one file, encoded as browsers do it.
async fn upload(actor: &Actor, path: &str, file: &[u8]) -> Answer {
    let head = "--edge\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n";
    let body = [head.as_bytes(), file, b"\r\n--edge--\r\n"].concat();
    let sender = actor.with_header("accept", "text/html");
    sender.send_whole(Method::POST, path, "multipart/form-data; boundary=edge", body).await
}

#[tokio::test]
async fn a_picture_is_uploaded_and_removed_by_form() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = server.event(&organizer).await;
    let fred = registered(&server, "fred").await;
    server.join("fred@example.test", organizer.organization(), Role::Manager).await;
    let picture = format!("/console{}", event.path("/picture"));
    assert!(html_of(&fred.page(&picture).await).contains("The picture drawn for this event"));
    for (file, said) in [
        (&b""[..], "Choose a file first."),
        (b"nothing of the kind", "The picture must be a JPEG, PNG or WebP picture; this one cannot be read."),
        (&vec![0; 11 * 1024 * 1024], "A picture may have at most 10 MiB."),
    ] {
        let page = html_of(&upload(&fred, &picture, file).await);
        assert!(page.contains(said), "{said}: {page}");
    }
    assert_eq!(location(&upload(&fred, &picture, &png(700, 400, [0, 0, 9])).await), picture);
    let page = html_of(&fred.page(&picture).await);
    assert!(page.contains("<img src=\"/api/v1/images/") && page.contains("The event’s picture"), "{page}");
    location(&fred.form(&format!("{picture}/remove"), "").await);
    assert!(html_of(&fred.page(&picture).await).contains("The picture drawn for this event"));
    let stranger = registered(&server, "eve").await;
    assert_eq!(upload(&stranger, &picture, &png(700, 400, [0, 0, 9])).await.status, 403);
}
