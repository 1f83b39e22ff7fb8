//! Text as HTML.

use std::borrow::Cow;

/// Text that means nothing but itself, within an element or a quoted attribute.
pub(super) fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"', '\'']) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    Cow::Owned(safe)
}

/// An address that a page may lead to: of the web, of mail or telephone, or a path. Anything else (a script, above all) is
/// left out.
pub(super) fn address(text: &str) -> Option<&str> {
    let text = text.trim();
    let before_path = text.split(['/', '?', '#']).next().unwrap_or_default();
    let Some((scheme, _)) = before_path.split_once(':') else {
        return (!text.is_empty()).then_some(text);
    };
    let known = ["https", "http", "mailto", "tel"].contains(&scheme.to_ascii_lowercase().as_str());
    known.then_some(text)
}

/// An address that a picture may come from: those above, and a picture within the page.
pub(super) fn picture_source(text: &str) -> Option<&str> {
    let is_within = text.trim().to_ascii_lowercase().starts_with("data:image/");
    if is_within { Some(text.trim()) } else { address(text) }
}

/// Whether a language is written from right to left, by its tag (Unicode's `dir` of the scripts in common use).
pub(super) fn is_right_to_left(tag: &str) -> bool {
    let mut parts = tag.split(['-', '_']);
    let language = parts.next().unwrap_or_default().to_ascii_lowercase();
    match parts.find(|part| part.len() == 4) {
        Some(script) => {
            let scripts = ["arab", "hebr", "syrc", "thaa", "nkoo", "adlm", "rohg"];
            scripts.contains(&script.to_ascii_lowercase().as_str())
        }
        None => ["ar", "he", "iw", "fa", "ur", "ps", "sd", "ug", "yi", "dv", "ckb", "syr"]
            .contains(&language.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_known_addresses_is_led_to() {
        for sound in ["https://a.org/x?y=1", "photos/1.jpg", "/choose?s=1:2", "mailto:a@b.c"] {
            assert_eq!(address(sound), Some(sound));
            assert_eq!(picture_source(sound), Some(sound));
        }
        let picture = "data:image/png;base64,AA==";
        assert_eq!((address(picture), picture_source(picture)), (None, Some(picture)));
        assert_eq!(picture_source("data:imagery,x"), None);
        for other in [
            "javascript:alert(1)",
            " JavaScript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "",
            "file:///etc",
        ] {
            assert_eq!(address(other), None, "{other}");
        }
    }

    #[test]
    fn what_is_escaped_is_text() {
        assert_eq!(escaped("a<b> & \"c\" 'd'"), "a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;");
        assert!(is_right_to_left("ar-EG") && is_right_to_left("az-Arab") && !is_right_to_left("ar-Latn"));
        assert!(!is_right_to_left("es") && is_right_to_left("he"));
    }
}
