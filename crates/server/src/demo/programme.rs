//! The demo's venues and events, as data.

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
        address: "1 Stadium Way",
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
        address: "48 Warehouse Row",
        city: "Berlin",
        state: "",
        country: "Germany",
        layout_type: "club",
        plan: Plan::Blocks(&[block("Floor", 1, 0, 500)], None),
    },
    DemoVenue {
        name: "Harbour Playhouse",
        address: "1 Quay",
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

/// An event of the demo.
#[derive(Debug)]
pub(super) struct DemoEvent {
    /// Position in [`VENUES`].
    pub(super) venue: usize,
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    pub(super) category: &'static str,
    /// Days from the first start of the demo.
    pub(super) in_days: i64,
    pub(super) selling: Selling,
    /// The highest price, in the currency's main unit; the others are derived from it.
    pub(super) top_price: i64,
}

const fn event(
    venue: usize,
    name: &'static str,
    description: &'static str,
    category: &'static str,
    in_days: i64,
    selling: Selling,
    top_price: i64,
) -> DemoEvent {
    DemoEvent { venue, name, description, category, in_days, selling, top_price }
}

const STADIUM: usize = 0;
const CLUB: usize = 1;
const THEATRE: usize = 2;
const ARENA: usize = 3;
const HALL: usize = 4;

/// Thirty events, some on sale, some upcoming, two sold out.
pub(super) const EVENTS: [DemoEvent; 30] = [
    event(
        STADIUM,
        "Aurora: The Northern Lights Tour",
        "Two hours of everything, under an open sky.",
        "concert",
        45,
        Selling::Now,
        300,
    ),
    event(
        STADIUM,
        "Championship Final",
        "The last two teams, one evening.",
        "sports",
        80,
        Selling::Later,
        220,
    ),
    event(
        STADIUM,
        "Monsters of Brass",
        "Four hundred trombones and a marching band.",
        "festival",
        120,
        Selling::Now,
        95,
    ),
    event(
        CLUB,
        "Basement Tapes Live",
        "Three bands you will say you saw first.",
        "concert",
        6,
        Selling::Now,
        18,
    ),
    event(CLUB, "Vinyl Only", "All night, no laptops.", "club", 9, Selling::Now, 12),
    event(CLUB, "Modular Monday", "Cables, drones, and patience.", "concert", 16, Selling::Now, 10),
    event(CLUB, "Open Mic Finals", "Ten poets, one microphone.", "comedy", 23, Selling::Now, 8),
    event(CLUB, "New Year Countdown", "Doors at nine, midnight at midnight.", "club", 38, Selling::Later, 35),
    event(CLUB, "Basement Tapes Live II", "They came back.", "concert", 66, Selling::Later, 18),
    event(
        THEATRE,
        "The Winter Keeper",
        "A lighthouse, a storm, and somebody at the door.",
        "theater",
        12,
        Selling::Now,
        65,
    ),
    event(
        THEATRE,
        "The Winter Keeper (Matinee)",
        "The same storm, by daylight.",
        "theater",
        13,
        Selling::Now,
        45,
    ),
    event(
        THEATRE,
        "Twelfth Night",
        "Shipwreck, disguise, yellow stockings.",
        "theater",
        30,
        Selling::Now,
        70,
    ),
    event(
        THEATRE,
        "An Evening of One-Acts",
        "Five plays, five authors, one interval.",
        "theater",
        52,
        Selling::Now,
        40,
    ),
    event(THEATRE, "Puppets After Dark", "Not for children.", "comedy", 60, Selling::Later, 38),
    event(THEATRE, "The Paper Boat", "A family story on a very small sea.", "family", 75, Selling::Later, 28),
    event(THEATRE, "Opening Gala", "Speeches, and then music.", "theater", 5, Selling::Out, 120),
    event(ARENA, "City Hawks vs River Kings", "Regular season.", "sports", 8, Selling::Now, 140),
    event(ARENA, "City Hawks vs Lake Giants", "Regular season.", "sports", 15, Selling::Now, 140),
    event(
        ARENA,
        "City Hawks vs Bay Foxes",
        "Regular season, last home game of the month.",
        "sports",
        29,
        Selling::Now,
        150,
    ),
    event(ARENA, "Halcyon", "The reunion nobody believed in.", "concert", 41, Selling::Later, 180),
    event(ARENA, "Ice Fantasia", "Skating for the whole family.", "family", 33, Selling::Now, 60),
    event(ARENA, "Dana Okafor: Out Loud", "New material, same shoes.", "comedy", 57, Selling::Now, 75),
    event(
        ARENA,
        "World Gaming Masters",
        "The best sixteen teams on earth.",
        "sports",
        95,
        Selling::Later,
        90,
    ),
    event(
        HALL,
        "Bach by Candlelight",
        "The Brandenburg Concertos, all six.",
        "classical",
        7,
        Selling::Out,
        48,
    ),
    event(HALL, "A Cello Alone", "Six suites in one evening.", "classical", 11, Selling::Now, 42),
    event(HALL, "Songs of the Sea", "A choir and a wind machine.", "classical", 19, Selling::Now, 36),
    event(HALL, "Jazz at Vespers", "Quartet, no amplification.", "concert", 26, Selling::Now, 32),
    event(HALL, "Messiah", "Bring your own score and sing.", "classical", 31, Selling::Now, 40),
    event(
        HALL,
        "The Story of the Orchestra",
        "For listeners from five years.",
        "family",
        47,
        Selling::Now,
        15,
    ),
    event(HALL, "New Voices", "First performances of six works.", "classical", 88, Selling::Later, 25),
];
