//! The search for streams that a consumer is behind with although nothing was announced.

use super::work::ConsumerContext;
use super::{ConsumerError, CursorStorage};
use crate::machine::Machine;
use fairseat_journal::{Head, Position, StreamId};
use std::collections::BTreeMap;

/// Streams listed in one question to the journal or the consumer.
const PAGE: usize = 1_000;

impl<M: Machine> ConsumerContext<M> {
    /// Every stream that the consumer is behind with, by the journal's list and, if it `compares`, by the consumer's own cursors.
    pub(super) async fn behind(&self, compares: bool) -> Result<Vec<M::Number>, ConsumerError> {
        let mut numbers = self.listed_behind().await?;
        if compares && let CursorStorage::Own(_) = self.consumer.cursors() {
            numbers.extend(self.compared_behind().await?);
            numbers.sort_unstable();
            numbers.dedup();
        }
        Ok(numbers)
    }

    async fn listed_behind(&self) -> Result<Vec<M::Number>, ConsumerError> {
        let (journal, name) = (self.engine.journal(), self.consumer.name());
        let (mut numbers, mut after) = (Vec::new(), None);
        loop {
            let page = journal.behind(name, M::KIND, after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(numbers) };
            after = Some(*last);
            numbers.extend(page.into_iter().filter_map(M::number_of));
        }
    }

    /// Compares the head of every stream with the cursor that the consumer stores.
    async fn compared_behind(&self) -> Result<Vec<M::Number>, ConsumerError> {
        let CursorStorage::Own(cursors) = self.consumer.cursors() else { return Ok(Vec::new()) };
        let (mut numbers, mut after) = (Vec::new(), None);
        loop {
            let page = self.engine.journal().streams(after, PAGE).await?;
            let Some((last, _)) = page.last() else { return Ok(numbers) };
            after = Some(*last);
            // Streams of another kind hold other machines.
            let heads: Vec<(M::Number, Position)> = page.into_iter().filter_map(head_of::<M>).collect();
            let Some((first, _)) = heads.first() else { continue };
            let stored: BTreeMap<_, _> = cursors.page(*first, PAGE).await?.into_iter().collect();
            let is_behind = |(number, head): &(M::Number, Position)| stored.get(number) < Some(head);
            numbers.extend(heads.into_iter().filter(is_behind).map(|(number, _)| number));
        }
    }
}

fn head_of<M: Machine>((stream, head): (StreamId, Head)) -> Option<(M::Number, Position)> {
    Some((M::number_of(stream)?, head.position))
}
