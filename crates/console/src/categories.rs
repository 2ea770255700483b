//! Naming the price categories of a venue's plan. Plans from some editors have random ids in place of names.

use super::fields::Fields;
use super::layout::ConsoleLayout;
use super::plan_outline::{Outline, PlanPart};
use super::problem_text::form_problem;
use super::venues::{Venue, managed};
use askama::Template;
use axum::extract::{Path, RawForm};
use axum::http::Method;
use axum::response::Response;
use fairseat_client::{ApiClient, PageError, Problem};
use fairseat_web::done::Done;
use fairseat_web::render::{encoded, personal_with, status_of};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

#[derive(Template)]
#[template(path = "console/categories.html")]
struct Page {
    layout: ConsoleLayout,
    venue: Venue,
    /// Each category with its place in the plan, which names its field.
    categories: Vec<(usize, PlanPart)>,
    fields: Fields,
    problem: Option<Problem>,
}

impl Page {
    /// The name in the field of the category at this place: the one that was typed, else the present one unless it is an id.
    fn value<'a>(&'a self, at: &usize, part: &'a PlanPart) -> &'a str {
        let typed = self.fields.given(&format!("name.{at}"));
        typed.unwrap_or(if part.shown() == part.name { &part.name } else { "" })
    }
}

async fn page(
    client: &ApiClient,
    id: &str,
    fields: Fields,
    problem: Option<Problem>,
) -> Result<Response, PageError> {
    let (venue, layout) = managed(client, id).await?;
    let categories = Outline::of(client, id).await?.own_categories();
    let status = status_of(problem.as_ref());
    Ok(personal_with(status, &Page { layout, venue, categories, fields, problem }))
}

/// The form.
pub(crate) async fn show(client: ApiClient, Path(id): Path<String>) -> Result<Response, PageError> {
    page(&client, &id, Fields::default(), None).await
}

/// The new name of each category, by its present one. A category whose field is empty keeps its name.
fn new_names(categories: &[PlanPart], fields: &Fields) -> Result<HashMap<String, String>, Problem> {
    let mut taken = HashSet::new();
    let mut names = HashMap::new();
    for (at, part) in categories.iter().enumerate() {
        let name = fields.given(&format!("name.{at}")).unwrap_or(&part.name);
        if !taken.insert(name.to_owned()) {
            let detail = format!("Two categories are named “{name}”. Give each a name of its own.");
            return Err(Problem { status: 422, title: "Not saved".to_owned(), detail, ..Problem::default() });
        }
        names.insert(part.name.clone(), name.to_owned());
    }
    Ok(names)
}

/// Writes the new names into a plan: in its list of categories and at each seat.
fn rename(plan: &mut Value, names: &HashMap<String, String>) {
    let set = |value: Option<&mut Value>| {
        if let Some(value) = value
            && let Some(name) = value.as_str().and_then(|name| names.get(name))
        {
            *value = Value::from(name.as_str());
        }
    };
    fn list<'a>(value: &'a mut Value, name: &str) -> impl Iterator<Item = &'a mut Value> + use<'a> {
        value.get_mut(name).and_then(Value::as_array_mut).into_iter().flatten()
    }
    list(plan, "categories").for_each(|category| set(category.get_mut("name")));
    for row in list(plan, "zones").flat_map(|zone| list(zone, "rows")) {
        list(row, "seats").for_each(|seat| set(seat.get_mut("category")));
    }
}

/// Names the categories.
pub(crate) async fn set(
    client: ApiClient,
    Path(id): Path<String>,
    RawForm(form): RawForm,
) -> Result<Response, PageError> {
    let fields = Fields::read(&form);
    managed(&client, &id).await?;
    let path = format!("/venues/{}/seating-plan", encoded(&id));
    let categories = Outline::of(&client, &id).await?;
    let names = match new_names(categories.all_categories(), &fields) {
        Ok(names) => names,
        Err(problem) => return page(&client, &id, fields, Some(problem)).await,
    };
    let mut plan: Value = client.get(&path).await?;
    rename(&mut plan, &names);
    match client.send_json(Method::PUT, &path, &plan).await {
        Ok(_) => Ok(Done::CategoriesNamed.then(&format!("/console/venues/{}", encoded(&id)))),
        Err(failure) => page(&client, &id, fields, Some(form_problem(failure)?)).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_are_written_into_the_whole_plan() {
        let mut plan = json!({
            "categories": [{"name": "c1", "color": "#fc0"}, {"name": "c2"}],
            "zones": [{"name": "c1", "rows": [{"seats": [{"category": "c1"}, {"category": ""}, {}]}]}],
        });
        let parts = ["c1", "c2"].map(|name| PlanPart { name: name.to_owned(), ..PlanPart::default() });
        let names = new_names(&parts, &Fields::read(b"name.0=Gold&name.1=")).unwrap();
        rename(&mut plan, &names);
        let expected = json!({
            "categories": [{"name": "Gold", "color": "#fc0"}, {"name": "c2"}],
            "zones": [{"name": "c1", "rows": [{"seats": [{"category": "Gold"}, {"category": ""}, {}]}]}],
        });
        assert_eq!(plan, expected);
        let twice = new_names(&parts, &Fields::read(b"name.0=c2")).unwrap_err();
        assert!(twice.detail.contains("“c2”"), "{twice:?}");
    }
}
