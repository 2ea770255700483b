//! What a run does first: the mark of the folder and the content of the database decide.

use super::mark::Mark;
use anyhow::{Result, bail};
use fairseat_store::transfer::DestinationState;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};

/// What a run does first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Mark both sides with this id.
    Begin(String),
    /// Go on with the move of this id.
    GoOn(String),
    /// Everything was moved before.
    Nothing,
}

/// Decides. `is_empty`: whether the journal in the database has nothing. `keys`: the fingerprint of the folder's keys.
pub(super) fn next(mark: Mark, found: DestinationState, is_empty: bool, keys: [u8; 32]) -> Result<Step> {
    let begun = match &mark {
        Mark::None => None,
        Mark::Begun(id) | Mark::Moved(id) => Some(id.clone()),
    };
    match (mark, found) {
        (Mark::Moved(_), DestinationState::Empty) => bail!(
            "it was moved into another database already; if that database is given up, remove the file {} there and run this again",
            Mark::FILE
        ),
        (_, DestinationState::Empty) if is_empty => Ok(Step::Begin(begun.unwrap_or_else(new_id))),
        (_, DestinationState::Begun(id)) if begun.as_ref() == Some(&id) => Ok(Step::GoOn(id)),
        (_, DestinationState::Begun(_)) => bail!(
            "another move into this database has begun, from another folder or before the file {} was removed: finish that one, or prepare an empty \
             database",
            Mark::FILE
        ),
        (Mark::Moved(_), DestinationState::Used(Some(known))) if known == keys => Ok(Step::Nothing),
        (_, DestinationState::Used(Some(known))) if known == keys => bail!(
            "a server has used this database with the keys of this folder already, so it may have sales of its own: prepare an empty database"
        ),
        (_, DestinationState::Used(_) | DestinationState::Empty) => {
            bail!("the database has the data of another venue: prepare an empty database")
        }
    }
}

/// A random id.
fn new_id() -> String {
    let random = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", random(), random())
}

#[cfg(test)]
mod tests {
    use super::{DestinationState, Mark, Step, new_id, next};

    const OURS: [u8; 32] = [1; 32];
    const OTHERS: [u8; 32] = [2; 32];

    fn begun(id: &str) -> Mark {
        Mark::Begun(id.to_owned())
    }

    fn moved(id: &str) -> Mark {
        Mark::Moved(id.to_owned())
    }

    fn marked(id: &str) -> DestinationState {
        DestinationState::Begun(id.to_owned())
    }

    #[test]
    fn a_move_begins_once_and_goes_on_under_its_id() {
        assert!(matches!(next(Mark::None, DestinationState::Empty, true, OURS), Ok(Step::Begin(_))));
        // Killed between the two marks.
        assert_eq!(
            next(begun("a"), DestinationState::Empty, true, OURS).unwrap(),
            Step::Begin("a".to_owned())
        );
        assert_eq!(next(begun("a"), marked("a"), false, OURS).unwrap(), Step::GoOn("a".to_owned()));
        // Killed before the database lost its mark.
        assert_eq!(next(moved("a"), marked("a"), false, OURS).unwrap(), Step::GoOn("a".to_owned()));
        assert_eq!(next(moved("a"), DestinationState::Used(Some(OURS)), false, OURS).unwrap(), Step::Nothing);
        assert_ne!(new_id(), new_id());
    }

    #[test]
    fn a_database_with_anything_else_is_refused() {
        let refused = |mark, found, is_empty| next(mark, found, is_empty, OURS).unwrap_err().to_string();
        let others = "the database has the data of another venue: prepare an empty database";
        assert_eq!(refused(Mark::None, DestinationState::Empty, false), others);
        for mark in [Mark::None, begun("a"), moved("a")] {
            for found in [DestinationState::Used(None), DestinationState::Used(Some(OTHERS))] {
                assert_eq!(refused(mark.clone(), found, false), others);
            }
            let said = refused(mark, marked("b"), false);
            assert!(said.starts_with("another move into this database has begun"), "{said}");
        }
        for mark in [Mark::None, begun("a")] {
            let said = refused(mark, DestinationState::Used(Some(OURS)), false);
            assert!(
                said.starts_with("a server has used this database with the keys of this folder"),
                "{said}"
            );
        }
        let said = refused(moved("a"), DestinationState::Empty, true);
        assert!(said.starts_with("it was moved into another database already"), "{said}");
    }
}
