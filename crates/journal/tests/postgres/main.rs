//! The promises of the journal on PostgreSQL beyond the trait: servers that are refused, standbys, clocks, damage, plans.
//!
//! Every module says `cfg(test)`, which tells clippy that its helpers are tests as well.

#[cfg(test)]
mod citus;
#[cfg(test)]
mod clock;
#[cfg(test)]
mod damage;
#[cfg(test)]
mod leases;
#[cfg(test)]
mod moving;
#[cfg(test)]
mod opening;
#[cfg(test)]
mod plans;
#[cfg(test)]
mod promotion;
#[cfg(test)]
mod standby;
#[cfg(test)]
mod support;
