//! The values at the ends of a task: each a type that holds only what is allowed.

mod chart;
mod expression;

pub(crate) use chart::ChartName;

use std::net::IpAddr;
use std::time::Duration;

use serde_json::{Value, json};

use crate::diagnostic::Code;
use crate::duration::{self, DurationError};
use crate::model::{
    Difficulty, EgressRule, Engine, Initially, Isolation, KubernetesVersion, PodSecurity, Role, WorkloadKind,
};
use crate::name::{
    AbsolutePath, ApiServiceName, ChartVersion, ClusterRoleName, ConditionType, CrdName, EnvName, HostPort,
    HttpUrl, ImageRef, LabelKey, LabelValue, Name, NameError, NamespaceName, ObjectName, ReleaseName,
    RepositoryUrl, ResourceName, TaskName, UserName, VariableName,
};
use crate::path::{BundlePath, PathError};
use crate::preset::Preset;
use crate::quantity::Quantity;
use crate::yaml::{Resolved, Scalar};

/// A value read from one scalar.
pub(crate) trait Leaf: Sized {
    /// What it is, in words that follow "expected".
    const EXPECTED: &'static str;

    /// Reads it.
    fn parse(scalar: &Scalar) -> Result<Self, Refusal>;

    /// Its JSON Schema.
    fn schema() -> Value;
}

/// Why a scalar was not taken.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) code: Code,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    /// An offer and the text that replaces the scalar.
    pub(crate) fix: Option<(String, String)>,
}

impl Refusal {
    fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            hint: None,
            fix: None,
        }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Offers to put the scalar into quotes.
    fn quote(mut self, scalar: &Scalar) -> Self {
        let quoted = Value::from(scalar.text.as_ref()).to_string();
        self.hint = Some(format!("put it in quotes: {quoted}"));
        self.fix = Some(("put it in quotes".into(), quoted));
        self
    }
}

/// The scalar's text, if every reader takes it for a text.
fn text<'a>(scalar: &'a Scalar, expected: &str) -> Result<&'a str, Refusal> {
    let refusal = || {
        Refusal::new(
            Code::WrongType,
            format!("expected {expected}, found {}", scalar.describe()),
        )
    };
    match scalar.resolve() {
        Resolved::Text => Ok(&scalar.text),
        Resolved::Null => Err(refusal()),
        Resolved::Bool(_) | Resolved::Number(_) => Err(refusal().quote(scalar)),
    }
}

macro_rules! name_leaves {
    ($($name:ty, $what:literal, $pattern:expr;)*) => {$(
        impl Leaf for $name {
            const EXPECTED: &'static str = $what;

            fn parse(scalar: &Scalar) -> Result<Self, Refusal> {
                let text = text(scalar, $what)?;
                Self::new(text).map_err(|error| refuse_name(scalar, $what, &error, <$name>::EXPECTED))
            }

            fn schema() -> Value {
                string_schema(<$name>::LIMIT, $pattern)
            }
        }
    )*};
}

