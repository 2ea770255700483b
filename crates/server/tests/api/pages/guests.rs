//! Buying without an account, in a browser without scripts.

use crate::common::browser::{Browser, PASSWORD, html_of, location, registered};
use crate::common::test_shop::TestShop;

const CARD: &str = "card_number=4242424242424242&expiry=12%2F40&cvv=123";

fn password() -> String {
    PASSWORD.replace(' ', "+")
}

/// Holds seats by their indexes; returns the checkout's address.
async fn hold(shop: &TestShop, browser: &Browser, seats: &str) -> String {
    location(&browser.form(&shop.event.path("/reserve"), seats).await)
}

#[tokio::test]
async fn a_guest_goes_from_the_map_to_the_ticket_on_two_pages() {
    let shop = TestShop::open().await;
    let guest = Browser::new(&shop.server);
    let checkout = hold(&shop, &guest, "seat=1&seat=2").await;
    let page = guest.reads(&checkout).await;
    assert!(page.contains("Where should we send your tickets?") && page.contains("data-expires="), "{page}");
    let without = guest.form(&format!("{checkout}/pay"), &format!("{CARD}&email=&name=")).await;
    assert!(without.status == 422 && html_of(&without).contains("email-wrong"), "{}", html_of(&without));
    let odd = "card_number=1&expiry=12%2F40&cvv=123&email=ada%40example.org&name=Ada";
    let refused = html_of(&guest.form(&format!("{checkout}/pay"), odd).await);
    assert!(refused.contains("value=\"ada@example.org\"") && refused.contains("value=\"Ada\""), "{refused}");

    let paid = guest.form(&format!("{checkout}/pay"), &format!("{CARD}&email=ada%40example.org&name=")).await;
    let order = guest.reads(&location(&paid)).await;
    assert!(order.contains("You’re going!") && order.contains("ada@example.org"), "{order}");
    let all = format!("href=\"/api/v1{}/tickets.pdf\"", location(&paid));
    assert!(order.contains(&all) && order.contains("event.ics"), "{order}");
    assert_eq!(guest.cookie("__Host-cart"), None, "nothing is held any more");
    let ticket = order.split("href=\"/tickets/").nth(1).unwrap().split('"').next().unwrap();
    assert!(guest.reads(&format!("/tickets/{ticket}")).await.contains("data:image/png"));
    let stranger = Browser::new(&shop.server);
    assert_eq!(stranger.page(&location(&paid)).await.status, 303, "others have to sign in");
}

#[tokio::test]
async fn what_is_added_later_joins_the_cart_whichever_way_it_was_chosen() {
    let shop = TestShop::open().await;
    let guest = Browser::new(&shop.server);
    let checkout = hold(&shop, &guest, "seat=1").await;
    let first = guest.cookie("__Host-cart").unwrap();
    assert_eq!(hold(&shop, &guest, "quantity=2").await, checkout);
    assert_eq!(hold(&shop, &guest, "standing=Field&quantity=1").await, checkout);
    let now = guest.cookie("__Host-cart").unwrap();
    let part = |cookie: &str, at: usize| cookie.split('.').nth(at).unwrap().to_owned();
    assert_eq!((part(&first, 2), &*part(&now, 3)), (part(&now, 2), "4"), "one end, four seats: {now}");
}

#[tokio::test]
async fn the_time_is_shown_while_somebody_signs_in_or_registers_or_forgot_the_password() {
    let shop = TestShop::open().await;
    let guest = Browser::new(&shop.server);
    let checkout = hold(&shop, &guest, "seat=1").await;
    for page in ["/sign-in", "/register", "/forgot-password", "/reset-password?token=x"] {
        let page = guest.reads(page).await;
        assert!(
            page.contains("1 seat held for you") && page.contains(&format!("href=\"{checkout}\"")),
            "{page}"
        );
    }
    let nobody = Browser::new(&shop.server);
    assert!(!nobody.reads("/sign-in").await.contains("held for you"));
}

