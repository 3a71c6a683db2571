//! The lock: which charts, versions, images and rendered manifests a bundle was pinned to, in `task.lock` and `lock/`.
//!
//! Written by `taskwright lock` alone. The order of keys and the layout are fixed, so that the same bundle gives the same
//! bytes. What has drifted since is found here, without a cluster and without a network.

mod drift;
mod images;
pub(crate) mod inputs;
mod rendered;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::diagnostic::{Code, Diagnostic};
use crate::files::{BundleFiles, Entry};
use crate::path::BundlePath;
use crate::report::Report;

pub use drift::{Drift, LockState, diagnostics, drifts, state};
pub use images::{images_of, images_of_bundle};
pub use inputs::{inputs, is_rendered, kustomization_files};
pub use rendered::{digest, from_yaml, to_yaml};

/// The file that says what was pinned.
pub const FILE: &str = "task.lock";
/// The folder of the rendered manifests.
pub const FOLDER: &str = "lock";
/// The version of the format; raised when a lock of before cannot be used any more.
pub const VERSION: u32 = 1;
/// More than any lock holds.
const LIMIT: usize = 1 << 20;

const HEAD: &str =
    "# Made by `taskwright lock`; `taskwright lock --check` says what has drifted. Not to be edited.\n";

/// What a bundle was pinned to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Lock {
    /// The version of the format.
    pub version: u32,
    /// The minor version of Kubernetes that charts were rendered for.
    pub kubernetes: String,
    /// The version of the vCluster.
    pub vcluster: String,
    /// The programs that rendered, with their versions.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rendered_by: BTreeMap<String, String>,
    /// What was rendered, by the dependency's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dependencies: BTreeMap<String, LockedDependency>,
    /// The digest of every image by its full name; nothing for one that could not be asked for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub images: BTreeMap<String, Option<String>>,
    /// The platforms that images are made for, such as `linux/amd64`, by the images' full names; nothing for one whose
    /// registry did not say.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub platforms: BTreeMap<String, Vec<String>>,
}

/// A dependency that was rendered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LockedDependency {
    /// What it was rendered from, in words: a path, or an address with a version.
    pub source: String,
    /// The digest of the chart's archive, for a chart from elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chart: Option<String>,
    /// The digest of all that was read to render it.
    pub inputs: String,
    /// The digest of its file in `lock/`.
    pub manifests: String,
    /// How many objects that file holds.
    pub objects: usize,
}

impl Lock {
    /// The text of `task.lock`.
    ///
    /// # Errors
    /// When the writer refuses, in its words.
    pub fn to_text(&self) -> Result<String, String> {
        let body = serde_yaml::to_string(self).map_err(|error| error.to_string())?;
        Ok(format!("{HEAD}{}\n", body.trim_end()))
    }

    /// Reads the text of a `task.lock`.
    ///
    /// # Errors
    /// When it is not one, or one of another version, in words.
    pub fn from_text(text: &str) -> Result<Self, String> {
        let lock: Self = serde_yaml::from_str(text).map_err(|error| error.to_string())?;
        if lock.version == VERSION {
            Ok(lock)
        } else {
            Err(format!(
                "it has version {}, and this program knows {VERSION}",
                lock.version
            ))
        }
    }
}

/// The path of the manifests of a dependency.
pub fn manifests_path(dependency: &str) -> BundlePath {
    BundlePath::lossy(&format!("{FOLDER}/{dependency}.yaml"))
}

/// Reads `task.lock`, if there is one.
pub(crate) fn read(files: &BundleFiles, report: &mut Report) -> Option<Lock> {
    let Ok((path, Entry::File(file))) = files.follow(FILE) else {
        return None;
    };
    if file.content.len() > LIMIT {
        report.push(crate::text::too_large(path, file.content.len() as u64, LIMIT));
        return None;
    }
    let text = String::from_utf8_lossy(&file.content);
    match Lock::from_text(&text) {
        Ok(lock) => Some(lock),
        Err(problem) => {
            let line = problem.lines().next().unwrap_or_default();
            let message = format!("the lock cannot be read: {}", crate::yaml::shorten_to(line, 200));
            report.push(
                Diagnostic::new(Code::BrokenLock, path.clone(), message)
                    .hint("make it again with `taskwright lock`, or take it from version control as it was"),
            );
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Lock {
        let dependency = LockedDependency {
            source: "oci://quay.io/jetstack/charts/cert-manager v1.21.2".into(),
            chart: Some("sha256:00".into()),
            inputs: "sha256:11".into(),
            manifests: "sha256:22".into(),
            objects: 3,
        };
        Lock {
            version: VERSION,
            kubernetes: "1.36".into(),
            vcluster: "0.36.1".into(),
            rendered_by: [("helm".into(), "4.3.1".into())].into(),
            dependencies: [("certs".into(), dependency)].into(),
            images: [
                ("docker.io/library/redis:7".into(), Some("sha256:33".into())),
                ("gone:1".into(), None),
            ]
            .into(),
            platforms: [("docker.io/library/redis:7".into(), vec!["linux/amd64".into()])].into(),
        }
    }

    #[test]
    fn a_lock_survives_being_written_and_read() {
        let text = sample().to_text().unwrap();
        assert_eq!(Lock::from_text(&text), Ok(sample()));
        assert_eq!(sample().to_text().unwrap(), text);
        assert!(
            text.contains("kubernetes: \"1.36\"") || text.contains("kubernetes: '1.36'"),
            "{text}"
        );
    }

    #[test]
    fn what_is_no_lock_says_so() {
        for text in [
            "",
            "[]",
            "version: 1\n",
            "version: 2\nkubernetes: '1.36'\nvcluster: x\n",
            "x: [",
        ] {
            assert!(Lock::from_text(text).is_err(), "{text:?}");
        }
    }
}
