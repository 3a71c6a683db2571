//! The known word that a mistyped one most likely stands for.

/// Longer words are not typed by hand.
const LIMIT: usize = 64;

/// The nearest of the known words, if one is near enough to be meant.
pub(crate) fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    if word.is_empty() || word.len() > LIMIT {
        return None;
    }
    let lower = simplify(word);
    let scored = known.iter().map(|candidate| {
        (
            strsim::damerau_levenshtein(&lower, &simplify(candidate)),
            *candidate,
        )
    });
    let (distance, candidate) = scored.min_by_key(|(distance, _)| *distance)?;
    let length = word.len().max(candidate.len());
    (distance <= length.div_ceil(3).min(3)).then_some(candidate)
}

/// `time_limit` and `TimeLimit` stand for `timeLimit`.
fn simplify(word: &str) -> String {
    word.chars()
        .filter(|c| !matches!(c, '-' | '_' | ' '))
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_found_and_far_ones_are_not() {
        let known = ["timeLimit", "title", "difficulty", "tty"];
        assert_eq!(nearest("timelimit", &known), Some("timeLimit"));
        assert_eq!(nearest("time_limit", &known), Some("timeLimit"));
        assert_eq!(nearest("tilte", &known), Some("title"));
        assert_eq!(nearest("colour", &known), None);
        assert_eq!(nearest(&"x".repeat(100_000), &known), None);
    }
}
