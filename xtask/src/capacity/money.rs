//! What a year costs: usual hours, hours of large on-sales, databases, disk, bandwidth.

use super::crowd::Crowd;
use super::input::Input;
use super::peak::Peak;
use super::storage::Storage;
use super::table::{Table, number};
use anyhow::Result;
use std::fmt::Write as _;

const HOURS_A_YEAR: f64 = 365.0 * 24.0;

/// The machines of a usual hour.
#[derive(Debug)]
pub(super) struct Usual {
    pub(super) nodes: f64,
}

/// Cores of nodes and of databases for sales that are awake and idle.
fn idle_cores(input: &Input) -> Result<[f64; 2]> {
    let awake = input.get("awake_sales", "sales")?;
    let of = |name: &str| input.get(name, "µs/s");
    Ok([awake * of("idle_sale_node")? / 1e6, awake * of("idle_sale_database")? / 1e6])
}

impl Usual {
    /// The calculation, and its block of the document.
    ///
    /// # Errors
    /// When a cost is missing.
    pub(super) fn of(input: &Input, peak: &Peak) -> Result<(Self, String)> {
        let (usual, all) = (input.get("usual_requests", "/s")?, input.get("peak_requests", "/s")?);
        let awake = input.get("awake_sales", "sales")?;
        let idle_cores = idle_cores(input)?;
        let cores = peak.node_cores * usual / all + idle_cores[0];
        let (node_cores, busy) = (input.get("node_cores", "cores")?, input.get("busy", "of 1")?);
        let by_processor = (cores * input.get("margin", "times")? / (node_cores * busy)).ceil();
        let by_awake = (awake / input.get("most_awake", "sales")?).ceil();
        let nodes = by_processor.max(by_awake) + input.get("spare_nodes", "nodes")?;
        let memory = awake * input.get("awake_sale", "kB")? / 1e6;
        let mut text = String::new();
        writeln!(
            text,
            "- {} requests a second: {} cores of nodes, {} of databases, by the mix of the peak.",
            number(usual),
            number(peak.node_cores * usual / all),
            number(peak.database_cores * usual / all)
        )?;
        writeln!(
            text,
            "- {} sales awake (those that somebody asked for within five minutes; others sleep and cost nothing): {} cores of nodes, {} of databases, {} GB.",
            number(awake),
            number(idle_cores[0]),
            number(idle_cores[1]),
            number(memory)
        )?;
        writeln!(
            text,
            "- **Nodes: {}**: {} by processor, {} because a node keeps at most {} sales awake; the larger, and the spare ones.",
            number(nodes),
            number(by_processor),
            number(by_awake),
            number(input.get("most_awake", "sales")?)
        )?;
        Ok((Self { nodes }, text))
    }
}

/// The block about money.
///
/// # Errors
/// When a price is missing.
pub(super) fn text(input: &Input, parts: (&Peak, &Crowd, &Storage, &Usual)) -> Result<String> {
    let (peak, crowd, storage, usual) = parts;
    let on_sale_hours = input.get("on_sales_a_year", "on-sales")? * input.get("on_sale_hours", "h")?;
    let let_in = input.get("let_in", "people")?;
    let extra = (peak.nodes + crowd.nodes(let_in) - usual.nodes).max(0.0);
    let servers = peak.workers.max(storage.servers) * input.get("copies", "copies")?;
    let (node, worker) = (input.get("node_price", "$/h")?, input.get("worker_price", "$/h")?);
    let (disk, egress) = (input.get("disk_price", "$/GB/month")?, input.get("egress_price", "$/GB")?);
    let gigabytes = |gigabits: f64, hours: f64| gigabits / 8.0 * 3_600.0 * hours;
    let usual_gigabits =
        peak.gigabits * input.get("usual_requests", "/s")? / input.get("peak_requests", "/s")?;
    let on_sale_gigabits = peak.gigabits + crowd.gigabits(let_in);
    let sent = gigabytes(usual_gigabits, HOURS_A_YEAR) + gigabytes(on_sale_gigabits, on_sale_hours);
    let backups = input.get("backups", "copies")?;
    let lines = [
        (
            format!(
                "nodes, all year: {} × {} h × ${}",
                number(usual.nodes),
                number(HOURS_A_YEAR),
                number(node)
            ),
            usual.nodes * HOURS_A_YEAR * node,
        ),
        (
            format!(
                "more nodes at large on-sales: {} × {} h × ${}",
                number(extra),
                number(on_sale_hours),
                number(node)
            ),
            extra * on_sale_hours * node,
        ),
        (
            format!(
                "database servers with standbys: {} × {} h × ${}",
                number(servers),
                number(HOURS_A_YEAR),
                number(worker)
            ),
            servers * HOURS_A_YEAR * worker,
        ),
        (
            format!(
                "disk at the end of the years: ({} TB + {} × {} TB of backups) × 12 months × ${}/GB",
                number(storage.all_tb),
                number(backups),
                number(storage.copy_tb),
                number(disk)
            ),
            (storage.all_tb + backups * storage.copy_tb) * 1e3 * 12.0 * disk,
        ),
        (format!("bandwidth: {} TB × ${}/GB", number(sent / 1e3), number(egress)), sent * egress),
    ];
    let mut table = Table::new(&["", "$ a year"]);
    let mut all = 0.0;
    for (what, dollars) in lines {
        all += dollars;
        table.row(&[what, number(dollars)]);
    }
    table.row(&["**all**".to_owned(), format!("**{}**", number(all))]);
    let mut text = table.text();
    let tickets = input.get("tickets_a_year", "tickets")?;
    writeln!(text, "\nThat is {} cents a ticket.", number(all / tickets * 100.0))?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{close, small};
    use super::*;

    #[test]
    fn a_usual_hour_needs_nodes_for_requests_and_for_awake_sales() {
        let input = small();
        let (peak, _) = Peak::of(&input).unwrap();
        let (usual, _) = Usual::of(&input, &peak).unwrap();
        // 2,500 sales awake, 1,000 at most on a node, and one to spare.
        close(usual.nodes, 4.0);
        let [node, database] = idle_cores(&input).unwrap();
        close(node, 2_500.0 * 2e-6);
        close(database, 2_500.0 * 4e-6);
    }

    #[test]
    fn prices_are_multiplied_by_hours() {
        let input = small();
        let (peak, _) = Peak::of(&input).unwrap();
        let (usual, _) = Usual::of(&input, &peak).unwrap();
        let (crowd, _) = Crowd::of(&input).unwrap();
        let (storage, _) = Storage::of(&input).unwrap();
        let text = text(&input, (&peak, &crowd, &storage, &usual)).unwrap();
        // Four nodes for a dollar an hour. At an on-sale two for requests and one for viewers are fewer, so none is added.
        assert!(text.contains("| nodes, all year: 4 × 8,760 h × $1 | 35,000 |"), "{text}");
        assert!(text.contains("| more nodes at large on-sales: 0 × 20 h × $1 | 0 |"), "{text}");
        assert!(text.contains("| database servers with standbys: 2 × 8,760 h × $2 | 35,000 |"), "{text}");
    }
}
