//! A registry that serves images and charts of other registries under their full names.

/// Such a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mirror {
    authority: String,
    plain: bool,
}

impl Mirror {
    /// Reads an address such as `http://10.0.0.1:5000`.
    #[must_use]
    pub fn new(address: &str) -> Option<Self> {
        let (scheme, authority) = address.split_once("://")?;
        let authority = authority.trim_end_matches('/');
        let is_known =
            matches!(scheme, "http" | "https") && !authority.is_empty() && !authority.contains(['/', '@']);
        is_known.then(|| Self {
            authority: authority.to_owned(),
            plain: scheme == "http",
        })
    }

    /// Its host, with the port.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// Whether it speaks without TLS.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.plain
    }

    /// Where it serves the charts of a repository or registry.
    #[must_use]
    pub fn repository(&self, of: &str) -> String {
        let (_, path) = of.split_once("://").unwrap_or(("", of));
        format!("oci://{}/{}", self.authority, path.trim_end_matches('/'))
    }
}
