//! The heads of all streams in memory, the deadlines in order, and for each consumer the streams that it has not caught up with.
//!
//! Always true: the maps agree, and they show durable state only; a journal changes them after its commit. Not here: the
//! batches.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use crate::limits::{MAX_PAYLOAD_BYTES, MAX_STREAMS};
use crate::{
    Append, AppendError, Batch, Deadline, Hash, Head, InvalidAppend, Position, StreamId, StreamKind,
    StreamState,
};

/// The decision about an append before anything is written.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Fits,
    /// The stream goes on after the expected position: see [`judge_later`].
    Later,
    Refused(AppendError),
}

/// The end of a stream: its head, and the deadline that came with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct StreamEnd {
    pub(crate) head: Head,
    pub(crate) deadline: Deadline,
}

#[derive(Debug, Default)]
pub(crate) struct Heads {
    streams: BTreeMap<StreamId, StreamEnd>,
    /// Deadlines in order, separately for each kind of stream.
    due: BTreeSet<(StreamKind, i64, StreamId)>,
    /// For each consumer that ever reported a cursor: its cursor in the streams that it is behind with. In every other
    /// stream its cursor is the head, so that a consumer which keeps up costs no memory.
    behind: BTreeMap<String, BTreeMap<StreamId, Position>>,
}

impl Heads {
    pub(crate) fn get(&self, stream: StreamId) -> Head {
        self.streams.get(&stream).map_or_else(Head::default, |end| end.head)
    }

    pub(crate) fn len(&self) -> usize {
        self.streams.len()
    }

    /// Sets the end of a stream. Every consumer is behind with the stream from now on.
    pub(crate) fn set(&mut self, stream: StreamId, end: StreamEnd) {
        let before = self.streams.insert(stream, end).unwrap_or_default();
        if let Some(deadline) = before.deadline {
            self.due.remove(&(stream.kind(), deadline, stream));
        }
        if let Some(deadline) = end.deadline {
            self.due.insert((stream.kind(), deadline, stream));
        }
        for behind in self.behind.values_mut() {
            behind.entry(stream).or_insert(before.head.position);
        }
    }

    /// Sets the head of a stream back, without a deadline. No cursor stays after it.
    pub(crate) fn shorten(&mut self, stream: StreamId, head: Head) {
        let Some(before) = self.streams.insert(stream, StreamEnd { head, deadline: None }) else { return };
        if let Some(deadline) = before.deadline {
            self.due.remove(&(stream.kind(), deadline, stream));
        }
        for behind in self.behind.values_mut() {
            if behind.get(&stream).is_some_and(|cursor| *cursor >= head.position) {
                behind.remove(&stream);
            }
        }
    }

    /// Moves a consumer's cursor forward to `position` if it is at or after `from` and the stream has that position; says
    /// whether it moved.
    pub(crate) fn caught_up(
        &mut self,
        consumer: &str,
        stream: StreamId,
        from: Position,
        position: Position,
    ) -> bool {
        let (head, cursor) = (self.get(stream).position, self.cursor(consumer, stream));
        if position > head || position <= cursor || from > cursor {
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
        page.map(|(stream, end)| (*stream, end.head)).collect()
    }

    /// Streams by ascending number, with everything that is known of them.
    pub(crate) fn states(&self, after: Option<StreamId>, limit: usize) -> Vec<StreamState> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let page = self.streams.range((from, Bound::Unbounded)).take(limit);
        let state = |(stream, end): (&StreamId, &StreamEnd)| {
            let consumers = self.behind.keys();
            let cursors = consumers.map(|consumer| (consumer.clone(), self.cursor(consumer, *stream)));
            StreamState {
                stream: *stream,
                head: end.head,
                deadline: end.deadline,
                cursors: cursors.collect(),
            }
        };
        page.map(state).collect()
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
    if append.expected == *head {
        Verdict::Fits
    } else if append.expected.position < head.position {
        Verdict::Later
    } else {
        Verdict::Refused(AppendError::Diverged { head: *head })
    }
}

/// Judges an append whose stream goes on after the expected position: `at_expected` is the hash that the stream has there,
/// `missed` the batches after it.
pub(crate) fn judge_later(
    append: &Append,
    head: Head,
    at_expected: &Hash,
    missed: Vec<Batch>,
) -> Result<Head, AppendError> {
    if append.expected.hash != *at_expected {
        return Err(AppendError::Diverged { head });
    }
    let own = append.to_batch().head();
    match missed.first().map(Batch::head) {
        Some(first) if first == own => Ok(own),
        _ => Err(AppendError::Conflict { missed }),
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
    use crate::{Append, BatchId, DecisionTimes, Head, InvalidAppend, Position, StreamId};
    use bytes::Bytes;

    #[test]
    fn the_millionth_stream_is_the_last_and_existing_streams_go_on() {
        let (stream, batch, payload) = (StreamId(7), BatchId(1), Bytes::new());
        let expected = Head::default();
        let append =
            Append { stream, expected, batch, payload, deadline: None, decided: DecisionTimes::default() };
        assert_eq!(judge(&append, &Head::default(), 999_999), Verdict::Fits);
        let too_many = InvalidAppend::TooManyStreams { limit: MAX_STREAMS };
        assert_eq!(judge(&append, &Head::default(), 1_000_000), Verdict::Refused(too_many.into()));
        let head = Head { position: Position(3), hash: [3; 32] };
        let next = Append { expected: head, ..append };
        assert_eq!(judge(&next, &head, 1_000_000), Verdict::Fits);
    }
}