const LABEL: Option<&str> = Some("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$");
const TASK_LABEL: Option<&str> = Some("^[a-z]([-a-z0-9]*[a-z0-9])?$");
const SUBDOMAIN: Option<&str> = Some(r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$");

name_leaves! {
    TaskName, "a task's name", TASK_LABEL;
    Name, "a name", LABEL;
    NamespaceName, "a namespace's name", LABEL;
    ObjectName, "an object's name", SUBDOMAIN;
    ReleaseName, "a release's name", SUBDOMAIN;
    ClusterRoleName, "a cluster role's name", None;
    CrdName, "the name of a custom resource definition", SUBDOMAIN;
    ChartVersion, "an exact version", Some(r"^v?[0-9]+\.[0-9]+\.[0-9]+([-+][-+.0-9A-Za-z]*)?$");
    RepositoryUrl, "the URL of a chart repository", Some("^https?://[0-9A-Za-z]");
    ApiServiceName, "the name of an API service", Some(r"^v[-a-z0-9]*\.[-.a-z0-9]+$");
    HostPort, "a host with a port", Some("^[-.a-z0-9]+:[0-9]+$");
    HttpUrl, "an address for HTTP", Some("^https?://[0-9A-Za-z]");
    ImageRef, "an image", None;
    UserName, "a user's name", Some("^[a-z_][-a-z0-9_]*$");
    EnvName, "the name of an environment variable", Some("^[A-Za-z_][A-Za-z0-9_]*$");
    AbsolutePath, "an absolute path", Some("^/");
    LabelKey, "a label's key", None;
    LabelValue, "a label's value", None;
    ConditionType, "a condition type", None;
    ResourceName, "a resource", SUBDOMAIN;
    VariableName, "a variable's name", Some("^[a-z_][A-Za-z0-9_]*$");
}

fn refuse_name(scalar: &Scalar, what: &str, error: &NameError, expected: &str) -> Refusal {
    let shown = scalar.shortened();
    match error {
        NameError::Empty => Refusal::new(Code::InvalidName, format!("{what} is empty")),
        NameError::TooLong { .. } => Refusal::new(Code::InvalidName, format!("`{shown}` {error}")),
        NameError::Shape { .. } => Refusal::new(Code::InvalidName, format!("`{shown}` is not {what}"))
            .hint(format!("expected {expected}")),
    }
}

fn string_schema(limit: usize, pattern: Option<&str>) -> Value {
    let mut schema = json!({"type": "string", "maxLength": limit});
    if let Some(pattern) = pattern {
        schema["pattern"] = json!(pattern);
    }
    schema
}

/// Declares a value that is one of a few words.
macro_rules! choices {
    ($($type:ty, $what:literal: $($word:literal => $value:expr),+;)*) => {$(
        impl Leaf for $type {
            const EXPECTED: &'static str = $what;

            fn parse(scalar: &Scalar) -> Result<Self, Refusal> {
                match scalar.text.as_ref() {
                    $($word => Ok($value),)+
                    other => Err(refuse_word(other, $what, &[$($word),+])),
                }
            }

            fn schema() -> Value {
                json!({"enum": [$($word),+]})
            }
        }
    )*};
}

choices! {
    ApiVersion, "a version of this format": "taskwright.dev/v1alpha1" => ApiVersion;
    TaskKind, "the kind `Task`": "Task" => TaskKind;
    Difficulty, "a difficulty":
        "beginner" => Difficulty::Beginner, "intermediate" => Difficulty::Intermediate,
        "advanced" => Difficulty::Advanced, "expert" => Difficulty::Expert;
    Isolation, "an isolation": "vcluster" => Isolation::Vcluster, "namespace" => Isolation::Namespace;
    PodSecurity, "a pod security standard":
        "privileged" => PodSecurity::Privileged, "baseline" => PodSecurity::Baseline,
        "restricted" => PodSecurity::Restricted;
    Initially, "an outcome": "fail" => Initially::Fail, "pass" => Initially::Pass;
    Role, "a role": "controller" => Role::Controller, "service" => Role::Service;
    Engine, "an engine": "render" => Engine::Render, "helm" => Engine::Helm;
    InitTarget, "where a script runs": "tty" => InitTarget::Tty, "job" => InitTarget::Job;
    Preset, "a preset":
        "cert-manager" => Preset::CertManager, "istio-base" => Preset::IstioBase, "istiod" => Preset::Istiod,
        "eck-operator" => Preset::EckOperator;
}

fn refuse_word(word: &str, what: &str, known: &[&str]) -> Refusal {
    let shown = crate::yaml::shorten(word);
    let refusal = Refusal::new(Code::UnknownValue, format!("`{shown}` is not {what}"));
    match (crate::nearest::nearest(word, known), known) {
        (Some(near), _) | (None, &[near]) => Refusal {
            hint: Some(format!("did you mean `{near}`?")),
            fix: Some((format!("change to `{near}`"), near.to_string())),
            ..refusal
        },
        (None, _) => refusal.hint(format!("expected one of {}", known.join(", "))),
    }
}

/// The version of the format.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ApiVersion;

/// What a `task.yaml` describes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TaskKind;

/// Where an init script runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InitTarget {
    Tty,
    Job,
}

