//! Backups taken during changes: the journal is copied first, so the other parts may be newer than the journal.

use super::archive::{Part, archive, parts_of};
use super::{backup, restore};
use crate::common::TestServer;
use crate::common::catalogue::make_event;
use crate::common::test_shop::{GOOD_CARD, TestShop, order_body, string_of};
use fairseat_app::catalogue::events::reopen_lost;
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;

/// Restores a backup in which `meanwhile` happened after the journal was copied and before everything else was.
async fn torn(shop: &TestShop, meanwhile: impl Future<Output = ()>) -> TestServer {
    let parent = tempfile::tempdir().unwrap();
    let (before, after) = (parent.path().join("before.tar"), parent.path().join("after.tar"));
    backup(shop.server.folder(), &before).done();
    meanwhile.await;
    backup(shop.server.folder(), &after).done();
    let mut parts = parts_of(&after);
    parts[1] = parts_of(&before).swap_remove(1);
    let line = |(name, bytes): &Part| format!("{} {name}\n", blake3::hash(bytes));
    parts[0].1 = format!("1\n{}", parts[1..].iter().map(line).collect::<String>()).into_bytes();
    fs::write(&after, archive(&parts)).unwrap();
    let restored = tempfile::tempdir().unwrap();
    restore(&after, restored.path()).done();
    TestServer::start_over(restored).await
}

#[tokio::test]
async fn an_event_whose_journal_the_backup_missed_is_opened_again() {
    let shop = TestShop::open().await;
    shop.bought(&["Floor A-1"]).await;
    let mut missed = Vec::new();
    let server = torn(&shop, async {
        for changes in [json!({}), json!({"draft": true})] {
            missed.push(format!("/events/{}", make_event(&shop.organizer, changes).await));
        }
        let renamed = json!({"name": "Another Name"});
        shop.organizer.patch(&missed[0], renamed).await.expect(200);
    })
    .await;
    let shop = shop.moved_to(server);
    let seats = format!("{}/seats", missed[0]);
    shop.buyer.get(&seats).await.refused(404, "not_found");
    assert_eq!(shop.buyer.get("/events").await.expect(200)["total"], 2, "the catalogue still lists it");
    let sold = shop.availability("").await["full"].clone();

    reopen_lost(&shop.server.app).await.unwrap();
    assert_eq!(shop.buyer.get(&missed[0]).await.expect(200)["name"], "Another Name");
    shop.buyer.get(&missed[1]).await.refused(404, "not_found");
    assert_eq!(shop.organizer.get(&missed[1]).await.expect(200)["status"], "draft");
    let seat =
        shop.buyer.get(&seats).await.expect(200)["sections"][0]["rows"][0]["seats"][0]["seat_id"].clone();
    let reserved = shop.buyer.post(&format!("{}/reserve", missed[0]), json!({"seat_ids": [seat]})).await;
    let reservation = string_of(&reserved.expect(201)["reservation_id"]);
    shop.buyer.post("/orders", order_body(&reservation, GOOD_CARD)).await.expect(201);

    reopen_lost(&shop.server.app).await.unwrap();
    shop.buyer
        .post(&format!("{}/reserve", missed[0]), json!({"seat_ids": [seat]}))
        .await
        .refused(409, "seat_unavailable");
    assert_eq!(shop.availability("").await["full"], sold, "an existing sale is not changed");
    shop.server.wait_for_all_views().await;
    shop.server.assert_views_equal_the_journal().await;
}

/// After a restore the consumers read every fact again. Messages that were sent before the backup must not be sent again.
#[tokio::test]
async fn messages_sent_before_a_backup_are_not_sent_after_a_restore() {
    let shop = TestShop::open().await;
    let sent = string_of(&shop.bought(&["Gift A-1"]).await["order_id"]);
    shop.server.wait_for_consumers_of(&shop.event).await;
    let outbox = shop.server.store().outbox();
    let message = outbox.pending(0, 10).await.unwrap().remove(0);
    assert_eq!(message.message.dedupe_key, format!("order_confirmed:{sent}"));
    outbox.end(message.id, shop.server.app.now()).await.unwrap();
    let server = torn(&shop, async {}).await;
    server.wait_for_consumers_of(&shop.event).await;
    assert_eq!(server.store().outbox().pending(0, 10).await.unwrap(), [], "{message:?}");
}

/// A new order gets the number of an order that the backup lost. The message about the lost order must not be sent for the new one.
#[tokio::test]
async fn a_message_about_an_order_the_backup_missed_is_not_sent() {
    let shop = TestShop::open().await;
    let (berta, ned) = (shop.buyer.account.unwrap(), shop.server.buyer("ned").await);
    let kept = string_of(&shop.bought(&["Gift A-1"]).await["order_id"]);
    let mut lost = String::new();
    let server = torn(&shop, async { lost = string_of(&shop.bought(&["Gift A-2"]).await["order_id"]) }).await;
    let ned = TestShop { buyer: ned, ..shop }.moved_to(server);
    let again = string_of(&ned.bought(&["Gift A-3"]).await["order_id"]);
    assert_eq!(again, lost, "the number is used again");
    ned.server.wait_for_consumers_of(&ned.event).await;
    let messages = ned.server.store().outbox().pending(0, 10).await.unwrap();
    let told: BTreeMap<_, _> =
        messages.into_iter().map(|queued| (queued.message.dedupe_key, queued.message.recipient)).collect();
    let ned = ned.buyer.account.unwrap();
    let expected = [(kept, berta), (again, ned)].map(|(order, to)| (format!("order_confirmed:{order}"), to));
    assert_eq!(told, BTreeMap::from(expected));
}
