//! The account page: changing the e-mail address and the password.

use crate::common::TestServer;
use crate::common::browser::{PASSWORD, html_of, registered};

#[tokio::test]
async fn the_address_is_changed_with_the_password_and_the_page_says_what_happens_next() {
    let server = TestServer::start().await;
    let bob = registered(&server, "bob").await;
    registered(&server, "eve").await;
    let change = async |email: &str, password: &str| {
        let fields = format!("email={email}&current_password={}", password.replace(' ', "+"));
        bob.form("/account/email", &fields).await
    };
    for (email, password, status, said) in [
        ("robert%40example.test", "wrong", 401, "Your current password is wrong."),
        ("eve%40example.test", PASSWORD, 409, ">belongs to another account<"),
        ("robert", PASSWORD, 422, "Please check the highlighted field."),
    ] {
        let refused = change(email, password).await;
        refused.expect(status);
        let page = html_of(&refused);
        assert!(page.contains(said) && page.contains("<details open><summary>Change the e-mail"), "{page}");
        assert!(page.contains(&format!("value=\"{}\"", email.replace("%40", "@"))), "{page}");
    }
    let changed = change("robert%40example.test", PASSWORD).await;
    changed.expect(200);
    let page = html_of(&changed);
    for said in ["We have sent a link to the new address", "robert@example.test", "not confirmed yet"] {
        assert!(page.contains(said), "{said}: {page}");
    }
}

#[tokio::test]
async fn the_password_is_changed_with_the_one_before() {
    let server = TestServer::start().await;
    let bob = registered(&server, "bob").await;
    let change = async |before: &str, new: &str| {
        let fields = format!("current_password={}&new_password={new}", before.replace(' ', "+"));
        bob.form("/account/password", &fields).await
    };
    change("wrong", "another+long+one").await.expect(401);
    let easy = change(PASSWORD, "password1").await;
    easy.expect(422);
    assert!(html_of(&easy).contains("is one of the most common passwords"));
    let changed = change(PASSWORD, "another+long+one").await;
    changed.expect(200);
    assert!(html_of(&changed).contains("Your password is changed."));
    let sign_in = "email=bob%40example.test&password=another+long+one";
    server.anonymous().form("/sign-in", sign_in).await.expect(303);
}
