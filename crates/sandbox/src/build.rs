//! Builds everything a sandbox is made of, and starts nothing.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::error::SandboxError;
use crate::event::{SandboxEvent, Step};
use crate::images;
use crate::options::UpOptions;
use crate::preflight::preflight;
use crate::tools::Tool;
use crate::up::{build_tools, install_packages};

/// What there is after a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildReport {
    /// Where it all is.
    pub cache: PathBuf,
    /// How many programs.
    pub programs: usize,
    /// How many images.
    pub images: usize,
    /// How long it took, whatever was there before.
    pub took: Duration,
}

/// Makes sure that the cache holds all programs and images, so that a later start takes seconds. A sandbox that
/// runs is left alone.
pub async fn build(
    options: &UpOptions,
    progress: impl Fn(SandboxEvent) + Send + Sync,
) -> Result<BuildReport, SandboxError> {
    let began = Instant::now();
    progress(SandboxEvent::Began(Step::Preflight));
    let problems = preflight(options).await;
    if !problems.is_empty() {
        return Err(SandboxError::Refused(problems));
    }
    install_packages(&progress).await?;
    progress(SandboxEvent::Ended(Step::Preflight));
    let toolchain = build_tools(options, &progress).await?;
    progress(SandboxEvent::Began(Step::Images));
    let report = |event| progress(SandboxEvent::Image(event));
    let images = images::ensure_all(&toolchain, &report).await?;
    progress(SandboxEvent::Ended(Step::Images));
    Ok(BuildReport {
        cache: options.cache(),
        programs: Tool::needed().len(),
        images: images.len(),
        took: began.elapsed(),
    })
}
