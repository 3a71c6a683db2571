//! Fills the registry: images are made where the cache lacks them, and pushed where the registry does.

use std::time::Duration;

use crate::error::SandboxError;
use crate::event::{SandboxEvent, Step};
use crate::images::{self, BuiltImage};
use crate::tools::Toolchain;

/// How long the registry may take to listen.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long to wait before asking again whether it does.
const RETRY: Duration = Duration::from_millis(50);

/// Makes sure that `registry`, as `host:port`, serves every image of the catalogue.
pub(crate) async fn images(
    toolchain: &Toolchain,
    registry: &str,
    progress: &(dyn Fn(SandboxEvent) + Send + Sync),
) -> Result<(), SandboxError> {
    progress(SandboxEvent::Began(Step::Images));
    let report = |event| progress(SandboxEvent::Image(event));
    let (made, ()) = tokio::try_join!(
        async { images::ensure_all(toolchain, &report).await.map_err(SandboxError::from) },
        listening(registry),
    )?;
    let base = format!("http://{registry}");
    futures::future::try_join_all(made.iter().map(|image| push(image, &base))).await?;
    progress(SandboxEvent::Ended(Step::Images));
    Ok(())
}

async fn push(image: &BuiltImage, base: &str) -> Result<(), SandboxError> {
    images::push(image, base).await?;
    Ok(())
}

/// Returns when something listens there. Nothing tells when, so it is asked.
async fn listening(registry: &str) -> Result<(), SandboxError> {
    let attempts = async {
        while tokio::net::TcpStream::connect(registry).await.is_err() {
            tokio::time::sleep(RETRY).await;
        }
    };
    tokio::time::timeout(PATIENCE, attempts).await.map_err(|_| SandboxError::NoRegistry(registry.to_owned()))
}
