//! A chart's files in a private folder, for a chart that does not lie on this machine's disk as it is.

use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// A folder with a chart in it; removed when dropped.
#[derive(Debug)]
pub struct ChartFiles {
    folder: TempDir,
}

impl ChartFiles {
    /// Writes files by their paths inside the folder. Paths may not lead out of it.
    ///
    /// # Errors
    /// When a path leads out, or a file cannot be written.
    pub fn write<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        for (path, content) in files {
            let inside = Path::new(path)
                .components()
                .all(|part| matches!(part, std::path::Component::Normal(_)));
            if !inside {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidInput,
                    format!("`{path}` leads out of its folder"),
                ));
            }
            let target = folder.path().join(path);
            if let Some(parent) = target.parent() {
                std::fs::create_dir_all(parent)?;
            }
            std::fs::write(target, content)?;
        }
        Ok(Self { folder })
    }

    /// Where a file or folder of the chart lies.
    #[must_use]
    pub fn path(&self, inside: &str) -> PathBuf {
        self.folder.path().join(inside)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_leads_out_is_refused() {
        for path in ["../x", "/x", "a/../../x"] {
            assert!(ChartFiles::write([(path, &b""[..])]).is_err(), "{path}");
        }
    }

    #[test]
    fn files_lie_where_they_belong() {
        let files = ChartFiles::write([("chart/templates/a.yaml", &b"a: 1"[..])]).unwrap();
        assert_eq!(
            std::fs::read(files.path("chart/templates/a.yaml")).unwrap(),
            b"a: 1"
        );
    }
}
