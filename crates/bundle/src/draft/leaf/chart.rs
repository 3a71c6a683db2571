//! How a chart is named: by a path, an address, or a name in a repository.

use serde_json::Value;

use super::{Leaf, Refusal, path_schema, text};
use crate::diagnostic::Code;
use crate::path::BundlePath;
use crate::yaml::Scalar;

/// A chart as `helm.chart` names it; whether a path or a name is meant depends on `repo`.
#[derive(Debug, Clone)]
pub(crate) enum ChartName {
    /// A path in the bundle, or a name in a repository.
    Here(BundlePath),
    /// An artifact in a registry: all of its address but the last part, and that part.
    Oci(Box<str>, Box<str>),
}

impl ChartName {
    /// The path, unless it is an address.
    pub(crate) fn as_path(&self) -> Option<&BundlePath> {
        match self {
            Self::Here(path) => Some(path),
            Self::Oci(..) => None,
        }
    }
}

impl Leaf for ChartName {
    const EXPECTED: &'static str = "a chart: a path inside the bundle, an `oci://` address, or a name";

    fn parse(scalar: &Scalar) -> Result<Self, Refusal> {
        let text = text(scalar, Self::EXPECTED)?;
        let Some(address) = text.strip_prefix("oci://") else {
            return BundlePath::parse(scalar).map(Self::Here);
        };
        let is_address = address.len() <= 400
            && address
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-:/".contains(c))
            && address.split('/').count() >= 2
            && address
                .split('/')
                .all(|part| part.starts_with(|c: char| c.is_ascii_alphanumeric()))
            && !address.rsplit('/').next().is_some_and(|name| name.contains(':'));
        match address.rsplit_once('/').filter(|_| is_address) {
            Some((registry, name)) => Ok(Self::Oci(format!("oci://{registry}").into(), name.into())),
            None => Err(Refusal::new(
                Code::InvalidReference,
                format!("`{}` is not the address of a chart", scalar.shortened()),
            )
            .hint("write `oci://registry/path/chart`, and the version in `version`")),
        }
    }

    fn schema() -> Value {
        path_schema()
    }
}
