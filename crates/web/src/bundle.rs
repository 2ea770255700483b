//! Prepares scripts for sending: removes comments and indentation, and bundles the modules of the map into one minified file.
//!
//! This happens when the server starts; there is no build step. Browsers could load the modules as they are written, but twenty small files
//! compress worse than one and cost a round trip each. The bundler understands only what these scripts use: imports of names or of a whole
//! module, each on one line and from the same folder; `export` in front of a function, class or constant. The browser tests load the
//! bundle.

use std::fmt::Write as _;

/// The script without block comments, lines that are comments, indentation and empty lines.
pub(crate) fn stripped(script: &str) -> String {
    let mut rest = script;
    let mut code = String::with_capacity(script.len());
    while let Some((before, after)) = rest.split_once("/**") {
        code.push_str(before);
        rest = after.split_once("*/").map_or("", |(_comment, after)| after);
    }
    code.push_str(rest);
    let lines = code.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"));
    lines.fold(String::with_capacity(code.len()), |text, line| text + line + "\n")
}

/// Bundles `entry` and the modules it imports. Each becomes a function, so that names of different modules do not clash.
pub(crate) fn bundled(entry: &str, read: &impl Fn(&str) -> Option<String>) -> Option<String> {
    let mut bundle = Bundle { read, done: Vec::new(), text: String::new() };
    let exported = bundle.add(entry)?;
    let names = exported.join(",");
    writeln!(bundle.text, "export const {{{names}}}={};", variable(entry)).ok()?;
    Some(minifier::js::minify(&bundle.text).to_string())
}

struct Bundle<'r, R> {
    read: &'r R,
    /// The modules that have been added, or whose imports are just being added.
    done: Vec<String>,
    text: String,
}

impl<R: Fn(&str) -> Option<String>> Bundle<'_, R> {
    /// Adds a module after the modules it imports; returns the names it exports.
    fn add(&mut self, name: &str) -> Option<Vec<String>> {
        self.done.push(name.to_owned());
        let (mut body, mut exported) = (String::new(), Vec::new());
        for line in stripped(&(self.read)(name)?).lines() {
            if let Some((names, from)) = import(line) {
                if !self.done.iter().any(|done| done == from) {
                    self.add(from)?;
                }
                let from = variable(from);
                let names =
                    names.strip_prefix("* as ").map_or_else(|| names.replace(" as ", ":"), str::to_owned);
                writeln!(body, "const {names}={from};").ok()?;
            } else if let Some(declared) = line.strip_prefix("export ") {
                exported.extend(name_of(declared));
                writeln!(body, "{declared}").ok()?;
            } else {
                writeln!(body, "{line}").ok()?;
            }
        }
        let (variable, names) = (variable(name), exported.join(","));
        writeln!(self.text, "const {variable}=(()=>{{\n{body}return{{{names}}}}})();").ok()?;
        Some(exported)
    }
}

/// Splits `import { a, b } from "./x.js";` into the names and the file.
fn import(line: &str) -> Option<(&str, &str)> {
    let (names, from) = line.strip_prefix("import ")?.split_once(" from \"./")?;
    Some((names, from.strip_suffix("\";")?))
}

/// The name of `function f(…`, `async function f(…`, `class C …`, `const c = …`.
fn name_of(declared: &str) -> Option<String> {
    let words =
        declared.split(|character: char| !(character.is_alphanumeric() || matches!(character, '_' | '$')));
    let mut words = words.filter(|word| !word.is_empty());
    words.find(|word| !matches!(*word, "async" | "function" | "class" | "const")).map(str::to_owned)
}

fn variable(file: &str) -> String {
    format!("$_{}", file.trim_end_matches(".js").replace(|character: char| !character.is_alphanumeric(), "_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str) -> Option<String> {
        let text = match name {
            "index.js" => {
                "// Everything.\nimport { one, two as zwei } from \"./numbers.js\";\nimport * as words from \"./words.js\";\n\
                 export function all() {\n  return /** @type {any} */ (one + zwei + words.three);\n}\n"
            }
            "numbers.js" => "/**\n * The first.\n */\nexport const one = 1;\nexport const two = 2;\n",
            "words.js" => "import { two } from \"./numbers.js\";\nexport const three = `${two}`;\n",
            _ => return None,
        };
        Some(text.to_owned())
    }

    #[test]
    fn imported_modules_come_before_those_that_import_them() {
        let expected = "const $_numbers=(()=>{const one=1;const two=2;return{one,two}})();\
            const $_words=(()=>{const{two}=$_numbers;const three=`${two}`;return{three}})();\
            const $_index=(()=>{const{one,two:zwei}=$_numbers;const words=$_words;function all(){\
            return(one+zwei+words.three);}return{all}})();export const{all}=$_index;";
        assert_eq!(bundled("index.js", &read).unwrap(), expected);
    }

    #[test]
    fn without_one_of_its_modules_there_is_no_bundle() {
        assert_eq!(bundled("nowhere.js", &read), None);
    }
}
