//! Disk: what years of orders, events and accounts take, on one copy and on all.

use super::input::Input;
use super::table::{Table, number};
use anyhow::Result;
use std::fmt::Write as _;

/// Bytes after all years.
#[derive(Debug)]
pub(super) struct Storage {
    /// One copy of the database, in TB.
    pub(super) copy_tb: f64,
    /// All copies, without backups.
    pub(super) all_tb: f64,
    /// Database servers that the disk of one copy needs.
    pub(super) servers: f64,
}

/// What an order takes, as a line through two measured sizes: so much for itself, and so much for each ticket.
#[derive(Debug, PartialEq)]
pub(super) struct OrderBytes {
    pub(super) order: f64,
    pub(super) ticket: f64,
}

impl OrderBytes {
    /// From the bytes of orders of one ticket and of four.
    pub(super) fn through(one: f64, four: f64) -> Self {
        let ticket = (four - one) / 3.0;
        Self { order: one - ticket, ticket }
    }

    fn measured(input: &Input, name: &str) -> Result<Self> {
        let bytes = |tickets: &str| input.get(&format!("{name}_{tickets}"), "B");
        Ok(Self::through(bytes("1")?, bytes("4")?))
    }

    /// Bytes of all orders.
    fn all(&self, orders: f64, tickets: f64) -> f64 {
        self.order * orders + self.ticket * tickets
    }
}

impl Storage {
    /// The calculation, and its block of the document.
    ///
    /// # Errors
    /// When a cost is missing.
    pub(super) fn of(input: &Input) -> Result<(Self, String)> {
        let (orders, tickets) =
            (input.get("orders_a_year", "orders")?, input.get("tickets_a_year", "tickets")?);
        let (events, years) = (input.get("events_a_year", "events")?, input.get("years", "years")?);
        let mut table =
            Table::new(&["", "bytes of an order", "and of each ticket", "TB a year", "TB in all years"]);
        let mut copy = 0.0;
        for (what, name, counts) in [
            ("journal, PostgreSQL", "journal", true),
            ("store: orders, tickets, letters' contacts, audit, PostgreSQL", "store", true),
            ("for comparison: journal in a data folder, SQLite", "sqlite_journal", false),
            ("for comparison: store in a data folder, SQLite, with letters and keys", "sqlite_store", false),
        ] {
            let bytes = OrderBytes::measured(input, name)?;
            let a_year = bytes.all(orders, tickets) / 1e12;
            copy += if counts { a_year * years } else { 0.0 };
            let cells = [bytes.order, bytes.ticket, a_year, a_year * years].map(number);
            table.row(&[vec![what.to_owned()], cells.to_vec()].concat());
        }
        for (what, each, count, of_all_years) in [
            ("events and their sales, opened", input.get("event_bytes", "kB")? * 1e3, events, true),
            ("accounts", input.get("account_bytes", "kB")? * 1e3, input.get("users", "people")?, false),
        ] {
            let tb = each * count / 1e12;
            let total = if of_all_years { tb * years } else { tb };
            copy += total;
            let a_year = if of_all_years { number(tb) } else { String::new() };
            table.row(&[
                format!("{what}: {} B each", number(each)),
                String::new(),
                String::new(),
                a_year,
                number(total),
            ]);
        }
        table.row(&[
            "**one copy**".to_owned(),
            String::new(),
            String::new(),
            String::new(),
            format!("**{}**", number(copy)),
        ]);
        let copies = input.get("copies", "copies")?;
        let worker_tb = input.get("worker_disk", "TB")? * input.get("disk_full", "of 1")?;
        let storage = Self { copy_tb: copy, all_tb: copy * copies, servers: (copy / worker_tb).ceil() };
        let mut text = table.text();
        storage.rest(input, &mut text, copies, worker_tb)?;
        Ok((storage, text))
    }

    fn rest(&self, input: &Input, text: &mut String, copies: f64, worker_tb: f64) -> Result<()> {
        writeln!(
            text,
            "\n- {} copies of each shard (a primary and a synchronous standby): {} TB.",
            number(copies),
            number(self.all_tb)
        )?;
        writeln!(
            text,
            "- Database servers for the disk alone: {} = {} TB ÷ {} TB that one may fill.",
            number(self.servers),
            number(self.copy_tb),
            number(worker_tb)
        )?;
        let log = input.get("log_order", "B")? * input.get("orders_a_year", "orders")? / 1e12;
        writeln!(
            text,
            "- The log (WAL) that goes to each standby and into the archive: {} TB a year; the archive keeps what base backups need.",
            number(log)
        )?;
        let ratio = input.get("compression", "times")?;
        let old = input.get("years", "years")? - 1.0;
        let journal = OrderBytes::measured(input, "journal")?;
        let (orders, tickets) =
            (input.get("orders_a_year", "orders")?, input.get("tickets_a_year", "tickets")?);
        let ended = journal.all(orders, tickets) * old / 1e12;
        Ok(writeln!(
            text,
            "- If the history of sales that ended more than a year ago were compressed (it is not today), {} TB of journal would become {} TB (× {}), \
             and one copy {} TB.",
            number(ended),
            number(ended / ratio),
            number(1.0 / ratio),
            number(self.copy_tb - ended + ended / ratio)
        )?)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{close, small};
    use super::*;

    #[test]
    fn two_sizes_give_the_bytes_of_an_order_and_of_a_ticket() {
        assert_eq!(OrderBytes::through(100.0, 160.0), OrderBytes { order: 80.0, ticket: 20.0 });
    }

    #[test]
    fn years_add_up() {
        let (storage, text) = Storage::of(&small()).unwrap();
        // Journal: 80 B an order and 20 B a ticket; store ten times as much; a million orders with two million tickets a year, two years.
        let orders = (80.0 + 2.0 * 20.0) * 1e6 * 2.0 * 11.0;
        // 1,000 events a year of 50 kB; 100 accounts of 1 kB, once.
        close(storage.copy_tb, (orders + 1_000.0 * 50e3 * 2.0 + 100.0 * 1e3) / 1e12);
        close(storage.all_tb, storage.copy_tb * 2.0);
        close(storage.servers, 1.0);
        assert!(text.contains("archive: 0.01 TB a year"), "{text}");
        assert!(text.contains("| journal, PostgreSQL | 80 | 20 | 0.00012 | 0.00024 |"), "{text}");
    }
}
