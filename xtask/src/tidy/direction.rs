//! Dependencies between our crates point inward only. A new edge needs an ADR, and then a line here.

use anyhow::{Context, Result};
use cargo_metadata::MetadataCommand;
use std::collections::BTreeSet;

/// Which of our crates each may see, in builds and in tests alike. `journal` never sees `domain`, `domain` sees nothing.
const ALLOWED: &[(&str, &[&str])] = &[
    ("fairseat-domain", &[]),
    ("fairseat-journal", &[]),
    ("fairseat-store", &["fairseat-domain"]),
    ("fairseat-engine", &["fairseat-domain", "fairseat-journal"]),
    ("fairseat-payments", &["fairseat-domain", "fairseat-engine"]),
    ("fairseat-messages", &["fairseat-domain", "fairseat-engine", "fairseat-store"]),
    ("fairseat-contract", &["fairseat-domain"]),
    ("fairseat-edge", &["fairseat-domain"]),
    ("fairseat-app", APP),
    ("fairseat-api", API),
    ("fairseat-web", &["fairseat-contract", "fairseat-domain", "fairseat-edge"]),
    ("fairseat-server", SERVER),
    ("fairseat-sim", &["fairseat-domain", "fairseat-engine", "fairseat-journal", "fairseat-store"]),
    ("fairseat-bench", BENCH),
    ("xtask", &[]),
];

/// What the platform does sees everything below it, and no HTTP.
const APP: &[&str] = &[
    "fairseat-domain",
    "fairseat-engine",
    "fairseat-journal",
    "fairseat-messages",
    "fairseat-payments",
    "fairseat-store",
];
const API: &[&str] = &[
    "fairseat-app",
    "fairseat-contract",
    "fairseat-domain",
    "fairseat-edge",
    "fairseat-engine",
    "fairseat-journal",
    "fairseat-payments",
    "fairseat-store",
];
const SERVER: &[&str] = &[
    "fairseat-api",
    "fairseat-app",
    "fairseat-contract",
    "fairseat-domain",
    "fairseat-edge",
    "fairseat-engine",
    "fairseat-journal",
    "fairseat-messages",
    "fairseat-payments",
    "fairseat-store",
    "fairseat-web",
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
];

/// Crates of others that some of ours must never see: what the platform does knows no HTTP.
const FORBIDDEN: &[(&str, &[&str])] = &[
    ("fairseat-app", &["axum", "hyper", "http", "tower", "utoipa"]),
    ("fairseat-messages", &["axum", "hyper", "http", "tower", "utoipa"]),
    ("fairseat-payments", &["axum", "hyper", "http", "tower", "utoipa"]),
];

/// A crate of ours, and every crate it names as a dependency.
pub(super) type Edges = Vec<(String, Vec<String>)>;

/// Every direct dependency of our crates, as cargo sees it.
///
/// # Errors
/// When cargo cannot read the workspace.
pub(super) fn edges() -> Result<Edges> {
    let mut command = MetadataCommand::new();
    command.manifest_path(super::root().join("Cargo.toml")).no_deps();
    let metadata = command.exec().context("cargo metadata")?;
    let edges = metadata.packages.iter().map(|package| {
        let seen: BTreeSet<_> = package.dependencies.iter().map(|seen| seen.name.clone()).collect();
        // Tests may turn on features of their own crate, which cargo lists as a dependency on itself.
        let others = seen.into_iter().filter(|other| *other != *package.name);
        (package.name.to_string(), others.collect())
    });
    Ok(edges.collect())
}

/// What is wrong with them.
pub(super) fn offences(edges: &Edges) -> Vec<String> {
    let mut offences = Vec::new();
    for (name, seen) in edges {
        match ALLOWED.iter().find(|(known, _)| known == name) {
            None => offences.push(format!("{name}: a new crate; say in {} what it may see", file!())),
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
    fn an_edge_outward_is_an_offence() {
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
            "--offline",
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
    fn cargo_names_the_edges_there_are() {
        let edges = edges().unwrap();
        let server = edges.iter().find(|(name, _)| name == "fairseat-server").unwrap();
        assert!(server.1.contains(&"fairseat-engine".to_owned()), "{edges:?}");
    }
}
