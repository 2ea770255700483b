//! The promises of the embedded journal beyond the trait: files, locks, crashes, damage and full disks.
//!
//! Every module says `cfg(test)`, which tells clippy that its helpers are tests as well.

#[cfg(test)]
mod anchor;
#[cfg(test)]
mod backup;
#[cfg(test)]
mod child;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod cursors;
#[cfg(test)]
mod damage;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod folder;
#[cfg(test)]
mod locking;
#[cfg(test)]
mod snapshots;
