//! `POST /webhooks/{provider}`.

use crate::common::test_shop::{CARD_TO_APPROVE, TestShop, string_of};
use axum::http::Method;
use fairseat_domain::time::Millis;
use fairseat_engine::PaymentRef;
use fairseat_payments::sandbox::signature;
use fairseat_payments::{BuyerVerdict, ProviderKind};
use serde_json::json;
use uuid::Uuid;

#[tokio::test]
async fn a_signed_webhook_makes_the_server_ask_the_provider() {
    let shop = TestShop::open().await;
    let reservation = shop.reserved(&["Floor A-1"]).await;
    let pending = shop.pay(&reservation, CARD_TO_APPROVE).await;
    let url = string_of(&pending.expect(202)["next_action"]["url"]);
    let payment: Uuid = url.rsplit('/').next().unwrap().parse().unwrap();
    let order = format!("/orders/{}", string_of(&pending.json["order_id"]));
    let (app, key) =
        (&shop.server.app, shop.server.app.keys.provider(ProviderKind::Sandbox).unwrap().expose());
    let send = async |body: &[u8], header: &str, provider: &str| {
        let sender = shop.server.anonymous().with_header("fairseat-signature", header);
        sender
            .send_bytes(
                Method::POST,
                &format!("/webhooks/{provider}"),
                Some("application/json"),
                body.to_vec(),
            )
            .await
    };
    let body = json!({"payment_id": payment}).to_string().into_bytes();
    let good = signature::sign(&body, key, app.now()).unwrap();
    let old = signature::sign(&body, key, app.now().minus(Millis::from_seconds(301))).unwrap();

    send(&body, &good, "sandbox").await.expect(200);
    assert_eq!(
        shop.buyer.get(&order).await.expect(200)["status"],
        "pending",
        "the provider knows nothing new"
    );
    let reference: PaymentRef = app.ids.open_payment(payment).unwrap();
    let approved = app.provider.answer_for_buyer(reference, BuyerVerdict::Approved).unwrap();
    assert!(approved.await.unwrap());
    for _ in 0..3 {
        assert_eq!(send(&body, &good, "sandbox").await.expect(200), &json!({"received": true}));
    }
    assert_eq!(shop.buyer.get(&order).await.expect(200)["status"], "confirmed");

    for (body, header, provider, status, code) in [
        (body.as_slice(), "", "sandbox", 401, "invalid_signature"),
        (body.as_slice(), old.as_str(), "sandbox", 401, "invalid_signature"),
        (b"{}".as_slice(), good.as_str(), "sandbox", 401, "invalid_signature"),
        (body.as_slice(), good.as_str(), "stripe", 404, "not_found"),
        (body.as_slice(), good.as_str(), "%00", 404, "not_found"),
    ] {
        send(body, header, provider).await.refused(status, code);
    }
    for bad in
        [b"{}".to_vec(), b"not json".to_vec(), json!({"payment_id": Uuid::nil()}).to_string().into_bytes()]
    {
        let signed = signature::sign(&bad, key, app.now()).unwrap();
        send(&bad, &signed, "sandbox").await.refused(422, "invalid");
    }
}
