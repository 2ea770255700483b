//! Searching events in one small catalogue.

use crate::common::{Fixture, HOUR, at, event_details, new_venue, venue_details};
use fairseat_domain::ids::EventNumber;
use fairseat_domain::money::{Amount, Currency};
use fairseat_domain::time::Timestamp;
use fairseat_store::events::EventDetails;
use fairseat_store::search::{Coming, DateBound, EventQuery, Sort};
use fairseat_store::venues::VenueDetails;
use fairseat_store::views::{SaleFigures, ViewRows};
use fairseat_store::{Page, Scope, StoreError};
use jiff::civil::date;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

/// Venue by name, city, state, country and zone; then its events by name, category and description.
type Place = ([&'static str; 5], &'static [[&'static str; 3]]);

const CATALOGUE: &[Place] = &[
    (
        ["Madison Square Garden", "New York", "NY", "USA", "America/New_York"],
        &[["Taylor Swift", "concert", "The tour of the year"], ["Knicks vs. Lakers", "sports", ""]],
    ),
    (
        ["Barclays Center", "Brooklyn", "New York", "United States", "America/New_York"],
        &[["AC/DC", "concert", "Rock"]],
    ),
    (
        ["Crypto Arena", "Los Angeles", "CA", "US", "America/Los_Angeles"],
        &[["Beyoncé", "Concert", "Renaissance"]],
    ),
    (["Superdome", "New Orleans", "LA", "USA", "America/Chicago"], &[["Jazz Fest", "concert", "Trumpets"]]),
    (["La Scala", "Milano", "", "IT", "Europe/Rome"], &[["La Traviata", "opera", "Giuseppe Verdi"]]),
    (
        ["La Scala Club", "London", "", "United Kingdom", "Europe/London"],
        &[["Rockabilly Night", "concert", ""]],
    ),
    (["Kennedy Center", "Washington, D.C.", "DC", "USA", "America/New_York"], &[["Swan Lake", "dance", ""]]),
    (["Estádio do Morumbi", "São Paulo", "SP", "Brazil", "America/Sao_Paulo"], &[["Clássico", "sports", ""]]),
    (
        ["大阪城ホール", "大阪市", "", "Japan", "Asia/Tokyo"],
        &[["東京交響楽団定期演奏会", "concert", "第9回 J-POPライブ"], ["京都市民オペラ", "opera", ""]],
    ),
    (["Lumphini", "กรุงเทพ", "", "TH", "Asia/Bangkok"], &[["เทศกาลดนตรีไทย", "concert", ""]]),
    (["예술의전당", "서울", "", "KR", "Asia/Seoul"], &[["서울시립교향악단", "concert", ""]]),
    (["Tokyo Dome", "東京", "", "Japan", "Asia/Tokyo"], &[["東京 Nights", "concert", "O'Neil & friends"]]),
];

async fn catalogue() -> Fixture {
    let fixture = Fixture::new().await;
    let (organization, _) = fixture.organization("promoter").await;
    for ([name, city, state, country, zone], events) in CATALOGUE {
        let details = venue_details(name, city, state, country, zone);
        let venue =
            fixture.store.venues().create(new_venue(organization, details), None, at(0)).await.unwrap();
        for [name, category, description] in *events {
            let (category, description) = ((*category).to_owned(), (*description).to_owned());
            fixture.event(&venue, EventDetails { category, description, ..event_details(name) }).await;
        }
    }
    fixture
}

async fn names(fixture: &Fixture, query: EventQuery) -> Vec<String> {
    let found = fixture.store.search().events(query, &Scope::Public, Page::FIRST, at(0)).await.unwrap();
    assert_eq!(found.total, found.rows.len() as u64);
    found.rows.into_iter().map(|row| row.event.details.name).collect()
}

fn text(text: &str) -> EventQuery {
    EventQuery { text: Some(text.to_owned()), ..EventQuery::default() }
}

fn location(location: &str) -> EventQuery {
    EventQuery { location: Some(location.to_owned()), ..EventQuery::default() }
}

#[tokio::test]
async fn events_are_found_by_words() {
    let fixture = catalogue().await;
    let cases: &[(&str, &[&str])] = &[
        ("taylor", &["Taylor Swift"]),
        ("TAYLOR swift", &["Taylor Swift"]),
        ("swift tay", &["Taylor Swift"]),
        ("tailor swift", &["Taylor Swift"]),
        ("taylor siwft", &["Taylor Swift"]),
        ("madisson square", &["Taylor Swift", "Knicks vs. Lakers"]),
        ("beyonce", &["Beyoncé"]),
        ("BEYONCÉ", &["Beyoncé"]),
        ("bejonce", &["Beyoncé"]),
        ("ac/dc", &["AC/DC"]),
        ("classico", &["Clássico"]),
        ("sao paulo", &["Clássico"]),
        ("東京", &["東京交響楽団定期演奏会", "東京 Nights"]),
        ("oneil", &["東京 Nights"]),
        ("o'neil", &["東京 Nights"]),
        ("trumpets", &["Jazz Fest"]),
        ("nyc concert", &["Taylor Swift", "AC/DC"]),
        ("交響楽団", &["東京交響楽団定期演奏会"]),
        ("演奏会", &["東京交響楽団定期演奏会"]),
        ("会", &["東京交響楽団定期演奏会"]),
        ("東京 楽団", &["東京交響楽団定期演奏会"]),
        ("東京楽団", &[]),
        ("第9回", &["東京交響楽団定期演奏会"]),
        ("ﾗｲﾌﾞ", &["東京交響楽団定期演奏会"]),
        ("オペラ", &["京都市民オペラ"]),
        ("大阪", &["東京交響楽団定期演奏会", "京都市民オペラ"]),
        ("ดนตรี", &["เทศกาลดนตรีไทย"]),
        ("ไทย", &["เทศกาลดนตรีไทย"]),
        ("교향악단", &["서울시립교향악단"]),
        ("opera milano", &["La Traviata"]),
        ("rock", &["AC/DC", "Rockabilly Night"]),
        ("swan jazz", &[]),
        ("zzzzzzzz", &[]),
        ("🎵", &[]),
        ("!!!", &[]),
    ];
    for (asked, expected) in cases {
        assert_eq!(names(&fixture, text(asked)).await, *expected, "{asked:?}");
    }
    assert_eq!(names(&fixture, text("  ")).await.len(), 14, "nothing asked, everything found");
}

#[tokio::test]
async fn events_are_found_by_location() {
    let fixture = catalogue().await;
    let cases: &[(&str, &[&str])] = &[
        ("NYC", &["Taylor Swift", "Knicks vs. Lakers", "AC/DC"]),
        ("New York", &["Taylor Swift", "Knicks vs. Lakers", "AC/DC"]),
        ("ny", &["Taylor Swift", "Knicks vs. Lakers", "AC/DC"]),
        ("New York City", &["Taylor Swift", "Knicks vs. Lakers", "AC/DC"]),
        ("Brooklyn, NY", &["AC/DC"]),
        ("LA", &["Beyoncé", "Jazz Fest"]),
        ("LA, Louisiana", &["Jazz Fest"]),
        ("Los Angeles, California", &["Beyoncé"]),
        ("大阪", &["東京交響楽団定期演奏会", "京都市民オペラ"]),
        ("城ホール", &["東京交響楽団定期演奏会", "京都市民オペラ"]),
        ("la scala", &["La Traviata", "Rockabilly Night"]),
        ("DC", &["Swan Lake"]),
        ("Washington D.C.", &["Swan Lake"]),
        ("uk", &["Rockabilly Night"]),
        ("Great Britain", &["Rockabilly Night"]),
        ("Italia", &["La Traviata"]),
        ("Sao Paulo", &["Clássico"]),
        ("São Paulo, Brasil", &["Clássico"]),
        ("Madison Square Garden", &["Taylor Swift", "Knicks vs. Lakers"]),
        ("madison square", &["Taylor Swift", "Knicks vs. Lakers"]),
        ("東京", &["東京 Nights"]),
        ("Paris", &[]),
        ("%", &[]),
        ("_", &[]),
        (",,,", &[]),
    ];
    for (asked, expected) in cases {
        assert_eq!(names(&fixture, location(asked)).await, *expected, "{asked:?}");
    }
    for (asked, count) in [("USA", 6), ("United States", 6), ("us", 6), ("", 14)] {
        assert_eq!(names(&fixture, location(asked)).await.len(), count, "{asked:?}");
    }
}

#[tokio::test]
async fn conditions_can_be_combined() {
    let fixture = catalogue().await;
    let concert = |category: &str| EventQuery { category: Some(category.to_owned()), ..location("usa") };
    for category in ["concert", "CONCERT", " Concert "] {
        let expected = ["Taylor Swift", "AC/DC", "Beyoncé", "Jazz Fest"];
        assert_eq!(names(&fixture, concert(category)).await, expected, "{category:?}");
    }
    assert_eq!(names(&fixture, concert("con")).await, [""; 0]);
}

/// Two events of one instant: late in the evening in New York, the next morning in Tokyo.
#[tokio::test]
async fn events_are_found_by_local_day_and_by_instant() {
    let fixture = Fixture::new().await;
    let (organization, _) = fixture.organization("promoter").await;
    let instant: jiff::Timestamp = "2026-12-16T01:00:00Z".parse().unwrap();
    let starts_at = Timestamp::from_millis(instant.as_millisecond());
    for (name, zone) in [("East", "America/New_York"), ("West", "Asia/Tokyo"), ("Nowhere", "Mars/Olympus")] {
        let details = venue_details(name, name, "", "", zone);
        let venue =
            fixture.store.venues().create(new_venue(organization, details), None, at(0)).await.unwrap();
        fixture.event(&venue, EventDetails { starts_at, ..event_details(name) }).await;
    }
    let day = |day| date(2026, 12, day);
    let on = |on| EventQuery { day: Some(day(on)), ..EventQuery::default() };
    assert_eq!(names(&fixture, on(15)).await, ["East"]);
    assert_eq!(names(&fixture, on(16)).await, ["West", "Nowhere"], "an unknown zone counts as UTC");
    let range = |from, to| EventQuery { from: Some(from), to: Some(to), ..EventQuery::default() };
    let days = |from, to| range(DateBound::Day(day(from)), DateBound::Day(day(to)));
    let cases = [((14, 15), 1), ((15, 16), 3), ((16, 16), 2), ((17, 20), 0), ((1, 14), 0)];
    for ((from, to), count) in cases {
        assert_eq!(names(&fixture, days(from, to)).await.len(), count, "from {from} to {to}");
    }
    let later = Timestamp::from_millis(starts_at.as_millis() + 1);
    let instants = |from, to| range(DateBound::Instant(from), DateBound::Instant(to));
    assert_eq!(names(&fixture, instants(starts_at, starts_at)).await.len(), 3, "both ends included");
    assert_eq!(names(&fixture, instants(later, Timestamp::MAX)).await.len(), 0);
    assert_eq!(
        names(&fixture, range(DateBound::Instant(starts_at), DateBound::Day(day(15)))).await,
        ["East"]
    );
    let venue = fixture.store.venues().list(&Scope::All, None, Page::FIRST).await.unwrap();
    let east = venue.rows.iter().find(|venue| venue.details.name == "East").unwrap().id;
    move_to_tokyo(&fixture, east).await;
    assert_eq!(names(&fixture, on(16)).await, ["East", "West", "Nowhere"], "days follow the venue's zone");
}

/// One instant: Friday evening in New York, Saturday morning in Tokyo.
#[tokio::test]
async fn near_days_follow_the_calendar_of_the_venue() {
    let fixture = Fixture::new().await;
    let (organization, _) = fixture.organization("promoter").await;
    let instant =
        |text: &str| Timestamp::from_millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond());
    let (starts_at, ends_at) = (instant("2026-12-19T01:00:00Z"), instant("2026-12-19T04:00:00Z"));
    for (name, zone) in [("East", "America/New_York"), ("West", "Asia/Tokyo")] {
        let details = venue_details(name, name, "", "", zone);
        let venue =
            fixture.store.venues().create(new_venue(organization, details), None, at(0)).await.unwrap();
        fixture.event(&venue, EventDetails { starts_at, ends_at, ..event_details(name) }).await;
    }
    for (coming, now, expected) in [
        (Coming::Today, "2026-12-18T17:00:00Z", "East West"),
        (Coming::Today, "2026-12-18T12:00:00Z", "East"),
        (Coming::Today, "2026-12-19T03:59:59Z", "East West"),
        (Coming::Today, "2026-12-19T04:00:00Z", ""),
        (Coming::Today, "2026-12-20T12:00:00Z", ""),
        (Coming::Weekend, "2026-12-14T12:00:00Z", "East West"),
        (Coming::Weekend, "2026-12-13T12:00:00Z", ""),
        (Coming::Weekend, "2026-12-18T23:00:00Z", "East West"),
    ] {
        let query = EventQuery { coming: Some(coming), ..EventQuery::default() };
        let found = fixture.store.search().events(query, &Scope::Public, Page::FIRST, instant(now)).await;
        let names: Vec<String> = found.unwrap().rows.into_iter().map(|row| row.event.details.name).collect();
        assert_eq!(names.join(" "), expected, "{coming:?} at {now}");
    }
    let cities = fixture.store.search().cities(ends_at).await.unwrap();
    assert_eq!(cities, [], "everything is over");
}

async fn move_to_tokyo(fixture: &Fixture, venue: fairseat_store::VenueId) {
    let change = |details: &mut VenueDetails| {
        details.timezone = "Asia/Tokyo".to_owned();
        details.city = "Tokyo".to_owned();
        Ok::<_, StoreError>(())
    };
    fixture.store.venues().update(venue, &Scope::All, change, at(1)).await.unwrap();
    assert_eq!(names(fixture, text("east tokyo")).await, ["East"], "and so does the text");
    assert_eq!(names(fixture, location("tokyo")).await, ["East"], "and the location");
}

#[tokio::test]
async fn results_are_ordered_and_paged() {
    let fixture = Fixture::new().await;
    let (organization, _) = fixture.organization("promoter").await;
    let venue = fixture.venue(organization).await;
    let events = [
        ("b", 3, Some((30, "EUR"))),
        ("A", 1, None),
        ("Ä", 2, Some((10, "USD"))),
        ("c", 4, Some((20, "EUR"))),
    ];
    for (name, hour, price) in events {
        let currency = Currency::from_code(price.map_or("EUR", |(_, code)| code)).unwrap();
        let details = EventDetails { starts_at: at(hour * HOUR), currency, ..event_details(name) };
        let number = fixture.event(&venue, details).await;
        let figures =
            SaleFigures { min_price: price.map(|(amount, _)| Amount(amount)), ..SaleFigures::default() };
        fixture.store.views().apply(number, 0, 1, ViewRows { figures, ..ViewRows::default() }).await.unwrap();
    }
    let cases = [
        (Sort::StartTime, false, "A Ä b c"),
        (Sort::StartTime, true, "c b Ä A"),
        (Sort::Price, false, "c b Ä A"),
        (Sort::Price, true, "b c Ä A"),
        (Sort::Name, false, "A Ä b c"),
        (Sort::Name, true, "c b Ä A"),
        (Sort::Newest, false, "c Ä A b"),
        (Sort::Newest, true, "b A Ä c"),
    ];
    for (sort, descending, expected) in cases {
        let query = EventQuery { sort, descending, ..EventQuery::default() };
        assert_eq!(names(&fixture, query.clone()).await.join(" "), expected, "{sort:?} {descending}");
        let mut paged = Vec::new();
        for offset in 0..5 {
            let page = Page { limit: 1, offset };
            let found =
                fixture.store.search().events(query.clone(), &Scope::Public, page, at(0)).await.unwrap();
            assert_eq!(found.total, 4);
            paged.extend(found.rows.into_iter().map(|row| row.event.details.name));
        }
        assert_eq!(paged.join(" "), expected, "page by page");
    }
}

#[tokio::test]
async fn changed_and_deleted_events_are_reindexed() {
    use fairseat_store::events::Lifecycle;
    let fixture = catalogue().await;
    let events = fixture.store.events();
    let rename = |details: &mut EventDetails| {
        details.name = "Lana Del Rey".to_owned();
        Ok::<_, StoreError>(())
    };
    events.update(EventNumber(1), &Scope::All, rename, at(1)).await.unwrap();
    assert_eq!(names(&fixture, text("taylor swift")).await, [""; 0]);
    assert_eq!(names(&fixture, text("lana")).await, ["Lana Del Rey"]);
    events.move_to(EventNumber(1), Lifecycle::Deleted, at(2)).await.unwrap();
    assert_eq!(names(&fixture, text("lana")).await, [""; 0]);
}

#[tokio::test]
async fn hostile_texts_are_searched_as_words() {
    let fixture = catalogue().await;
    let long = "a ".repeat(5_000);
    let texts = [
        "\"",
        "'",
        "''; DROP TABLE events; --",
        "NEAR(a b)",
        "a AND",
        "OR",
        "NOT x",
        "name:taylor",
        "^taylor",
        "*",
        "taylor*",
        "(((",
        "{",
        "-",
        "+",
        "\\",
        "%",
        "\0",
        "a\0b",
        "\u{202e}taylor",
        "\u{fdfa}",
        long.as_str(),
    ];
    for hostile in texts {
        for query in [text(hostile), location(hostile)] {
            names(&fixture, query).await;
        }
    }
    assert_eq!(names(&fixture, text("")).await.len(), 14, "everything is still there");
}

/// All texts share one store, because creating it takes longer than a search.
#[test]
fn no_text_is_an_error() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let fixture = runtime.block_on(catalogue());
    let texts =
        (any::<String>(), any::<String>(), "[\"'*^:(){}+-]{0,4}(AND|OR|NOT|NEAR|a|\u{0})?[\"'*^:() ]{0,4}");
    let asked = TestRunner::new(ProptestConfig::with_cases(512)).run(&texts, |(words, place, syntax)| {
        runtime.block_on(async {
            names(&fixture, EventQuery { category: Some(words.clone()), ..location(&place) }).await;
            names(&fixture, text(&words)).await;
            names(&fixture, EventQuery { location: Some(syntax.clone()), ..text(&syntax) }).await;
        });
        Ok(())
    });
    assert_eq!(asked, Ok(()));
}
