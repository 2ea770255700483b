//! What stays of a person after `DELETE /users/me`: no byte of their name, address, number or password in any file of the data folder.

use crate::common::test_shop::{GOOD_CARD, TestShop, order_body, string_of};
use crate::common::until;
use fairseat_domain::ids::AccountId;
use fairseat_store::organizations::Role;
use serde_json::json;
use std::path::Path;

const NAME: &str = "Zephyrine Quillfeather";
const SECOND_NAME: &str = "Zephyrine Marmalade";
const EMAIL: &str = "zephyrine.quillfeather@canary.example";
const SECOND_EMAIL: &str = "marmalade@canary.example";
const PHONE: &str = "+44 20 7946 0999";
const PASSWORD: &str = "seventeen purple canaries";

/// Every text in the forms in which the program keeps it: as entered, and folded for search.
fn canaries() -> Vec<String> {
    let texts = [NAME, SECOND_NAME, EMAIL, SECOND_EMAIL, PHONE, "Quillfeather", "Marmalade"];
    texts.iter().flat_map(|text| [(*text).to_owned(), text.to_lowercase()]).collect()
}

/// The files that contain one of the texts.
fn found(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(self::found(&path));
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        for text in canaries() {
            if bytes.windows(text.len()).any(|part| part == text.as_bytes()) {
                found.push(format!("{text} in {}", path.display()));
            }
        }
    }
    found
}

#[tokio::test]
async fn no_file_contains_the_name_or_the_address_of_a_deleted_account() {
    let shop = TestShop::open().await;
    let keyed = |key: &str| shop.server.anonymous().with_key(key);
    let registration = json!({"email": EMAIL, "username": NAME, "password": PASSWORD, "phone_number": PHONE});
    let registered = keyed("register").post("/auth/register", registration).await.expect(201).clone();
    let login = json!({"email": EMAIL, "password": PASSWORD});
    let signed_in = shop.server.anonymous().post("/auth/login", login).await.expect(200).clone();
    let person =
        shop.server.anonymous().with_token(&string_of(&signed_in["access_token"])).with_key("person");
    // An order, a membership, letters, another name and address.
    let reservation = shop.reserve(&person, &["Floor A-1", "Floor A-2"]).await.expect(201).clone();
    let order = order_body(&string_of(&reservation["reservation_id"]), GOOD_CARD);
    person.post("/orders", order).await.expect(201);
    let id = AccountId(string_of(&registered["user_id"]).parse::<uuid::Uuid>().unwrap().as_u128());
    let organizations = shop.server.store().organizations();
    organizations
        .set_member(shop.organizer.organization(), id, Role::Staff, shop.server.app.now())
        .await
        .unwrap();
    let renamed = json!({"username": SECOND_NAME, "email": SECOND_EMAIL, "current_password": PASSWORD});
    person.patch("/users/me", renamed).await.expect(200);
    shop.server.wait_for_view_of(&shop.event).await;
    shop.server.wait_for_consumers_of(&shop.event).await;
    assert!(!found(shop.server.folder()).is_empty(), "the search finds what is there");

    let farewell = json!({"password": PASSWORD});
    person.send("DELETE".parse().unwrap(), "/users/me", Some(farewell)).await.expect(204);
    until("every trace is gone", async || found(shop.server.folder()).is_empty()).await;
    // What was moved out of the log must be clean as well, and what is written at the end.
    let shop = shop.restart().await;
    assert_eq!(found(shop.server.folder()), Vec::<String>::new());
    shop.server.assert_views_equal_the_journal().await;
    let trail = shop.server.store().audit().verify(None).await.unwrap();
    assert_eq!(trail.faults, Vec::<String>::new());
}
