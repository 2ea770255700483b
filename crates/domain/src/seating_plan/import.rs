//! Reading a plan from JSON: pretix's seating-plan form or the short form. Nothing is half-imported: a plan comes out
//! whole, or every problem found does.

use super::builder::Builder;
use super::plan::SeatingPlan;
use super::read::{Node, Path, Problems};
use super::report::{ImportError, Repair};
use super::{check, pretix, repair, short};

/// The largest file read.
pub const MAX_PLAN_BYTES: usize = 64 * 1024 * 1024;

/// How to read a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// Renumber duplicate guids instead of refusing them: the second `X` becomes `X~2`, the next `X~3`, in the order of
    /// the file, passing over names already taken.
    pub repair: bool,
}

/// A plan, and what was changed to make it valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The plan.
    pub plan: SeatingPlan,
    /// Guids given anew, in the order of the file; empty unless asked for.
    pub repairs: Vec<Repair>,
}

/// Reads a plan in either form: an object with `sections` and no `zones` is the short form, else pretix's.
///
/// # Errors
/// [`ImportError`] with every problem found.
pub fn import(json: &str, options: ImportOptions) -> Result<Imported, ImportError> {
    read(json, options, |root, builder| {
        // Only to tell the forms apart: what is wrong is noted when the fields are read.
        let unheard = Problems::default();
        match root.heard_by(&unheard).fields(["zones", "sections"]) {
            Some(fields) if fields.has(0) => pretix::read_plan(root, builder),
            Some(fields) if fields.has(1) => short::read_plan(root, builder),
            Some(_) => root.problem("must have zones (pretix's form) or sections (the short form)"),
            None => pretix::read_plan(root, builder),
        }
    })
}

/// Reads pretix's seating-plan JSON, any version of its `seating-plan.schema.json`.
///
/// Required are `zones`, their `rows`, the rows' `seats`, and each seat's `seat_guid` and `position`. Everything else may be
/// missing; what is unknown is passed over. A seat's category need not be declared. A zone's name is its section's; where
/// several zones have one name, the later ones get ` (2)`, ` (3)`; a zone without one is called by its `zone_id` or
/// `Zone 1`. A shape we do not know keeps its text.
///
/// Two fields are ours, and written by [`export_pretix`](super::export_pretix) where needed:
/// `"fairseat_general_admission": true` on a zone whose places are sold by count, `"fairseat_accessible": true` on a seat fit
/// for a wheelchair.
///
/// # Errors
/// [`ImportError`] with every problem found.
pub fn import_pretix(json: &str, options: ImportOptions) -> Result<Imported, ImportError> {
    read(json, options, pretix::read_plan)
}

/// Reads the short form: `{sections: [{name, rows, seats_per_row, accessible?: ["A-1", …]}, {name, general_admission}]}`.
///
/// Rows are A to Z, AA and so on, from the front (the top) backwards; seats count from 1, left to right; a seat's guid is
/// `Section-A-1`, its category the section's name. General-admission places have no number. Sections are set out side by
/// side, in the order given, without touching.
///
/// # Errors
/// [`ImportError`] with every problem found.
pub fn import_short(json: &str, options: ImportOptions) -> Result<Imported, ImportError> {
    read(json, options, short::read_plan)
}

fn read(
    json: &str,
    options: ImportOptions,
    read_plan: impl FnOnce(Node<'_, '_>, &mut Builder),
) -> Result<Imported, ImportError> {
    let problems = Problems::default();
    let mut builder = Builder::default();
    if json.len() > MAX_PLAN_BYTES {
        problems.note(Path::Root, format_args!("must have at most {MAX_PLAN_BYTES} bytes"));
    } else if let Some(root) = Node::root(json, &problems) {
        read_plan(root, &mut builder);
    }
    let mut parts = builder.parts;
    if let Err(error) = parts.check_counts() {
        problems.note(Path::Root, error);
        return Err(problems.into_error());
    }
    let duplicates = check::duplicates(&parts);
    let mut repairs = Vec::new();
    if options.repair && repair::is_possible(&duplicates) {
        repairs = repair::renumber(&mut parts, &duplicates);
    } else if !duplicates.is_empty() {
        return Err(repair::refuse(&parts, &duplicates, problems.into_error()));
    }
    if !problems.none() {
        return Err(problems.into_error());
    }
    match SeatingPlan::from_parts(parts) {
        Ok(plan) => Ok(Imported { plan, repairs }),
        Err(error) => {
            problems.note(Path::Root, error);
            Err(problems.into_error())
        }
    }
}
