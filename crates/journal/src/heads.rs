//! The heads of all streams in memory, with ordered lists of deadlines and of streams that are behind.
//!
//! Always true: the three maps agree, and they show durable state only; a journal changes them after its commit. Not
//! here: the batches.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use crate::limits::{MAX_PAYLOAD_BYTES, MAX_STREAMS};
use crate::{Append, AppendError, Head, InvalidAppend, Position, StreamId, StreamKind};

/// A head, and whether the views have yet to take it in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) head: Head,
    pub(crate) behind: bool,
}

/// The decision about an append before anything is written.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Fits,
    Conflict,
    Refused(AppendError),
}

#[derive(Debug, Default)]
pub(crate) struct Heads {
    streams: BTreeMap<StreamId, Entry>,
    /// Deadlines in order, each kind of stream apart.
    due: BTreeSet<(StreamKind, i64, StreamId)>,
    behind: BTreeSet<StreamId>,
}

impl Heads {
    pub(crate) fn get(&self, stream: StreamId) -> Head {
        self.streams.get(&stream).map_or_else(Head::default, |entry| entry.head)
    }

    pub(crate) fn len(&self) -> usize {
        self.streams.len()
    }

    pub(crate) fn set(&mut self, stream: StreamId, entry: Entry) {
        let before = self.streams.insert(stream, entry);
        if let Some(deadline) = before.and_then(|entry| entry.head.deadline) {
            self.due.remove(&(stream.kind(), deadline, stream));
        }
        if let Some(deadline) = entry.head.deadline {
            self.due.insert((stream.kind(), deadline, stream));
        }
        if entry.behind {
            self.behind.insert(stream);
        } else {
            self.behind.remove(&stream);
        }
    }

    /// Forgets that a stream is behind, unless it has moved on from `position`; says whether it forgot.
    pub(crate) fn caught_up(&mut self, stream: StreamId, position: Position) -> bool {
        match self.streams.get_mut(&stream) {
            Some(entry) if entry.behind && entry.head.position == position => {
                entry.behind = false;
                self.behind.remove(&stream)
            }
            _ => false,
        }
    }

    pub(crate) fn page(&self, after: Option<StreamId>, limit: usize) -> Vec<(StreamId, Head)> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let page = self.streams.range((from, Bound::Unbounded)).take(limit);
        page.map(|(stream, entry)| (*stream, entry.head)).collect()
    }

    pub(crate) fn due(&self, kind: StreamKind, now_ms: i64, limit: usize) -> Vec<(StreamId, i64)> {
        let due = self.due.range((kind, i64::MIN, StreamId(0))..=(kind, now_ms, StreamId(u64::MAX)));
        due.take(limit).map(|(_, deadline, stream)| (*stream, *deadline)).collect()
    }

    pub(crate) fn behind(&self, limit: usize) -> Vec<StreamId> {
        self.behind.iter().copied().take(limit).collect()
    }
}

/// Judges an append against the head it would follow, in a journal of `streams` streams.
pub(crate) fn judge(append: &Append, head: &Head, streams: usize) -> Verdict {
    if let Some(invalid) = invalid(append, head, streams) {
        return Verdict::Refused(AppendError::Invalid(invalid));
    }
    match append.expected.cmp(&head.position) {
        std::cmp::Ordering::Equal => Verdict::Fits,
        std::cmp::Ordering::Less => Verdict::Conflict,
        std::cmp::Ordering::Greater => Verdict::Refused(AppendError::Gap { head: head.position }),
    }
}

fn invalid(append: &Append, head: &Head, streams: usize) -> Option<InvalidAppend> {
    let bytes = append.payload.len();
    if bytes > MAX_PAYLOAD_BYTES {
        return Some(InvalidAppend::PayloadTooLarge { bytes, limit: MAX_PAYLOAD_BYTES });
    }
    if i64::try_from(append.stream.0).is_err() {
        return Some(InvalidAppend::StreamOutOfRange { stream: append.stream });
    }
    let is_new = head.position == Position::START;
    (is_new && streams >= MAX_STREAMS).then_some(InvalidAppend::TooManyStreams { limit: MAX_STREAMS })
}

#[cfg(test)]
mod tests {
    use super::{Verdict, judge};
    use crate::limits::MAX_STREAMS;
    use crate::{Append, BatchId, Head, InvalidAppend, Position, StreamId};
    use bytes::Bytes;

    #[test]
    fn the_millionth_stream_is_the_last_and_existing_streams_go_on() {
        let (stream, batch, payload) = (StreamId(7), BatchId(1), Bytes::new());
        let append = Append { stream, expected: Position::START, batch, payload, deadline: None };
        assert_eq!(judge(&append, &Head::default(), 999_999), Verdict::Fits);
        let too_many = InvalidAppend::TooManyStreams { limit: MAX_STREAMS };
        assert_eq!(judge(&append, &Head::default(), 1_000_000), Verdict::Refused(too_many.into()));
        let head = Head { position: Position(3), ..Head::default() };
        let next = Append { expected: Position(3), ..append };
        assert_eq!(judge(&next, &head, 1_000_000), Verdict::Fits);
    }
}
