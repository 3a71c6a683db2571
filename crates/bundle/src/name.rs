//! Names as types: whoever holds one knows that Kubernetes (or the shell) will accept it.

use std::fmt;

use thiserror::Error;

/// Why a text is not the name it should be.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NameError {
    /// Nothing was written.
    #[error("is empty")]
    Empty,
    /// Longer than the kind of name allows.
    #[error("has {length} characters, at most {limit} are allowed")]
    TooLong {
        /// How long it is.
        length: usize,
        /// How long it may be.
        limit: usize,
    },
    /// Holds something that this kind of name does not allow.
    #[error("is not {expected}")]
    Shape {
        /// What the kind of name allows, in words.
        expected: &'static str,
    },
}

/// Declares one kind of name: a checked text with the usual views on it.
macro_rules! names {
    ($($(#[$doc:meta])* $name:ident, $limit:expr, $expected:literal, $accepts:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// What this kind of name looks like, in words.
            pub const EXPECTED: &'static str = $expected;
            /// How many characters it may have.
            pub const LIMIT: usize = $limit;

            /// Checks a text and keeps it.
            pub fn new(text: &str) -> Result<Self, NameError> {
                accept(text, $limit, $expected, $accepts).map(|()| Self(text.into()))
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0.into()
            }
        }
    )*};
}

names! {
    /// The name of a task: short enough that everything derived from it fits a DNS label.
    TaskName, 25, "lower-case letters, digits and `-`, starting with a letter and ending with a letter or digit", is_task_label;
    /// The name of a dependency, an init step, a check or a solution.
    Name, 63, "lower-case letters, digits and `-`, starting and ending with a letter or digit", is_label;
    /// The name of a namespace.
    NamespaceName, 63, "lower-case letters, digits and `-`, starting and ending with a letter or digit", is_label;
    /// The name of an object: a DNS subdomain.
    ObjectName, 253, "lower-case letters, digits, `-` and `.`, each part starting and ending with a letter or digit", is_subdomain;
    /// The name of a Helm release.
    ReleaseName, 53, "lower-case letters, digits, `-` and `.`, each part starting and ending with a letter or digit", is_subdomain;
    /// The name of a cluster role, which may hold colons (`system:aggregate-to-view`).
    ClusterRoleName, 253, "a name without spaces, `/` and `%`", is_path_segment;
    /// The full name of a custom resource definition, `<plural>.<group>`.
    CrdName, 253, "`<plural>.<group>`, such as `virtualservices.networking.istio.io`", is_crd;
    /// A reference to a container image.
    ImageRef, 512, "an image reference, such as `registry.example/team/image:1.2`", is_image;
    /// The name of a user inside the TTY.
    UserName, 32, "a Linux user name: lower-case letters, digits, `_` and `-`, starting with a letter or `_`", is_user;
    /// The name of an environment variable.
    EnvName, 256, "letters, digits and `_`, not starting with a digit", is_env;
    /// An absolute path inside the TTY.
    AbsolutePath, 1024, "an absolute path without `..`, such as `/home/candidate`", is_absolute;
    /// The key of a label.
    LabelKey, 317, "a label key: `name` or `prefix.example/name`", is_label_key;
    /// The value of a label, possibly empty.
    LabelValue, 63, "a label value: letters, digits, `-`, `_` and `.`, starting and ending with a letter or digit", is_label_value;
    /// The exact version of a chart: a lock pins one version, never a range.
    ChartVersion, 128, "an exact version, such as `1.2.3`", is_version;
    /// The URL of a chart repository.
    RepositoryUrl, 512, "the URL of a chart repository without user and password, such as `https://charts.example.org`", is_repository;
    /// The name of an API service, `<version>.<group>`.
    ApiServiceName, 253, "`<version>.<group>`, such as `v1beta1.metrics.k8s.io`", is_api_service;
    /// Where a server listens inside the cluster.
    HostPort, 260, "`<host>:<port>`, such as `orders.shop.svc:5432`", is_host_port;
    /// An address that is asked over HTTP inside the cluster.
    HttpUrl, 1024, "an address such as `http://web.shop.svc:8080/healthz`", is_http_url;
    /// A type of status condition, such as `Ready`.
    ConditionType, 316, "a condition type, such as `Ready`", is_label_key;
    /// A resource as kubectl takes it.
    ResourceName, 253, "a resource such as `pods` or `certificates.cert-manager.io`", is_subdomain;
    /// What a CEL expression calls an object.
    VariableName, 63, "letters, digits and `_`, starting with a lower-case letter or `_`, and no word of CEL", is_variable;
}

