//! Rows of text in aligned columns.

use crate::line::Line;
use crate::style::{Paint, Tone};

/// Rows under a head; the last column is not padded.
pub(crate) fn table(head: &[&str], rows: &[Vec<String>], paint: Paint) -> Vec<String> {
    let widths: Vec<usize> = (0..head.len())
        .map(|column| {
            let cells = rows
                .iter()
                .filter_map(|row| row.get(column))
                .map(|cell| crate::line::width(cell));
            cells.chain([head[column].len()]).max().unwrap_or(0)
        })
        .collect();
    let mut lines = vec![
        row(
            head.iter().map(|cell| (Some(Tone::Faint), (*cell).to_owned())),
            &widths,
        )
        .paint(paint),
    ];
    lines.extend(
        rows.iter()
            .map(|cells| row(cells.iter().map(|cell| (None, cell.clone())), &widths).paint(paint)),
    );
    lines
}

fn row(cells: impl Iterator<Item = (Option<Tone>, String)>, widths: &[usize]) -> Line {
    let mut line = Line::default();
    let mut column = 0;
    for ((tone, cell), width) in cells.zip(widths) {
        line = match tone {
            Some(tone) => line.tone(tone, cell),
            None => line.text(cell),
        };
        column += width + 2;
        line = line.pad(column);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_what_is_in_them() {
        let rows = vec![
            vec!["blank-ab1cd".to_owned(), "ready".to_owned()],
            vec!["x".to_owned(), "é".to_owned()],
        ];
        assert_eq!(
            table(&["ID", "STATE"], &rows, Paint::PLAIN),
            ["ID           STATE", "blank-ab1cd  ready", "x            é"]
        );
    }
}
