//! Dependencies between our crates point inward only. A new dependency needs an ADR, and then a line here.

use anyhow::{Context, Result};
use cargo_metadata::MetadataCommand;
use std::collections::BTreeSet;

/// The crates of ours that each crate may depend on, in builds and in tests. `journal` must not depend on `domain`, and `domain` on none.
/// `test-postgres` starts servers for tests.
const ALLOWED: &[(&str, &[&str])] = &[
    ("fairseat-domain", &[]),
    ("fairseat-postgres", &["fairseat-breaker"]),
    ("fairseat-journal", &["fairseat-postgres", "fairseat-test-postgres"]),
    ("fairseat-test-postgres", &[]),
    ("fairseat-art", &[]),
    ("fairseat-turns", &[]),
    ("fairseat-breaker", &[]),
    ("fairseat-test-broker", &[]),
    ("fairseat-redis", REDIS),
    ("fairseat-test-redis", &[]),
    ("fairseat-bus", &["fairseat-breaker", "fairseat-test-broker"]),
    ("fairseat-store", &["fairseat-domain", "fairseat-postgres", "fairseat-test-postgres"]),
    ("fairseat-engine", &["fairseat-domain", "fairseat-journal"]),
    ("fairseat-payments", &["fairseat-domain", "fairseat-engine", "fairseat-store"]),
    ("fairseat-messages", &["fairseat-domain", "fairseat-engine", "fairseat-store"]),
    ("fairseat-contract", &["fairseat-domain"]),
    ("fairseat-edge", &["fairseat-domain"]),
    ("fairseat-app", APP),
    ("fairseat-places", &["fairseat-domain", "fairseat-store"]),
    ("fairseat-maintenance", MAINTENANCE),
    ("fairseat-maps", MAPS),
    ("fairseat-nodes", NODES),
    ("fairseat-problems", PROBLEMS),
    ("fairseat-api", API),
    ("fairseat-client", &["fairseat-contract", "fairseat-edge"]),
    (
        "fairseat-web",
        &[
            "fairseat-art",
            "fairseat-client",
            "fairseat-contract",
            "fairseat-domain",
            "fairseat-edge",
            "fairseat-turns",
        ],
    ),
    ("fairseat-console", &["fairseat-client", "fairseat-domain", "fairseat-edge", "fairseat-web"]),
    ("fairseat-server", SERVER),
    ("fairseat-sim", &["fairseat-domain", "fairseat-engine", "fairseat-journal", "fairseat-store"]),
    ("fairseat-bench", BENCH),
    ("xtask", &[]),
];

/// `app` may depend on everything below it.
const APP: &[&str] = &[
    "fairseat-bus",
    "fairseat-domain",
    "fairseat-engine",
    "fairseat-journal",
    "fairseat-messages",
    "fairseat-payments",
    "fairseat-places",
    "fairseat-store",
    "fairseat-turns",
];
const MAINTENANCE: &[&str] =
    &["fairseat-domain", "fairseat-engine", "fairseat-journal", "fairseat-payments", "fairseat-store"];
/// `maps` makes answers for `api`, which adds routes and rights.
const MAPS: &[&str] = &[
    "fairseat-app",
    "fairseat-contract",
    "fairseat-domain",
    "fairseat-edge",
    "fairseat-engine",
    "fairseat-journal",
    "fairseat-store",
    "fairseat-turns",
];
/// `problems` words the errors of everything below `api`.
const PROBLEMS: &[&str] = &[
    "fairseat-app",
    "fairseat-contract",
    "fairseat-domain",
    "fairseat-edge",
    "fairseat-engine",
    "fairseat-store",
    "fairseat-turns",
];
/// `nodes` passes requests on between the edge and the API.
const NODES: &[&str] = &[
    "fairseat-app",
    "fairseat-domain",
    "fairseat-edge",
    "fairseat-engine",
    "fairseat-journal",
    "fairseat-postgres",
    "fairseat-test-postgres",
];
/// `redis` implements ports of `edge` and `engine`.
const REDIS: &[&str] = &[
    "fairseat-breaker",
    "fairseat-domain",
    "fairseat-edge",
    "fairseat-engine",
    "fairseat-journal",
    "fairseat-test-redis",
];
const API: &[&str] = &[
    "fairseat-app",
    "fairseat-contract",
    "fairseat-domain",
    "fairseat-edge",
    "fairseat-engine",
    "fairseat-journal",
    "fairseat-maps",
    "fairseat-payments",
    "fairseat-problems",
    "fairseat-store",
    "fairseat-turns",
];
const SERVER: &[&str] = &[
    "fairseat-api",
    "fairseat-app",
    "fairseat-bus",
    "fairseat-console",
    "fairseat-contract",
    "fairseat-domain",
    "fairseat-edge",
    "fairseat-engine",
    "fairseat-journal",
    "fairseat-maintenance",
    "fairseat-messages",
    "fairseat-nodes",
    "fairseat-payments",
    "fairseat-postgres",
    "fairseat-redis",
    "fairseat-store",
    "fairseat-web",
    "fairseat-turns",
    "fairseat-test-broker",
    "fairseat-test-postgres",
    "fairseat-test-redis",
];
const BENCH: &[&str] = &[
    "fairseat-api",
    "fairseat-app",
    "fairseat-contract",
    "fairseat-domain",
    "fairseat-edge",
    "fairseat-engine",
    "fairseat-journal",
    "fairseat-server",
    "fairseat-store",
    "fairseat-test-postgres",
];

