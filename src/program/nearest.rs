//! The known name nearest to one that is not known, for "did you mean".

/// The candidate that takes fewest edits (insert, delete, replace, swap neighbours) to become `wanted`, letter case
/// aside; the first of equals. `None` if even the nearest is too far to have been meant.
///
/// Quadratic in the lengths for each candidate, so callers ask for a limited number of names only.
pub(crate) fn nearest<'a>(wanted: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = wanted.to_lowercase().chars().take(LONGEST).collect();
    let most = (wanted.len() / 3).clamp(1, 4);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let within = best.map_or(most + 1, |(edits, _)| edits);
        let name: Vec<char> = candidate.to_lowercase().chars().take(LONGEST).collect();
        if name.is_empty() || name.len().abs_diff(wanted.len()) >= within {
            continue;
        }
        let edits = distance(&wanted, &name);
        if edits < within && edits < wanted.len() {
            best = Some((edits, candidate));
        }
    }
    best.map(|(_, name)| name)
}

/// All the candidates that are as near as [`nearest`].
pub(crate) fn all_nearest<'a>(wanted: &str, candidates: Vec<&'a str>) -> Vec<&'a str> {
    let characters = |name: &str| -> Vec<char> { name.to_lowercase().chars().take(LONGEST).collect() };
    let wanted_characters = characters(wanted);
    let Some(best) = nearest(wanted, candidates.iter().copied()) else { return Vec::new() };
    let edits = distance(&wanted_characters, &characters(best));
    candidates.into_iter().filter(|name| distance(&wanted_characters, &characters(name)) == edits).collect()
}

/// No name worth a suggestion is longer.
const LONGEST: usize = 64;

/// Optimal string alignment distance.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut row: Vec<usize> = vec![0; b.len() + 1];
    for i in 1..=a.len() {
        row[0] = i;
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        std::mem::swap(&mut before, &mut last);
        std::mem::swap(&mut last, &mut row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_keyboard_is_found_and_a_stranger_is_not() {
        let known = ["conditions", "consent", "child_age"];
        assert_eq!(nearest("condtions", known), Some("conditions"));
        assert_eq!(nearest("Concent", known), Some("consent"));
        assert_eq!(nearest("chidl_age", known), Some("child_age"));
        assert_eq!(nearest("shoe_size", known), None);
        assert_eq!(nearest("", known), None);
        assert_eq!(nearest("S-0l4", ["S-001", "S-014"]), Some("S-014"));
        assert_eq!(nearest("x", ["y"]), None);
        assert_eq!(all_nearest("S-9", vec!["S-1", "S-2", "T-77"]), ["S-1", "S-2"]);
        assert_eq!(all_nearest("S-O1", vec!["S-01", "S-22"]), ["S-01"]);
        assert_eq!(all_nearest("", vec!["S-01"]), Vec::<&str>::new());
    }
}
