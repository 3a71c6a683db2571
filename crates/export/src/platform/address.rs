//! The address of a platform. A token goes there in the clear unless it is HTTPS, so little else is accepted.

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

/// Where plain HTTP may be spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plain {
    /// To this machine only.
    Loopback,
    /// To any host, because the user said so.
    Anywhere,
}

/// The address of a platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    base: String,
    origin: String,
    is_loopback: bool,
}

/// Why a text is not the address of a platform.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is no URL of HTTP.
    #[error("this is not an address of a platform; write one such as `https://platform.example.com`")]
    Shape,
    /// It holds a name or a password.
    #[error("a platform's address holds no user and no password; give the token apart from it")]
    Credentials,
    /// It has a query or a fragment.
    #[error("a platform's address ends before `?` and `#`")]
    Rest,
    /// It would send the token in the clear.
    #[error("`http://` sends the token in the clear; write `https://`, or allow plain HTTP explicitly")]
    Plain,
}

impl Address {
    /// Reads an address.
    pub fn new(text: &str, plain: Plain) -> Result<Self, AddressError> {
        let url = Url::parse(text).map_err(|_| AddressError::Shape)?;
        if !matches!(url.scheme(), "https" | "http") || url.host_str().is_none_or(str::is_empty) {
            return Err(AddressError::Shape);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(AddressError::Credentials);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(AddressError::Rest);
        }
        let is_loopback = is_loopback(&url);
        if url.scheme() == "http" && !is_loopback && plain == Plain::Loopback {
            return Err(AddressError::Plain);
        }
        Ok(Self {
            base: url.as_str().trim_end_matches('/').to_owned(),
            origin: url.origin().ascii_serialization(),
            is_loopback,
        })
    }

    /// Scheme, host and port: what a token belongs to.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    pub(super) fn is_loopback(&self) -> bool {
        self.is_loopback
    }

    /// The address of a call.
    pub(super) fn call(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.base)
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let ip = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse::<IpAddr>();
    ip.map_or(host == "localhost", |ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_https_or_this_machine() {
        for (text, expect) in [
            (
                "https://platform.example.com",
                Ok("https://platform.example.com/v1"),
            ),
            (
                "https://Example.com:8443/api/",
                Ok("https://example.com:8443/api/v1"),
            ),
            ("http://127.0.0.1:8087", Ok("http://127.0.0.1:8087/v1")),
            ("http://[::1]:8087/", Ok("http://[::1]:8087/v1")),
            ("http://localhost", Ok("http://localhost/v1")),
            ("http://platform.example.com", Err(AddressError::Plain)),
            ("http://localhost.example.com", Err(AddressError::Plain)),
            ("http://127.0.0.1.example.com", Err(AddressError::Plain)),
            ("https://ada:secret@example.com", Err(AddressError::Credentials)),
            ("https://example.com?token=x", Err(AddressError::Rest)),
            ("https://example.com#x", Err(AddressError::Rest)),
            ("ftp://example.com", Err(AddressError::Shape)),
            ("example.com", Err(AddressError::Shape)),
            ("https://", Err(AddressError::Shape)),
        ] {
            let address = Address::new(text, Plain::Loopback).map(|address| address.call("/v1"));
            assert_eq!(address, expect.map(ToOwned::to_owned), "{text}");
        }
        assert!(Address::new("http://platform.example.com", Plain::Anywhere).is_ok());
    }

    #[test]
    fn a_token_belongs_to_scheme_host_and_port() {
        let origin = |text| Address::new(text, Plain::Loopback).unwrap().origin().to_owned();
        assert_eq!(origin("https://example.com:443/a/b"), "https://example.com");
        assert_eq!(origin("https://example.com:8443/a"), "https://example.com:8443");
    }
}
