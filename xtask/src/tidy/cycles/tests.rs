//! Invented crates, and the cycles found in them.

use super::{modules::Files, offences_in};

/// The offences of a crate that consists of these files, each written as its path below `a/src/` and its text.
fn cycles(files: &[(&str, &str)]) -> Vec<String> {
    let named: Vec<_> = files.iter().map(|(path, text)| (format!("a/src/{path}"), *text)).collect();
    let files: Files<'_> = named.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    offences_in(&files).unwrap()
}

#[test]
fn a_cycle_that_crosses_a_folder_is_named_with_what_ties_it() {
    let found = cycles(&[
        ("lib.rs", "mod money; mod sale;"),
        ("money.rs", "pub struct Amount; fn total(sale: crate::sale::order::Order) {}"),
        ("sale/mod.rs", "pub mod order;"),
        ("sale/order.rs", "use crate::money::Amount; pub struct Order(Amount);"),
    ]);
    assert_eq!(
        found,
        ["a/src/money.rs: in a cycle of 2 files that crosses folders:\
          \n    a/src/money.rs uses crate::sale::order::Order of a/src/sale/order.rs\
          \n    a/src/sale/order.rs uses crate::money::Amount of a/src/money.rs"]
    );
}

#[test]
fn cycles_that_cross_a_folder_are_found_however_they_are_written() {
    let order_uses_money = "use super::super::money::Amount; pub struct Order(Amount); pub fn price() {}";
    for money in [
        "pub struct Amount; use crate::sale::order::Order;",
        "pub struct Amount; use super::sale::{order::{self}}; fn f() { order::price() }",
        "pub struct Amount; use crate::sale; fn f() { sale::order::price() }",
        "pub struct Amount; fn f() { let a = Some(crate::sale::order::price()); }",
        "pub struct Amount; fn f() { vec![crate::sale::order::price()]; }",
        "pub struct Amount; mod tests { use super::super::sale::order::Order; }",
        "pub struct Amount; use crate::sale::order::*; fn f() { price() }",
        "pub struct Amount; use crate::sale::Order;",
        "pub struct Amount; use crate::sale::Renamed;",
        "pub struct Amount; use crate::sale::*; fn f(order: Order) {}",
        "pub struct Amount; use crate::Exported;",
        "macro_rules! make { () => { $crate::sale::order::price() } } make!(struct Amount);",
    ] {
        let found = cycles(&[
            ("lib.rs", "mod money; mod sale; pub use sale::Order as Exported;"),
            ("money.rs", money),
            ("sale/mod.rs", "pub mod order; pub use order::{Order, Order as Renamed};"),
            ("sale/order.rs", order_uses_money),
        ]);
        assert_eq!(found.len(), 1, "{money}: {found:?}");
    }
}

#[test]
fn a_cycle_over_three_folders_is_one_offence() {
    let found = cycles(&[
        ("lib.rs", "mod x; mod y; mod z;"),
        ("x/mod.rs", "mod a; pub use a::A;"),
        ("x/a.rs", "pub struct A(crate::y::B);"),
        ("y/mod.rs", "mod b; pub use b::B;"),
        ("y/b.rs", "pub struct B(crate::z::C);"),
        ("z.rs", "mod c; pub use c::C;"),
        ("z/c.rs", "pub struct C(crate::x::A);"),
    ]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("cycle of 3 files"), "{found:?}");
}

#[test]
fn files_of_one_folder_may_use_each_other() {
    let found = cycles(&[
        ("lib.rs", "mod x; mod y;"),
        ("x/mod.rs", "mod a; mod b; struct X(a::A);"),
        ("x/a.rs", "pub struct A(super::b::B, super::X);"),
        ("x/b.rs", "pub struct B(super::a::A);"),
        ("y.rs", "mod c; struct Y(c::C);"),
        ("y/c.rs", "pub struct C(super::Y);"),
    ]);
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn declaring_and_reexporting_a_child_is_no_dependency() {
    let found = cycles(&[
        ("lib.rs", "mod x; pub use x::{deep::Deep, made}; pub struct Root;"),
        ("x/mod.rs", "pub mod deep; pub use deep::Deep; pub struct Parent;"),
        ("x/deep/mod.rs", "use super::Parent; pub struct Deep(Parent, crate::Root);"),
    ]);
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn a_parent_that_mentions_the_child_it_reexports_depends_on_it() {
    let found = cycles(&[
        ("lib.rs", "mod x; pub use x::Child; pub struct Root(Child);"),
        ("x/mod.rs", "pub struct Child(crate::Root);"),
    ]);
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn a_name_that_goes_through_another_file_counts_for_the_file_that_defines_it() {
    let found = cycles(&[
        ("lib.rs", "mod front; mod x;"),
        ("front.rs", "pub use crate::x::A;"),
        ("x/mod.rs", "mod a; mod b; pub use a::A;"),
        ("x/a.rs", "pub struct A;"),
        ("x/b.rs", "use crate::front::A;"),
    ]);
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn names_of_other_crates_and_text_are_no_dependency() {
    let found = cycles(&[
        ("lib.rs", "mod money; mod sale;"),
        (
            "money.rs",
            "use tokio::sale::Order; use ::sale::x; /* crate::sale::Order */ pub struct Amount(&'static str);",
        ),
        ("sale/mod.rs", "pub struct Order(crate::money::Amount); fn f() { \"crate::sale::Order\"; }"),
    ]);
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn globs_of_each_other_end() {
    let found = cycles(&[
        ("lib.rs", "mod x; mod y;"),
        ("x.rs", "pub use crate::y::*; fn f() { unknown() }"),
        ("y.rs", "pub use crate::x::*; fn f() { unknown() }"),
    ]);
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn each_test_program_is_a_crate_and_may_take_files_from_elsewhere() {
    let files = [
        ("a/tests/api/main.rs", "#[path = \"../common/mod.rs\"] mod common; mod orders; pub struct Root;"),
        ("a/tests/api/orders.rs", "use crate::common::helper; pub fn order() {}"),
        ("a/tests/common/mod.rs", "pub fn helper() { crate::orders::order() }"),
    ];
    let found = offences_in(&files.into_iter().collect()).unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
}
