//! Kustomizations built by the kubectl program, from a folder that holds nothing but checked files.
//!
//! It is started without PATH, proxies or a home, so that it can run no other program: kustomize fetches with git, and its
//! plugins are programs. None of its options that allow plugins is ever given.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use crate::credential::tail;
use crate::helm::read_rendered;
use crate::{environment, timeouts};

/// A kubectl program that is known to work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kubectl {
    binary: PathBuf,
    version: String,
}

/// A kustomization that could not be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KustomizeError {
    /// There is no kubectl.
    #[error(
        "kubectl is not found ({looked_for}); install it and put it on PATH, or start the sandbox, which has one"
    )]
    NotFound {
        /// Where it was looked for.
        looked_for: String,
    },
    /// It does not behave like kubectl.
    #[error("{} does not answer like kubectl: {detail}; put a working kubectl on PATH", binary.display())]
    NotKubectl {
        /// The program.
        binary: PathBuf,
        /// What came back.
        detail: String,
    },
    /// It could not be run.
    #[error("failed to run kubectl: {0}; is there room in the folder for temporary files?")]
    Run(#[from] std::io::Error),
    /// It says that the kustomization cannot be built.
    #[error("{stderr}")]
    Build {
        /// What it printed.
        stderr: String,
    },
    /// It did not end in time.
    #[error("kubectl did not build the kustomization within {seconds} s; does it name itself?")]
    TimedOut {
        /// The deadline.
        seconds: u64,
    },
    /// It built something that is not a list of Kubernetes objects.
    #[error("the kustomization is not built to Kubernetes objects: {detail}")]
    Output {
        /// What is wrong with it.
        detail: String,
    },
}

impl Kubectl {
    /// Finds kubectl: the path given, or the first on `PATH`.
    ///
    /// # Errors
    /// When there is none, or it does not say its version.
    pub async fn find(path: Option<&Path>) -> Result<Self, KustomizeError> {
        let found = match path {
            Some(path) => Some(path.to_owned()).filter(|path| path.is_file()),
            None => environment::find_on_path("kubectl"),
        };
        let binary = found.ok_or_else(|| KustomizeError::NotFound {
            looked_for: path.map_or_else(
                || format!("PATH is {}", environment::path_for_humans()),
                |path| path.display().to_string(),
            ),
        })?;
        let folder = tempfile::tempdir()?;
        let asked = command(&binary, &folder)
            .args(["version", "--client", "--output", "json"])
            .output();
        let output = asked.await?;
        let said: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        match said["clientVersion"]["gitVersion"].as_str() {
            Some(version) => Ok(Self {
                binary,
                version: version.to_owned(),
            }),
            None => Err(KustomizeError::NotKubectl {
                binary,
                detail: tail(&output.stderr),
            }),
        }
    }

    /// Its version, such as `v1.36.3`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Builds the kustomization of a folder; dropping the future ends kubectl.
    ///
    /// # Errors
    /// When it cannot be built, in kustomize's words.
    pub async fn kustomize(&self, folder: &Path) -> Result<Vec<Value>, KustomizeError> {
        let own = tempfile::tempdir()?;
        let running = command(&self.binary, &own).arg("kustomize").arg(folder).output();
        let Ok(output) = tokio::time::timeout(timeouts::KUSTOMIZE, running).await else {
            let seconds = timeouts::KUSTOMIZE.as_secs();
            return Err(KustomizeError::TimedOut { seconds });
        };
        let output = output?;
        if !output.status.success() {
            return Err(KustomizeError::Build {
                stderr: tail(&output.stderr),
            });
        }
        let bad = |detail: String| KustomizeError::Output { detail };
        let text = std::str::from_utf8(&output.stdout).map_err(|error| bad(error.to_string()))?;
        let read = read_rendered(text).map_err(bad)?;
        // An annotation that means something to helm alone means nothing here.
        let hooks = read.hooks.into_iter().map(|hook| hook.object);
        Ok(read.objects.into_iter().chain(hooks).collect())
    }
}

fn command(binary: &Path, folder: &TempDir) -> Command {
    let mut command = Command::new(binary);
    command
        .env_clear()
        .env("HOME", folder.path())
        .env("KUBECONFIG", folder.path().join("none"))
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_missing_kubectl_says_how_to_get_it() {
        let error = Kubectl::find(Some(Path::new("/nowhere/kubectl")))
            .await
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("/nowhere/kubectl") && error.contains("install it"),
            "{error}"
        );
    }
}
