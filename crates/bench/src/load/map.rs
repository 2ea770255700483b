//! A viewer's seat map: two bits of status for every seat, in the compact format of `availability` and `live`.

/// Length of the header: `FSA1`, kind, three unused bytes, version, count.
const HEADER: usize = 20;

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SeatMap {
    version: u64,
    bits: Vec<u8>,
}

impl SeatMap {
    /// Reads a whole map; `None` when the bytes are not one.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let (kind, version) = head(bytes)?;
        (kind == 0).then(|| Self { version, bits: bytes.get(HEADER..).unwrap_or_default().to_vec() })
    }

    pub(super) fn version(&self) -> u64 {
        self.version
    }

    pub(super) fn shows_the_same_as(&self, other: &Self) -> bool {
        self.bits == other.bits
    }

    /// Applies changes that are newer than the map, and calls `about` for each changed seat. Returns `false` when the bytes are not changes.
    pub(super) fn take(&mut self, bytes: &[u8], mut about: impl FnMut(u32)) -> bool {
        let Some((1, version)) = head(bytes) else { return false };
        if version <= self.version {
            return true;
        }
        self.version = version;
        let (changes, rest) = bytes.get(HEADER..).unwrap_or_default().as_chunks::<4>();
        for change in changes.iter().map(|bytes| u32::from_le_bytes(*bytes)) {
            let (seat, status) = (change >> 2, (change & 3) as u8);
            let Some(byte) = self.bits.get_mut(seat as usize / 4) else { return false };
            let shift = seat % 4 * 2;
            *byte = *byte & !(3 << shift) | status << shift;
            about(seat);
        }
        rest.is_empty()
    }
}

/// Kind and version.
fn head(bytes: &[u8]) -> Option<(u8, u64)> {
    let header = bytes.get(..HEADER)?.strip_prefix(b"FSA1")?;
    Some((*header.first()?, u64::from_le_bytes(header.get(4..12)?.try_into().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(kind: u8, version: u64, rest: &[u8]) -> Vec<u8> {
        [b"FSA1", [kind, 0, 0, 0].as_slice(), &version.to_le_bytes(), &[0; 4], rest].concat()
    }

    #[test]
    fn only_newer_changes_are_applied() {
        let mut map = SeatMap::read(&bytes(0, 3, &[0b11_10_01_00, 0])).unwrap();
        let mut about = Vec::new();
        let seat_4_sold = bytes(1, 4, &(4_u32 << 2 | 2).to_le_bytes());
        assert!(map.take(&seat_4_sold, |seat| about.push(seat)));
        assert!(map.take(&seat_4_sold, |seat| about.push(seat)), "an old change is ignored");
        assert_eq!((about, map), (vec![4], SeatMap { version: 4, bits: vec![0b11_10_01_00, 2] }));
    }

    #[test]
    fn invalid_frames_are_refused() {
        let map = SeatMap::read(&bytes(0, 3, &[0])).unwrap();
        for (frame, what) in [
            (bytes(0, 4, &[]), "a whole map"),
            (bytes(1, 4, &(9_u32 << 2).to_le_bytes()), "a seat that is not there"),
            (bytes(1, 4, &[0]), "half a change"),
            (b"FSA1".to_vec(), "too short"),
        ] {
            assert!(!map.clone().take(&frame, |_| ()), "{what}");
        }
    }
}
