//! Reading a plan from JSON: pretix's seating-plan form or the short form. The answer is a plan with all its seats, or
//! every problem found.

use super::builder::Builder;
use super::plan::SeatingPlan;
use super::read::{Findings, Found, Node, Path};
use super::report::{ImportError, LeftOut, Renumbering, Repair};
use super::{check, pretix, renumber, repair, short};

/// The largest file that is read, in bytes.
pub const MAX_PLAN_BYTES: usize = 64 * 1024 * 1024;

/// How to read a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// Give new guids instead of refusing duplicate and empty ones. The second `X` becomes `X~2`, the next `X~3`; a seat
    /// without a guid is named after its section, row and number. Seats are renamed in the order of the file, and a guid
    /// that is already taken is skipped.
    ///
    /// Likewise, give new numbers instead of refusing seats of one section and row with one number, whose tickets could not be
    /// told apart: the second `A-1` becomes `A-1~2`.
    pub repair: bool,
}

/// A plan, the changes that made it valid, and the parts of the file that were left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The plan.
    pub plan: SeatingPlan,
    /// The new guids, in the order of the file; always empty without [`ImportOptions::repair`].
    pub repairs: Vec<Repair>,
    /// The new numbers, in the order of the file; always empty without [`ImportOptions::repair`].
    pub renumbered: Vec<Renumbering>,
    /// The first 1,000 parts of the file that were left out, zone by zone and row by row.
    pub left_out: Vec<LeftOut>,
    /// How many more parts were left out.
    pub more_left_out: usize,
}

/// Reads a plan in either form: an object with `sections` and no `zones` is the short form, else pretix's.
///
/// # Errors
/// [`ImportError`] with every problem found.
pub fn import(json: &str, options: ImportOptions) -> Result<Imported, ImportError> {
    read(json, options, |root, builder| {
        // Only to tell the two forms apart: the form's own reader notes the problems.
        let ignored = Findings::default();
        match root.noted_in(&ignored).fields(["zones", "sections"]) {
            Some(fields) if fields.has(0) => pretix::read_plan(root, builder),
            Some(fields) if fields.has(1) => short::read_plan(root, builder),
            Some(_) => root.problem("must have zones (pretix's form) or sections (the short form)"),
            None => pretix::read_plan(root, builder),
        }
    })
}

/// Reads pretix's seating-plan JSON, any version of its `seating-plan.schema.json`.
///
/// Required are `zones`, their `rows`, the rows' `seats`, and each seat's `seat_guid` and `position`. Every other field may be
/// missing; unknown fields are ignored. A seat's category need not be declared. A zone's name is the name of its section:
/// when several zones have one name, the later ones get ` (2)`, ` (3)`; a zone without a name is called by its `zone_id`
/// or `Zone 1`.
///
/// A plan is refused only for problems that affect sales: in seats, in rows, in the names of zones and categories, or with
/// the limits in [`limits`](crate::limits). Everything else (areas, colours, sizes, radii, ids and descriptions) is left out
/// when it cannot be used, and listed in [`Imported::left_out`].
///
/// Three fields are our own; [`export_pretix`](super::export_pretix) writes them only where they say something:
/// `fairseat_general_admission` of a zone whose places are sold by count, `fairseat_accessible` of a seat with room for a
/// wheelchair, and `fairseat_focus` of the plan: the point that people look at. Without it the focus is the middle of an area
/// whose text means a stage, a screen or a pitch in one of many languages; else the middle of seats that surround a middle; else the middle of the front edge.
///
/// # Errors
/// [`ImportError`] with every problem found.
pub fn import_pretix(json: &str, options: ImportOptions) -> Result<Imported, ImportError> {
    read(json, options, pretix::read_plan)
}

/// Reads the short form: `{sections: [{name, rows, seats_per_row, accessible?: ["A-1", …]}, {name, general_admission}], stage?}`.
///
/// Rows are called A to Z, then AA and so on, from the front (the top) backwards. Seats count from 1, left to right. A
/// seat's guid is `Section-A-1`, and its category is named like its section. Places of a general admission have no number.
/// Sections are placed side by side or around a middle, without touching.
///
/// `stage` says where people look: at the `top`, `bottom`, `left` or `right` of the plan, where a stage is drawn; in its `middle`;
/// or at the section with this name. For a section with rows a stage is drawn before its first row; for standing places it is
/// their middle. Without it, plans around a middle have it there.
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
    let findings = Findings::default();
    let mut builder = Builder::default();
    builder.accepts_empty_guids = options.repair;
    if json.len() > MAX_PLAN_BYTES {
        findings.note(Path::Root, format_args!("must have at most {MAX_PLAN_BYTES} bytes"));
    } else if let Some(root) = Node::root(json, &findings) {
        read_plan(root, &mut builder);
    }
    let mut parts = builder.parts;
    if let Err(error) = parts.check_counts() {
        findings.note(Path::Root, error);
        return Err(findings.finish().error);
    }
    let (guids, labels) = (check::duplicates(&parts), check::duplicate_labels(&parts));
    let (mut repairs, mut renumbered) = (Vec::new(), Vec::new());
    if options.repair && repair::is_possible(&parts, &guids, &labels) {
        repairs = repair::give_new_guids(&mut parts, &guids);
        renumbered = renumber::give_new_numbers(&mut parts, &labels);
    } else if !guids.is_empty() || !labels.is_empty() {
        return Err(repair::refuse(&parts, &guids, &labels, findings.finish().error));
    }
    if !findings.no_problems() {
        return Err(findings.finish().error);
    }
    match SeatingPlan::from_parts(parts) {
        Ok(plan) => {
            let Found { left_out, more_left_out, .. } = findings.finish();
            Ok(Imported { plan, repairs, renumbered, left_out, more_left_out })
        }
        Err(error) => {
            findings.note(Path::Root, error);
            Err(findings.finish().error)
        }
    }
}
