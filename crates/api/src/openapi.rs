//! The OpenAPI document, collected from the routes themselves.

use fairseat_edge::problem::{FieldError, ProblemSchema};
use serde_json::Value;
use utoipa::openapi::path::{Operation, PathItem, Paths};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, InfoBuilder, LicenseBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder,
};
use utoipa::{PartialSchema, ToSchema};

/// The document as JSON, completed with what applies to every operation.
pub(crate) fn to_json(document: OpenApi) -> Value {
    serde_json::to_value(complete(document)).unwrap_or_default()
}

/// Every operation with its method and path, in the order of paths.
pub(crate) fn operations(paths: &Paths) -> impl Iterator<Item = (&'static str, &str, &Operation)> {
    paths.paths.iter().flat_map(|(path, item)| {
        by_method(item).into_iter().filter_map(move |(method, operation)| {
            operation.as_ref().map(|operation| (method, path.as_str(), operation))
        })
    })
}

fn by_method(item: &PathItem) -> [(&'static str, &Option<Operation>); 7] {
    [
        ("DELETE", &item.delete),
        ("GET", &item.get),
        ("HEAD", &item.head),
        ("OPTIONS", &item.options),
        ("PATCH", &item.patch),
        ("POST", &item.post),
        ("PUT", &item.put),
    ]
}

/// Adds what applies to every operation, so that no handler has to repeat it.
fn complete(mut document: OpenApi) -> OpenApi {
    document.info = InfoBuilder::new()
        .title("Fairseat")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("Sells numbered seats to crowds: never twice, never lost."))
        .license(Some(LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build()))
        .build();
    let components = document.components.get_or_insert_default();
    components.schemas.insert("Problem".to_owned(), ProblemSchema::schema());
    components.schemas.insert(FieldError::name().into_owned(), FieldError::schema());
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
    components.security_schemes.insert("bearer".to_owned(), RefOr::T(SecurityScheme::Http(bearer)));
    document.security = Some(vec![SecurityRequirement::new("bearer", Vec::<String>::new())]);
    for item in document.paths.paths.values_mut() {
        let operations = [&mut item.delete, &mut item.get, &mut item.patch, &mut item.post, &mut item.put];
        for operation in operations.into_iter().flatten() {
            for (range, description) in [("4XX", "Refused"), ("5XX", "Failed on our side, or busy")] {
                let responses = &mut operation.responses.responses;
                responses.entry(range.to_owned()).or_insert_with(|| RefOr::T(problem(description)));
            }
        }
    }
    document
}

fn problem(description: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new()
        .description(format!("{description}: a problem document (RFC 9457)"))
        .content("application/problem+json", content)
        .build()
}
