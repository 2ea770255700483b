//! The rules of a sale, told through its public face: scripts that a promoter can read, properties of arbitrary histories,
//! and the bytes it leaves behind.

mod bounds;
mod checked;
mod contradictions;
mod golden;
mod hall;
mod model;
mod places;
mod properties;
mod script;
mod scripts;
mod wire;
mod words;
