//! The name of one running instance of a bundle.

use std::fmt;

/// `<bundle>-<suffix>`, at most 31 characters: names the vCluster, and with `task-` before it the namespace.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PreviewId(String);

/// Length of the random suffix; 36^5 is enough to keep previews of one bundle apart.
pub const SUFFIX_LENGTH: usize = 5;
const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";

impl PreviewId {
    /// Makes an id for `bundle` from random bits that the caller supplies.
    #[must_use]
    pub fn new(bundle: &str, random: u64) -> Self {
        let mut rest = random;
        let suffix: String = (0..SUFFIX_LENGTH)
            .map(|_| {
                #[expect(clippy::cast_possible_truncation, reason = "smaller than the alphabet")]
                let index = (rest % ALPHABET.len() as u64) as usize;
                rest /= ALPHABET.len() as u64;
                char::from(ALPHABET[index])
            })
            .collect();
        Self(format!("{bundle}-{suffix}"))
    }

    /// Reads an id that came from a label or from the command line.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (bundle, suffix) = text.rsplit_once('-')?;
        let word = |part: &str| {
            part.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        (!bundle.is_empty() && suffix.len() == SUFFIX_LENGTH && word(bundle) && word(suffix))
            .then(|| Self(text.to_owned()))
    }

    /// The id as text; also the vCluster's name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host namespace that holds the preview.
    #[must_use]
    pub fn namespace(&self) -> String {
        format!("task-{}", self.0)
    }
}

impl fmt::Display for PreviewId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_being_read_back() {
        let id = PreviewId::new("postgres-recovery", 0x1234_5678_9abc);
        assert_eq!(PreviewId::parse(id.as_str()), Some(id.clone()));
        assert!(id.namespace().len() <= 63, "a namespace is a DNS label");
    }

    #[test]
    fn text_that_is_no_id_is_refused() {
        for text in ["", "x", "x-", "-abcde", "Blank-abcde", "blank-abc", "a/b-abcde"] {
            assert_eq!(PreviewId::parse(text), None, "{text:?}");
        }
    }
}
