//! Tests of the rules of a sale through its public functions: readable scripts, properties of random histories, and the
//! stored bytes.

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
mod shared_names;
mod wire;
mod words;