/// A line of text for people.
#[derive(Debug, Clone)]
pub(crate) struct Text(pub(crate) String);

/// The value of an environment variable, possibly empty.
#[derive(Debug, Clone)]
pub(crate) struct EnvValue(pub(crate) String);

/// A name in `mustFail`.
pub(crate) type CheckTarget = Name;

const TEXT_LIMIT: usize = 300;
const LONG_TEXT_LIMIT: usize = 10_000;

impl Leaf for Text {
    const EXPECTED: &'static str = "a text";

    fn parse(scalar: &Scalar) -> Result<Self, Refusal> {
        written(text(scalar, Self::EXPECTED)?, TEXT_LIMIT).map(Self)
    }

    fn schema() -> Value {
        json!({"type": "string", "minLength": 1, "maxLength": TEXT_LIMIT})
    }
}

impl Leaf for EnvValue {
    const EXPECTED: &'static str = "a text";

    fn parse(scalar: &Scalar) -> Result<Self, Refusal> {
        let text = text(scalar, Self::EXPECTED)?;
        let length = text.chars().count();
        if length > LONG_TEXT_LIMIT {
            Err(too_long(length, LONG_TEXT_LIMIT))
        } else {
            Ok(Self(text.to_owned()))
        }
    }

    fn schema() -> Value {
        json!({"type": "string", "maxLength": LONG_TEXT_LIMIT})
    }
}

fn written(text: &str, limit: usize) -> Result<String, Refusal> {
    let length = text.chars().count();
    if text.trim().is_empty() {
        Err(Refusal::new(Code::EmptyText, "the text is empty"))
    } else if length > limit {
        Err(too_long(length, limit))
    } else {
        Ok(text.to_owned())
    }
}

fn too_long(length: usize, limit: usize) -> Refusal {
    Refusal::new(
        Code::EmptyText,
        format!("the text has {length} characters, at most {limit} are allowed"),
    )
}

/// A whole number within bounds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Number<const MIN: u32, const MAX: u32>(pub(crate) u32);

impl<const MIN: u32, const MAX: u32> Leaf for Number<MIN, MAX> {
    const EXPECTED: &'static str = "a whole number";

    fn parse(scalar: &Scalar) -> Result<Self, Refusal> {
        let Resolved::Number(number) = scalar.resolve() else {
            let message = format!("expected a whole number, found {}", scalar.describe());
            return Err(Refusal::new(Code::WrongType, message));
        };
        if let Some(surprise) = scalar.surprise() {
            return Err(Refusal::new(Code::WrongType, surprise).hint("write it in plain decimal digits"));
        }
        let within = number.as_u64().and_then(|number| u32::try_from(number).ok());
        within
            .filter(|number| (MIN..=MAX).contains(number))
            .map(Self)
            .ok_or_else(|| {
                let message = format!(
                    "`{}` is not a whole number from {MIN} to {MAX}",
                    scalar.shortened()
                );
                Refusal::new(Code::OutOfRange, message)
            })
    }

    fn schema() -> Value {
        json!({"type": "integer", "minimum": MIN, "maximum": MAX})
    }
}

impl Leaf for Duration {
    const EXPECTED: &'static str = "a duration such as `45s`, `2m` or `1h30m`";

    fn parse(scalar: &Scalar) -> Result<Self, Refusal> {
        if matches!(scalar.resolve(), Resolved::Null | Resolved::Bool(_)) {
            text(scalar, Self::EXPECTED)?;
        }
        duration::parse(&scalar.text).map_err(|error| {
            let refusal = Refusal::new(Code::InvalidDuration, format!("`{}` {error}", scalar.shortened()));
            match error {
                DurationError::NoUnit => refusal,
                _ => refusal.hint("hours, minutes and seconds, as in `45s`, `2m` or `1h30m`"),
            }
        })
    }

    fn schema() -> Value {
        json!({"type": "string", "pattern": "^([0-9]+h)?([0-9]+m)?([0-9]+s)?$", "minLength": 2})
    }
}

