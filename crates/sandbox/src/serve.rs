//! Fills the registry: images are made where the cache lacks them, and pushed where the registry does.

use std::time::Duration;

use crate::error::SandboxError;
use crate::event::{SandboxEvent, Step};
use crate::images::{self, BuiltImage, Image};
use crate::tools::Toolchain;

/// How long the registry may take to listen.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long to wait before asking again whether it does.
const RETRY: Duration = Duration::from_millis(50);

/// Images that the cluster itself runs; the rest is for previews.
const CLUSTER: [Image; 5] = [
    Image::Pause,
    Image::Coredns,
    Image::Busybox,
    Image::LocalPathProvisioner,
    Image::MetricsServer,
];

/// Where images come from and go to.
pub(crate) struct Shelf<'a> {
    pub(crate) toolchain: &'a Toolchain,
    /// The registry, as `host:port`.
    pub(crate) registry: String,
    pub(crate) progress: &'a (dyn Fn(SandboxEvent) + Send + Sync),
}

impl Shelf<'_> {
    /// Makes sure that the registry serves what the cluster itself runs.
    pub(crate) async fn fill_for_cluster(&self) -> Result<(), SandboxError> {
        listening(&self.registry).await?;
        self.fill(&CLUSTER).await
    }

    /// Makes sure that the registry serves all the rest of the catalogue.
    pub(crate) async fn fill_for_previews(&self) -> Result<(), SandboxError> {
        (self.progress)(SandboxEvent::Began(Step::Images));
        let rest: Vec<Image> = Image::ALWAYS
            .into_iter()
            .filter(|image| !CLUSTER.contains(image))
            .collect();
        self.fill(&rest).await?;
        (self.progress)(SandboxEvent::Ended(Step::Images));
        Ok(())
    }

    async fn fill(&self, wanted: &[Image]) -> Result<(), SandboxError> {
        let report = |event| (self.progress)(SandboxEvent::Image(event));
        let made = images::ensure(self.toolchain, wanted, &report).await?;
        let base = format!("http://{}", self.registry);
        futures::future::try_join_all(made.iter().map(|image| push(image, &base))).await?;
        Ok(())
    }
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
    tokio::time::timeout(PATIENCE, attempts)
        .await
        .map_err(|_| SandboxError::NoRegistry(registry.to_owned()))
}
