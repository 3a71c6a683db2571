//! The TypeScript of everything that crosses between the window and Rust.

use std::any::TypeId;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use ts_rs::{Config, TS, TypeVisitor};

use crate::{commands, streams};

/// The types that were named, with all that they are made of.
pub(crate) struct Types {
    config: Config,
    seen: BTreeSet<TypeId>,
    declared: BTreeMap<String, String>,
}

/// One command or stream.
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) arguments: Vec<(&'static str, String)>,
    pub(crate) item: Option<String>,
    pub(crate) result: String,
}

impl Types {
    fn new() -> Self {
        Self {
            // Numbers that cross are counts, sizes and milliseconds, far below 2^53; JSON has no other kind.
            config: Config::new().with_large_int("number"),
            seen: BTreeSet::new(),
            declared: BTreeMap::new(),
        }
    }

    /// What a type is called in TypeScript; remembers its declaration.
    pub(crate) fn name<T: TS + 'static>(&mut self) -> String {
        self.visit::<T>();
        T::name(&self.config)
    }
}

impl TypeVisitor for Types {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if !self.seen.insert(TypeId::of::<T>()) {
            return;
        }
        // Only types of our own have a file they could be written to.
        if T::output_path().is_some() {
            let docs = T::docs().unwrap_or_default();
            let declaration = format!("{docs}export {}", T::decl(&self.config));
            let name = T::ident(&self.config);
            let other = self.declared.insert(name.clone(), declaration);
            assert!(
                other.is_none(),
                "two types are called {name}: one needs #[ts(rename = …)]"
            );
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}

/// The whole file.
///
/// # Panics
/// When two types have the same name: one of them has to be renamed.
#[must_use]
pub fn typescript() -> String {
    let mut types = Types::new();
    types.visit::<api::Error>();
    types.visit::<crate::terminals::TerminalState>();
    let commands = commands::describe(&mut types);
    let streams = streams::describe(&mut types);
    let mut file =
        String::from("// Made from the Rust types by `cargo run -p xtask -- codegen`; not to be edited.\n\n");
    for declaration in types.declared.values() {
        file.push_str(declaration);
        file.push_str("\n\n");
    }
    file.push_str(&interface("Commands", &commands));
    file.push('\n');
    file.push_str(&interface("Streams", &streams));
    file
}

fn interface(name: &str, entries: &[Entry]) -> String {
    let mut text = format!("export interface {name} {{\n");
    for entry in entries {
        let item = entry
            .item
            .as_ref()
            .map(|item| format!(" item: {item};"))
            .unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "  {}: {{ args: {};{item} result: {} }};",
            entry.name,
            arguments(&entry.arguments),
            entry.result
        );
    }
    text + "}\n"
}

fn arguments(arguments: &[(&str, String)]) -> String {
    if arguments.is_empty() {
        return "Record<string, never>".to_owned();
    }
    let fields: Vec<String> = arguments
        .iter()
        .map(|(name, type_)| format!("{}: {type_}", camel(name)))
        .collect();
    format!("{{ {} }}", fields.join("; "))
}

/// As serde renames fields.
fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |text, word| {
        let mut letters = word.chars();
        let head = letters.next().map(|letter| letter.to_ascii_uppercase());
        text + &head.into_iter().chain(letters).collect::<String>()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_serde_makes() {
        assert_eq!(camel("api_version"), "apiVersion");
        assert_eq!(camel("host"), "host");
    }

    #[test]
    fn every_command_and_stream_is_in_the_file_once() {
        let file = typescript();
        for name in crate::COMMANDS.iter().chain(crate::STREAMS) {
            assert_eq!(file.matches(&format!("  {name}: {{ args:")).count(), 1, "{name}");
        }
    }
}
