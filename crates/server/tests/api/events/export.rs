//! `GET /events/{event_id}/orders.csv` and `GET /events/{event_id}/attendees.csv`.

use crate::common::test_shop::TestShop;
use crate::common::until;
use serde_json::json;

async fn table(shop: &TestShop, name: &str) -> Vec<String> {
    let answer = shop.organizer.get(&shop.event.path(name)).await;
    answer.expect(200);
    assert_eq!(answer.header("content-type"), Some("text/csv; charset=utf-8; header=present"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let text = String::from_utf8(answer.bytes).unwrap();
    let text = text.strip_prefix('\u{feff}').expect("a byte order mark");
    text.split_terminator("\r\n").map(str::to_owned).collect()
}

#[tokio::test]
async fn an_export_of_an_event_without_orders_has_only_its_header() {
    let shop = TestShop::open().await;
    assert_eq!(
        table(&shop, "/attendees.csv").await,
        ["ticket_id,status,section,row,seat,price,name,email,order_id"]
    );
    let orders = table(&shop, "/orders.csv").await;
    assert!(orders.len() == 1 && orders[0].starts_with("order_id,status,"), "{orders:?}");
}

#[tokio::test]
async fn an_export_may_be_separated_by_semicolons() {
    let shop = TestShop::open().await;
    let sale = json!({"seat_ids": shop.event.seats(&["Floor A-3"]), "payment": "cash", "name": "x;=HYPERLINK(A1);",
        "note": "a, b"});
    shop.organizer.post(&shop.event.path("/box-office"), sale).await.expect(201);
    let orders = table(&shop, "/orders.csv?separator=semicolon").await;
    assert!(orders[0].starts_with("order_id;status;payment_status;"), "{}", orders[0]);
    assert!(
        orders[1].contains(";box_office;\"x;'=HYPERLINK(A1);\";;a, b;1;Floor A-3;100.00;"),
        "{}",
        orders[1]
    );
    let attendees = table(&shop, "/attendees.csv?separator=semicolon&sep_line=true").await;
    assert_eq!(attendees[..2], ["sep=;", "ticket_id;status;section;row;seat;price;name;email;order_id"]);
    let commas = table(&shop, "/orders.csv?separator=comma").await;
    assert!(commas[1].contains(",box_office,x;'=HYPERLINK(A1);,,\"a, b\",1,"), "{}", commas[1]);
    let wrong = shop.organizer.get(&shop.event.path("/orders.csv?separator=pipe")).await;
    assert_eq!(wrong.invalid_fields(), ["separator"]);
}

#[tokio::test]
async fn an_export_in_the_moment_of_a_sale_has_its_order() {
    let shop = TestShop::open().await;
    for (sold, seat) in ["Floor A-1", "Floor A-2", "Floor A-3"].into_iter().enumerate() {
        shop.bought(&[seat]).await;
        assert_eq!(table(&shop, "/orders.csv").await.len(), sold + 2);
        assert_eq!(table(&shop, "/attendees.csv").await.len(), sold + 2);
        assert_eq!(shop.organizer.get(&shop.event.path("/orders")).await.expect(200)["total"], sold + 1);
    }
}

#[tokio::test]
async fn exported_orders_and_attendees_contain_no_formulas() {
    let shop = TestShop::open().await;
    shop.bought(&["Floor A-1", "Floor A-2"]).await;
    let sale = json!({
        "seat_ids": shop.event.seats(&["Floor A-3"]), "payment": "cash",
        "name": "=HYPERLINK(\"http://evil.test\",\"x\")", "email": "+a@example.test", "note": "a, b",
    });
    shop.organizer.post(&shop.event.path("/box-office"), sale).await.expect(201);
    until("both orders are exported", async || table(&shop, "/orders.csv").await.len() == 3).await;
    let orders = table(&shop, "/orders.csv").await;
    assert!(orders[1].contains(",confirmed,completed,credit_card,online,berta,berta@example.test,,2,Floor A-1; Floor A-2,200.00,0.00,0.00,USD,"), "{}", orders[1]);
    let said = ",cash,box_office,\"'=HYPERLINK(\"\"http://evil.test\"\",\"\"x\"\")\",'+a@example.test,\"a, b\",1,Floor A-3,100.00,";
    assert!(orders[2].contains(said), "{}", orders[2]);
    let attendees = table(&shop, "/attendees.csv").await;
    assert_eq!(attendees.len(), 4);
    assert!(attendees[1].contains(",valid,Floor,A,1,100.00,berta,berta@example.test,"), "{}", attendees[1]);
    shop.buyer.get(&shop.event.path("/orders.csv")).await.refused(404, "not_found");
}
