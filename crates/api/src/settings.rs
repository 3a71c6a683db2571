//! What the user has set in `config.yaml`: the host to use, and how hosts differ from what is usual.

use std::collections::BTreeMap;

use plan::HostSettings;
use serde::Deserialize;

use crate::{Code, Error};

/// What the user has set; everything is optional.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct Settings {
    /// The context to use when none is named.
    pub(crate) default_host: Option<String>,
    /// How hosts differ, by context.
    hosts: BTreeMap<String, HostSettings>,
}

impl Settings {
    pub(crate) fn load() -> Result<Self, Error> {
        match workspace::settings::path() {
            Some(path) => workspace::settings::load(&path).map_err(|error| Error::of(Code::Usage, &error)),
            None => Ok(Self::default()),
        }
    }

    /// What is set for a context.
    pub(crate) fn host(&self, context: &str) -> HostSettings {
        self.hosts.get(context).cloned().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_as_the_guide_shows_them() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.yaml");
        let text = "defaultHost: kind-lab\nhosts:\n  kind-lab:\n    storageClass: standard\n    chart: {path: charts/vcluster}\n";
        std::fs::write(&file, text).unwrap();
        let settings: Settings = workspace::settings::load(&file).unwrap();
        assert_eq!(settings.default_host.as_deref(), Some("kind-lab"));
        assert_eq!(
            settings.host("kind-lab").storage_class.as_deref(),
            Some("standard")
        );
        assert_eq!(settings.host("another"), HostSettings::default());
    }
}
