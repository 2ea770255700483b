//! The pages as browsers ask for them: who may keep them, what they never show, and the way from a seat to a ticket without a script.

use crate::common::{Actor, Answer, TestServer};
use fairseat_domain::money::BasisPoints;
use fairseat_edge::limits::Limits;
use serde_json::json;

const PASSWORD: &str = "correct horse battery";

pub(crate) fn text(answer: &Answer) -> String {
    String::from_utf8_lossy(&answer.bytes).into_owned()
}

/// The same person with the cookie that an answer set.
fn with_cookie_of(actor: &Actor, answer: &Answer) -> Actor {
    let cookie = answer.header("set-cookie").unwrap();
    actor.with_header("cookie", cookie.split(';').next().unwrap())
}

/// Somebody who made an account on the page, and is signed in by cookie.
pub(crate) async fn registered(server: &TestServer, name: &str) -> Actor {
    let nobody = server.anonymous();
    let fields =
        format!("email={name}%40example.test&username={name}&password={}", PASSWORD.replace(' ', "+"));
    let answer = nobody.form("/register", &fields).await;
    answer.expect(303);
    with_cookie_of(&nobody, &answer)
}

pub(crate) fn location(answer: &Answer) -> String {
    answer.expect(303);
    answer.header("location").unwrap().to_owned()
}

#[tokio::test]
async fn public_pages_are_the_same_for_everybody() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = server.event(&organizer).await;
    let visitor = registered(&server, "bob").await;
    for path in [
        "/".to_owned(),
        "/events".to_owned(),
        "/events?q=nothing+like+it".to_owned(),
        event.path(""),
        event.path("/seats"),
    ] {
        let (nobody, somebody) = (server.anonymous().page(&path).await, visitor.page(&path).await);
        nobody.expect(200);
        assert_eq!(text(&nobody), text(&somebody), "{path}");
        assert_eq!((nobody.header("set-cookie"), somebody.header("set-cookie")), (None, None), "{path}");
        let vary = nobody.header("vary").unwrap_or("accept-encoding");
        assert_eq!(vary, "accept-encoding", "{path}");
    }
}

#[tokio::test]
async fn no_page_runs_what_it_did_not_bring_in_a_file() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = server.event(&organizer).await;
    let visitor = registered(&server, "bob").await;
    for path in [
        "/",
        "/sign-in",
        "/register",
        "/forgot-password",
        "/account",
        "/nothing-here",
        &event.path(""),
        &event.path("/seats"),
    ] {
        let answer = visitor.page(path).await;
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"), "{path}: {policy}");
        let page = text(&answer);
        for script in page.split("<script").skip(1) {
            let tag = script.split('>').next().unwrap();
            assert!(
                tag.contains("src=\"/assets/") || tag.contains("application/ld+json"),
                "{path}: <script{tag}>"
            );
        }
        for forbidden in [" style=\"", " onclick=", " onload=", "javascript:"] {
            assert!(!page.contains(forbidden), "{path} has {forbidden}");
        }
    }
}

#[tokio::test]
async fn an_events_page_is_right_after_a_change() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = server.event(&organizer).await;
    let visitor = server.anonymous();
    let before = visitor.page(&event.path("")).await;
    let tag = before.header("etag").unwrap().to_owned();
    let again = visitor.with_header("if-none-match", &tag).page(&event.path("")).await;
    again.expect(304);

    organizer.patch(&event.path(""), json!({"name": "Another Name"})).await.expect(200);
    let renamed = visitor.with_header("if-none-match", &tag).page(&event.path("")).await;
    renamed.expect(200);
    assert!(text(&renamed).contains("<h1>Another Name</h1>"));

    let later = json!({"start_time": "2099-06-01T20:00:00Z", "end_time": "2099-06-01T23:00:00Z"});
    organizer.patch(&event.path(""), later).await.expect(200);
    let moved = text(&visitor.page(&event.path("")).await);
    assert!(moved.contains("This event was moved: from") && moved.contains("schema.org/EventRescheduled"));

    let buyer = server.buyer("bob").await;
    buyer.post(&event.path("/reserve"), json!({"seat_ids": [event.seat("Floor A-1")]})).await.expect(201);
    let sold = text(&visitor.page(&event.path("")).await);
    assert_ne!(sold, moved, "one seat fewer is left");
}

