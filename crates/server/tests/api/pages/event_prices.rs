//! The prices of an event on its page and in its picture.

use crate::common::TestServer;
use crate::common::browser::html_of;
use serde_json::{Value, json};

/// The map's colours of prices, the highest first; the picture uses the same.
const MAP: &str = include_str!("../../../../web/static/css/map.css");

#[tokio::test]
async fn sections_of_one_price_share_a_row_and_a_colour() {
    let server = TestServer::start().await;
    let organizer = server.organizer("olga").await;
    let section = |name: String| json!({"name": name, "rows": 2, "seats_per_row": 3});
    let mut sections = vec![json!({"name": "Pitch", "general_admission": 40}), section("Box".to_owned())];
    for (name, count) in [("Lower", 8), ("Club", 6), ("", 6)] {
        sections
            .extend((1..=count).map(|number| section(format!("{name} {}", number + 100).trim().to_owned())));
    }
    let price = |name: &str| match name.split(' ').next() {
        Some("Pitch") => json!(90.00),
        Some("Lower" | "Box") => json!(60.00),
        _ => json!(30.00),
    };
    let prices: Value = sections
        .iter()
        .filter_map(|section| section["name"].as_str())
        .map(|name| (name.to_owned(), price(name)))
        .collect();
    let venue = json!({"name": "Stadium", "address": "1 Field", "city": "Boston", "state": "MA", "country": "US",
        "layout_type": "stadium", "seating_plan": {"sections": sections}});
    let venue = organizer.post("/venues", venue).await.expect(201)["venue_id"].clone();
    let event = json!({"name": "Final", "venue_id": venue, "category": "sports", "price_tiers": prices,
        "start_time": "2099-05-01T20:00:00Z", "end_time": "2099-05-01T23:00:00Z", "on_sale_time": "2020-01-01T00:00:00Z"});
    let event = organizer.post("/events", event).await.expect(201)["event_id"].as_str().unwrap().to_owned();

    let page = html_of(&server.anonymous().page(&format!("/events/{event}")).await);
    let rows: Vec<&str> =
        page.split("</svg> ").skip(1).filter_map(|row| Some(row.split_once("</td></tr>")?.0)).collect();
    assert_eq!(
        rows,
        [
            r#"Pitch</td><td class="number figure">$90.00"#,
            r#"Box, Lower</td><td class="number figure">$60.00"#,
            r#"101 to 106, Club</td><td class="number figure">$30.00"#,
        ]
    );
    assert!(page.contains(r#"<a class="plan-link" "#), "{page}");

    let picture = server.anonymous().get(&format!("/events/{event}/seatmap.svg")).await;
    let svg = html_of(&picture);
    let palettes = MAP.split("--sm-prices: ").skip(1).filter_map(|rest| Some(rest.split_once(';')?.0));
    let palettes: Vec<&str> = palettes.collect();
    assert_eq!(palettes.len(), 2, "one in light, one in dark");
    for (color, dark) in palettes[0].split(' ').zip(palettes[1].split(' ')).take(3) {
        for written in [format!("color=\"{color}\""), format!("{{color:{dark}}}")] {
            assert!(svg.contains(&written), "{written} in {svg}");
        }
    }

    organizer.post(&format!("/events/{event}/cancel"), json!({})).await.expect(200);
    let page = html_of(&server.anonymous().page(&format!("/events/{event}")).await);
    assert!(!page.contains("plan-link") && !page.contains("figure"), "neither plan nor prices: {page}");
}

#[tokio::test]
async fn many_prices_are_grouped_with_their_range() {
    let server = TestServer::start().await;
    let organizer = server.organizer("olga").await;
    let names = (1..=6).map(|at| (format!("Lower {}", 100 + at), 40 + 5 * at));
    let names: Vec<(String, u32)> =
        names.chain((1..=6).map(|at| (format!("Upper {}", 200 + at), 10 + at))).collect();
    let sections: Vec<Value> =
        names.iter().map(|(name, _)| json!({"name": name, "rows": 1, "seats_per_row": 2})).collect();
    let prices: Value = names.iter().map(|(name, price)| (name.clone(), json!(price))).collect();
    let venue = json!({"name": "Arena", "address": "", "city": "Boston", "state": "MA", "country": "US",
        "layout_type": "arena", "seating_plan": {"sections": sections}});
    let venue = organizer.post("/venues", venue).await.expect(201)["venue_id"].clone();
    let event = json!({"name": "Final", "venue_id": venue, "category": "sports", "price_tiers": prices,
        "start_time": "2099-05-01T20:00:00Z", "end_time": "2099-05-01T23:00:00Z", "on_sale_time": "2020-01-01T00:00:00Z"});
    let event = organizer.post("/events", event).await.expect(201)["event_id"].as_str().unwrap().to_owned();
    let page = html_of(&server.anonymous().page(&format!("/events/{event}")).await);
    let lines: Vec<&str> = page.split("<details><summary>").skip(1).collect();
    assert_eq!(lines.len(), 2, "{page}");
    for (line, name, range, detail) in [
        (lines[0], "Lower", "$45.00 – $70.00", "Lower 106</span><span class=\"figure\">$70.00"),
        (lines[1], "Upper", "$11.00 – $16.00", "Upper 201</span><span class=\"figure\">$11.00"),
    ] {
        assert!(line.starts_with(&format!("{name}</summary>")) && line.contains(range), "{line}");
        assert!(line.contains(detail), "{detail} in {line}");
    }
}
