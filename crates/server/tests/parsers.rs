//! The parsers at the edge answer any input: they never panic, and never accept a forgery. Plans, wire and snapshots are tested beside
//! their own code, and by `fuzz/`; ticket tokens in `tickets::token`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use fairseat_app::access::{AccessTokens, SessionClaims};
use fairseat_app::ids::PublicIds;
use fairseat_app::keys::Keys;
use fairseat_contract::{JsonTime, MoneyText};
use fairseat_domain::ids::{AccountId, EventNumber, OrderNumber};
use fairseat_domain::money::Currency;
use fairseat_domain::time::Timestamp;
use fairseat_edge::{body, query};
use fairseat_payments::sandbox::signature;
use fairseat_store::SessionId;
use proptest::prelude::*;
use serde::Deserialize;
use std::sync::OnceLock;
use uuid::Uuid;

const KEY: [u8; 32] = [7; 32];

/// A field of every kind that a body or a query may have.
#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only whether it can be read matters")]
struct Anything {
    id: Option<Uuid>,
    price: Option<MoneyText>,
    time: Option<JsonTime>,
    count: Option<u32>,
    text: Option<String>,
}

fn now() -> Timestamp {
    Timestamp::from_millis(1_800_000_000_000)
}

fn tokens() -> &'static AccessTokens {
    static TOKENS: OnceLock<AccessTokens> = OnceLock::new();
    TOKENS.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        AccessTokens::new(&Keys::load_or_create(folder.path()).unwrap().tokens)
    })
}

fn grant() -> SessionClaims {
    SessionClaims { account: AccountId(9), session: SessionId(Uuid::from_u128(4)) }
}

/// A text with one character changed or inserted.
fn damaged(text: &str, at: prop::sample::Index, new: char, keep: bool) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    let at = at.index(characters.len());
    if keep {
        characters.insert(at, new)
    } else {
        characters[at] = new
    }
    characters.into_iter().collect()
}

proptest! {
    #[test]
    fn no_text_is_an_access_token(text in "\\PC{0,300}", dotted in "[A-Za-z0-9_-]{0,80}\\.[A-Za-z0-9_-]{0,80}\\.[A-Za-z0-9_-]{0,80}") {
        prop_assert_eq!(tokens().verify(&text, now()), None);
        prop_assert_eq!(tokens().verify(&dotted, now()), None);
    }

    #[test]
    fn a_damaged_access_token_is_refused(at: prop::sample::Index, new in "[A-Za-z0-9_.-]", keep: bool) {
        let good = tokens().issue(grant(), now()).unwrap();
        let forged = damaged(&good, at, new.chars().next().unwrap(), keep);
        prop_assume!(forged != good);
        prop_assert_eq!(tokens().verify(&forged, now()), None);
    }

    #[test]
    fn a_made_up_id_is_refused(bits: u128, flipped in 0_u32..128) {
        let ids = PublicIds::new(&[1; 16]);
        prop_assert_eq!(ids.open_order(Uuid::from_u128(bits)), None);
        let good = ids.order(EventNumber(7), OrderNumber(3));
        prop_assert_eq!(ids.open_order(Uuid::from_u128(good.as_u128() ^ 1 << flipped)), None);
    }

    #[test]
    fn any_query_and_any_body_are_answered(text in "\\PC{0,200}", bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        drop(query::parse::<Anything>(&text));
        drop(query::parse::<Anything>(&format!("id={text}&price={text}&time={text}&count={text}")));
        drop(body::parse::<Anything>(&bytes));
        drop(body::parse::<Anything>(format!(r#"{{"price": {text}, "text": "{text}"}}"#).as_bytes()));
    }

    #[test]
    fn any_amount_is_read_exactly_or_refused(text in "-?[0-9]{0,25}(\\.[0-9]{0,6})?([eE][-+]?[0-9]{1,3})?") {
        let sent = format!(r#"{{"price": {text}}}"#);
        if let Ok(Anything { price: Some(price), .. }) = body::parse::<Anything>(sent.as_bytes())
            && let Ok(amount) = price.amount(Currency::USD)
        {
            let exact: f64 = text.parse().unwrap();
            prop_assert!((amount.0 as f64 / 100.0 - exact).abs() <= exact.abs() * 1e-9, "{text} became {}", amount.0);
        }
    }

    #[test]
    fn no_other_signature_is_accepted(header in "(t=[0-9]{0,12})?,?(v1=[0-9a-f]{0,70})?\\PC{0,20}", at: prop::sample::Index, new in "[0-9a-f]") {
        prop_assert!(!signature::is_good(&header, b"body", &KEY, now()));
        let good = signature::sign(b"body", &KEY, now()).unwrap();
        prop_assert!(signature::is_good(&good, b"body", &KEY, now()) && !signature::is_good(&good, b"bodies", &KEY, now()));
        let forged = damaged(&good, at, new.chars().next().unwrap(), false);
        prop_assume!(forged != good);
        prop_assert!(!signature::is_good(&forged, b"body", &KEY, now()), "{forged}");
    }
}
