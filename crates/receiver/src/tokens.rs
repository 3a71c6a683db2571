//! Who may send bundles: names with the SHA-256 of their tokens, from a file. Tokens themselves are stored nowhere.

use std::path::{Path, PathBuf};

use axum::http::{HeaderMap, header};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The tokens that are accepted.
pub struct Tokens(Vec<(String, [u8; 32])>);

/// The name that a request's token stands for.
#[derive(Debug, Clone)]
pub(crate) struct Owner(pub(crate) String);

/// Why a tokens file is not taken.
#[derive(Debug, thiserror::Error)]
pub enum TokensError {
    /// It cannot be read.
    #[error("the tokens file {0} cannot be read: {1}")]
    Read(PathBuf, std::io::Error),
    /// A line is not a name and a digest.
    #[error(
        "{0}:{1}: this is not `NAME SHA256`; make the second word with `printf %s \"$TOKEN\" | sha256sum`"
    )]
    Line(PathBuf, usize),
    /// A name comes twice.
    #[error("{0}:{1}: this name is taken by a line above; give each token a name of its own")]
    Twice(PathBuf, usize),
    /// It names nobody.
    #[error("the tokens file {0} names no token; add a line `NAME SHA256`")]
    Empty(PathBuf),
}

impl Tokens {
    /// Reads a tokens file.
    pub fn load(path: &Path) -> Result<Self, TokensError> {
        let text =
            std::fs::read_to_string(path).map_err(|error| TokensError::Read(path.to_owned(), error))?;
        Self::read(path, &text)
    }

    fn read(path: &Path, text: &str) -> Result<Self, TokensError> {
        let mut tokens: Vec<(String, [u8; 32])> = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (name, digest) = entry(line).ok_or_else(|| TokensError::Line(path.to_owned(), index + 1))?;
            if tokens.iter().any(|(known, _)| *known == name) {
                return Err(TokensError::Twice(path.to_owned(), index + 1));
            }
            tokens.push((name, digest));
        }
        if tokens.is_empty() {
            return Err(TokensError::Empty(path.to_owned()));
        }
        Ok(Self(tokens))
    }

    /// Whose token a request carries.
    pub(crate) fn owner(&self, headers: &HeaderMap) -> Option<Owner> {
        let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        let (scheme, token) = value.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        self.find(token.trim())
    }

    /// Looks at every token, and at every byte of it, so that time tells nothing.
    fn find(&self, token: &str) -> Option<Owner> {
        let digest: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let mut found = None;
        for (name, known) in &self.0 {
            if bool::from(known.ct_eq(&digest)) {
                found = Some(Owner(name.clone()));
            }
        }
        found
    }
}

fn entry(line: &str) -> Option<(String, [u8; 32])> {
    let mut words = line.split_whitespace();
    let (name, digest) = (words.next()?, words.next()?);
    if words.next().is_some() {
        return None;
    }
    let digest = hex::decode(digest).ok()?.try_into().ok()?;
    Some((name.to_owned(), digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Tokens, String> {
        Tokens::read(Path::new("tokens"), text).map_err(|error| error.to_string())
    }

    #[test]
    fn a_token_is_known_by_its_digest() {
        let digest = hex::encode(Sha256::digest(b"secret"));
        let tokens = read(&format!("# creators\n\nada {digest}\n")).unwrap();
        let headers = |value: &str| HeaderMap::from_iter([(header::AUTHORIZATION, value.parse().unwrap())]);
        let owner = |value: &str| tokens.owner(&headers(value)).map(|owner| owner.0);
        assert_eq!(owner("Bearer secret"), Some("ada".to_owned()));
        assert_eq!(owner("bearer  secret"), Some("ada".to_owned()));
        for bad in [
            "Bearer Secret",
            "Bearer ",
            "Basic secret",
            "secret",
            "Bearer secret x",
        ] {
            assert_eq!(owner(bad), None, "{bad}");
        }
        assert!(tokens.owner(&HeaderMap::new()).is_none());
    }

    #[test]
    fn a_file_that_is_wrong_is_named_with_its_line() {
        let digest = "0".repeat(64);
        for (text, expect) in [
            ("", "names no token"),
            ("# nobody\n", "names no token"),
            ("\nada", "tokens:2: this is not"),
            ("ada secret", "tokens:1: this is not"),
            (&format!("ada {digest} more"), "tokens:1: this is not"),
            (
                &format!("ada {digest}\nada {digest}"),
                "tokens:2: this name is taken",
            ),
        ] {
            let error = read(text).err().unwrap();
            assert!(error.contains(expect), "{text}: {error}");
        }
    }
}
