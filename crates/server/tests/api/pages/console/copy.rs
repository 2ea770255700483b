//! Copying an event: what is left as it is moves along with the start.

use super::{EVENT, at_work, venue};
use crate::common::TestServer;
use crate::common::browser::{html_of, location};
use serde_json::json;

#[tokio::test]
async fn the_times_of_a_copy_move_along_with_its_start() {
    let server = TestServer::start().await;
    let (fred, _, organization) = at_work(&server).await;
    let venue = venue(&fred, &organization).await;
    let times = "&doors_time=2036-12-05T19%3A00&sales_end_time=2036-12-05T21%3A00";
    let made =
        fred.form(&format!("/console/events/new?venue={venue}"), &format!("{EVENT}{times}&name=First")).await;
    let copy = format!("{}/clone", location(&made));
    assert!(html_of(&fred.page(&copy).await).contains("data-copy"));
    let fields = "name=Second&start_time=2036-12-12T20%3A00&end_time=2036-12-05T22%3A00\
                  &on_sale_time=2036-01-05T20%3A00&hold_limits.seats=40";
    let copied = location(&fred.form(&copy, fields).await);
    let id = copied.strip_prefix("/console/events/").unwrap();
    let event = fred.get(&format!("/events/{id}")).await.expect(200).clone();
    for (field, time) in [
        ("start_time", "2036-12-12T19:00:00.000Z"),
        ("doors_time", "2036-12-12T18:00:00.000Z"),
        ("end_time", "2036-12-12T21:00:00.000Z"),
        ("sales_end_time", "2036-12-12T20:00:00.000Z"),
        ("on_sale_time", "2036-01-12T19:00:00.000Z"),
    ] {
        assert_eq!(event[field], time, "{field}");
    }
    assert_eq!(
        event["hold_limits"],
        json!({"seats": 40, "seats_of_new_accounts": null, "tickets_per_instrument": null})
    );
    let dashboard = html_of(&fred.page(&format!("{copied}?done=copied")).await);
    assert!(
        dashboard.contains(">Publish</button>") && dashboard.contains("The copy is a draft."),
        "{dashboard}"
    );
}