#[tokio::test]
async fn an_events_page_says_what_giving_back_brings() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = server.event(&organizer).await;
    for (per_order, percent, fees, hours, expected) in [
        (0, 100, false, 0, "Full refund until it starts."),
        (0, 50, false, 48, "50 % of the price back until 48 hours before it starts."),
        (2, 100, true, 0, "Full refund until it starts."),
        (2, 100, false, 0, "100 % of the price, not the fees, back until it starts."),
        (2, 50, true, 0, "50 % of the price and the fees back until it starts."),
        (2, 0, true, 0, "Tickets cannot be refunded."),
    ] {
        let policy = json!({"percent": percent, "fees": fees, "until_hours_before_start": hours});
        let terms = json!({"fees": {"per_order": per_order}, "refund_policy": policy});
        organizer.patch(&event.path(""), terms).await.expect(200);
        let page = text(&server.anonymous().page(&event.path("")).await);
        assert!(page.contains(expected), "{expected}: {page}");
    }
}

/// Most are answered before the router, which nobody may notice.
#[tokio::test]
async fn a_page_that_is_kept_passes_what_every_request_passes() {
    let server = TestServer::start_with(|settings| settings.limits = Limits::On).await;
    let organizer = server.organizer("ada").await;
    let event = server.event(&organizer).await;
    let (near, far) = (server.anonymous(), server.anonymous().at([192, 0, 2, 2]));
    let page = event.path("");
    let (made, kept) = (near.page(&page).await, near.page(&page).await);
    assert_eq!(text(&made), text(&kept));
    // Anybody may keep it and hand it on, so it names no request. How long it is the listener says by itself, where the router
    // has not.
    let names = |answer: &Answer| {
        let mut names: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
        names.retain(|name| name != "content-length");
        names.sort();
        names
    };
    assert_eq!(names(&made), names(&kept));
    assert!(
        !names(&kept).iter().any(|name| matches!(&**name, "x-request-id" | "traceparent")),
        "{:?}",
        names(&kept)
    );
    let metrics = text(&far.page("/metrics").await);
    let counted = r#"duration_seconds_count{method="GET",route="/events/{event_id}",status="2xx"} 2"#;
    assert!(metrics.contains(counted), "{metrics}");

    let mut answer = near.page(&page).await;
    for _ in 0..20_000 {
        if answer.status == 200 {
            answer = near.page(&page).await;
        }
    }
    answer.refused(429, "rate_limited");
    far.page(&page).await.expect(200);
}

#[tokio::test]
async fn a_poster_is_drawn_for_ids_and_for_nothing_else() {
    let server = TestServer::start().await;
    let visitor = server.anonymous();
    let id = "0190d7a2-1111-8222-8333-444455556666";
    let drawn = visitor.page(&format!("/posters/concert/{id}.png")).await;
    assert_eq!(drawn.header("content-type"), Some("image/png"));
    assert_eq!(visitor.page(&format!("/posters/concert/{id}.png")).await.bytes, drawn.bytes, "kept or not");
    let other = visitor.page("/posters/concert/0190d7a2-1111-8222-8333-444455556667.png").await;
    assert_ne!(other.bytes, drawn.bytes);
    for nothing in [
        "concert/x.png".to_owned(),
        format!("concert/{id}.gif"),
        format!("concert/{id}"),
        format!("{}/{id}.png", "k".repeat(21)),
    ] {
        visitor.page(&format!("/posters/{nothing}")).await.expect(404);
    }
}

#[tokio::test]
async fn organizers_text_cannot_become_markup() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = server.event(&organizer).await;
    let hostile = "</script><script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1))";
    let change = json!({"name": "<b>Loud</b>", "description": hostile});
    organizer.patch(&event.path(""), change).await.expect(200);
    let page = text(&server.anonymous().page(&event.path("")).await);
    for markup in ["<script>alert", "<img src=x", "href=\"javascript", "<b>Loud"] {
        assert!(!page.contains(markup), "{markup}");
    }
    assert!(
        page.contains("&#60;b&#62;Loud") || page.contains("&lt;b&gt;Loud"),
        "the name is shown as it was written"
    );
}