impl Leaf for Quantity {
    const EXPECTED: &'static str = "a quantity such as `500m`, `2` or `4Gi`";

    fn parse(scalar: &Scalar) -> Result<Self, Refusal> {
        if matches!(scalar.resolve(), Resolved::Null | Resolved::Bool(_)) {
            text(scalar, Self::EXPECTED)?;
        }
        let shown = scalar.shortened();
        let quantity = Quantity::new(&scalar.text).map_err(|error| {
            Refusal::new(Code::InvalidQuantity, format!("`{shown}` {error}"))
                .hint("Kubernetes quantities look like `500m`, `2`, `512Mi` or `4Gi`")
        })?;
        if quantity.is_zero() {
            return Err(Refusal::new(
                Code::InvalidQuantity,
                format!("`{shown}` is nothing at all"),
            ));
        }
        Ok(quantity)
    }

    fn schema() -> Value {
        let pattern = r"^\+?([0-9]+\.?[0-9]*|\.[0-9]+)(n|u|m|k|[KMGTPE]i?|[eE][-+]?[0-9]+)?$";
        json!({"anyOf": [{"type": "string", "pattern": pattern}, {"type": "number", "exclusiveMinimum": 0}]})
    }
}

impl Leaf for BundlePath {
    const EXPECTED: &'static str = "a path inside the bundle";

    fn parse(scalar: &Scalar) -> Result<Self, Refusal> {
        let text = text(scalar, Self::EXPECTED)?;
        Self::new(text).map_err(|error| refuse_path(text, error))
    }

    fn schema() -> Value {
        path_schema()
    }
}

fn path_schema() -> Value {
    json!({"type": "string", "pattern": r"^(?!/)(?!.*(^|/)\.\.?(/|$))[^\\]+$", "maxLength": 240})
}

fn refuse_path(text: &str, error: PathError) -> Refusal {
    let refusal = Refusal::new(
        Code::InvalidPath,
        format!("`{}`: {error}", crate::yaml::shorten(text)),
    );
    let normal = match error {
        PathError::Backslash => text.replace('\\', "/"),
        PathError::NotNormal => {
            let parts: Vec<_> = text
                .split('/')
                .filter(|part| !matches!(*part, "" | "."))
                .collect();
            parts.join("/")
        }
        _ => return refusal,
    };
    Refusal {
        fix: Some((format!("change to `{normal}`"), normal)),
        ..refusal
    }
}

/// A path inside the bundle in which `*` and `?` stand for what a file name may hold.
#[derive(Debug, Clone)]
pub(crate) struct PathPattern(BundlePath);

impl PathPattern {
    /// The pattern as written.
    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The path, if the pattern names one file.
    pub(crate) fn as_path(&self) -> Option<&BundlePath> {
        (!self.as_str().contains(['*', '?'])).then_some(&self.0)
    }

    /// Whether a path is meant.
    pub(crate) fn matches(&self, path: &BundlePath) -> bool {
        let (pattern, path) = (self.as_str().split('/'), path.as_str().split('/'));
        pattern.clone().count() == path.clone().count()
            && pattern
                .zip(path)
                .all(|(pattern, name)| matches_name(pattern.as_bytes(), name.as_bytes()))
    }
}

