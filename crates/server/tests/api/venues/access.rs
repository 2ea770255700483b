//! Which members of an organization may read and change its venues.

use crate::common::TestServer;
use crate::common::catalogue::{enter_venue, small_plan, venue_with, with_changes};
use fairseat_store::organizations::Role;
use serde_json::json;

#[tokio::test]
async fn each_role_has_its_rights_and_strangers_see_no_venue() {
    let server = TestServer::start().await;
    let owner = server.organizer("ada").await;
    let id = enter_venue(&owner).await;
    let (path, plan) = (format!("/venues/{id}"), format!("/venues/{id}/seating-plan"));
    let manager = server.member("max", owner.organization(), Role::Manager).await;
    let finance = server.member("fin", owner.organization(), Role::Finance).await;
    let staff = server.staff("sam", &owner).await;
    let (stranger, buyer) = (server.organizer("eve").await, server.buyer("bob").await);
    let (admin, anonymous) = (server.admin().await, server.anonymous());
    // The statuses of: get, get plan, patch, and post for that organization.
    for (who, actor, expected) in [
        ("owner", &owner, [200, 200, 200, 201]),
        ("manager", &manager, [200, 200, 200, 201]),
        ("finance", &finance, [200, 200, 403, 403]),
        ("staff", &staff, [200, 200, 403, 403]),
        ("stranger", &stranger, [404, 404, 404, 404]),
        ("buyer", &buyer, [404, 404, 404, 403]),
        ("admin", &admin, [200, 200, 200, 201]),
        ("anonymous", &anonymous, [401, 401, 401, 401]),
    ] {
        let organization = owner.organization().0.to_string();
        let new = with_changes(&venue_with(small_plan()), json!({"organization_id": organization}));
        let got = [
            actor.get(&path).await.status,
            actor.get(&plan).await.status,
            actor.patch(&path, json!({"name": "Same"})).await.status,
            actor.post("/venues", new).await.status,
        ];
        assert_eq!(got.map(|status| status.as_u16()), expected, "{who}");
    }
    assert_eq!(admin.post("/venues", venue_with(small_plan())).await.invalid_fields(), ["organization_id"]);
    assert_eq!(stranger.get("/venues").await.expect(200)["total"], 0);
    assert_eq!(staff.get("/venues").await.expect(200)["total"], 4);
}
