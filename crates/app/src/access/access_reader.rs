//! Reads how askers stand, those that wait together in one go: while one read is under way the next askers gather, as appends do
//! in the journal, so that no delay is needed to fill it.

use fairseat_store::access::{Asker, Standing};
use fairseat_store::{Store, StoreError};
use parking_lot::Mutex;
use std::sync::Arc;
use tokio::sync::oneshot;

/// Askers answered by one read.
const AT_ONCE: usize = 256;

type Answer = oneshot::Sender<Standing>;

/// See the module. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct AccessReader(Arc<Mutex<Waiting>>);

#[derive(Debug, Default)]
struct Waiting {
    askers: Vec<(Asker, Answer)>,
    reading: bool,
}

/// Lets everybody who waits go, and the next one begin, if a read ends in a panic.
struct Reading<'r> {
    waiting: &'r Mutex<Waiting>,
    is_over: bool,
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            let mut waiting = self.waiting.lock();
            (waiting.askers, waiting.reading) = (Vec::new(), false);
        }
    }
}

impl AccessReader {
    /// How `asker` stands now.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) async fn of(&self, store: &Store, asker: Asker) -> Result<Standing, StoreError> {
        let (answer, answered) = oneshot::channel();
        let begins = {
            let mut waiting = self.0.lock();
            waiting.askers.push((asker, answer));
            !std::mem::replace(&mut waiting.reading, true)
        };
        if begins {
            let (reader, store) = (self.clone(), store.clone());
            drop(tokio::spawn(async move { reader.read_all(&store).await }));
        }
        match answered.await {
            Ok(standing) => Ok(standing),
            // That read failed for all: this one alone learns why.
            Err(_) => store.standings().of(vec![asker]).await?.pop().ok_or(StoreError::Closed),
        }
    }

    async fn read_all(&self, store: &Store) {
        let mut reading = Reading { waiting: &self.0, is_over: false };
        loop {
            let taken = self.take();
            if taken.is_empty() {
                reading.is_over = true;
                return;
            }
            let (askers, answers): (Vec<Asker>, Vec<Answer>) = taken.into_iter().unzip();
            if let Ok(standings) = store.standings().of(askers).await {
                // Whoever asked may have gone.
                answers.into_iter().zip(standings).for_each(|(answer, standing)| drop(answer.send(standing)));
            }
        }
    }

    /// The next to be answered; when there are none, reading is over.
    fn take(&self) -> Vec<(Asker, Answer)> {
        let mut waiting = self.0.lock();
        let rest = waiting.askers.len().min(AT_ONCE);
        let taken: Vec<_> = waiting.askers.drain(..rest).collect();
        waiting.reading = !taken.is_empty();
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fairseat_domain::ids::AccountId;
    use fairseat_domain::time::Timestamp;
    use fairseat_store::SessionId;
    use fairseat_store::users::{NewUser, PasswordHash};
    use futures::future::join_all;

    fn new_user(number: usize) -> NewUser {
        NewUser {
            email: format!("{number}@example.test"),
            username: "ada".to_owned(),
            password_hash: PasswordHash(String::new()),
            phone_number: None,
            is_admin: number == 7,
            email_verified: true,
        }
    }

    #[tokio::test]
    async fn everybody_gets_their_own_answer() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("store.db")).await.unwrap();
        let now = Timestamp::from_millis(1_000);
        let mut askers = Vec::new();
        for number in 0..AT_ONCE + 20 {
            let account = store.users().create(new_user(number), None, now).await.unwrap().id;
            let mut hash = [0; 32];
            hash[..8].copy_from_slice(&number.to_le_bytes());
            let session = store.sessions().create(account, hash, now).await.unwrap().id;
            askers.push(Asker { session, account, now });
        }
        askers.push(Asker { session: SessionId::random(), account: AccountId(5), now });
        let reader = AccessReader::default();
        let standings = join_all(askers.iter().map(|asker| reader.of(&store, *asker))).await;
        for (number, standing) in standings.into_iter().enumerate() {
            let standing = standing.unwrap();
            let exists = number < AT_ONCE + 20;
            assert_eq!(standing.going_on, exists, "{number}");
            assert_eq!(
                standing.access.map(|access| access.is_admin),
                exists.then_some(number == 7),
                "{number}"
            );
        }
        assert!(!reader.0.lock().reading, "the next one begins anew");
        assert!(reader.of(&store, askers[0]).await.unwrap().going_on);
    }
}
