//! No password, link or card detail is written to a file of the data folder.

use crate::common::TestServer;
use crate::common::accounts::links;
use crate::common::test_shop::{CARD_WITHOUT_FUNDS, GOOD_CARD, TestShop};
use serde_json::json;
use std::path::Path;

#[tokio::test]
async fn no_password_or_link_is_written_to_a_file() {
    const PASSWORD: &str = "planted-Passw0rd-7f3a";
    let server = TestServer::start().await;
    let anonymous = server.anonymous().with_key("planted-key");
    let body = json!({"email": "ada@example.org", "username": "Ada", "password": PASSWORD});
    anonymous.post("/auth/register", body).await.expect(201);
    let body = json!({"email": "ada@example.org", "password": PASSWORD});
    let signed_in = anonymous.post("/auth/login", body).await.expect(200).clone();
    let ada = server.anonymous().with_token(signed_in["access_token"].as_str().unwrap());
    let change = json!({"new_password": format!("{PASSWORD}!"), "current_password": PASSWORD});
    ada.patch("/users/me", change).await.expect(200);
    let refresh = signed_in["refresh_token"].as_str().unwrap();
    let (_, link) = links(&server).await.remove(0);
    let mut files = 0;
    visit(server.folder(), &mut |path, bytes| {
        files += 1;
        for secret in [PASSWORD, refresh, &link] {
            let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!found, "{} holds a secret", path.display());
        }
    });
    assert!(files > 5, "{files} files were read");
}

fn visit(folder: &Path, look: &mut impl FnMut(&Path, &[u8])) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { visit(&path, look) } else { look(&path, &std::fs::read(&path).unwrap()) }
    }
}

#[tokio::test]
async fn no_card_detail_is_written_to_a_file() {
    let shop = TestShop::open().await;
    let reservation = shop.reserved(&["Floor A-1"]).await;
    shop.pay(&reservation, CARD_WITHOUT_FUNDS).await.refused(402, "payment_declined");
    shop.pay(&reservation, GOOD_CARD).await.expect(201);
    shop.server.app.engine.stop().await;
    let mut files = 0;
    let mut folders = vec![shop.server.folder().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            for secret in [GOOD_CARD, CARD_WITHOUT_FUNDS, "\"987\"", "12/30"] {
                let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
                assert!(!found, "{secret} in {}", path.display());
            }
            files += 1;
        }
    }
    assert!(files > 3, "{files} files were searched");
}
