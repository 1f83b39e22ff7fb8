//! Turns of phrase: one and many, and the word that was probably meant.

/// The count with the word that goes with it: "1 supporter", "2 supporters".
pub(crate) fn counted<N: Into<u64>>(count: N, one: &str, many: &str) -> String {
    let count = count.into();
    format!("{count} {}", verb(count, one, many))
}

/// The word that goes with a count: "is" with 1, "are" with any other.
pub(crate) fn verb<'a, N: Into<u64>>(count: N, one: &'a str, many: &'a str) -> &'a str {
    if count.into() == 1 { one } else { many }
}

/// The word that takes fewest slips of the keyboard to become the wanted one; none where even that takes many.
pub(crate) fn nearest<'a>(wanted: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = wanted.trim().to_lowercase();
    let most = (wanted.chars().count() / 3).clamp(1, 4);
    let near = known.map(|word| (strsim::osa_distance(&wanted, &word.to_lowercase()), word));
    near.filter(|&(slips, _)| slips <= most).min_by_key(|&(slips, _)| slips).map(|(_, word)| word)
}
