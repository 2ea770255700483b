//! Writing JSON by hand, because no JSON library writes our thousandths as decimal numbers without floating point.

use super::number::write_thousandths;
use super::shape::Point;

/// A JSON text that is written step by step. Commas are added automatically.
#[derive(Debug, Default)]
pub(super) struct Json {
    out: String,
}

impl Json {
    /// The finished text.
    pub(super) fn into_text(self) -> String {
        self.out
    }

    fn comma(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with(['{', '[', ':']) {
            self.out.push(',');
        }
    }

    /// An object, as an element or after a key.
    pub(super) fn object(&mut self, fill: impl FnOnce(&mut Self)) {
        self.comma();
        self.out.push('{');
        fill(self);
        self.out.push('}');
    }

    /// A key; its value comes next.
    pub(super) fn key(&mut self, key: &str) {
        self.comma();
        self.out.push('"');
        self.out.push_str(key);
        self.out.push_str("\":");
    }

    /// A field that is a list.
    pub(super) fn list<'t, T: 't>(
        &mut self,
        key: &str,
        items: impl IntoIterator<Item = &'t T>,
        mut write: impl FnMut(&mut Self, &'t T),
    ) {
        self.key(key);
        self.array(|json| items.into_iter().for_each(|item| write(json, item)));
    }

    /// A list, as an element or after a key.
    pub(super) fn array(&mut self, fill: impl FnOnce(&mut Self)) {
        self.comma();
        self.out.push('[');
        fill(self);
        self.out.push(']');
    }

    /// Begins an object or a list that is filled step by step.
    pub(super) fn open(&mut self, bracket: char) {
        self.comma();
        self.out.push(bracket);
    }

    /// Ends what [`Json::open`] began.
    pub(super) fn close(&mut self, bracket: char) {
        self.out.push(bracket);
    }

    /// A whole number or `null` as an element.
    pub(super) fn optional_element(&mut self, value: Option<i64>) {
        self.comma();
        self.out.push_str(&value.map_or_else(|| "null".to_owned(), |value| value.to_string()));
    }

    /// A whole number as an element.
    pub(super) fn element(&mut self, value: i64) {
        self.comma();
        self.out.push_str(&value.to_string());
    }

    /// A text as an element.
    pub(super) fn text_element(&mut self, value: &str) {
        self.comma();
        self.out.push_str(&serde_json::Value::from(value).to_string());
    }

    /// A field that is a list of whole numbers.
    pub(super) fn integers(&mut self, key: &str, values: impl IntoIterator<Item = i64>) {
        self.key(key);
        self.array(|json| values.into_iter().for_each(|value| json.element(value)));
    }

    /// A field whose value is JSON text already.
    pub(super) fn raw(&mut self, key: &str, value: &str) {
        self.key(key);
        self.out.push_str(value);
    }

    /// Fields that are JSON text already; none for an empty text.
    pub(super) fn fields(&mut self, fields: &str) {
        if !fields.is_empty() {
            self.comma();
            self.out.push_str(fields);
        }
    }

    /// A field that is a text.
    pub(super) fn text(&mut self, key: &str, value: &str) {
        self.raw(key, &serde_json::Value::from(value).to_string());
    }

    /// A field that is a text, if there is one.
    pub(super) fn optional_text(&mut self, key: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(key, value);
        }
    }

    /// A field that is a length, from thousandths.
    pub(super) fn number(&mut self, key: &str, value: i32) {
        self.key(key);
        write_thousandths(&mut self.out, value);
    }

    /// A field that is a point.
    pub(super) fn point(&mut self, key: &str, point: Point) {
        self.key(key);
        self.coordinates(point);
    }

    /// A point as an element or after a key.
    pub(super) fn coordinates(&mut self, point: Point) {
        self.object(|json| {
            json.number("x", point.x);
            json.number("y", point.y);
        });
    }

    /// The field `uuid`, if there is one.
    pub(super) fn uuid(&mut self, uuid: Option<u128>) {
        if let Some(uuid) = uuid {
            let hex = format!("{uuid:032x}");
            let groups =
                [0..8, 8..12, 12..16, 16..20, 20..32].map(|range| hex.get(range).unwrap_or_default());
            self.text("uuid", &groups.join("-"));
        }
    }
}
