//! Unpacks backups and builds valid and invalid ones.

use std::fs;
use std::io::Read as _;
use std::path::Path;

/// The name and the contents of a part of a backup.
pub(super) type Part = (String, Vec<u8>);

/// The parts of a backup, in order.
pub(super) fn parts_of(file: &Path) -> Vec<Part> {
    let mut archive = tar::Archive::new(fs::File::open(file).unwrap());
    let part = |entry: Result<tar::Entry<'_, fs::File>, _>| {
        let mut entry = entry.unwrap();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        (entry.path().unwrap().to_str().unwrap().to_owned(), bytes)
    };
    archive.entries().unwrap().map(part).collect()
}

/// An archive of these parts, with any names.
pub(super) fn archive(parts: &[Part]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, bytes) in parts {
        let mut header = tar::Header::new_ustar();
        // Written by hand, because the library refuses names that lead outside the folder.
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        header.set_cksum();
        archive.append(&header, bytes.as_slice()).unwrap();
    }
    archive.into_inner().unwrap()
}
