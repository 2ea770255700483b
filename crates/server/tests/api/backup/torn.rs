//! Backups taken while something happened: the journal is copied first, so the rest may be ahead of it.

use super::archive::{Part, archive, parts_of};
use super::{backup, restore};
use crate::common::TestServer;
use crate::common::catalogue::make_event;
use crate::common::test_sale::{GOOD, Stage, order, text};
use fairseat_app::catalogue::events::reopen_lost;
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;

/// A backup of a moment in which `meanwhile` came between the copy of the journal and that of everything else.
async fn torn(stage: &Stage, meanwhile: impl Future<Output = ()>) -> TestServer {
    let parent = tempfile::tempdir().unwrap();
    let (before, after) = (parent.path().join("before.tar"), parent.path().join("after.tar"));
    backup(stage.server.folder(), &before).done();
    meanwhile.await;
    backup(stage.server.folder(), &after).done();
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
    let stage = Stage::set().await;
    stage.bought(&["Floor A-1"]).await;
    let mut missed = Vec::new();
    let server = torn(&stage, async {
        for changes in [json!({}), json!({"draft": true})] {
            missed.push(format!("/events/{}", make_event(&stage.organizer, changes).await));
        }
        let renamed = json!({"name": "Another Name"});
        stage.organizer.patch(&missed[0], renamed).await.expect(200);
    })
    .await;
    let stage = stage.moved_to(server);
    let seats = format!("{}/seats", missed[0]);
    stage.buyer.get(&seats).await.refused(404, "not_found");
    assert_eq!(stage.buyer.get("/events").await.expect(200)["total"], 2, "it can be found meanwhile");
    let sold = stage.availability("").await["full"].clone();

    reopen_lost(&stage.server.app).await.unwrap();
    assert_eq!(stage.buyer.get(&missed[0]).await.expect(200)["name"], "Another Name");
    stage.buyer.get(&missed[1]).await.refused(404, "not_found");
    assert_eq!(stage.organizer.get(&missed[1]).await.expect(200)["status"], "draft");
    let seat =
        stage.buyer.get(&seats).await.expect(200)["sections"][0]["rows"][0]["seats"][0]["seat_id"].clone();
    let reserved = stage.buyer.post(&format!("{}/reserve", missed[0]), json!({"seat_ids": [seat]})).await;
    let reservation = text(&reserved.expect(201)["reservation_id"]);
    stage.buyer.post("/orders", order(&reservation, GOOD)).await.expect(201);

    reopen_lost(&stage.server.app).await.unwrap();
    stage
        .buyer
        .post(&format!("{}/reserve", missed[0]), json!({"seat_ids": [seat]}))
        .await
        .refused(409, "seat_unavailable");
    assert_eq!(stage.availability("").await["full"], sold, "a sale that is there is left alone");
    stage.server.wait_for_all_views().await;
    stage.server.assert_views_equal_the_journal().await;
}

/// What was sent before the backup is not sent once more, though every fact is seen again.
#[tokio::test]
async fn messages_sent_before_a_backup_are_not_sent_after_a_restore() {
    let stage = Stage::set().await;
    let sent = text(&stage.bought(&["Gift A-1"]).await["order_id"]);
    stage.server.wait_for_all_views().await;
    let outbox = stage.server.store().outbox();
    let message = outbox.pending(0, 10).await.unwrap().remove(0);
    assert_eq!(message.message.dedupe_key, format!("order_confirmed:{sent}"));
    outbox.end(message.id, stage.server.app.now()).await.unwrap();
    let server = torn(&stage, async {}).await;
    server.wait_for_all_views().await;
    assert_eq!(server.store().outbox().pending(0, 10).await.unwrap(), [], "{message:?}");
}

/// Numbers are given out again that a lost order had; the message about it must not be taken for the new one's.
#[tokio::test]
async fn a_message_about_an_order_the_backup_missed_is_not_sent() {
    let stage = Stage::set().await;
    let (berta, ned) = (stage.buyer.account.unwrap(), stage.server.buyer("ned").await);
    let kept = text(&stage.bought(&["Gift A-1"]).await["order_id"]);
    let mut lost = String::new();
    let server = torn(&stage, async { lost = text(&stage.bought(&["Gift A-2"]).await["order_id"]) }).await;
    let ned = Stage { buyer: ned, ..stage }.moved_to(server);
    let again = text(&ned.bought(&["Gift A-3"]).await["order_id"]);
    assert_eq!(again, lost, "a number is given out again");
    ned.server.wait_for_all_views().await;
    let messages = ned.server.store().outbox().pending(0, 10).await.unwrap();
    let told: BTreeMap<_, _> =
        messages.into_iter().map(|queued| (queued.message.dedupe_key, queued.message.recipient)).collect();
    let ned = ned.buyer.account.unwrap();
    let expected = [(kept, berta), (again, ned)].map(|(order, to)| (format!("order_confirmed:{order}"), to));
    assert_eq!(told, BTreeMap::from(expected));
}
