//! Which variables an expression asks for, those of its own loops left out.

use std::collections::BTreeSet;

use cel::IdedExpr;
use cel::common::ast::{EntryExpr, Expr, IdedEntryExpr};

/// What CEL itself calls types; an expression may compare with them.
const TYPES: [&str; 10] = [
    "bool",
    "bytes",
    "double",
    "int",
    "list",
    "map",
    "null_type",
    "string",
    "type",
    "uint",
];

/// The names that have to be given for an expression to be asked.
pub(super) fn free(expression: &IdedExpr) -> BTreeSet<String> {
    let mut found = Found::default();
    found.walk(expression);
    let own = found.own;
    found
        .named
        .into_iter()
        .filter(|name| !own.contains(name) && !name.starts_with('@') && !TYPES.contains(name))
        .map(str::to_owned)
        .collect()
}

#[derive(Default)]
struct Found<'e> {
    named: BTreeSet<&'e str>,
    own: BTreeSet<&'e str>,
}

impl<'e> Found<'e> {
    fn walk(&mut self, expression: &'e IdedExpr) {
        match &expression.expr {
            Expr::Unspecified | Expr::Literal(_) => {}
            Expr::Ident(name) => {
                self.named.insert(name);
            }
            Expr::Select(select) => self.walk(&select.operand),
            Expr::Call(call) => {
                let target = call.target.iter().map(AsRef::as_ref);
                target.chain(&call.args).for_each(|part| self.walk(part));
            }
            Expr::List(list) => list.elements.iter().for_each(|part| self.walk(part)),
            Expr::Map(map) => self.entries(&map.entries),
            Expr::Struct(object) => self.entries(&object.entries),
            Expr::Comprehension(turn) => {
                self.own.insert(&turn.iter_var);
                self.own.extend(turn.iter_var2.as_deref());
                let parts = [
                    &turn.iter_range,
                    &turn.accu_init,
                    &turn.loop_cond,
                    &turn.loop_step,
                    &turn.result,
                ];
                for part in parts {
                    self.walk(part);
                }
            }
        }
    }

    fn entries(&mut self, entries: &'e [IdedEntryExpr]) {
        for entry in entries {
            match &entry.expr {
                EntryExpr::StructField(field) => self.walk(&field.value),
                EntryExpr::MapEntry(entry) => {
                    self.walk(&entry.key);
                    self.walk(&entry.value);
                }
            }
        }
    }
}
