//! Cycles in a graph of files: its strongly connected components.

use super::modules::Dependencies;
use std::collections::BTreeSet;

/// All maximal sets of at least two files in which each file reaches every other one. Files and sets are ordered by name.
pub(super) fn cycles(graph: &Dependencies) -> Vec<BTreeSet<&str>> {
    let mut cycles = BTreeSet::new();
    for file in graph.keys() {
        let reached = reached_from(graph, file);
        // A few hundred small files: searching from each is fast enough, and easier to read than Tarjan's algorithm.
        let cycle: BTreeSet<&str> =
            reached.into_iter().filter(|other| reached_from(graph, other).contains(file.as_str())).collect();
        if cycle.len() > 1 {
            cycles.insert(cycle);
        }
    }
    cycles.into_iter().collect()
}

/// Every file that can be reached from this one in at least one step.
fn reached_from<'a>(graph: &'a Dependencies, file: &str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut open = vec![file];
    while let Some(next) = open.pop() {
        let targets = graph.get(next).into_iter().flat_map(|targets| targets.keys());
        for target in targets.map(String::as_str) {
            if reached.insert(target) {
                open.push(target);
            }
        }
    }
    reached
}
