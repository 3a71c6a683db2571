//! What an edit means for a value.

use serde_json::{Map, Value};

use super::{Edit, EditError, Step, place};

/// The value after an edit.
pub(super) fn apply(before: &Value, edit: &Edit) -> Result<Value, EditError> {
    let mut after = before.clone();
    match edit {
        Edit::Set { path, value } => *make(&mut after, path)? = value.clone(),
        Edit::Append { path, value } => append(make(&mut after, path)?, value, path)?,
        Edit::Remove { path } => remove(&mut after, path),
        Edit::Move { path, to } => move_within(&mut after, path, *to)?,
    }
    Ok(after)
}

/// What is at a place.
pub(super) fn at<'a>(value: &'a Value, path: &[Step]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, step| match step {
        Step::Key(key) => value.as_object()?.get(key),
        Step::Index(index) => value.as_array()?.get(*index),
    })
}

fn at_mut<'a>(value: &'a mut Value, path: &[Step]) -> Option<&'a mut Value> {
    path.iter().try_fold(value, |value, step| match step {
        Step::Key(key) => value.as_object_mut()?.get_mut(key),
        Step::Index(index) => value.as_array_mut()?.get_mut(*index),
    })
}

/// The place itself, made if it is not there: mappings for keys, and one more item for the index after the last.
fn make<'a>(value: &'a mut Value, path: &[Step]) -> Result<&'a mut Value, EditError> {
    let mut at = value;
    for (depth, step) in path.iter().enumerate() {
        let missing = |expected| EditError::NoSuchPlace {
            expected,
            place: place(&path[..depth]),
        };
        at = match step {
            Step::Key(key) => {
                if at.is_null() {
                    *at = Value::Object(Map::new());
                }
                let entries = at.as_object_mut().ok_or_else(|| missing("mapping"))?;
                entries.entry(key.clone()).or_insert(Value::Null)
            }
            Step::Index(index) => {
                let items = at.as_array_mut().ok_or_else(|| missing("list"))?;
                if *index == items.len() {
                    items.push(Value::Null);
                }
                items.get_mut(*index).ok_or_else(|| missing("such item"))?
            }
        };
    }
    Ok(at)
}

fn append(list: &mut Value, value: &Value, path: &[Step]) -> Result<(), EditError> {
    if list.is_null() {
        *list = Value::Array(Vec::new());
    }
    let items = list.as_array_mut().ok_or_else(|| EditError::NoSuchPlace {
        expected: "list",
        place: place(path),
    })?;
    items.push(value.clone());
    Ok(())
}

fn remove(value: &mut Value, path: &[Step]) {
    let Some((last, parent)) = path.split_last() else {
        return;
    };
    match (at_mut(value, parent), last) {
        (Some(Value::Object(entries)), Step::Key(key)) => drop(entries.remove(key)),
        (Some(Value::Array(items)), Step::Index(index)) if *index < items.len() => drop(items.remove(*index)),
        _ => {}
    }
}

fn move_within(value: &mut Value, path: &[Step], to: usize) -> Result<(), EditError> {
    let missing = || EditError::NoSuchPlace {
        expected: "such item",
        place: place(path),
    };
    let (Step::Index(from), parent) = path.split_last().ok_or_else(missing)? else {
        return Err(missing());
    };
    let items = at_mut(value, parent)
        .and_then(Value::as_array_mut)
        .ok_or_else(missing)?;
    if *from >= items.len() || to >= items.len() {
        return Err(missing());
    }
    let item = items.remove(*from);
    items.insert(to, item);
    Ok(())
}
