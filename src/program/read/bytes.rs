//! Bytes of a file to text.

/// What keeps bytes from being text, and where.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotText {
    /// The line it stands in, from 1.
    pub(super) line: Option<u64>,
    /// The offending bytes.
    pub(super) value: Option<String>,
    pub(super) problem: String,
    pub(super) remedy: &'static str,
}

const SAVE_AS: &str = "save the file as UTF-8 (in a spreadsheet: CSV UTF-8) and read it again";

/// The text without its byte order mark.
pub(super) fn text(bytes: &[u8]) -> Result<&str, NotText> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(NotText {
            line: None,
            value: None,
            problem: "the file is UTF-16, not UTF-8".to_owned(),
            remedy: SAVE_AS,
        });
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return Err(NotText {
            line: None,
            value: None,
            problem: "the file is a spreadsheet or an archive, not a text".to_owned(),
            remedy: "open it in the program it comes from and save it as CSV UTF-8",
        });
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        let byte = bytes.get(at).copied().unwrap_or_default();
        NotText {
            line: Some(line_at(bytes, at)),
            value: Some(format!("byte 0x{byte:02X}")),
            problem: format!("byte {} of the file is not UTF-8: it may be Latin-1 or Windows-1252", at + 1),
            remedy: SAVE_AS,
        }
    })?;
    match text.find('\0') {
        Some(at) => Err(NotText {
            line: Some(line_at(bytes, at)),
            value: Some("byte 0x00".to_owned()),
            problem: format!(
                "byte {} of the file is zero: the file may be UTF-16 or not a text at all",
                at + 1
            ),
            remedy: SAVE_AS,
        }),
        None => Ok(text),
    }
}

/// The line, from 1, that a byte stands in; a line ends with a line feed, a carriage return, or both.
fn line_at(bytes: &[u8], at: usize) -> u64 {
    1 + line_ends(bytes, 0, at)
}

/// How many lines end in `bytes[from..to]`.
pub(super) fn line_ends(bytes: &[u8], from: usize, to: usize) -> u64 {
    let ends = (from..to.min(bytes.len()))
        .filter(|&at| bytes[at] == b'\n' || (bytes[at] == b'\r' && bytes.get(at + 1) != Some(&b'\n')));
    ends.count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_utf_8_is_named_with_its_line() {
        assert_eq!(text(b"\xef\xbb\xbfid\n1"), Ok("id\n1"));
        let latin = text(b"id\r\nP-1\rAndr\xe9\n").unwrap_err();
        assert_eq!((latin.line, latin.value.as_deref()), (Some(3), Some("byte 0xE9")));
        assert!(text(b"\xff\xfei\0d\0").unwrap_err().problem.contains("UTF-16"));
        assert!(text(b"i\0d\0").unwrap_err().problem.contains("zero"));
        assert!(text(b"PK\x03\x04...").unwrap_err().problem.contains("spreadsheet"));
    }
}
