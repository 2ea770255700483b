//! The module tree of one crate, and the file that defines the name at the end of a path.

use super::syntax::{self, Use};
use anyhow::{Context, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

/// The text of each file by its path.
pub(super) type Files<'a> = BTreeMap<&'a str, &'a str>;

/// A file's dependencies: each file with the first name that is used from it.
pub(super) type Dependencies = BTreeMap<String, BTreeMap<String, String>>;

/// How many re-exports are followed at most, so that two globs of each other end.
const MAX_REEXPORTS: usize = 16;

/// All modules of a crate; the first is its root.
pub(super) struct Modules {
    modules: Vec<Module>,
}

struct Module {
    file: String,
    parent: usize,
    children: BTreeMap<String, usize>,
    syntax: syntax::Module,
}

/// The target of a path.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Target {
    Module(usize),
    /// A name defined in this module.
    Item(usize),
}

impl Modules {
    /// Reads a crate from its root file on.
    ///
    /// # Errors
    /// When a file is not Rust.
    pub(super) fn read(root: &str, files: &Files<'_>) -> Result<Self> {
        let mut tree = Self { modules: Vec::new() };
        let folder = Path::new(root).parent().unwrap_or(Path::new("")).to_path_buf();
        tree.add_file(root, &folder, 0, files)?;
        Ok(tree)
    }

    fn add_file(&mut self, file: &str, folder: &Path, parent: usize, files: &Files<'_>) -> Result<usize> {
        let text = files.get(file).copied().unwrap_or_default();
        let syntax = syntax::read(text).with_context(|| file.to_owned())?;
        self.add(file, folder, parent, syntax, files)
    }

    /// Adds a module and its children, whose files lie in `folder`.
    fn add(
        &mut self,
        file: &str,
        folder: &Path,
        parent: usize,
        mut syntax: syntax::Module,
        files: &Files<'_>,
    ) -> Result<usize> {
        let children = std::mem::take(&mut syntax.children);
        let index = self.modules.len();
        self.modules.push(Module { file: file.to_owned(), parent, children: BTreeMap::new(), syntax });
        for child in children {
            let inner = folder.join(&child.name);
            let added = match child.body {
                Some(body) => self.add(file, &inner, index, body, files)?,
                None => match find_file(file, folder, &child.name, child.path.as_deref(), files) {
                    Some(found) if found.ends_with("/mod.rs") => {
                        let folder = Path::new(&found).parent().unwrap_or(&inner).to_path_buf();
                        self.add_file(&found, &folder, index, files)?
                    }
                    Some(found) => self.add_file(&found, &inner, index, files)?,
                    None => continue,
                },
            };
            self.modules[index].children.insert(child.name, added);
        }
        Ok(index)
    }

    /// Every file of the crate, with the files that it depends on.
    pub(super) fn dependencies(&self) -> Dependencies {
        let mut dependencies = Dependencies::new();
        for (index, module) in self.modules.iter().enumerate() {
            let of_file = dependencies.entry(module.file.clone()).or_default();
            let syntax = &module.syntax;
            for leaf in &syntax.uses {
                if !self.is_only_a_reexport(index, leaf) {
                    self.note(index, &leaf.path, of_file);
                }
                if leaf.name.is_none() {
                    self.note_names_of_glob(index, leaf, of_file);
                }
            }
            for path in &syntax.paths {
                self.note(index, path, of_file);
            }
        }
        dependencies
    }

    fn note(&self, from: usize, path: &[String], of_file: &mut BTreeMap<String, String>) {
        if let Some(Target::Item(to)) = self.resolve(from, path, 0) {
            self.note_item(from, to, path.join("::"), of_file);
        }
    }

    fn note_item(&self, from: usize, to: usize, name: String, of_file: &mut BTreeMap<String, String>) {
        let to = &self.modules[to].file;
        if *to != self.modules[from].file {
            of_file.entry(to.clone()).or_insert(name);
        }
    }

