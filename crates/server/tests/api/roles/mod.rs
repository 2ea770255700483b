//! Every route for every role, in their own organization and in another: `table.txt` lists the status of each answer. A route without a
//! row fails the test, and so does a row without a route.

mod fixtures;

use fairseat_api::listed;
use fixtures::Fixtures;
use std::collections::BTreeSet;
use std::fmt::Write as _;

const TABLE: &str = include_str!("table.txt");

/// The table's columns.
const ROLES: [&str; 10] =
    ["anonymous", "holder", "other", "staff", "finance", "manager", "owner", "foreign", "admin", "guest"];

struct Row {
    method: &'static str,
    /// Has the placeholders that [`Fixtures::fill`] replaces.
    path: &'static str,
    expected: [u16; ROLES.len()],
    body: &'static str,
}

impl Row {
    fn parse(line: &'static str) -> Self {
        let (head, body) = match line.split_once("    {") {
            Some((head, body)) => (head, &line[line.len() - body.len() - 1..]),
            None => (line, ""),
        };
        let mut words = head.split_whitespace();
        let (method, path) = (words.next().unwrap(), words.next().unwrap());
        let expected: Vec<u16> = words.map(|status| status.parse().unwrap()).collect();
        Self { method, path, expected: expected.try_into().unwrap(), body }
    }

    /// The route of this case as [`listed`] writes it: without the query, and with the parameter's name where the case has an id. The format of a
    /// ticket (`.pdf`) belongs to the id.
    fn route(&self) -> (&'static str, String) {
        let path = self.path.split('?').next().unwrap();
        let mut route = String::new();
        for part in path.split_inclusive(['/']) {
            match part.split_once(':') {
                Some((name, _)) => {
                    let slash = if part.ends_with('/') { "/" } else { "" };
                    write!(route, "{name}}}{slash}").unwrap();
                }
                None => route.push_str(part),
            }
        }
        let of_a_form = ["}.png", "}.pdf", "}.ics"].iter().any(|form| route.ends_with(form));
        if of_a_form {
            route.truncate(route.len() - ".png".len());
        }
        (self.method, route)
    }
}

fn rows() -> impl Iterator<Item = Row> {
    TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(Row::parse)
}

#[tokio::test]
async fn every_route_answers_every_role_as_the_table_says() {
    let fixtures = Fixtures::prepare().await;
    let mut wrong = String::new();
    for Row { method, path, expected, body } in rows() {
        for ((actor, who), expected) in fixtures.everyone().zip(ROLES).zip(expected) {
            // Filled in together, so that the body may name a seat of the reservation in the path.
            let filled = fixtures.fill(&format!("{path}\n{body}")).await;
            let (asked, body) = filled.split_once('\n').unwrap();
            let body = (!body.is_empty()).then(|| serde_json::from_str(body).unwrap());
            let answer = actor.send(method.parse().unwrap(), asked, body).await;
            if answer.status != expected {
                let said = String::from_utf8_lossy(&answer.bytes);
                writeln!(
                    wrong,
                    "{method} {path} as {who}: {} instead of {expected}: {said:.200}",
                    answer.status
                )
                .unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_table_lists_every_route() {
    let tested: BTreeSet<_> = rows().map(|row| row.route()).collect();
    let there: BTreeSet<_> = listed().into_iter().collect();
    let missing: Vec<_> = there.difference(&tested).collect();
    let unknown: Vec<_> = tested.difference(&there).collect();
    assert!(missing.is_empty() && unknown.is_empty(), "not in the table: {missing:?}; no route: {unknown:?}");
}
