//! `/users/me/sessions` and `/users/{user_id}/sessions`.

use crate::common::TestServer;
use crate::common::accounts::{login, refresh, sign_in, with_access_token};
use crate::common::browser::{html_of, registered};
use crate::common::test_shop::{TestShop, string_of};
use fairseat_domain::time::Millis;
use serde_json::json;

#[tokio::test]
async fn sessions_are_listed_and_ended_one_by_one() {
    let shop = TestShop::open().await;
    let user = shop.server.store().users().by_id(shop.buyer.account.unwrap()).await.unwrap().unwrap();
    let phone = shop.server.signed_in(&user).await;
    let list = phone.get("/users/me/sessions").await.expect(200)["sessions"].clone();
    assert_eq!(list.as_array().unwrap().len(), 2);
    let other = list.as_array().unwrap().iter().find(|session| session["current"] == false).unwrap();
    let path = format!("/users/me/sessions/{}", string_of(&other["session_id"]));
    shop.organizer.delete(&path).await.refused(404, "not_found");
    phone.delete(&path).await.expect(204);
    shop.buyer.get("/users/me").await.refused(401, "unauthenticated");
    phone.delete(&path).await.refused(404, "not_found");
    assert_eq!(phone.get("/users/me/sessions").await.expect(200)["sessions"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn all_other_sessions_are_ended_together() {
    let server = TestServer::start().await;
    let here = sign_in(&server).await;
    let there = login(&server, "ada@example.org", "lovelace").await.expect(200).clone();
    let [here, there] = [&here, &there].map(|tokens| with_access_token(&server, &tokens["access_token"]));
    there.get("/users/me").await.expect(200);
    here.delete("/users/me/sessions").await.expect(204);
    there.get("/users/me").await.refused(401, "unauthenticated");
    here.get("/users/me").await.expect(200);
}

#[tokio::test]
async fn an_administrator_signs_an_account_out_everywhere() {
    let server = TestServer::start().await;
    let (ada, eve, admin) = (server.buyer("ada").await, server.buyer("eve").await, server.admin().await);
    let sessions = format!("/users/{}/sessions", ada.id());
    ada.get("/users/me").await.expect(200);
    eve.delete(&sessions).await.refused(404, "not_found");
    ada.get("/users/me").await.expect(200);
    admin.delete(&sessions).await.expect(204);
    ada.get("/users/me").await.refused(401, "unauthenticated");
    admin.delete(&format!("/users/{}/sessions", uuid::Uuid::nil())).await.refused(404, "not_found");
    eve.delete(&format!("/users/{}/sessions", eve.id())).await.expect(204);
    eve.get("/users/me").await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn a_cookie_gives_no_tokens_and_a_refresh_token_is_no_cookie() {
    let server = TestServer::start().await;
    let browser = registered(&server, "ada").await;
    browser.get("/users/me").await.expect(200);
    let cookie = browser.cookie("__Host-session");
    refresh(&server, &json!(cookie)).await.refused(401, "unauthenticated");
    server.anonymous().post("/auth/logout", json!({"refresh_token": cookie})).await.expect(204);
    with_access_token(&server, &json!(cookie)).get("/users/me").await.refused(401, "unauthenticated");
    browser.get("/users/me").await.expect(200);

    let first = sign_in(&server).await;
    let as_cookie = |token: &serde_json::Value| {
        server.anonymous().with_header("cookie", &format!("__Host-session={}", token.as_str().unwrap()))
    };
    as_cookie(&first["refresh_token"]).get("/users/me").await.refused(401, "unauthenticated");
    let second = refresh(&server, &first["refresh_token"]).await.expect(200).clone();
    let third = refresh(&server, &second["refresh_token"]).await.expect(200).clone();
    with_access_token(&server, &third["access_token"]).get("/users/me").await.expect(200);
    // Its successor was used, so this one was copied.
    as_cookie(&first["refresh_token"]).get("/events").await.expect(200);
    with_access_token(&server, &third["access_token"]).get("/users/me").await.refused(401, "unauthenticated");
    refresh(&server, &third["refresh_token"]).await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn a_browser_that_is_used_stays_signed_in_for_ninety_days_and_an_idle_one_for_thirty() {
    const DAY: i64 = 24 * 3600;
    let server = TestServer::start().await;
    let browser = registered(&server, "ada").await;
    let (cookie, begun) = (browser.cookie("__Host-session"), server.app.now());
    let account = server.store().users().by_email("ada@example.test").await.unwrap().unwrap().id;
    let used = async |seconds| {
        let now = begun.plus(Millis::from_seconds(seconds));
        server.app.access.by_cookie(server.store(), &cookie, now).await.unwrap().is_some()
    };
    assert!(!used(30 * DAY + 60).await, "unused for thirty days");
    for day in [29, 58, 87] {
        assert!(used(day * DAY).await, "day {day}");
        let noted = begun.plus(Millis::from_seconds(day * DAY));
        let sessions = server.store().sessions();
        crate::common::until("the use is stored", async || {
            sessions.list(account, noted).await.unwrap()[0].last_used_at == noted
        })
        .await;
    }
    assert!(used(90 * DAY - 60).await);
    assert!(!used(90 * DAY + 60).await, "at the latest after ninety days");
}

#[tokio::test]
async fn the_account_page_lists_sessions_and_ends_all_others() {
    let server = TestServer::start().await;
    let browser = registered(&server, "ada").await;
    let password = crate::common::browser::PASSWORD;
    let app = login(&server, "ada@example.test", password).await.expect(200).clone();
    let app = with_access_token(&server, &app["access_token"]);
    app.get("/users/me").await.expect(200);
    let page = html_of(&browser.page("/account").await);
    assert!(page.contains("This device") && page.contains("An app"), "{page}");
    let after = browser.form("/account/sign-out-elsewhere", "").await;
    let page = html_of(&after);
    assert!(after.status == 200 && !page.contains("An app"), "{page}");
    app.get("/users/me").await.refused(401, "unauthenticated");
}
