//! Where the focus is, for plans with a stage and without one.

use super::focus::focus;
use super::import::{ImportOptions, import};

/// The focus of two seats, at (0, 100) and (50, 200), and these areas; in the file's units.
fn found(areas: &str) -> (i32, i32) {
    let json = format!(
        r#"{{"zones": [{{"rows": [{{"seats": [{{"seat_guid": "a", "position": {{"x": 0, "y": 100}}}},
            {{"seat_guid": "b", "position": {{"x": 50, "y": 200}}}}]}}], "areas": [{areas}]}}]}}"#
    );
    let imported = import(&json, ImportOptions::default()).expect("a plan");
    let focus = focus(imported.plan.parts());
    (focus.x / 1_000, focus.y / 1_000)
}

#[test]
fn the_focus_is_the_stage_or_the_middle_of_the_front() {
    let area = |text: &str, shape: &str, x: i32| {
        format!(
            r#"{{"text": {{"text": "{text}", "position": {{"x": 1, "y": 2}}}}, "position": {{"x": {x}, "y": 7}}, {shape}}}"#
        )
    };
    let (circle, words) = (r#""circle": {"radius": 3}"#, r#""shape": "text""#);
    let bar = area("Bar", circle, 500);
    assert_eq!(found(""), (25, 100), "the middle of the front");
    assert_eq!(found(&bar), (25, 100), "a bar is not a stage");
    assert_eq!(found(&[bar, area("Bühne 1", circle, 600)].join(",")), (600, 7));
    let written = area("STAGE", words, 700);
    assert_eq!(found(&written), (701, 9), "the place of the text");
    assert_eq!(
        found(&[written, area("stage", circle, 800)].join(",")),
        (800, 7),
        "a drawn stage counts before a written one"
    );
}

#[test]
fn the_focus_is_the_middle_of_the_turned_stage() {
    let rectangle = r#""rectangle": {"width": 100, "height": 40}"#;
    let polygon = r#""polygon": {"points": [{"x": -10, "y": 30}, {"x": 90, "y": 0}, {"x": 40, "y": 10}]}"#;
    let cases = [
        (rectangle, 0, (60, 320)),
        (rectangle, 40, (60, 320)),
        (rectangle, 50, (-10, 350)),
        (rectangle, 90, (-10, 350)),
        (rectangle, 180, (-40, 280)),
        (rectangle, 270, (30, 250)),
        (rectangle, -90, (30, 250)),
        (polygon, 0, (50, 315)),
        (r#""ellipse": {"radius": {"x": 8, "y": 4}}"#, 90, (10, 300)),
    ];
    for (shape, rotation, expected) in cases {
        let stage = format!(
            r#"{{"text": "Stage", "position": {{"x": 10, "y": 300}}, "rotation": {rotation}, {shape}}}"#
        );
        assert_eq!(found(&stage), expected, "{shape} at {rotation}");
    }
}
