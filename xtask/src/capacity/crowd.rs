//! The crowd: how many nodes hold the live maps of so many people, and how late and how large their frames are.

use super::input::Input;
use super::peak::GIGABIT;
use super::table::{Table, number};
use anyhow::Result;
use std::fmt::Write as _;

/// The viewers of one node, and what they cost.
#[derive(Debug)]
pub(super) struct Crowd {
    /// The most viewers that one node is given.
    pub(super) viewers_a_node: f64,
    /// Seconds between two frames to one viewer, at that number.
    pub(super) tick_s: f64,
    pub(super) change_bytes_a_second: f64,
}

impl Crowd {
    /// The calculation, and its block of the document.
    ///
    /// # Errors
    /// When a cost is missing.
    pub(super) fn of(input: &Input) -> Result<(Self, String)> {
        let (connections, longest) =
            (input.get("node_connections", "connections")?, input.get("longest_tick", "s")?);
        let memory = input.get("viewer_memory", "kB")? + input.get("socket_memory", "kB")?;
        let by_memory = input.get("viewers_memory", "GB")? * 1e6 / memory;
        let frame_us = input.get("frame_node", "µs")?;
        let cores = input.get("node_cores", "cores")? * input.get("busy", "of 1")?;
        let by_processor = cores * 1e6 / frame_us * longest;
        let viewers_a_node = connections.min(by_memory).min(by_processor);
        let tick_s = (viewers_a_node * input.get("tick_of_a_viewer", "µs")? / 1e6).clamp(0.1, longest);
        let (seats, minutes) = (input.get("hot_seats", "seats")?, input.get("sold_within", "min")?);
        let changes = seats * input.get("changes_of_a_seat", "changes")? / (minutes * 60.0);
        let change_bytes_a_second = changes * input.get("change_bytes", "B")?;
        let crowd = Self { viewers_a_node, tick_s, change_bytes_a_second };
        let text = crowd.text(input, [connections, by_memory, by_processor], changes)?;
        Ok((crowd, text))
    }

    /// Nodes for so many viewers.
    pub(super) fn nodes(&self, viewers: f64) -> f64 {
        (viewers / self.viewers_a_node).ceil()
    }

    /// Gbit/s for so many viewers.
    pub(super) fn gigabits(&self, viewers: f64) -> f64 {
        viewers * self.change_bytes_a_second * GIGABIT
    }

    fn text(&self, input: &Input, most: [f64; 3], changes: f64) -> Result<String> {
        let [connections, memory, processor] = most.map(number);
        let mut text = String::new();
        writeln!(
            text,
            "A node is given {} viewers: the least of {connections} (its limit of connections), {memory} (memory) and {processor} \
             (processor, a frame every {} s). At that number a map is up to {} s late. A sale of {} seats within {} minutes changes {} \
             seats a second, {} bytes a second to each viewer.\n",
            number(self.viewers_a_node),
            number(input.get("longest_tick", "s")?),
            number(self.tick_s),
            number(input.get("hot_seats", "seats")?),
            number(input.get("sold_within", "min")?),
            number(changes),
            number(self.change_bytes_a_second)
        )?;
        let mut table = Table::new(&["live maps open", "viewers", "nodes", "Gbit/s"]);
        let crowd = input.get("crowd", "people")?;
        let shares = [
            ("everybody", crowd),
            ("one in ten", crowd / 10.0),
            ("those whom a waiting room lets in at once", input.get("let_in", "people")?),
        ];
        for (who, viewers) in shares {
            let cells = [viewers, self.nodes(viewers), self.gigabits(viewers)].map(number);
            table.row(&[vec![who.to_owned()], cells.to_vec()].concat());
        }
        text.push_str(&table.text());
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{close, small};
    use super::*;

    #[test]
    fn the_smallest_limit_decides_and_frames_become_rarer() {
        let mut input = small();
        let (crowd, _) = Crowd::of(&input).unwrap();
        // 1,000 connections; 1 GB for 10 kB each: 100,000; one core for frames of 100 µs every 2 s: 20,000.
        close(crowd.viewers_a_node, 1_000.0);
        close(crowd.tick_s, 0.1);
        close(crowd.nodes(2_500.0), 3.0);
        // 600 seats that change twice within ten minutes, 4 bytes each.
        close(crowd.change_bytes_a_second, 8.0);
        close(crowd.gigabits(1e9), 64.0);
        input.assumed.get_mut("node_connections").unwrap().value = 1e9;
        let (crowd, _) = Crowd::of(&input).unwrap();
        close(crowd.viewers_a_node, 20_000.0);
        close(crowd.tick_s, 2.0);
    }
}
