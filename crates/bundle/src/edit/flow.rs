//! Edits between brackets.

use std::ops::Range;

use super::layout::Lines;
use super::splice::Splices;
use super::tree::{Collection, Node};

/// Puts an item or entry before the child of an index, or behind the last one.
pub(super) fn insert(node: &Node, collection: &Collection, index: usize, new: &str) -> Splices {
    let children = &collection.children;
    match (children.get(index), children.last()) {
        (Some(next), _) => Splices::one(next.start..next.start, format!("{new}, ")),
        (None, Some(last)) => Splices::one(last.end()..last.end(), format!(", {new}")),
        (None, None) => Splices::one(node.range.start + 1..node.range.end - 1, new),
    }
}

/// Takes a child away with one of the commas beside it.
pub(super) fn remove(node: &Node, collection: &Collection, index: usize) -> Splices {
    let children = &collection.children;
    let Some(child) = children.get(index) else {
        return Splices::default();
    };
    let range = match (children.get(index + 1), index.checked_sub(1)) {
        (Some(next), _) => child.start..next.start,
        (None, Some(before)) => children[before].end()..child.end(),
        (None, None) => node.range.start + 1..node.range.end - 1,
    };
    Splices::one(range, "")
}

/// The texts of the children, which may change places.
pub(super) fn chunks(collection: &Collection) -> Vec<Range<usize>> {
    collection
        .children
        .iter()
        .map(|child| child.start..child.end())
        .collect()
}

/// Gives the texts at these places the order that they have when one of them was moved.
pub(super) fn reorder(lines: Lines<'_>, chunks: &[Range<usize>], from: usize, to: usize) -> Splices {
    let mut order: Vec<usize> = (0..chunks.len()).collect();
    let moved = order.remove(from);
    order.insert(to, moved);
    let places = chunks.iter().zip(order);
    places.fold(Splices::default(), |splices, (place, source)| {
        splices.and(place.clone(), &lines.text[chunks[source].clone()])
    })
}
