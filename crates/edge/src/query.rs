//! Query strings and path parameters, parsed into types; errors name the parameter.

use crate::check::{Check, serde_problem};
use crate::problem::Problem;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

/// The number of entries in a list when the caller gives no limit.
pub const DEFAULT_LIMIT: u32 = 20;
/// The most entries in one answer.
pub const MAX_LIMIT: u32 = 100;
/// The highest offset; callers with longer lists must narrow their search.
pub const MAX_OFFSET: u32 = 1_000_000;

/// The query string as a `T`. Unknown parameters are ignored; an invalid one is answered 422 with its name.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        parse(parts.uri.query().unwrap_or_default()).map(Self)
    }
}

/// Parses a query string.
///
/// # Errors
/// `invalid`, naming the parameter.
pub fn parse<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    let pairs = serde_urlencoded::Deserializer::new(form_pairs(query));
    serde_path_to_error::deserialize(pairs).map_err(|error| {
        let path = error.path().to_string();
        let text = error.inner().to_string();
        // The standard library's messages about numbers do not say which values are accepted.
        let number =
            text.contains("digit found") || text.contains("parse integer") || text.contains("number too ");
        serde_problem(&path, if number { "must be a whole number within bounds" } else { &text })
    })
}

fn form_pairs(query: &str) -> form_urlencoded::Parse<'_> {
    form_urlencoded::parse(query.as_bytes())
}

/// Path parameters as a `T`. A malformed id is answered 404, like an unknown one.
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        path.map(|path| Self(path.0)).map_err(|_unreadable| Problem::not_found())
    }
}

/// The requested part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// How many entries to return, at most 100
    #[param(required = false, minimum = 1, maximum = 100, default = 20)]
    pub limit: u32,
    /// How many entries to skip before them
    #[param(required = false, minimum = 0, maximum = 1_000_000, default = 0)]
    pub offset: u32,
}

impl<S: Sync> FromRequestParts<S> for Paging {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        #[derive(Deserialize)]
        struct Given {
            limit: Option<u32>,
            offset: Option<u32>,
        }
        let given: Given = parse(parts.uri.query().unwrap_or_default())?;
        let (limit, offset) = (given.limit.unwrap_or(DEFAULT_LIMIT), given.offset.unwrap_or(0));
        let mut check = Check::new();
        check.number("limit", limit, 1..=MAX_LIMIT);
        check.number("offset", offset, 0..=MAX_OFFSET);
        check.finish()?;
        Ok(Self { limit, offset })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    async fn paging(query: &str) -> Result<Paging, serde_json::Value> {
        let (mut parts, ()) = Request::get(format!("/?{query}")).body(()).unwrap().into_parts();
        Paging::from_request_parts(&mut parts, &())
            .await
            .map_err(|problem| problem.document()["errors"].clone())
    }

    #[tokio::test]
    async fn pages_are_refused_not_clamped() {
        assert_eq!(paging("").await, Ok(Paging { limit: 20, offset: 0 }));
        assert_eq!(paging("limit=100&offset=40&colour=red").await, Ok(Paging { limit: 100, offset: 40 }));
        for (query, field) in [
            ("limit=0", "limit"),
            ("limit=101", "limit"),
            ("limit=-1", "limit"),
            ("limit=ten", "limit"),
            ("limit=", "limit"),
            ("limit=99999999999999999999", "limit"),
            ("limit=20&limit=30", "limit"),
            ("offset=1000001", "offset"),
        ] {
            let errors = paging(query).await.unwrap_err();
            assert_eq!(errors[0]["field"], field, "{query}");
        }
    }

    #[test]
    fn an_error_names_the_parameter_and_the_accepted_values() {
        #[derive(Debug, Deserialize)]
        #[serde(rename_all = "snake_case")]
        enum Sort {
            Soonest,
            Cheapest,
        }
        #[derive(Debug, Deserialize)]
        struct Search {
            q: Option<String>,
            sort: Option<Sort>,
        }
        let search: Search = parse("q=Romeo+%26%20Juliet&sort=soonest").unwrap();
        assert_eq!(search.q.as_deref(), Some("Romeo & Juliet"));
        assert!(matches!(search.sort, Some(Sort::Soonest)));
        assert!(matches!(parse("sort=cheapest"), Ok(Search { sort: Some(Sort::Cheapest), .. })));
        let problem = parse::<Search>("sort=random").unwrap_err();
        insta::assert_json_snapshot!(problem.document()["errors"], @r#"
        [
          {
            "field": "sort",
            "message": "must be \"soonest\" or \"cheapest\""
          }
        ]
        "#);
    }
}
