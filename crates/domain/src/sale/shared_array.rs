//! An array whose clones share what they have in common.
//!
//! A clone costs one reference count. The first change after it copies the list of chunks and one chunk, later changes only chunks that were not
//! copied yet. Compared with a tree, a change of a random element touches fewer reference counts, each of which is a cache miss; and
//! reading an element takes two steps.

use std::sync::Arc;

/// Elements of a chunk: 4 KiB of seats, which are copied faster than the reference counts of smaller chunks are.
const CHUNK: usize = 512;

/// An array of fixed length.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SharedArray<T> {
    chunks: Arc<[Arc<[T]>]>,
    len: usize,
}

impl<T: Copy> SharedArray<T> {
    pub(super) fn get(&self, position: usize) -> Option<T> {
        self.chunks.get(position / CHUNK)?.get(position % CHUNK).copied()
    }

    pub(super) fn get_mut(&mut self, position: usize) -> Option<&mut T> {
        if position >= self.len {
            return None;
        }
        let chunk = Arc::make_mut(&mut self.chunks).get_mut(position / CHUNK)?;
        Arc::make_mut(chunk).get_mut(position % CHUNK)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = T> + '_ {
        self.iter_from(0)
    }

    /// The elements from a position on.
    pub(super) fn iter_from(&self, position: usize) -> impl Iterator<Item = T> + '_ {
        let chunks = self.chunks.get(position / CHUNK..).unwrap_or_default();
        chunks.iter().flat_map(|chunk| chunk.iter().copied()).skip(position % CHUNK)
    }
}

impl<T: Copy> From<Vec<T>> for SharedArray<T> {
    fn from(elements: Vec<T>) -> Self {
        Self { len: elements.len(), chunks: elements.chunks(CHUNK).map(Arc::from).collect() }
    }
}

impl<T: Copy> Default for SharedArray<T> {
    fn default() -> Self {
        Self::from(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_an_array_and_its_clones_do_not_change(
            elements in prop::collection::vec(any::<u8>(), 0..3 * CHUNK),
            changes in prop::collection::vec((0..4 * CHUNK, any::<u8>()), 0..20),
            from in 0..4 * CHUNK,
        ) {
            let before = SharedArray::from(elements.clone());
            let (mut changed, mut expected) = (before.clone(), elements.clone());
            for (position, value) in changes {
                let known = expected.get_mut(position).map(|element| *element = value);
                prop_assert_eq!(changed.get_mut(position).map(|element| *element = value), known);
            }
            prop_assert_eq!(changed.iter().collect::<Vec<_>>(), expected.clone());
            prop_assert_eq!(changed.get(from), expected.get(from).copied());
            let rest = expected.get(from..).unwrap_or_default().to_vec();
            prop_assert_eq!(changed.iter_from(from).collect::<Vec<_>>(), rest);
            prop_assert_eq!(before.iter().collect::<Vec<_>>(), elements);
        }
    }
}
