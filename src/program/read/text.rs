//! Several values in one cell: splitting, and the backslash that takes the next character as it is.

/// Splits at every separator that no backslash precedes. The pieces keep their backslashes.
pub(crate) fn split(text: &str, separator: char) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if character == '\\' {
            escaped = true;
        } else if character == separator {
            pieces.push(&text[start..at]);
            start = at + character.len_utf8();
        }
    }
    pieces.push(&text[start..]);
    pieces
}

/// Splits in two at the first separator that no backslash precedes.
pub(crate) fn split_once(text: &str, separator: char) -> Option<(&str, &str)> {
    let first = split(text, separator)[0].len();
    (first < text.len()).then(|| (&text[..first], &text[first + separator.len_utf8()..]))
}

/// The value a piece stands for: blanks at its ends dropped, backslashes taken out. A backslash keeps the blank after
/// it; one at the very end stands for itself.
pub(crate) fn unescape(piece: &str) -> String {
    let mut value = String::with_capacity(piece.len());
    let mut kept = 0;
    let mut characters = piece.trim_start().chars();
    while let Some(character) = characters.next() {
        if character == '\\' {
            value.push(characters.next().unwrap_or('\\'));
            kept = value.len();
        } else {
            value.push(character);
            if !character.is_whitespace() {
                kept = value.len();
            }
        }
    }
    value.truncate(kept);
    value
}

/// The piece that [`unescape`] turns back into `value`, with a backslash before each of `special`; blanks at its ends
/// are dropped.
pub(crate) fn escape(value: &str, special: &[char]) -> String {
    let mut piece = String::with_capacity(value.len());
    for character in value.trim().chars() {
        if character == '\\' || special.contains(&character) {
            piece.push('\\');
        }
        piece.push(character);
    }
    piece
}

/// Takes an exclamation mark off the end, unless a backslash makes it part of the name.
pub(crate) fn strip_mark(piece: &str) -> (&str, bool) {
    match piece.trim_end().strip_suffix('!') {
        Some(name) if name.bytes().rev().take_while(|&byte| byte == b'\\').count() % 2 == 0 => (name, true),
        _ => (piece, false),
    }
}

/// A text that a spreadsheet would take for a formula gets an apostrophe, and so does one that could be mistaken for
/// a text that got it.
pub(crate) fn guard_formula(text: &str) -> String {
    let mut characters = text.chars();
    let risky = match characters.next() {
        Some('\'') => characters.next().is_some_and(|second| second == '\'' || starts_formula(second)),
        Some(first) => starts_formula(first),
        None => false,
    };
    if risky { format!("'{text}") } else { text.to_owned() }
}

/// Takes the apostrophe of [`guard_formula`] away.
pub(crate) fn unguard_formula(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(|second| second == '\'' || starts_formula(second)) => rest,
        _ => text,
    }
}

fn starts_formula(first: char) -> bool {
    // The full-width forms count too: some spreadsheets fold them.
    matches!(
        first,
        '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backslash_takes_the_next_character_as_it_is() {
        assert_eq!(split(r"a;b\;c; d ", ';'), ["a", r"b\;c", " d "]);
        assert_eq!(unescape(r" b\;c "), "b;c");
        assert_eq!(unescape(r" \ x\  "), " x ");
        assert_eq!(unescape(r"end\"), r"end\");
        assert_eq!(split_once(r"a\=b=c=d", '='), Some((r"a\=b", "c=d")));
        assert_eq!(split_once("none", '='), None);
        assert_eq!(strip_mark("a !"), ("a ", true));
        assert_eq!(strip_mark(r"a\!"), (r"a\!", false));
        assert_eq!(strip_mark(r"\\!"), (r"\\", true));
        assert_eq!(escape(" a ", &[]), "a");
        for value in ["", r"\", "a;b", r"\;", "|=;", "a\nb", r"a\\", r"\ "].map(str::trim) {
            assert_eq!(unescape(&escape(value, &[';', '|', '='])), value);
        }
    }

    #[test]
    fn no_cell_starts_a_formula_and_none_is_lost() {
        for value in ["=1+1", "+1", "-1", "@a", "'=1", "''", "'", "'a", "a=1", "\u{ff1d}1"] {
            let guarded = guard_formula(value);
            assert!(!guarded.starts_with(starts_formula));
            assert_eq!(unguard_formula(&guarded), value);
        }
    }
}
