//! Which partition a key belongs to: the rule of the Java client's default partitioner (`MurmurHash2`), so that programs that write topics of
//! their own with the same keys find them in the same partitions.

/// The partition of a key among `count` partitions.
pub(super) fn partition_of(key: &[u8], count: usize) -> i32 {
    let count = u32::try_from(count).unwrap_or(u32::MAX).max(1);
    i32::try_from((murmur2(key) & 0x7fff_ffff) % count).unwrap_or_default()
}

/// `MurmurHash2` with the seed of the Java client.
fn murmur2(key: &[u8]) -> u32 {
    const SEED: u32 = 0x9747_b28c;
    const M: u32 = 0x5bd1_e995;
    let length = u32::try_from(key.len()).unwrap_or(u32::MAX);
    let mut hash = SEED ^ length;
    let (words, rest) = key.as_chunks::<4>();
    for word in words {
        let mut mixed = u32::from_le_bytes(*word).wrapping_mul(M);
        mixed ^= mixed >> 24;
        hash = hash.wrapping_mul(M) ^ mixed.wrapping_mul(M);
    }
    if !rest.is_empty() {
        for (place, byte) in (0_u32..).zip(rest) {
            hash ^= u32::from(*byte) << (8 * place);
        }
        hash = hash.wrapping_mul(M);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(M);
    hash ^ (hash >> 15)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values are those of the Java client's own tests.
    #[test]
    fn hashes_are_those_of_the_java_client() {
        let cases: [(&str, i32); 6] = [
            ("21", -973_932_308),
            ("foobar", -790_332_482),
            ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829),
            ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
            ("abc", 479_470_107),
        ];
        for (key, expected) in cases {
            assert_eq!(murmur2(key.as_bytes()).cast_signed(), expected, "{key}");
        }
    }

    #[test]
    fn a_partition_is_in_range() {
        for count in [0, 1, 2, 3, 7, 128] {
            for key in ["", "a", "foobar", "21"] {
                let partition = partition_of(key.as_bytes(), count);
                assert!(partition >= 0 && (partition == 0 || partition < i32::try_from(count).unwrap()));
            }
        }
        assert_eq!(partition_of(b"foobar", 12), ((-790_332_482_i32 & 0x7fff_ffff) % 12));
    }
}
