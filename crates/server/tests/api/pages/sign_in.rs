//! Signing in and out by form.

use crate::common::TestServer;
use crate::common::browser::{PASSWORD, html_of, location, registered};
use fairseat_store::organizations::Role;

#[tokio::test]
async fn signing_in_sets_a_secure_cookie_and_signing_out_removes_it() {
    let server = TestServer::start().await;
    let buyer = registered(&server, "bob").await;
    buyer.page("/account").await.expect(200);
    buyer.get("/users/me").await.expect(200);
    let out = buyer.form("/sign-out", "").await;
    assert!(out.header("set-cookie").unwrap().contains("Max-Age=0"));
    assert_eq!(out.header("clear-site-data"), Some("\"cache\", \"storage\""));
    assert!(location(&buyer.page("/account").await).starts_with("/sign-in"));
    buyer.get("/users/me").await.refused(401, "unauthenticated");

    let nobody = server.anonymous();
    let wrong = nobody.form("/sign-in", "email=bob%40example.test&password=wrong&next=%2Faccount").await;
    assert_eq!((wrong.status.as_u16(), wrong.header("set-cookie")), (401, None));
    let fields = format!("email=bob%40example.test&password={}", PASSWORD.replace(' ', "+"));
    let elsewhere = nobody.form("/sign-in", &format!("{fields}&next=https%3A%2F%2Fevil.test%2F")).await;
    assert_eq!(location(&elsewhere), "/", "nobody is sent to another site");
    let cookie = elsewhere.header("set-cookie").unwrap();
    for attribute in ["__Host-session=", "; Path=/", "; Secure", "; HttpOnly", "; SameSite=Lax"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
}

#[tokio::test]
async fn demo_accounts_are_shown_in_the_demo_only() {
    let plain = TestServer::start().await;
    let demo = TestServer::start_with(|settings| settings.demo = true).await;
    for (server, shown) in [(&plain, false), (&demo, true)] {
        let page = html_of(&server.anonymous().page("/sign-in").await);
        assert_eq!(page.contains("demo-password"), shown);
    }
}

#[tokio::test]
async fn members_land_where_they_work() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    server.event(&organizer).await;
    for (name, role, place) in [
        ("olive", Role::Owner, "/console"),
        ("mark", Role::Manager, "/console"),
        ("fay", Role::Finance, "/console"),
        ("stan", Role::Staff, "/console/box-office"),
    ] {
        let member = registered(&server, name).await;
        server.join(&format!("{name}@example.test"), organizer.organization(), role).await;
        let fields = format!("email={name}%40example.test&password={}", PASSWORD.replace(' ', "+"));
        assert_eq!(location(&server.anonymous().form("/sign-in", &fields).await), place, "{name}");
        member.page(place).await;
    }
    registered(&server, "bert").await;
    let fields = format!("email=bert%40example.test&password={}", PASSWORD.replace(' ', "+"));
    assert_eq!(location(&server.anonymous().form("/sign-in", &fields).await), "/orders");
}
