//! No page runs inline scripts, and forms of other sites are refused.

use crate::common::TestServer;
use crate::common::browser::{html_of, registered};

#[tokio::test]
async fn pages_run_no_inline_scripts() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = server.event(&organizer).await;
    let visitor = registered(&server, "bob").await;
    for path in [
        "/",
        "/sign-in",
        "/register",
        "/forgot-password",
        "/account",
        "/nothing-here",
        &event.path(""),
        &event.path("/seats"),
    ] {
        let answer = visitor.page(path).await;
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"), "{path}: {policy}");
        let page = html_of(&answer);
        for script in page.split("<script").skip(1) {
            let tag = script.split('>').next().unwrap();
            assert!(
                tag.contains("src=\"/assets/") || tag.contains("application/ld+json"),
                "{path}: <script{tag}>"
            );
        }
        for forbidden in [" style=\"", " onclick=", " onload=", "javascript:"] {
            assert!(!page.contains(forbidden), "{path} has {forbidden}");
        }
    }
}

#[tokio::test]
async fn forms_of_other_sites_are_refused() {
    let server = TestServer::start().await;
    let buyer = registered(&server, "bob").await;
    for (name, value) in
        [("sec-fetch-site", "cross-site"), ("origin", "https://evil.test"), ("sec-fetch-site", "same-site")]
    {
        for who in [&buyer, &server.anonymous()] {
            let answer =
                who.with_header("host", "fairseat.test").with_header(name, value).form("/sign-out", "").await;
            assert_eq!(answer.status, 403, "{name}: {value}");
        }
    }
    let ours = buyer.with_header("host", "fairseat.test").with_header("origin", "http://fairseat.test");
    ours.form("/sign-out", "").await.expect(303);
}
