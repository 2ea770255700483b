//! The heads of all streams in memory, the deadlines in order, and for each consumer the streams that it has not caught up with.
//!
//! Always true: the maps agree, and they show durable state only; a journal changes them after its commit. Not here: the
//! batches.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use crate::limits::{MAX_PAYLOAD_BYTES, MAX_STREAMS};
use crate::{Append, AppendError, Head, InvalidAppend, Position, StreamId, StreamKind};

/// The decision about an append before anything is written.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Fits,
    Conflict,
    Refused(AppendError),
}

#[derive(Debug, Default)]
pub(crate) struct Heads {
    streams: BTreeMap<StreamId, Head>,
    /// Deadlines in order, separately for each kind of stream.
    due: BTreeSet<(StreamKind, i64, StreamId)>,
    /// For each consumer that ever reported a cursor: its cursor in the streams that it is behind with. In every other
    /// stream its cursor is the head, so that a consumer which keeps up costs no memory.
    behind: BTreeMap<String, BTreeMap<StreamId, Position>>,
}

impl Heads {
    pub(crate) fn get(&self, stream: StreamId) -> Head {
        self.streams.get(&stream).copied().unwrap_or_default()
    }

    pub(crate) fn len(&self) -> usize {
        self.streams.len()
    }

    /// Sets the head of a stream. Every consumer is behind with the stream from now on.
    pub(crate) fn set(&mut self, stream: StreamId, head: Head) {
        let before = self.streams.insert(stream, head).unwrap_or_default();
        if let Some(deadline) = before.deadline {
            self.due.remove(&(stream.kind(), deadline, stream));
        }
        if let Some(deadline) = head.deadline {
            self.due.insert((stream.kind(), deadline, stream));
        }
        for behind in self.behind.values_mut() {
            behind.entry(stream).or_insert(before.position);
        }
    }

    /// Moves a consumer's cursor forward to `position`, unless the stream has no such position; says whether it moved.
    pub(crate) fn caught_up(&mut self, consumer: &str, stream: StreamId, position: Position) -> bool {
        let head = self.get(stream).position;
        if position > head || position <= self.cursor(consumer, stream) {
            return false;
        }
        if !self.behind.contains_key(consumer) {
            let all = self.streams.keys().map(|stream| (*stream, Position::START)).collect();
            self.behind.insert(consumer.to_owned(), all);
        }
        let Some(behind) = self.behind.get_mut(consumer) else { return false };
        if position == head {
            behind.remove(&stream);
        } else {
            behind.insert(stream, position);
        }
        true
    }

    /// How far a consumer has read a stream; the start if it never reported anything.
    pub(crate) fn cursor(&self, consumer: &str, stream: StreamId) -> Position {
        let Some(behind) = self.behind.get(consumer) else { return Position::START };
        behind.get(&stream).copied().unwrap_or_else(|| self.get(stream).position)
    }

    pub(crate) fn page(&self, after: Option<StreamId>, limit: usize) -> Vec<(StreamId, Head)> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let page = self.streams.range((from, Bound::Unbounded)).take(limit);
        page.map(|(stream, head)| (*stream, *head)).collect()
    }

    pub(crate) fn due(&self, kind: StreamKind, now_ms: i64, limit: usize) -> Vec<(StreamId, i64)> {
        let due = self.due.range((kind, i64::MIN, StreamId(0))..=(kind, now_ms, StreamId(u64::MAX)));
        due.take(limit).map(|(_, deadline, stream)| (*stream, *deadline)).collect()
    }

    pub(crate) fn behind(
        &self,
        consumer: &str,
        kind: StreamKind,
        after: Option<StreamId>,
        limit: usize,
    ) -> Vec<StreamId> {
        let first = StreamId::new(kind, 0);
        let from = after.filter(|after| *after >= first).map_or(Bound::Included(first), Bound::Excluded);
        let to = Bound::Included(StreamId::new(kind, StreamId::MAX_NUMBER));
        if after.is_some_and(|after| after.kind() > kind) {
            return Vec::new();
        }
        match self.behind.get(consumer) {
            Some(behind) => behind.range((from, to)).map(|(stream, _)| *stream).take(limit).collect(),
            None => self.streams.range((from, to)).map(|(stream, _)| *stream).take(limit).collect(),
        }
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
