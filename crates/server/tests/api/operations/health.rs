//! `GET /healthz`.

use crate::common::TestServer;

#[tokio::test]
async fn a_server_answers() {
    let server = TestServer::start().await;
    let anonymous = server.anonymous();
    assert_eq!(anonymous.get("/healthz").await.bytes, b"ok\n");
    anonymous.get("/nowhere").await.refused(404, "not_found");
}
