//! Rows as aligned columns, names left and numbers right, in one go for ten thousand of them. What may be long or wide stands
//! in the last column, which needs no width.

use super::Output;
use std::fmt::Write as _;

/// Lines handed on at a time: ten thousand of them are no ten thousand writes.
const LINES: usize = 500;

/// The lines of a table; columns from the first of `numbers` to its last are numbers.
pub(super) fn columns<const N: usize>(
    heading: [&str; N],
    numbers: std::ops::RangeInclusive<usize>,
    rows: impl IntoIterator<Item = [String; N]>,
) -> Vec<String> {
    let mut table = vec![heading.map(str::to_owned)];
    table.extend(rows);
    let mut widths = [0; N];
    for row in &table {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.len().max(*width);
        }
    }
    if let Some(last) = widths.last_mut() {
        *last = 0;
    }
    let line = |row: [String; N]| {
        let mut line = String::new();
        for (column, (cell, width)) in row.into_iter().zip(widths).enumerate() {
            let gap = if column == 0 { "" } else { "  " };
            // Writing to a string does not fail.
            let _ = match numbers.contains(&column) {
                true => write!(line, "{gap}{cell:>width$}"),
                false => write!(line, "{gap}{cell:<width$}"),
            };
        }
        line.truncate(line.trim_end().len());
        line
    };
    table.into_iter().map(line).collect()
}

/// Prints lines, many at a time.
pub(super) async fn print(lines: &[String], output: &Output) -> anyhow::Result<()> {
    for some in lines.chunks(LINES) {
        output.line(some.join("\n")).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_the_last_may_be_as_long_as_it_likes() {
        let row = |source: &str, new: &str, reason: &str| [source, new, "1000000000", reason].map(str::to_owned);
        let rows = [row("a", "12", "标题 was repaired"), row("a-long-one", "3", "")];
        let wanted = [
            "source      new   unchanged  reason",
            "a            12  1000000000  标题 was repaired",
            "a-long-one    3  1000000000",
        ];
        assert_eq!(columns(["source", "new", "unchanged", "reason"], 1..=2, rows), wanted);
    }
}
