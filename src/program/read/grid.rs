//! The text of a CSV file to rows of cells, each row with the line it starts on.

use std::borrow::Cow;

use super::bytes::line_ends;

/// The separators that are found out by themselves, the likelier first.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// One row of cells.
#[cfg_attr(test, derive(Debug))]
#[derive(PartialEq, Eq)]
pub(super) struct Row {
    /// The line it starts on, from 1.
    pub(super) line: u64,
    pub(super) cells: Vec<String>,
    /// A quotation mark that opens a cell of this row is never closed.
    pub(super) open_quote: bool,
}

/// All rows that hold something, the header first.
pub(super) fn rows(text: &str, delimiter: Option<u8>) -> Vec<Row> {
    let (text, skipped, told) = skip_hint(text);
    let delimiter = delimiter.or(told).unwrap_or_else(|| sniff(text));
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    let mut record = csv::StringRecord::new();
    let (mut counted, mut line) = (0, 1 + skipped);
    // Text that is UTF-8 and read without a fixed length cannot fail; if it did, the rows so far would stand.
    while let Ok(true) = reader.read_record(&mut record) {
        let mut start = record.position().map_or(0, |position| position.byte() as usize);
        while matches!(text.as_bytes().get(start), Some(b'\n' | b'\r')) {
            start += 1;
        }
        line += line_ends(text.as_bytes(), counted, start);
        counted = counted.max(start);
        let cells: Vec<String> = record.iter().map(|cell| cell.trim().to_owned()).collect();
        let end = reader.position().byte() as usize;
        let last = end >= text.len();
        let open_quote = last && is_open(text.get(start..).unwrap_or_default(), delimiter);
        if open_quote || cells.iter().any(|cell| !cell.is_empty()) {
            rows.push(Row { line, cells, open_quote });
        }
    }
    rows
}

/// Whether the text ends inside a quoted cell: a further line is then swallowed by it.
fn is_open(record: &str, delimiter: u8) -> bool {
    if !record.contains('"') {
        return false;
    }
    let probe: Cow<'_, str> = format!("{record}\nx").into();
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(probe.as_bytes());
    reader.records().count() < 2
}

/// Some spreadsheets begin a file with a line `sep=;`: takes it off and says what it names.
fn skip_hint(text: &str) -> (&str, u64, Option<u8>) {
    let end = text.find(['\n', '\r']).unwrap_or(text.len());
    let told = text[..end].strip_prefix("sep=").map(str::as_bytes);
    match told {
        Some([delimiter]) if delimiter.is_ascii() => {
            let rest = &text[end..];
            let rest = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix(['\n', '\r'])).unwrap_or(rest);
            (rest, 1, Some(*delimiter))
        }
        _ => (text, 0, None),
    }
}

/// The separator that stands most often in the header line, quoted cells aside.
fn sniff(text: &str) -> u8 {
    let mut counts = [0_usize; SEPARATORS.len()];
    let mut quoted = false;
    for byte in text.trim_start().bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            _ if quoted => {}
            _ => {
                if let Some(which) = SEPARATORS.iter().position(|&separator| separator == byte) {
                    counts[which] += 1;
                }
            }
        }
    }
    // The first of equals.
    let most = counts.iter().copied().max().unwrap_or(0);
    counts.iter().position(|&count| count == most).map_or(b',', |which| SEPARATORS[which])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<(u64, Vec<String>)> {
        rows(text, None).into_iter().map(|row| (row.line, row.cells)).collect()
    }

    fn cells(cells: &[&str]) -> Vec<String> {
        cells.iter().map(|&cell| cell.to_owned()).collect()
    }

    #[test]
    fn every_line_ending_counts_lines_alike() {
        for end in ["\n", "\r\n", "\r"] {
            let text = format!("id,a{end}{end}1,\"x{end}y\"{end} ,{end}2,z{end}");
            let expected =
                [(1, cells(&["id", "a"])), (3, cells(&["1", &format!("x{end}y")])), (6, cells(&["2", "z"]))];
            assert_eq!(lines(&text), expected, "line ending {end:?}");
        }
    }

    #[test]
    fn the_separator_is_found_out() {
        assert_eq!(lines("id;a,b;c\n"), [(1, cells(&["id", "a,b", "c"]))]);
        assert_eq!(lines("id\ta\n1\t2;3"), [(1, cells(&["id", "a"])), (2, cells(&["1", "2;3"]))]);
        assert_eq!(lines("id|a\n"), [(1, cells(&["id", "a"]))]);
        assert_eq!(lines("\"a;b;c\",id\n"), [(1, cells(&["a;b;c", "id"]))]);
        assert_eq!(lines("sep=;\r\nid;a,b,c\r\n"), [(2, cells(&["id", "a,b,c"]))]);
    }

    #[test]
    fn a_quotation_mark_left_open_is_noticed() {
        assert!(rows("id,a\n1,\"x\n2,y\n", None)[1].open_quote);
        assert!(!rows("id,a\n1,\"x\"\n", None)[1].open_quote);
        assert!(!rows("id,a\n1,5\" pipe\n", None)[1].open_quote);
    }
}
