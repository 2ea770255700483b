//! `GET /openapi.json`, `GET /docs` and `GET /robots.txt`.

use crate::common::TestServer;
use crate::common::browser::html_of;

#[tokio::test]
async fn the_document_describes_every_route_and_is_revalidated() {
    let server = TestServer::start().await;
    let nobody = server.anonymous();
    let answer = nobody.get("/openapi.json").await;
    let document = answer.expect(200);
    for (method, path) in fairseat_api::listed() {
        let operation = &document["paths"][&path][method.to_lowercase()];
        assert!(operation["summary"].is_string(), "{method} {path} has no summary");
    }
    let known = nobody.with_header("if-none-match", answer.header("etag").unwrap());
    known.get("/openapi.json").await.expect(304);
}

#[tokio::test]
async fn the_page_of_the_api_names_every_route() {
    let server = TestServer::start().await;
    let answer = server.anonymous().get("/docs").await;
    answer.expect(200);
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
    let page = html_of(&answer);
    for (_, path) in fairseat_api::listed() {
        assert!(page.contains(&path), "{path}");
    }
}

#[tokio::test]
async fn crawlers_read_pages_and_no_data() {
    let server = TestServer::start().await;
    let answer = server.anonymous().get("/robots.txt").await;
    answer.expect(200);
    let rules = html_of(&answer);
    for rule in ["Disallow: /api/", "Disallow: /console", "Sitemap: http://fairseat.test/sitemap.xml"] {
        assert!(rules.lines().any(|line| line == rule), "{rule}: {rules}");
    }
}