/// Matches one name; remembers only the last `*`, which keeps hostile patterns cheap.
fn matches_name(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut read) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while read < name.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, read));
                at += 1;
            }
            Some(byte) if *byte == b'?' || *byte == name[read] => {
                at += 1;
                read += 1;
            }
            _ => match star {
                Some((star_at, star_read)) => {
                    star = Some((star_at, star_read + 1));
                    at = star_at + 1;
                    read = star_read + 1;
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

impl Leaf for PathPattern {
    const EXPECTED: &'static str = "a path inside the bundle, perhaps with `*`";

    fn parse(scalar: &Scalar) -> Result<Self, Refusal> {
        let text = text(scalar, Self::EXPECTED)?;
        if text.contains("**") {
            let message = format!("`{}`: `**` is not supported", scalar.shortened());
            return Err(Refusal::new(Code::InvalidPath, message).hint("`*` matches within one folder"));
        }
        BundlePath::new(text)
            .map(Self)
            .map_err(|error| refuse_path(text, error))
    }

    fn schema() -> Value {
        path_schema()
    }
}

impl Leaf for KubernetesVersion {
    const EXPECTED: &'static str = "a Kubernetes version such as \"1.36\"";

    fn parse(scalar: &Scalar) -> Result<Self, Refusal> {
        let text = text(scalar, Self::EXPECTED)?;
        let minor = text
            .strip_prefix("1.")
            .filter(|minor| minor.len() <= 3 && !minor.starts_with('0'));
        let minor = minor.and_then(|minor| {
            minor
                .bytes()
                .all(|byte| byte.is_ascii_digit())
                .then(|| minor.parse().ok())
        });
        minor
            .flatten()
            .map(|minor| Self { major: 1, minor })
            .ok_or_else(|| {
                let message = format!("`{}` is not a minor version of Kubernetes", scalar.shortened());
                Refusal::new(Code::InvalidVersion, message).hint("write `1.` and the minor version: \"1.36\"")
            })
    }

    fn schema() -> Value {
        json!({"type": "string", "pattern": r"^1\.[1-9][0-9]{0,2}$"})
    }
}

impl Leaf for EgressRule {
    const EXPECTED: &'static str = "a CIDR or a DNS name";

    fn parse(scalar: &Scalar) -> Result<Self, Refusal> {
        let text = text(scalar, Self::EXPECTED)?;
        let rule = if text.contains('/') {
            parse_cidr(text)
        } else {
            parse_host(text)
        };
        rule.map_err(|message| {
            Refusal::new(Code::InvalidEgress, format!("`{}` {message}", scalar.shortened()))
                .hint("write a CIDR such as `203.0.113.0/24`, or a DNS name such as `pypi.org`")
        })
    }

    fn schema() -> Value {
        json!({"type": "string", "minLength": 1, "maxLength": 253})
    }
}

fn parse_cidr(text: &str) -> Result<EgressRule, &'static str> {
    let (address, prefix) = text.split_once('/').ok_or("has no prefix length")?;
    let address: IpAddr = address
        .parse()
        .map_err(|_| "is not a CIDR: the address is wrong")?;
    let digits = !prefix.is_empty() && prefix.len() <= 3 && prefix.bytes().all(|byte| byte.is_ascii_digit());
    let prefix: u8 = prefix
        .parse()
        .ok()
        .filter(|_| digits)
        .ok_or("is not a CIDR: the prefix length is wrong")?;
    let (bits, width) = match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()), 32),
        IpAddr::V6(address) => (address.to_bits(), 128),
    };
    if prefix > width {
        return Err("is not a CIDR: the prefix is longer than the address");
    }
    let host_bits = u32::from(width - prefix);
    let mask = 1_u128.checked_shl(host_bits).map_or(u128::MAX, |bit| bit - 1);
    if bits & mask != 0 {
        return Err("has bits set behind its prefix");
    }
    Ok(EgressRule::Cidr { address, prefix })
}

fn parse_host(text: &str) -> Result<EgressRule, &'static str> {
    if text.parse::<IpAddr>().is_ok() {
        return Err("is an address without a prefix length; write it as a CIDR");
    }
    let host = text.strip_prefix("*.").unwrap_or(text);
    match ObjectName::new(host) {
        Ok(_) if host.contains('.') => Ok(EgressRule::Host(text.into())),
        _ => Err("is neither a CIDR nor a DNS name"),
    }
}

/// A workload as `rollout` names it.
#[derive(Debug, Clone)]
pub(crate) struct WorkloadRef {
    pub(crate) kind: WorkloadKind,
    pub(crate) name: ObjectName,
}

impl Leaf for WorkloadRef {
    const EXPECTED: &'static str = "a workload such as `deployment/web`";

