//! The command line of the receiver.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use receiver::{Limits, Options};

/// What can be said.
pub(crate) const USAGE: &str =
    "usage: taskwright-receiver --data FOLDER --tokens FILE [--listen ADDRESS:PORT]
  [--max-bundle BYTES] [--max-open-uploads NUMBER] [--expiry SECONDS]";

/// What was said.
#[derive(Debug)]
pub(crate) struct Arguments {
    pub(crate) options: Options,
    pub(crate) tokens: PathBuf,
}

/// What is wrong with what was said.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum ArgumentError {
    #[error("`{0}` is not an option")]
    Unknown(String),
    #[error("`{0}` wants a value")]
    NoValue(String),
    #[error("`{1}` is not a value for `{0}`")]
    Value(String, String),
    #[error("say `{0}`")]
    Missing(&'static str),
}

/// Reads the words behind the program's name.
pub(crate) fn read(mut words: impl Iterator<Item = String>) -> Result<Arguments, ArgumentError> {
    let (mut data, mut tokens) = (None, None);
    let mut listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 8087));
    let mut limits = Limits::default();
    while let Some(option) = words.next() {
        let known = [
            "--data",
            "--tokens",
            "--listen",
            "--max-bundle",
            "--max-open-uploads",
            "--expiry",
        ];
        if !known.contains(&option.as_str()) {
            return Err(ArgumentError::Unknown(option));
        }
        let Some(value) = words.next() else {
            return Err(ArgumentError::NoValue(option));
        };
        match option.as_str() {
            "--data" => data = Some(PathBuf::from(value)),
            "--tokens" => tokens = Some(PathBuf::from(value)),
            "--listen" => listen = parse(option, value)?,
            "--max-bundle" => limits.bundle = parse(option, value)?,
            "--max-open-uploads" => limits.open_uploads = parse(option, value)?,
            _ => limits.expiry = Duration::from_secs(parse(option, value)?),
        }
    }
    let data = data.ok_or(ArgumentError::Missing("--data FOLDER"))?;
    let tokens = tokens.ok_or(ArgumentError::Missing("--tokens FILE"))?;
    let options = Options { data, listen, limits };
    Ok(Arguments { options, tokens })
}

fn parse<T: std::str::FromStr>(option: String, value: String) -> Result<T, ArgumentError> {
    value.parse().map_err(|_| ArgumentError::Value(option, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Arguments, String> {
        super::read(line.split_whitespace().map(ToOwned::to_owned)).map_err(|error| error.to_string())
    }

    #[test]
    fn it_listens_on_this_machine_unless_told_otherwise() {
        let options = read("--data d --tokens t").unwrap().options;
        assert_eq!(options.listen, "127.0.0.1:8087".parse().unwrap());
        let options = read("--data d --tokens t --listen [::]:1 --expiry 2")
            .unwrap()
            .options;
        assert_eq!(options.listen, "[::]:1".parse().unwrap());
        assert_eq!(options.limits.expiry, Duration::from_secs(2));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (line, expect) in [
            ("", "say `--data FOLDER`"),
            ("--data d", "say `--tokens FILE`"),
            ("--data", "`--data` wants a value"),
            ("--port 1", "`--port` is not an option"),
            ("--listen 80", "`80` is not a value for `--listen`"),
        ] {
            assert_eq!(read(line).err().as_deref(), Some(expect), "{line}");
        }
    }
}
