//! `GET /healthz` and `GET /readyz`.

use crate::common::TestServer;

#[tokio::test]
async fn the_health_check_answers_and_unknown_paths_do_not() {
    let server = TestServer::start().await;
    let anonymous = server.anonymous();
    assert_eq!(anonymous.get("/healthz").await.bytes, b"ok\n");
    anonymous.get("/nowhere").await.refused(404, "not_found");
}

#[tokio::test]
async fn a_started_server_is_ready() {
    let server = TestServer::start().await;
    assert_eq!(server.anonymous().get("/readyz").await.bytes, b"ready\n");
}