/// External crates that some of ours must not depend on, because `app` and the crates below it must not know HTTP.
const FORBIDDEN: &[(&str, &[&str])] = &[
    ("fairseat-app", &["axum", "hyper", "http", "tower", "utoipa"]),
    ("fairseat-maintenance", &["axum", "hyper", "http", "tower", "utoipa"]),
    ("fairseat-messages", &["axum", "hyper", "http", "tower", "utoipa"]),
    ("fairseat-payments", &["axum", "hyper", "http", "tower", "utoipa"]),
];

/// Each of our crates with its direct dependencies.
pub(super) type Edges = Vec<(String, Vec<String>)>;

/// The direct dependencies of our crates, from `cargo metadata`.
///
/// # Errors
/// When cargo cannot read the workspace.
pub(super) fn edges() -> Result<Edges> {
    let mut command = MetadataCommand::new();
    command.manifest_path(super::root().join("Cargo.toml")).no_deps();
    let metadata = command.exec().context("cargo metadata")?;
    let edges = metadata.packages.iter().map(|package| {
        let seen: BTreeSet<_> = package.dependencies.iter().map(|seen| seen.name.clone()).collect();
        // cargo lists a crate as a dependency of itself if its tests enable its own features.
        let others = seen.into_iter().filter(|other| *other != *package.name);
        (package.name.to_string(), others.collect())
    });
    Ok(edges.collect())
}

/// The forbidden dependencies.
pub(super) fn offences(edges: &Edges) -> Vec<String> {
    let mut offences = Vec::new();
    for (name, seen) in edges {
        match ALLOWED.iter().find(|(crate_name, _)| crate_name == name) {
            None => offences.push(format!("{name}: a new crate; list in {} what it may depend on", file!())),
            Some((_, allowed)) => {
                let forbidden =
                    FORBIDDEN.iter().find(|(of, _)| of == name).map_or(&[][..], |(_, names)| names);
                let wrong = seen.iter().filter(|other| {
                    let ours = other.starts_with("fairseat-");
                    (ours && !allowed.contains(&other.as_str())) || forbidden.contains(&other.as_str())
                });
                offences.extend(wrong.map(|other| format!("{name}: must not depend on {other}")));
            }
        }
    }
    offences
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forbidden_dependency_is_an_offence() {
        let edge = |from: &str, to: &str| vec![(from.to_owned(), vec![to.to_owned()])];
        assert!(offences(&edge("fairseat-engine", "fairseat-journal")).is_empty());
        assert_eq!(
            offences(&edge("fairseat-journal", "fairseat-domain")),
            ["fairseat-journal: must not depend on fairseat-domain"]
        );
        assert_eq!(offences(&edge("fairseat-web", "fairseat-store")).len(), 1);
        assert_eq!(offences(&edge("fairseat-unheard-of", "fairseat-domain")).len(), 1);
        assert_eq!(offences(&edge("fairseat-app", "axum")), ["fairseat-app: must not depend on axum"]);
        assert!(offences(&edge("fairseat-app", "tokio")).is_empty());
    }

    #[test]
    fn the_binary_is_built_without_fail_points() {
        let mut tree = std::process::Command::new(env!("CARGO"));
        tree.args([
            "tree",
            "--locked",
            "--package",
            "fairseat-server",
            "--edges",
            "no-dev",
            "--prefix",
            "none",
        ]);
        let output = tree.current_dir(super::super::root()).output().unwrap();
        let tree = String::from_utf8(output.stdout).unwrap();
        assert!(tree.contains("fairseat-journal v"), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(!tree.lines().any(|line| line.starts_with("fail v")), "{tree}");
    }

    #[test]
    fn dependencies_are_read_from_cargo() {
        let edges = edges().unwrap();
        let server = edges.iter().find(|(name, _)| name == "fairseat-server").unwrap();
        assert!(server.1.contains(&"fairseat-engine".to_owned()), "{edges:?}");
    }
}
