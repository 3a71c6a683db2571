//! The token of a platform: from a file, the environment or the keyring, and shown nowhere.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use reqwest::header::HeaderValue;

use super::address::Address;
use super::keyring;

/// The variable that front ends read.
pub const VARIABLE: &str = "TASKWRIGHT_PLATFORM_TOKEN";
/// Longer than any token.
const LONGEST: u64 = 16 << 10;

/// The token of a platform.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

/// Where front ends say that a token may be.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sources<'a> {
    /// The file that the user named.
    pub file: Option<&'a Path>,
    /// The value of [`VARIABLE`].
    pub environment: Option<&'a Token>,
}

/// Where a token was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// In the file that the user named.
    File,
    /// In the environment.
    Environment,
    /// In the keyring of the system.
    Keyring,
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// A text is no token.
    #[error(
        "the token is empty or holds characters that no token has; copy it again, without quotes and line breaks"
    )]
    Shape,
    /// The file cannot be read.
    #[error("the token file {0} cannot be read: {1}")]
    Read(PathBuf, io::Error),
    /// Others may read the file.
    #[error("others may read the token file {0}; run `chmod 600 {0}`, and replace the token if it was read")]
    Exposed(PathBuf),
    /// No source has one.
    #[error("there is no token for {origin}: keep one in the keyring with `taskwright login {origin}`, set {VARIABLE}, or name a file with --token-file{}", because(.keyring.as_deref()))]
    Missing {
        /// The platform.
        origin: String,
        /// Why the keyring could not be asked, if it could not.
        keyring: Option<String>,
    },
}

impl Token {
    /// Takes a token, without the white space around it.
    pub fn new(text: &str) -> Result<Self, TokenError> {
        let text = text.trim();
        let is_token = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        is_token.then(|| Self(text.to_owned())).ok_or(TokenError::Shape)
    }

    /// Reads a token file that nobody else may read.
    pub fn read(path: &Path) -> Result<Self, TokenError> {
        let read = |error| TokenError::Read(path.to_owned(), error);
        let file = File::open(path).map_err(read)?;
        if is_exposed(&file).map_err(read)? {
            return Err(TokenError::Exposed(path.to_owned()));
        }
        let mut text = String::new();
        file.take(LONGEST).read_to_string(&mut text).map_err(read)?;
        Self::new(&text)
    }

    /// The value of `Authorization`, which no log shows.
    pub(super) fn header(&self) -> Result<HeaderValue, TokenError> {
        let mut value =
            HeaderValue::from_str(&format!("Bearer {}", self.0)).map_err(|_| TokenError::Shape)?;
        value.set_sensitive(true);
        Ok(value)
    }

    pub(super) fn secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(hidden)")
    }
}

/// The token for a platform: of the file, else of the environment, else of the keyring.
pub async fn find(sources: Sources<'_>, address: &Address) -> Result<(Token, Origin), TokenError> {
    if let Some(path) = sources.file {
        return Ok((Token::read(path)?, Origin::File));
    }
    if let Some(token) = sources.environment {
        return Ok((token.clone(), Origin::Environment));
    }
    let missing = |keyring| TokenError::Missing {
        origin: address.origin().to_owned(),
        keyring,
    };
    match keyring::load(address).await {
        Ok(Some(token)) => Ok((token, Origin::Keyring)),
        Ok(None) => Err(missing(None)),
        Err(error) => Err(missing(Some(error.to_string()))),
    }
}

fn because(reason: Option<&str>) -> String {
    reason.map(|reason| format!(" ({reason})")).unwrap_or_default()
}

#[cfg(unix)]
fn is_exposed(file: &File) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;

    let file = file.metadata()?;
    // A pipe, such as bash makes of `<(pass platform)`, is gone once it is read.
    Ok(file.is_file() && file.mode() & 0o077 != 0)
}

/// Windows keeps the files of a user's profile from other users without being asked.
#[cfg(not(unix))]
fn is_exposed(_: &File) -> io::Result<bool> {
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::Plain;

    #[test]
    fn a_token_is_shown_nowhere() {
        let token = Token::new(" s3cret\n").unwrap();
        assert_eq!(format!("{token:?}"), "Token(hidden)");
        let header = token.header().unwrap();
        assert_eq!(header, "Bearer s3cret");
        assert!(!format!("{header:?}").contains("s3cret"));
    }

    #[test]
    fn a_text_with_a_break_is_no_token() {
        for bad in ["", " ", "a b", "a\r\nHost: b", "ä"] {
            assert!(matches!(Token::new(bad), Err(TokenError::Shape)), "{bad:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_may_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;

        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "s3cret\n").unwrap();
        for (mode, is_taken) in [
            (0o600, true),
            (0o400, true),
            (0o640, false),
            (0o604, false),
            (0o620, false),
        ] {
            std::fs::set_permissions(file.path(), PermissionsExt::from_mode(mode)).unwrap();
            assert_eq!(Token::read(file.path()).is_ok(), is_taken, "{mode:o}");
        }
    }

    #[tokio::test]
    async fn a_file_goes_before_the_environment() {
        let address = Address::new("https://example.com", Plain::Loopback).unwrap();
        let (file, environment) = (
            tempfile::NamedTempFile::new().unwrap(),
            Token::new("theirs").unwrap(),
        );
        std::fs::write(file.path(), "ours").unwrap();
        let sources = Sources {
            file: Some(file.path()),
            environment: Some(&environment),
        };
        let found = find(sources, &address).await.unwrap();
        assert_eq!(found, (Token::new("ours").unwrap(), Origin::File));
        let found = find(
            Sources {
                file: None,
                ..sources
            },
            &address,
        )
        .await
        .unwrap();
        assert_eq!(found, (environment, Origin::Environment));
    }

    #[tokio::test]
    async fn without_a_token_all_places_are_named() {
        let address = Address::new("https://nobody.invalid", Plain::Loopback).unwrap();
        let error = find(Sources::default(), &address).await.unwrap_err().to_string();
        for place in ["https://nobody.invalid", VARIABLE, "--token-file", "keyring"] {
            assert!(error.contains(place), "{error}");
        }
    }
}
