//! `GET /events/{event_id}/orders.csv` and `GET /events/{event_id}/attendees.csv`.

use crate::common::test_sale::Stage;
use crate::common::until;
use serde_json::json;

async fn table(stage: &Stage, name: &str) -> Vec<String> {
    let answer = stage.organizer.get(&stage.event.path(name)).await;
    answer.expect(200);
    assert_eq!(answer.header("content-type"), Some("text/csv; charset=utf-8; header=present"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let text = String::from_utf8(answer.bytes).unwrap();
    let text = text.strip_prefix('\u{feff}').expect("a byte order mark");
    text.split_terminator("\r\n").map(str::to_owned).collect()
}

#[tokio::test]
async fn an_export_of_an_event_without_orders_has_only_its_header() {
    let stage = Stage::set().await;
    assert_eq!(
        table(&stage, "/attendees.csv").await,
        ["ticket_id,status,section,row,seat,price,name,email,order_id"]
    );
    let orders = table(&stage, "/orders.csv").await;
    assert!(orders.len() == 1 && orders[0].starts_with("order_id,status,"), "{orders:?}");
}

#[tokio::test]
async fn exported_orders_and_attendees_contain_no_formulas() {
    let stage = Stage::set().await;
    stage.bought(&["Floor A-1", "Floor A-2"]).await;
    let sale = json!({
        "seat_ids": stage.event.seats(&["Floor A-3"]), "payment": "cash",
        "name": "=HYPERLINK(\"http://evil.test\",\"x\")", "email": "+a@example.test", "note": "a, b",
    });
    stage.organizer.post(&stage.event.path("/box-office"), sale).await.expect(201);
    until("both orders are exported", async || table(&stage, "/orders.csv").await.len() == 3).await;
    let orders = table(&stage, "/orders.csv").await;
    assert!(orders[1].contains(",confirmed,completed,credit_card,online,berta,berta@example.test,,2,Floor A-1; Floor A-2,200.00,0.00,0.00,USD,"), "{}", orders[1]);
    let said = ",cash,box_office,\"'=HYPERLINK(\"\"http://evil.test\"\",\"\"x\"\")\",'+a@example.test,\"a, b\",1,Floor A-3,100.00,";
    assert!(orders[2].contains(said), "{}", orders[2]);
    let attendees = table(&stage, "/attendees.csv").await;
    assert_eq!(attendees.len(), 4);
    assert!(attendees[1].contains(",valid,Floor,A,1,100.00,berta,berta@example.test,"), "{}", attendees[1]);
    stage.buyer.get(&stage.event.path("/orders.csv")).await.refused(404, "not_found");
}