    /// A glob import brings in all names that the module then mentions.
    fn note_names_of_glob(&self, from: usize, glob: &Use, of_file: &mut BTreeMap<String, String>) {
        let Some(Target::Module(target)) = self.resolve(from, &glob.path, 0) else { return };
        if self.is_only_a_reexport(from, glob) {
            return;
        }
        let own: BTreeSet<_> = self.modules[from].syntax.definitions.iter().collect();
        for name in self.modules[from].syntax.names.iter().filter(|name| !own.contains(name)) {
            if let Some(Target::Item(to)) = self.look_up(target, name, true, 0) {
                self.note_item(from, to, name.clone(), of_file);
            }
        }
    }

    /// Whether a module only re-exports a name of its own child, and does not mention the name itself.
    fn is_only_a_reexport(&self, from: usize, leaf: &Use) -> bool {
        let Some(Target::Module(target) | Target::Item(target)) = self.resolve(from, &leaf.path, 0) else {
            return false;
        };
        let mentioned = leaf.name.as_ref().is_some_and(|name| self.modules[from].syntax.names.contains(name));
        leaf.public && !mentioned && self.is_inside(target, from)
    }

    fn is_inside(&self, mut module: usize, outer: usize) -> bool {
        while module != 0 && module != outer {
            module = self.modules[module].parent;
        }
        module == outer
    }

    /// Follows a path that stands in a module; `None` if another crate defines the target.
    fn resolve(&self, from: usize, path: &[String], reexports: usize) -> Option<Target> {
        let (first, mut rest) = path.split_first()?;
        let mut target = match first.as_str() {
            "crate" => Target::Module(0),
            "self" => Target::Module(from),
            "super" => Target::Module(self.modules[from].parent),
            name => self.look_up(from, name, rest.is_empty(), reexports)?,
        };
        while let (Target::Module(module), Some((segment, tail))) = (target, rest.split_first()) {
            target = match segment.as_str() {
                "super" => Target::Module(self.modules[module].parent),
                // A name that no definition here explains comes from a macro call in that module.
                name => {
                    self.look_up(module, name, tail.is_empty(), reexports).unwrap_or(Target::Item(module))
                }
            };
            rest = tail;
        }
        Some(target)
    }

    /// Finds a name in a module. If a module and a function have the same name, the last segment of a path means the function.
    fn look_up(&self, module: usize, name: &str, last: bool, reexports: usize) -> Option<Target> {
        let Module { children, syntax, .. } = &self.modules[module];
        let child = children.get(name).map(|child| Target::Module(*child));
        let defined = syntax.definitions.contains(name).then_some(Target::Item(module));
        let own = if last { defined.or(child) } else { child.or(defined) };
        if own.is_some() || reexports == MAX_REEXPORTS {
            return own;
        }
        let named = |leaf: &&Use| leaf.name.as_deref() == Some(name) && leaf.path.as_slice() != [name];
        let imported = syntax.uses.iter().filter(named);
        let mut imported = imported.filter_map(|leaf| self.resolve(module, &leaf.path, reexports + 1));
        imported.next().or_else(|| {
            let globs = syntax.uses.iter().filter(|leaf| leaf.name.is_none());
            let mut found =
                globs.filter_map(|glob| match self.resolve(module, &glob.path, reexports + 1)? {
                    Target::Module(other) if other != module => {
                        self.look_up(other, name, last, reexports + 1)
                    }
                    Target::Module(_) | Target::Item(_) => None,
                });
            found.next()
        })
    }
}

/// The file of `mod name;`, if there is one.
fn find_file(file: &str, folder: &Path, name: &str, path: Option<&str>, files: &Files<'_>) -> Option<String> {
    let beside = Path::new(file).parent().unwrap_or(Path::new(""));
    let candidates = match path {
        Some(path) => vec![beside.join(path)],
        None => vec![folder.join(format!("{name}.rs")), folder.join(name).join("mod.rs")],
    };
    let mut candidates = candidates.iter().map(|path| without_dots(path));
    candidates.find(|path| files.contains_key(path.as_str()))
}

fn without_dots(path: &Path) -> String {
    let mut clean = PathBuf::new();
    for part in path.components() {
        if part == Component::ParentDir {
            clean.pop();
        } else {
            clean.push(part);
        }
    }
    clean.display().to_string()
}