fn accept(
    text: &str,
    limit: usize,
    expected: &'static str,
    accepts: fn(&str) -> bool,
) -> Result<(), NameError> {
    if !accepts(text) {
        return Err(if text.is_empty() {
            NameError::Empty
        } else {
            NameError::Shape { expected }
        });
    }
    let length = text.chars().count();
    if length > limit {
        Err(NameError::TooLong { length, limit })
    } else {
        Ok(())
    }
}

fn is_lower_alphanumeric(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit()
}

fn is_label(text: &str) -> bool {
    text.chars().all(|c| is_lower_alphanumeric(c) || c == '-')
        && text.starts_with(is_lower_alphanumeric)
        && text.ends_with(is_lower_alphanumeric)
}

/// Services are named after tasks, and a Service name may not start with a digit.
fn is_task_label(text: &str) -> bool {
    is_label(text) && text.starts_with(|c: char| c.is_ascii_lowercase())
}

fn is_subdomain(text: &str) -> bool {
    text.split('.').all(is_label)
}

fn is_path_segment(text: &str) -> bool {
    !text.is_empty()
        && text != "."
        && text != ".."
        && text.chars().all(|c| c.is_ascii_graphic() && c != '/' && c != '%')
}

fn is_crd(text: &str) -> bool {
    is_subdomain(text) && text.split('.').count() >= 3
}

fn is_version(text: &str) -> bool {
    let text = text.strip_prefix('v').unwrap_or(text);
    let core = text.split(['-', '+']).next().unwrap_or_default();
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    core.split('.').count() == 3
        && core.split('.').all(is_number)
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || ".-+".contains(c))
}

fn is_repository(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| is_plain_address(rest) && !rest.contains('@'))
}

fn is_http_url(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        is_plain_address(rest) && (is_host_port(authority) || is_subdomain(authority))
    })
}

/// Only what an address may hold, so that no shell and no program takes it for something else.
fn is_plain_address(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-._~:/?&=%+,@".contains(c))
}

fn is_api_service(text: &str) -> bool {
    is_subdomain(text) && text.starts_with('v') && text.contains('.')
}

fn is_host_port(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else {
        return false;
    };
    let is_port =
        port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0);
    is_port && is_subdomain(host)
}

fn is_image(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-/:@+".contains(c);
    text.chars().all(allowed)
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.ends_with(|c: char| c.is_ascii_alphanumeric())
        && !text.contains("//")
        && is_image_path(text)
}

/// The repository (everything before the tag or digest) is lower case, but for a host with a port.
fn is_image_path(text: &str) -> bool {
    let untagged = text.split('@').next().unwrap_or_default();
    let (_, last) = untagged.rsplit_once('/').unwrap_or(("", untagged));
    let name = last.split(':').next().unwrap_or_default();
    !name.is_empty() && !name.chars().any(|c| c.is_ascii_uppercase())
}

fn is_user(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && text
            .chars()
            .all(|c| is_lower_alphanumeric(c) || c == '_' || c == '-')
}

fn is_env(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Words that CEL keeps for itself.
const CEL_WORDS: [&str; 20] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "false",
    "for",
    "function",
    "if",
    "import",
    "in",
    "let",
    "loop",
    "namespace",
    "null",
    "package",
    "return",
    "true",
    "var",
    "void",
];

