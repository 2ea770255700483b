//! The peak: processors and bandwidth of the requests, and the nodes and database workers that have them.

use super::input::{Input, Request};
use super::table::{Table, number};
use anyhow::Result;
use std::fmt::Write as _;

/// Bits of a byte, in Gbit/s.
pub(super) const GIGABIT: f64 = 8.0 / 1e9;

/// What the requests of the peak need.
#[derive(Debug, Default)]
pub(super) struct Peak {
    pub(super) node_cores: f64,
    /// The part of them for requests that use the database, which are the commands of sales.
    command_cores: f64,
    pub(super) database_cores: f64,
    pub(super) gigabits: f64,
    pub(super) nodes: f64,
    pub(super) workers: f64,
}

/// What one kind of request needs.
struct Line<'a> {
    request: &'a Request,
    a_second: f64,
    node_us: f64,
    database_us: f64,
    bytes: f64,
}

impl Peak {
    /// The calculation, and its block of the document.
    ///
    /// # Errors
    /// When a cost is missing.
    pub(super) fn of(input: &Input) -> Result<(Self, String)> {
        let all = input.get("peak_requests", "/s")?;
        let mut table = Table::new(&[
            "requests",
            "a second",
            "node, µs each",
            "node, cores",
            "database, µs each",
            "database, cores",
            "bytes each",
            "Gbit/s",
        ]);
        let mut peak = Self::default();
        for request in &input.mix {
            let line = Line::of(input, request, all)?;
            let (node, database) =
                (line.a_second * line.node_us / 1e6, line.a_second * line.database_us / 1e6);
            let gigabits = line.a_second * line.bytes * GIGABIT;
            peak.node_cores += node;
            peak.database_cores += database;
            peak.command_cores += if request.database.is_some() { node } else { 0.0 };
            peak.gigabits += gigabits;
            let values =
                [line.a_second, line.node_us, node, line.database_us, database, line.bytes, gigabits];
            let cells = std::iter::once(line.request.what.clone()).chain(values.map(number));
            table.row(&cells.collect::<Vec<_>>());
        }
        let totals = [all, peak.node_cores, peak.database_cores, peak.gigabits].map(number);
        let [all_text, node, database, gigabits] = totals.map(|total| format!("**{total}**"));
        let none = String::new;
        table.row(&["**all**".to_owned(), all_text, none(), node, none(), database, none(), gigabits]);
        let mut text = table.text();
        peak.machines(input, &mut text)?;
        Ok((peak, text))
    }

    fn machines(&mut self, input: &Input, text: &mut String) -> Result<()> {
        let (busy, cores) = (input.get("busy", "of 1")?, input.get("node_cores", "cores")?);
        let (worker_cores, factor) =
            (input.get("worker_cores", "cores")?, input.get("distribution", "times")?);
        let (spare, margin) = (input.get("spare_nodes", "nodes")?, input.get("margin", "times")?);
        self.nodes = (self.node_cores * margin / (cores * busy)).ceil() + spare;
        let needed = self.database_cores * margin / (worker_cores * busy);
        let distributed = needed * factor;
        self.workers = if needed <= 1.0 { 1.0 } else { distributed.ceil() };
        writeln!(
            text,
            "\n- **Nodes: {}** = {} cores × {} ÷ ({} cores a node × {} busy), rounded up, and {} to spare.",
            number(self.nodes),
            number(self.node_cores),
            number(margin),
            number(cores),
            number(busy),
            number(spare)
        )?;
        writeln!(
            text,
            "- **Database servers: {}**, each with {} cores: {} cores × {} ÷ ({} × {} busy) = {} of one server. {}",
            number(self.workers),
            number(worker_cores),
            number(self.database_cores),
            number(margin),
            number(worker_cores),
            number(busy),
            number(needed),
            if needed <= 1.0 {
                "One is enough, without Citus."
            } else {
                "More than one, so the journal is distributed, which costs more for each append."
            }
        )?;
        writeln!(
            text,
            "- Connections to the database: {} = {} nodes × {}.",
            number(self.nodes * input.get("node_database_connections", "connections")?),
            number(self.nodes),
            number(input.get("node_database_connections", "connections")?)
        )?;
        writeln!(
            text,
            "- Commands take {} cores of nodes. If all of them were for one event, its home, which has {} cores, would need them alone.",
            number(self.command_cores),
            number(cores)
        )?;
        Ok(writeln!(
            text,
            "- If the database were distributed all the same (Citus, × {}): {} of one server.",
            number(factor),
            number(distributed)
        )?)
    }
}

impl<'a> Line<'a> {
    fn of(input: &Input, request: &'a Request, all: f64) -> Result<Self> {
        let database = request.database.as_deref().map(|name| input.get(name, "µs")).transpose()?;
        Ok(Self {
            request,
            a_second: all * request.share,
            node_us: input.get(&request.node, "µs")? / request.requests,
            database_us: database.unwrap_or(0.0) / request.requests,
            bytes: input.get(&request.bytes, "B")? / request.requests,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{close, small};
    use super::*;

    #[test]
    fn requests_become_cores_and_machines() {
        let (peak, text) = Peak::of(&small()).unwrap();
        // 900 pages of 10 µs; 100 requests that are 50 orders of 100 and 300 µs.
        close(peak.node_cores, 900.0 * 10e-6 + 50.0 * 100e-6);
        close(peak.command_cores, 50.0 * 100e-6);
        close(peak.database_cores, 50.0 * 300e-6);
        close(peak.gigabits, (900.0 * 1_000.0 + 50.0 * 500.0) * 8.0 / 1e9);
        // With twice as much as a margin, one node of two cores at half load is enough, and one is spare; one server is enough.
        close(peak.nodes, 2.0);
        close(peak.workers, 1.0);
        assert!(text.contains("| orders | 100 | 50 | 0.005 | 150 | 0.015 | 250 | 0.0002 |"), "{text}");
    }

    #[test]
    fn a_database_is_distributed_when_one_server_is_too_small() {
        let mut input = small();
        input.demands.get_mut("peak_requests").unwrap().value = 1e6;
        let (peak, _) = Peak::of(&input).unwrap();
        // 15 cores × 2 ÷ (4 × 0.5) = 15 servers; distribution doubles the work. 14 cores × 2 ÷ (2 × 0.5) = 28 nodes, and a spare one.
        close(peak.workers, 30.0);
        close(peak.nodes, 29.0);
    }
}
