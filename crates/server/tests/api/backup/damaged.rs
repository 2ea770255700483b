//! `fairseat restore` refuses files that are not complete backups, and creates nothing.

use super::archive::{Part, archive, parts_of};
use super::{backup, everything_in, restore};
use crate::common::test_shop::TestShop;
use std::fs;

/// Each is refused with one sentence, and nothing is created.
#[tokio::test]
async fn a_damaged_backup_is_refused_and_makes_no_data_folder() {
    let shop = TestShop::open().await;
    shop.bought(&["Floor A-1"]).await;
    let parent = tempfile::tempdir().unwrap();
    let good = parent.path().join("backup.tar");
    backup(shop.server.folder(), &good).done();
    let parts = parts_of(&good);
    let names: Vec<&str> = parts.iter().map(|(name, _)| name.as_str()).collect();
    let keys =
        ["fingerprints", "ids", "links", "sandbox", "tickets", "token-keys"].map(|key| format!("keys/{key}"));
    let expected = ["fairseat-backup", "journal.db", "store.db", "sandbox.db"];
    assert_eq!(names, expected.into_iter().chain(keys.iter().map(String::as_str)).collect::<Vec<_>>());

    let whole = fs::read(&good).unwrap();
    let mut bad: Vec<(String, Vec<u8>)> = Vec::new();
    for (at, (name, bytes)) in parts.iter().enumerate() {
        let with = |change: &dyn Fn(&mut Vec<Part>)| {
            let mut parts = parts.clone();
            change(&mut parts);
            archive(&parts)
        };
        bad.push((format!("without {name}"), with(&|parts| drop(parts.remove(at)))));
        bad.push((format!("cut off before {name}"), with(&|parts| parts.truncate(at))));
        bad.push((format!("{name} twice"), with(&|parts| parts.push(parts[at].clone()))));
        bad.push((format!("{name} damaged"), with(&|parts| parts[at].1[bytes.len() / 2] ^= 1)));
        bad.push((format!("{name} cut off"), with(&|parts| parts[at].1.truncate(bytes.len() / 2))));
    }
    for foreign in
        ["../evil", "/tmp/evil", "keys/../../evil", "keys/a/b", "./journal.anchor", "evil", ".", ""]
    {
        let mut parts = parts.clone();
        parts.push((foreign.to_owned(), b"evil".to_vec()));
        bad.push((format!("with {foreign:?}"), archive(&parts)));
        let listed = [&parts[0].1, format!("{} {foreign}\n", blake3::hash(b"evil")).as_bytes()].concat();
        parts[0].1 = listed;
        bad.push((format!("with {foreign:?} in its list"), archive(&parts)));
    }
    for tenth in 1..10 {
        bad.push((format!("cut off after {tenth} tenths"), whole[..whole.len() / 10 * tenth].to_vec()));
    }
    bad.push(("nothing".to_owned(), Vec::new()));
    bad.push(("no archive".to_owned(), b"a letter to grandmother".repeat(100)));
    bad.push(("a link".to_owned(), link_among(&parts)));

    let (file, folder) = (parent.path().join("bad.tar"), parent.path().join("data"));
    for (what, bytes) in bad {
        fs::write(&file, bytes).unwrap();
        let before = everything_in(parent.path());
        let said = restore(&file, &folder).refused();
        assert!(said.contains("bad.tar cannot be restored: "), "{what}: {said}");
        assert!(!folder.exists() && everything_in(parent.path()) == before, "{what}");
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 2, "{what}");
    }
    restore(&good, &folder).done();
}

/// A backup whose last key is a symbolic link to a file outside the folder.
fn link_among(parts: &[Part]) -> Vec<u8> {
    let (last, parts) = parts.split_last().unwrap();
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in parts {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        tar.append_data(&mut header, name, bytes.as_slice()).unwrap();
    }
    let mut link = tar::Header::new_ustar();
    link.set_entry_type(tar::EntryType::Symlink);
    link.set_size(0);
    tar.append_link(&mut link, &last.0, "/etc/passwd").unwrap();
    tar.into_inner().unwrap()
}