fn is_variable(text: &str) -> bool {
    is_env(text) && !text.starts_with(|c: char| c.is_ascii_uppercase()) && !CEL_WORDS.contains(&text)
}

fn is_absolute(text: &str) -> bool {
    text.starts_with('/')
        && !text.chars().any(char::is_control)
        && text.split('/').all(|part| part != ".." && part != ".")
}

fn is_label_key(text: &str) -> bool {
    match text.split_once('/') {
        Some((prefix, name)) => is_subdomain(prefix) && !name.is_empty() && is_label_value(name),
        None => !text.is_empty() && is_label_value(text),
    }
}

fn is_label_value(text: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    text.is_empty()
        || (text.chars().all(inner)
            && text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.ends_with(|c: char| c.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_name_is_a_short_label() {
        assert!(TaskName::new("payments-mesh").is_ok());
        for bad in ["", "Payments", "-a", "a-", "a_b", "1a", "a.b", "ä"] {
            assert!(TaskName::new(bad).is_err(), "`{bad}` is no task name");
        }
        let long = "a".repeat(26);
        assert_eq!(
            TaskName::new(&long),
            Err(NameError::TooLong {
                length: 26,
                limit: 25
            })
        );
    }

    #[test]
    fn versions_are_exact() {
        for good in ["1.2.3", "v1.21.2", "1.0.0-rc.1+build.5"] {
            assert!(ChartVersion::new(good).is_ok(), "`{good}` is a version");
        }
        for bad in [
            "", "1.2", "^1.2.3", "1.x.0", ">=1.0.0", "latest", "1.2.3 ", "1..3",
        ] {
            assert!(ChartVersion::new(bad).is_err(), "`{bad}` is no exact version");
        }
    }

    #[test]
    fn addresses_hold_nothing_for_a_shell() {
        for good in [
            "http://web",
            "https://web.shop.svc:8443/a?b=c",
            "http://10.0.0.1:80/",
        ] {
            assert!(HttpUrl::new(good).is_ok(), "`{good}` is an address");
        }
        for bad in [
            "",
            "web",
            "ftp://web",
            "http://",
            "http://a b",
            "http://a/$(x)",
            "http://a/';x",
            "http://-a",
            "http://a:0",
        ] {
            assert!(HttpUrl::new(bad).is_err(), "`{bad}` is no address");
        }
        assert!(HostPort::new("orders.shop.svc:5432").is_ok());
        for bad in [
            "orders",
            "orders:",
            ":5432",
            "orders:99999",
            "orders:+1",
            "a b:1",
            "orders:0",
        ] {
            assert!(HostPort::new(bad).is_err(), "`{bad}` is no host and port");
        }
        assert!(RepositoryUrl::new("https://charts.example.org/stable").is_ok());
        for bad in ["oci://x/y", "https://user:secret@x/y", "x/y", "https://"] {
            assert!(RepositoryUrl::new(bad).is_err(), "`{bad}` is no repository");
        }
    }

    #[test]
    fn image_references_are_told_from_sentences() {
        for good in [
            "postgres:15",
            "ghcr.io/a/b@sha256:00ff",
            "localhost:5000/a:1",
            "nginx",
        ] {
            assert!(ImageRef::new(good).is_ok(), "`{good}` is an image");
        }
        for bad in ["", "a b", "http://x/y", "Postgres:15", "/a", "a:", "a//b"] {
            assert!(ImageRef::new(bad).is_err(), "`{bad}` is no image");
        }
    }

    #[test]
    fn label_values_may_be_empty_and_keys_may_not() {
        assert!(LabelValue::new("").is_ok());
        assert!(LabelKey::new("").is_err());
        assert!(LabelKey::new("a.b/c").is_ok());
        assert!(LabelKey::new("a/b/c").is_err());
    }

    #[test]
    fn a_crd_has_a_plural_and_a_group() {
        assert!(CrdName::new("virtualservices.networking.istio.io").is_ok());
        assert!(CrdName::new("VirtualService").is_err());
        assert!(CrdName::new("a.b").is_err());
    }
}
