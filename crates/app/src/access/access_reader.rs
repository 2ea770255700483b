//! Answers session queries in batches. While the database answers one batch, the next queries gather, so a query never waits for a batch to
//! fill. The journal gathers appends in the same way.

use fairseat_store::session_access::{SessionAccess, SessionQuery};
use fairseat_store::{Store, StoreError};
use parking_lot::Mutex;
use std::sync::Arc;
use tokio::sync::oneshot;

/// The most queries in one batch.
const AT_ONCE: usize = 256;

type Answer = oneshot::Sender<SessionAccess>;

/// Batches access queries (see the module). Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct AccessReader(Arc<Mutex<Waiting>>);

#[derive(Debug, Default)]
struct Waiting {
    queries: Vec<(SessionQuery, Answer)>,
    reading: bool,
}

/// If a read panics: drops all waiting queries, so that their callers retry, and lets the next query start a read.
struct Reading<'r> {
    waiting: &'r Mutex<Waiting>,
    is_over: bool,
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            let mut waiting = self.waiting.lock();
            (waiting.queries, waiting.reading) = (Vec::new(), false);
        }
    }
}

impl AccessReader {
    /// Answers one query.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) async fn of(&self, store: &Store, query: SessionQuery) -> Result<SessionAccess, StoreError> {
        let (answer, answered) = oneshot::channel();
        let begins = {
            let mut waiting = self.0.lock();
            waiting.queries.push((query, answer));
            !std::mem::replace(&mut waiting.reading, true)
        };
        if begins {
            let (reader, store) = (self.clone(), store.clone());
            drop(tokio::spawn(async move { reader.read_all(&store).await }));
        }
        match answered.await {
            Ok(access) => Ok(access),
            // The batch failed: query alone, to return the cause.
            Err(_) => store.session_access().of(vec![query]).await?.pop().ok_or(StoreError::Closed),
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
            let (queries, senders): (Vec<SessionQuery>, Vec<Answer>) = taken.into_iter().unzip();
            if let Ok(answers) = store.session_access().of(queries).await {
                // Sending fails when the request was cancelled meanwhile.
                senders.into_iter().zip(answers).for_each(|(sender, access)| drop(sender.send(access)));
            }
        }
    }

    /// Takes the next batch; an empty one ends the reading.
    fn take(&self) -> Vec<(SessionQuery, Answer)> {
        let mut waiting = self.0.lock();
        let rest = waiting.queries.len().min(AT_ONCE);
        let taken: Vec<_> = waiting.queries.drain(..rest).collect();
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
    use fairseat_store::sessions::{NewSession, SessionSecret};
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
        let mut queries = Vec::new();
        for number in 0..AT_ONCE + 20 {
            let account = store.users().create(new_user(number), None, now).await.unwrap().id;
            let mut hash = [0; 32];
            hash[..8].copy_from_slice(&number.to_le_bytes());
            let new = NewSession { user: account, auth_epoch: 0, secret: SessionSecret::RefreshToken(hash) };
            let session = store.sessions().create(new, now).await.unwrap().unwrap().id;
            queries.push(SessionQuery { session, account, now });
        }
        queries.push(SessionQuery { session: SessionId::random(), account: AccountId(5), now });
        let reader = AccessReader::default();
        let answers = join_all(queries.iter().map(|query| reader.of(&store, *query))).await;
        for (number, access) in answers.into_iter().enumerate() {
            let access = access.unwrap();
            let exists = number < AT_ONCE + 20;
            assert_eq!(access.session.is_some(), exists, "{number}");
            assert_eq!(
                access.access.map(|access| access.is_admin),
                exists.then_some(number == 7),
                "{number}"
            );
        }
        assert!(!reader.0.lock().reading, "the next query starts a read");
        assert!(reader.of(&store, queries[0]).await.unwrap().session.is_some());
    }
}