    fn parse(scalar: &Scalar) -> Result<Self, Refusal> {
        let (kind, name) = split_reference(scalar, Self::EXPECTED)?;
        let kind = match kind {
            "deployment" => WorkloadKind::Deployment,
            "statefulset" => WorkloadKind::StatefulSet,
            "daemonset" => WorkloadKind::DaemonSet,
            other => {
                let known = ["deployment", "statefulset", "daemonset"];
                let refusal = refuse_word(other, "a workload that rolls out", &known);
                return Err(Refusal { fix: None, ..refusal });
            }
        };
        Ok(Self { kind, name })
    }

    fn schema() -> Value {
        json!({"type": "string", "pattern": "^(deployment|statefulset|daemonset)/[a-z0-9]"})
    }
}

/// An object as `of` names it.
#[derive(Debug, Clone)]
pub(crate) struct ResourceRef {
    pub(crate) resource: Box<str>,
    pub(crate) name: ObjectName,
}

impl Leaf for ResourceRef {
    const EXPECTED: &'static str = "an object such as `certificate.cert-manager.io/web`";

    fn parse(scalar: &Scalar) -> Result<Self, Refusal> {
        let (resource, name) = split_reference(scalar, Self::EXPECTED)?;
        match ObjectName::new(resource) {
            Ok(_) => Ok(Self {
                resource: resource.into(),
                name,
            }),
            Err(error) => Err(refuse_name(scalar, "a resource", &error, ObjectName::EXPECTED)),
        }
    }

    fn schema() -> Value {
        json!({"type": "string", "pattern": "^[a-z0-9][-a-z0-9.]*/[a-z0-9]"})
    }
}

fn split_reference<'a>(scalar: &'a Scalar, expected: &str) -> Result<(&'a str, ObjectName), Refusal> {
    let text = text(scalar, expected)?;
    let Some((kind, name)) = text.split_once('/') else {
        let message = format!("`{}` is not of the form kind/name", scalar.shortened());
        return Err(Refusal::new(Code::InvalidReference, message).hint(format!("expected {expected}")));
    };
    let name = ObjectName::new(name)
        .map_err(|error| refuse_name(scalar, "a reference to an object", &error, ObjectName::EXPECTED))?;
    Ok((kind, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> PathPattern {
        PathPattern(BundlePath::new(text).unwrap())
    }

    #[test]
    fn patterns_match_within_a_folder() {
        let cases = [
            ("a/*.yaml", "a/b.yaml", true),
            ("a/*.yaml", "a/b/c.yaml", false),
            ("a/*.yaml", "a/b.yml", false),
            ("*/b?", "a/bc", true),
            ("a/*b*c", "a/xbybzc", true),
            ("a/*b*c", "a/xbybz", false),
            ("a/b.yaml", "a/b.yaml", true),
        ];
        for (text, path, expected) in cases {
            assert_eq!(
                pattern(text).matches(&BundlePath::new(path).unwrap()),
                expected,
                "{text} {path}"
            );
        }
    }

    #[test]
    fn hostile_patterns_are_cheap() {
        let stars = "*a".repeat(100);
        assert!(!pattern(&stars).matches(&BundlePath::new(&"a".repeat(99)).unwrap()));
    }

    #[test]
    fn egress_is_a_canonical_cidr_or_a_name() {
        for good in ["10.0.0.0/8", "0.0.0.0/0", "::/0", "2001:db8::/32", "192.0.2.1/32"] {
            assert!(parse_cidr(good).is_ok(), "{good}");
        }
        for bad in [
            "10.0.0.1/8",
            "10.0.0.0/33",
            "10.0.0/8",
            "x/8",
            "10.0.0.0/+8",
            "10.0.0.0/",
        ] {
            assert!(parse_cidr(bad).is_err(), "{bad}");
        }
        for good in ["pypi.org", "*.pypi.org"] {
            assert!(parse_host(good).is_ok(), "{good}");
        }
        for bad in ["10.0.0.1", "localhost", "*", "a.*.b", "HTTP://x.y", ""] {
            assert!(parse_host(bad).is_err(), "{bad}");
        }
    }
}
