//! Adds software to a sandbox that is up: builds what the cache lacks and serves it from the registry.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::error::SandboxError;
use crate::event::{SandboxEvent, Step};
use crate::images::{self, Extra, PushError, Pushed};
use crate::layout::Layout;
use crate::mirror;
use crate::options::default_cache;
use crate::state::State;
use crate::tools::{Tool, Toolchain};

/// What adding did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddReport {
    /// The full names that are served now.
    pub names: Vec<&'static str>,
    /// Whether any of it had to be sent to the registry.
    pub changed: bool,
    /// How long it took.
    pub took: Duration,
}

/// Makes sure that the registry of the sandbox that is up serves `extras`.
///
/// No lock is held, as building takes minutes and changes nothing of the sandbox: one that is taken down meanwhile is
/// missed when the images are sent.
pub async fn extras_add(
    extras: &[Extra],
    cache: Option<PathBuf>,
    progress: impl Fn(SandboxEvent) + Send + Sync,
) -> Result<AddReport, SandboxError> {
    let began = Instant::now();
    let state = State::load(&Layout::default())?.ok_or(SandboxError::NotUp)?;
    let base = mirror::address(&state);
    let toolchain = build(extras, cache, &progress).await?;
    progress(SandboxEvent::Began(Step::Images));
    let report = |event| progress(SandboxEvent::Image(event));
    let (mut names, mut sent) = (Vec::new(), Pushed::default());
    for extra in extras {
        for image in images::ensure(&toolchain, extra.images(), &report).await? {
            sent += images::push(&image, &base).await?;
            names.extend(image.references());
        }
        for chart in extra.charts() {
            let chart = images::ensure_chart(&toolchain, *chart).await?;
            sent += images::push_chart(&chart, &base).await?;
            names.extend(chart.chart.references());
        }
    }
    progress(SandboxEvent::Ended(Step::Images));
    Ok(AddReport {
        names,
        changed: sent != Pushed::default(),
        took: began.elapsed(),
    })
}

async fn build(
    extras: &[Extra],
    cache: Option<PathBuf>,
    progress: &(dyn Fn(SandboxEvent) + Send + Sync),
) -> Result<Toolchain, SandboxError> {
    progress(SandboxEvent::Began(Step::Tools));
    let tools: Vec<Tool> = extras.iter().flat_map(|extra| extra.tools()).collect();
    let report = |event| progress(SandboxEvent::Tool(event));
    let cache = cache.unwrap_or_else(default_cache);
    let toolchain = Toolchain::ensure(&cache, &tools, &report).await?;
    progress(SandboxEvent::Ended(Step::Tools));
    Ok(toolchain)
}

/// Which of the catalogue's names the registry serves; nothing when no registry answers.
pub async fn served() -> Option<Vec<&'static str>> {
    let base = mirror::mirror()?;
    let names: Vec<&'static str> = images::catalogue()
        .iter()
        .flat_map(|entry| entry.references)
        .copied()
        .collect();
    let asked = names
        .iter()
        .map(|name| async { Ok::<_, PushError>((*name, images::serves(name, &base).await?)) });
    let answers = futures::future::try_join_all(asked).await.ok()?;
    Some(
        answers
            .into_iter()
            .filter(|(_, served)| *served)
            .map(|(name, _)| name)
            .collect(),
    )
}