#[tokio::test]
async fn bought_without_a_script() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = server.event(&organizer).await;
    let nobody = server.anonymous();
    let list = text(&nobody.page(&event.path("/seats?section=Floor&row=A")).await);
    assert!(list.contains("Row A, seat 2"), "seats are listed");

    let asked = nobody.form(&event.path("/reserve"), "seat=1&seat=2").await;
    let sign_in = location(&asked);
    assert!(sign_in.starts_with("/sign-in?next="), "{sign_in}");

    let buyer = registered(&server, "bob").await;
    let held = location(&buyer.form(&event.path("/reserve"), "seat=1&seat=2").await);
    let checkout = text(&buyer.page(&held).await);
    assert!(checkout.contains("Floor A-2") && checkout.contains("Pay $200.00"), "{checkout}");

    let card = |number: &str| format!("card_number={number}&expiry=12%2F40&cvv=123");
    let unreadable = buyer.form(&format!("{held}/pay"), "card_number=1234&expiry=13%2F20&cvv=1").await;
    assert_eq!(unreadable.status, 422);
    for field in ["card_number", "expiry", "cvv"] {
        assert!(
            text(&unreadable).contains(&format!("id=\"{field}-wrong\"")),
            "{field} says what is wrong with it"
        );
    }
    // A page of its own says so: to load it again pays nothing.
    let declined = location(&buyer.form(&format!("{held}/pay"), &card("4000000000000002")).await);
    assert_eq!(declined, format!("{held}?declined=declined"));
    let page = text(&buyer.page(&declined).await);
    assert!(page.contains("Your card was declined. Your seats are still held"), "{page}");
    let tried = buyer.get(&held).await;
    let tried = tried.expect(200);
    let failed = text(&buyer.page(&format!("/orders/{}", tried["order_id"].as_str().unwrap())).await);
    assert!(
        failed.contains("The payment failed") && failed.contains(&format!("href=\"{held}\"")),
        "{failed}"
    );
    assert_eq!(location(&buyer.page(&format!("{held}/pay")).await), held, "where only forms go");
    let order = location(&buyer.form(&format!("{held}/pay"), &card("4242+4242+4242+4242")).await);
    let page = text(&buyer.page(&order).await);
    let ticket = page.split("href=\"/tickets/").nth(1).unwrap().split('"').next().unwrap();
    let ticket = text(&buyer.page(&format!("/tickets/{ticket}")).await);
    assert!(ticket.contains("data:image/png;base64,") && ticket.contains("Floor A-"));
    assert_eq!(location(&buyer.page(&held).await), order, "the way back leads to the order");
    assert_eq!(nobody.page(&order).await.status, 303, "others have to say who they are");
    assert_eq!(
        registered(&server, "eve").await.page(&order).await.status,
        404,
        "and see nothing that is not theirs"
    );

    let back = buyer.form(&format!("{order}/cancel"), "").await;
    assert_eq!(location(&back), order);
    let page = text(&buyer.page(&order).await);
    assert!(
        page.contains("given back") && page.contains("data-drop") && !page.contains("data-keep"),
        "{page}"
    );
    assert!(!page.contains("Show ticket") && !page.contains("data-kept"), "{page}");
    let void = page.split("href=\"/tickets/").nth(1).unwrap().split('"').next().unwrap();
    let void = text(&buyer.page(&format!("/tickets/{void}")).await);
    assert!(void.contains("no longer valid for entry") && !void.contains("Show this at the door"), "{void}");
}

/// Who may refund others could give themselves all of it: the page gives back what it said.
#[tokio::test]
async fn members_give_their_own_orders_back_as_everybody_does() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = server.event_with(&organizer, |terms| terms.refund_policy.share = BasisPoints(5_000)).await;
    let fred = registered(&server, "fred").await;
    let members = format!("/organizations/{}/members", organizer.organization().0);
    let fred_too = json!({"email": "fred@example.test", "role": "owner"});
    organizer.post(&members, fred_too).await.expect(201);

    let held = location(&fred.form(&event.path("/reserve"), "seat=1").await);
    let card = "card_number=4242424242424242&expiry=12%2F40&cvv=123";
    let order = location(&fred.form(&format!("{held}/pay"), card).await);
    let page = text(&fred.page(&order).await);
    assert!(page.contains("You get <strong class=\"figure\">$50.00</strong> back"), "{page}");
    location(&fred.form(&format!("{order}/cancel"), "").await);
    let page = text(&fred.page(&order).await);
    assert!(page.contains("Paid back") && page.contains("$50.00</span></p>"), "{page}");

    let sold = json!({"seat_indexes": [2], "payment": "cash"});
    let sold = fred.post(&event.path("/box-office"), sold).await;
    let order = sold.expect(201)["order_id"].as_str().unwrap();
    let page = text(&fred.page(&format!("/orders/{order}")).await);
    assert!(!page.contains("/cancel") && !page.contains("nothing is paid back"), "{page}");
}