#[tokio::test]
async fn signing_in_at_checkout_keeps_the_seats_and_the_address() {
    let shop = TestShop::open().await;
    registered(&shop.server, "ada").await;
    let guest = Browser::new(&shop.server);
    let checkout = hold(&shop, &guest, "seat=1").await;
    let next = checkout.replace('/', "%2F");
    let detour =
        guest.form("/typed-email", &format!("email=ada%40example.test&next={next}&to=sign-in")).await;
    let sign_in = guest.reads(&location(&detour)).await;
    assert!(sign_in.contains("value=\"ada@example.test\"") && sign_in.contains(&checkout), "{sign_in}");
    let fields = format!("email=ada%40example.test&next={next}&to=forgot-password");
    let detour = guest.form("/typed-email", &fields).await;
    let forgot = guest.reads(&location(&detour)).await;
    assert!(forgot.contains("value=\"ada@example.test\""), "{forgot}");

    let fields = format!("email=ada%40example.test&password={}&next={next}", password());
    let back = location(&guest.form("/sign-in", &fields).await);
    assert_eq!(back, checkout, "the seats are the account's now");
    let page = guest.reads(&back).await;
    assert!(page.contains("send your tickets to ada@example.test") && page.contains("Pay $100.00"), "{page}");
    let order = location(&guest.form(&format!("{checkout}/pay"), CARD).await);
    assert!(guest.reads(&order).await.contains("You’re going!"));
}

#[tokio::test]
async fn a_cart_joins_the_account_s_cart_and_what_is_too_much_is_named() {
    let shop = TestShop::open().await;
    shop.organizer
        .patch(&shop.event.path(""), serde_json::json!({"max_tickets_per_user": 2}))
        .await
        .expect(200);
    let ada = registered(&shop.server, "ada").await;
    let own = location(&ada.form(&shop.event.path("/reserve"), "seat=4").await);
    let guest = Browser::new(&shop.server);
    hold(&shop, &guest, "seat=1&seat=2").await;
    let fields = format!("email=ada%40example.test&password={}", password());
    let back = location(&guest.form("/sign-in", &fields).await);
    assert_eq!(back, format!("{own}?left_out=2"));
    let page = guest.reads(&back).await;
    assert!(page.contains("these are back on sale: Floor · Row A · Seat 3"), "{page}");
}

#[tokio::test]
async fn an_address_that_looks_unfinished_is_asked_about_once() {
    let shop = TestShop::open().await;
    let guest = Browser::new(&shop.server);
    let checkout = hold(&shop, &guest, "seat=1").await;
    let pay = format!("{checkout}/pay");
    let asked = guest.form(&pay, &format!("{CARD}&email=max%40example&name=Max")).await;
    asked.expect(422);
    let page = html_of(&asked);
    assert!(page.contains("Is this address complete?") && page.contains("value=\"Max\""), "{page}");
    assert!(page.contains("name=\"checked_email\" value=\"max@example\""), "{page}");
    let other = format!("{CARD}&email=mia%40example&name=&checked_email=max%40example");
    guest.form(&pay, &other).await.expect(422);
    let meant = format!("{CARD}&email=max%40example&name=Max&checked_email=max%40example");
    let order = location(&guest.form(&pay, &meant).await);
    assert!(guest.reads(&order).await.contains("max@example"));
    let register = guest.reads(&format!("/register?next={order}")).await;
    assert!(
        register
            .contains("name=\"username\" autocomplete=\"nickname\" required maxlength=\"100\" value=\"Max\""),
        "{register}"
    );
}

#[tokio::test]
async fn a_guest_who_registers_at_checkout_keeps_the_seats() {
    let shop = TestShop::open().await;
    let guest = Browser::new(&shop.server);
    let checkout = hold(&shop, &guest, "seat=1").await;
    let next = checkout.replace('/', "%2F");
    let fields = format!("email=ada%40example.test&username=Ada&password={}&next={next}", password());
    assert_eq!(location(&guest.form("/register", &fields).await), checkout);
    let page = guest.reads(&checkout).await;
    assert!(page.contains("send your tickets to ada@example.test"), "{page}");
    assert_eq!(guest.api("/users/me").await.expect(200)["guest"], false);
}

#[tokio::test]
async fn guests_see_what_their_browser_has() {
    let shop = TestShop::open().await;
    let guest = Browser::new(&shop.server);
    hold(&shop, &guest, "seat=1").await;
    assert!(guest.reads("/account").await.contains("You are a guest"));
    assert!(guest.reads("/orders").await.contains("browsing as a guest"));
    location(&guest.form("/sign-out", "").await);
    assert_eq!((guest.cookie("__Host-session"), guest.cookie("__Host-cart")), (None, None));
}
