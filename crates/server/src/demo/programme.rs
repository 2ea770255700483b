//! The demo's venues and the form of its events, as data; the events are in `events`.

use jiff::civil::Weekday;

/// A venue of the demo.
#[derive(Debug)]
pub(super) struct DemoVenue {
    pub(super) name: &'static str,
    pub(super) address: &'static str,
    pub(super) city: &'static str,
    pub(super) state: &'static str,
    pub(super) country: &'static str,
    pub(super) layout_type: &'static str,
    pub(super) plan: Plan,
}

/// The source of a venue's plan.
#[derive(Debug)]
pub(super) enum Plan {
    /// A file from a plan editor, and names for categories that the editor named by a UUID.
    File(&'static str, &'static [(&'static str, &'static str)]),
    /// Blocks of seats, and standing places; and the section at which people look.
    Blocks(&'static [Block], Option<&'static str>),
}

/// Sections of the same size.
#[derive(Debug)]
pub(super) struct Block {
    /// The name: several sections are called `name 1`, `name 2`, …; a single one is just `name`.
    pub(super) name: &'static str,
    pub(super) sections: u32,
    pub(super) rows: u32,
    /// Seats per row; if there are no rows, the number of standing places.
    pub(super) seats: u32,
}

const fn block(name: &'static str, sections: u32, rows: u32, seats: u32) -> Block {
    Block { name, sections, rows, seats }
}

/// A stadium of 100,000, a club, a theatre, an arena, a concert hall.
pub(super) const VENUES: [DemoVenue; 5] = [
    DemoVenue {
        name: "Meridian Stadium",
        address: "1200 Stadium Way",
        city: "Los Angeles",
        state: "CA",
        country: "USA",
        layout_type: "stadium",
        plan: Plan::Blocks(
            &[
                block("Pitch Standing", 1, 0, 10_000),
                block("Lower", 40, 30, 30),
                block("Club", 25, 15, 24),
                block("Upper", 50, 30, 30),
            ],
            Some("Pitch Standing"),
        ),
    },
    DemoVenue {
        name: "The Night Owl",
        address: "Köpenicker Straße 48",
        city: "Berlin",
        state: "",
        country: "Germany",
        layout_type: "club",
        plan: Plan::Blocks(&[block("Floor", 1, 0, 500)], None),
    },
    DemoVenue {
        name: "Harbour Playhouse",
        address: "1 Pier Street",
        city: "New York",
        state: "NY",
        country: "USA",
        layout_type: "theater",
        plan: Plan::File(
            include_str!("../../../../examples/plans/small-theatre.json"),
            &[
                ("c52f5fd6-3f0e-4a86-9e52-0f3f2a6b7a11", "Front stalls"),
                ("0b9d6c4e-7d0a-4b57-8f0c-64b7a3f1d922", "Middle stalls"),
                ("e7a1b3c8-5d24-4c19-a6f3-91d08c2e4f33", "Rear and balcony"),
            ],
        ),
    },
    DemoVenue {
        name: "Union Arena",
        address: "300 Lake Street",
        city: "Chicago",
        state: "IL",
        country: "USA",
        layout_type: "arena",
        plan: Plan::File(include_str!("../../../../examples/plans/arena.json"), &[]),
    },
    DemoVenue {
        name: "St Cecilia Hall",
        address: "7 Chapel Lane",
        city: "London",
        state: "",
        country: "United Kingdom",
        layout_type: "hall",
        plan: Plan::File(include_str!("../../../../examples/plans/concert-hall.json"), &[]),
    },
];

/// Whether an event is on sale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Selling {
    /// Sales began some days ago.
    Now,
    /// Sales begin in some days.
    Later,
    /// Every seat is sold.
    Out,
}

/// The day of an event.
#[derive(Clone, Copy, Debug)]
pub(super) enum Day {
    /// Today, or tomorrow if it is too late for today.
    Today,
    /// The first such day of the week from so many days after the first start of the demo.
    Weekday(Weekday, i64),
    /// The next such day of the year: month and day.
    Date(i8, i8),
}

/// When an event takes place, on the clocks of its venue.
#[derive(Clone, Copy, Debug)]
pub(super) struct When {
    pub(super) day: Day,
    /// Hour and minute of the start.
    pub(super) starts: (i8, i8),
    pub(super) minutes: i64,
    /// How long before the start the doors open; 0 if that is not said.
    pub(super) doors_minutes: i64,
}

/// An event of the demo.
#[derive(Debug)]
pub(super) struct DemoEvent {
    /// Position in [`VENUES`].
    pub(super) venue: usize,
    pub(super) name: &'static str,
    /// Who performs or plays; may be empty.
    pub(super) performer: &'static str,
    pub(super) description: &'static str,
    pub(super) category: &'static str,
    pub(super) when: When,
    pub(super) selling: Selling,
    /// Prices in the currency's main unit, by the kinds of seats in the plan's order; the last one is for all further kinds.
    pub(super) prices: &'static [i64],
}

pub(super) const STADIUM: usize = 0;
pub(super) const CLUB: usize = 1;
pub(super) const THEATRE: usize = 2;
pub(super) const ARENA: usize = 3;
pub(super) const HALL: usize = 4;