#[tokio::test]
async fn pages_say_no_as_pages() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = server.event(&organizer).await;
    let nobody = server.anonymous();
    for (path, status) in [("/events?page=abc", 400), ("/sign-out", 405), ("/posters/x", 404)] {
        let page = nobody.page(path).await;
        page.expect(status);
        assert!(page.header("content-type").unwrap().starts_with("text/html"), "{path}");
    }
    let leaving = nobody.with_header("host", "shop.test");
    for (from, expected) in [
        ("http://shop.test/reservations/1?x=2", "%2Freservations%2F1%3Fx%3D2"),
        ("https://elsewhere.test/x", "%2Forders%2F1%2Fcancel"),
        ("nonsense", "%2Forders%2F1%2Fcancel"),
    ] {
        let sent = leaving.with_header("referer", from).form("/orders/1/cancel", "").await;
        assert_eq!(location(&sent), format!("/sign-in?next={expected}"), "{from}");
    }
    let bob = registered(&server, "bob").await;
    for page in ["edit", "cancel", "delete", "clone", "plan", "seats", "box-office"] {
        let console = format!("/console/events/{}/{page}", event.path("").rsplit('/').next().unwrap());
        bob.page(&console).await.expect(403);
    }
}

#[tokio::test]
async fn lists_say_what_is_asked_for_and_where_they_end() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = server.event(&organizer).await;
    let bob = registered(&server, "bob").await;
    let page = text(&bob.page("/events?page=3").await);
    assert!(
        page.contains("There are no more") && page.contains("<a href=\"/events\">Go to the last one"),
        "{page}"
    );
    let page = text(&bob.page("/events?category=opera").await);
    assert!(page.contains("<option value=\"opera\" selected>Opera</option>"), "{page}");
    bob.form(&event.path("/reserve"), "seat=1").await.expect(303);
    assert_eq!(location(&bob.page("/orders?page=2").await), "/orders?page=0");
}

#[tokio::test]
async fn seats_are_named_before_they_are_held() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = server.event(&organizer).await;
    let nobody = server.anonymous();
    for (indexes, status, named) in [
        ("2,0", 200, 2),
        ("0,0", 200, 1),
        ("99999", 200, 0),
        ("x", 422, 0),
        ("", 422, 0),
        (&"1,".repeat(101), 422, 0),
    ] {
        let answer = nobody.get(&event.path(&format!("/seats?indexes={indexes}"))).await;
        assert_eq!(answer.status, status, "{indexes}");
        assert_eq!(text(&answer).matches("\"seat_id\"").count(), named, "{indexes}");
    }
    let bob = registered(&server, "bob").await;
    let confirm = event.path("/reserve?seat=1&seat=2");
    let page = text(&nobody.page(&confirm).await);
    assert!(page.contains("Hold these 2 seats?") && page.contains("Floor · Row A · Seat 2"), "{page}");
    location(&bob.form(&event.path("/reserve"), "seat=1").await);
    let page = text(&nobody.page(&confirm).await);
    assert!(page.contains("not free") && !page.contains("Hold and go to checkout"), "{page}");
}

#[tokio::test]
async fn taken_seats_are_said_beside_the_others() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = server.event(&organizer).await;
    let (bob, eve) = (registered(&server, "bob").await, registered(&server, "eve").await);
    location(&bob.form(&event.path("/reserve"), "seat=1").await);
    for (wanted, status, words) in [
        ("seat=1&seat=2&section=Floor", 409, "Rows of Floor"),
        ("quantity=2&max_price=cheap", 422, "Price up to must be"),
        ("section=Floor", 422, "Choose at least one"),
    ] {
        let page = eve.form(&event.path("/reserve"), wanted).await;
        assert!(page.status == status && text(&page).contains(words), "{wanted}: {}", text(&page));
        assert!(text(&page).contains("role=\"alert\""), "{wanted}");
        assert!(text(&page).contains("value=\"2\" required"), "{wanted}: a number is there again");
    }
    let forged = text(&eve.page(&event.path("/seats?notice=Call+us+at+once")).await);
    assert!(!forged.contains("Call us"), "an address puts no words on the page");
}

