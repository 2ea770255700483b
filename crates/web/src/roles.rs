//! The roles of members of an organization, and what each may do.

/// The roles that an owner can give, each with a short description. The application decides what a role may do; a test of the server
/// compares the names.
pub const ROLES: &[(&str, &str)] = &[
    ("owner", "everything, members included"),
    ("manager", "venues, events, seats, orders, refunds"),
    ("finance", "orders, refunds and figures"),
    ("staff", "the door and the box office"),
];