#[tokio::test]
async fn a_session_is_a_cookie_that_ends() {
    let server = TestServer::start().await;
    let buyer = registered(&server, "bob").await;
    buyer.page("/account").await.expect(200);
    buyer.get("/users/me").await.expect(200);
    let out = buyer.form("/sign-out", "").await;
    assert!(out.header("set-cookie").unwrap().contains("Max-Age=0"));
    assert_eq!(out.header("clear-site-data"), Some("\"cache\", \"storage\""));
    assert!(location(&buyer.page("/account").await).starts_with("/sign-in"));
    buyer.get("/users/me").await.refused(401, "unauthenticated");

    let nobody = server.anonymous();
    let wrong = nobody.form("/sign-in", "email=bob%40example.test&password=wrong&next=%2Faccount").await;
    assert_eq!((wrong.status.as_u16(), wrong.header("set-cookie")), (401, None));
    let fields = format!("email=bob%40example.test&password={}", PASSWORD.replace(' ', "+"));
    let elsewhere = nobody.form("/sign-in", &format!("{fields}&next=https%3A%2F%2Fevil.test%2F")).await;
    assert_eq!(location(&elsewhere), "/", "nobody is sent to another site");
    let cookie = elsewhere.header("set-cookie").unwrap();
    for attribute in ["__Host-session=", "; Path=/", "; Secure", "; HttpOnly", "; SameSite=Lax"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
}

#[tokio::test]
async fn forms_of_other_sites_are_refused() {
    let server = TestServer::start().await;
    let buyer = registered(&server, "bob").await;
    for (name, value) in
        [("sec-fetch-site", "cross-site"), ("origin", "https://evil.test"), ("sec-fetch-site", "same-site")]
    {
        for who in [&buyer, &server.anonymous()] {
            let answer =
                who.with_header("host", "fairseat.test").with_header(name, value).form("/sign-out", "").await;
            assert_eq!(answer.status, 403, "{name}: {value}");
        }
    }
    let ours = buyer.with_header("host", "fairseat.test").with_header("origin", "http://fairseat.test");
    ours.form("/sign-out", "").await.expect(303);
}

#[tokio::test]
async fn demo_accounts_are_shown_in_the_demo_only() {
    let plain = TestServer::start().await;
    let demo = TestServer::start_with(|settings| settings.demo = true).await;
    for (server, shown) in [(&plain, false), (&demo, true)] {
        let page = text(&server.anonymous().page("/sign-in").await);
        assert_eq!(page.contains("demo-password"), shown);
    }
}

#[tokio::test]
async fn machines_find_what_people_find() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = server.event(&organizer).await;
    let nobody = server.anonymous();
    let calendar = nobody.page(&event.path("/event.ics")).await;
    assert_eq!(calendar.header("content-type"), Some("text/calendar; charset=utf-8"));
    assert!(text(&calendar).lines().all(|line| line.len() <= 75));
    for (path, kind) in [
        ("/sitemap.xml", "application/xml; charset=utf-8"),
        ("/feed.rss", "application/rss+xml; charset=utf-8"),
        ("/manifest.webmanifest", "application/manifest+json"),
        ("/service-worker.js", "text/javascript; charset=utf-8"),
    ] {
        let answer = nobody.page(path).await;
        answer.expect(200);
        assert_eq!(answer.header("content-type"), Some(kind), "{path}");
    }
    let page = text(&nobody.page(&event.path("")).await);
    let data = page.split("application/ld+json\">").nth(1).unwrap().split("</script>").next().unwrap();
    let data: serde_json::Value = serde_json::from_str(data).unwrap();
    assert_eq!(data["@type"], "Event");
    assert!(data["startDate"].as_str().unwrap().ends_with('Z'), "{data}");
    assert!(!data.to_string().contains("null"), "what is not known is not said: {data}");
    let poster =
        page.split("og:image\" content=\"http://fairseat.test").nth(1).unwrap().split('"').next().unwrap();
    let poster = nobody.page(poster).await;
    assert_eq!(poster.bytes.get(..8), Some(&b"\x89PNG\r\n\x1a\n"[..]));
}
