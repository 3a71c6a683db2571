//! The images a sandbox serves: made here, from the sandbox's tools and Debian packages, under the public names that
//! charts and tasks ask for. The catalogue says which and of what; nothing is fetched from a public registry.

mod catalogue;
mod chart;
mod extra;
mod layer;
mod made;
mod oci;
mod push;
mod recipe;
mod roots;

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use futures::StreamExt as _;

pub use catalogue::{Entry, Image, catalogue, registries};
pub(crate) use chart::ensure as ensure_chart;
pub use chart::{BuiltChart, Chart};
pub use extra::{Extra, UnknownExtra};
pub use push::{PushError, Pushed, push, push_chart, serves};

use crate::debian::RootError;
use crate::tools::{Toolchain, ToolsError, sweep_partials};
use oci::{Config, Layout, Writer};
use recipe::Recipe;
use roots::Root;

/// How many images are made at once: Debian's package scripts keep one processor busy and often wait.
const AT_ONCE: usize = 2;
/// How often an image being made reports so.
const TICK: Duration = Duration::from_secs(1);

/// One step of making the images ready, for a front end to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageEvent {
    /// The image was made earlier.
    Cached {
        /// Which one.
        image: Image,
    },
    /// Debian underneath the image is being made; sent at the start and then once a second.
    Rooting {
        /// Which one.
        image: Image,
        /// Its place among those to make, from 1.
        n: usize,
        /// How many are to be made in all.
        of: usize,
        /// For how long this one has been in the making.
        elapsed: Duration,
    },
    /// The image is being made; sent at the start and then once a second.
    Making {
        /// Which one.
        image: Image,
        /// Its place among those to make, from 1.
        n: usize,
        /// How many are to be made in all.
        of: usize,
        /// For how long this one has been in the making.
        elapsed: Duration,
    },
    /// The image is in the cache now.
    Made {
        /// Which one.
        image: Image,
        /// How long it took.
        elapsed: Duration,
    },
}

/// One thing an image is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// A tool, or `Debian 12` and a package.
    pub name: String,
    /// Its version, or nothing where only its bytes are known.
    pub version: String,
}

/// An image in the cache, ready to be pushed.
#[derive(Debug, Clone)]
pub struct BuiltImage {
    /// Which one.
    pub image: Image,
    /// What it is made of.
    pub made_of: Vec<Part>,
    layout: Layout,
}

impl BuiltImage {
    /// The full names it is served under.
    pub fn references(&self) -> &'static [&'static str] {
        self.image.references()
    }

    /// The digest of its manifest, `sha256:…`.
    pub fn digest(&self) -> &str {
        &self.layout.digest
    }

    /// Its bytes on disk.
    pub fn size(&self) -> u64 {
        self.layout.size()
    }
}

/// Why the images could not be made ready.
#[derive(Debug, thiserror::Error)]
pub enum ImagesError {
    /// A part of an image could not be read.
    #[error("failed to read {}: {source}\nhint: install the Debian packages busybox-static and ca-certificates", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A tool did not print what goes into an image.
    #[error("failed to ask {}: {reason}\nhint: delete its folder in the cache; it is built again", program.display())]
    Ask {
        /// Which one.
        program: PathBuf,
        /// What it said.
        reason: String,
    },
    /// The Debian part could not be made.
    #[error("failed to make the image {image}: {source}")]
    Root {
        /// Which one.
        image: Image,
        /// What went wrong.
        source: RootError,
    },
    /// The module that a chart belongs to could not be had.
    #[error(transparent)]
    Source(#[from] ToolsError),
    /// A chart could not be written.
    #[error("failed to pack the chart {chart} under {}: {source}\nhint: the cache must be writable and have room", path.display())]
    Chart {
        /// Which one.
        chart: &'static str,
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The image could not be written.
    #[error("failed to write the image {image} under {}: {source}\nhint: the cache must be writable and have room", path.display())]
    Write {
        /// Which one.
        image: Image,
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl ImagesError {
    fn read(path: &Path, source: io::Error) -> Self {
        Self::Read {
            path: path.to_owned(),
            source,
        }
    }
}

/// Makes those images of every sandbox that the cache does not hold yet, and returns all of them, in the catalogue's order.
///
/// # Errors
/// When a part cannot be read, Debian's packages cannot be had, or the cache cannot be written. Dropping the
/// future ends what is running; nothing half made is ever taken for an image.
pub async fn ensure_all(
    toolchain: &Toolchain,
    progress: &(dyn Fn(ImageEvent) + Send + Sync),
) -> Result<Vec<BuiltImage>, ImagesError> {
    ensure(toolchain, &Image::ALWAYS, progress).await
}

/// Makes what is underneath the images that the cache does not hold yet: all of their making that needs none of our
/// programs, one after another.
///
/// # Errors
/// When Debian's packages cannot be had, or the cache cannot be written.
pub async fn prepare(
    toolchain: &Toolchain,
    progress: &(dyn Fn(ImageEvent) + Send + Sync),
) -> Result<(), ImagesError> {
    let folder = toolchain.cache().join("images");
    sweep_partials(&folder);
    let mut wanted = Vec::new();
    for image in Image::ALWAYS {
        let recipe = image.recipe();
        let made = Layout::open(&folder.join(recipe.key(toolchain)?)).is_some();
        wanted.extend(recipe.debian.filter(|_| !made).map(|debian| (image, debian)));
    }
    let of = wanted.len();
    for (place, (image, debian)) in wanted.iter().enumerate() {
        let tick = |elapsed| {
            progress(ImageEvent::Rooting {
                image: *image,
                n: place + 1,
                of,
                elapsed,
            });
        };
        with_ticks(Root::ensure(&folder, *image, debian), tick).await?;
    }
    Ok(())
}

/// Like [`ensure_all`], for some of the images.
///
/// # Errors
/// As there.
pub async fn ensure(
    toolchain: &Toolchain,
    images: &[Image],
    progress: &(dyn Fn(ImageEvent) + Send + Sync),
) -> Result<Vec<BuiltImage>, ImagesError> {
    let folder = toolchain.cache().join("images");
    sweep_partials(&folder);
    let mut found = Vec::new();
    let mut orders = Vec::new();
    for &image in images {
        let recipe = image.recipe();
        let target = folder.join(recipe.key(toolchain)?);
        if let Some(layout) = Layout::open(&target) {
            progress(ImageEvent::Cached { image });
            found.push(built(image, layout));
        } else {
            orders.push(Order {
                image,
                recipe,
                target,
            });
        }
    }
    found.extend(make_all(toolchain, orders, progress).await?);
    found.sort_by_key(|built| images.iter().position(|&image| image == built.image));
    Ok(found)
}

/// An image that is to be made.
struct Order {
    image: Image,
    recipe: Recipe,
    target: PathBuf,
}

async fn make_all(
    toolchain: &Toolchain,
    orders: Vec<Order>,
    progress: &(dyn Fn(ImageEvent) + Send + Sync),
) -> Result<Vec<BuiltImage>, ImagesError> {
    let of = orders.len();
    let making = orders.into_iter().enumerate().map(|(place, order)| async move {
        let image = order.image;
        let started = Instant::now();
        let tick = |elapsed| {
            progress(ImageEvent::Making {
                image,
                n: place + 1,
                of,
                elapsed,
            });
        };
        let layout = with_ticks(make(toolchain, order), tick).await?;
        progress(ImageEvent::Made {
            image,
            elapsed: started.elapsed(),
        });
        Ok(built(image, layout))
    });
    let results = futures::stream::iter(making)
        .buffer_unordered(AT_ONCE)
        .collect::<Vec<_>>()
        .await;
    results.into_iter().collect()
}

async fn with_ticks<T>(work: impl Future<Output = T>, tick: impl Fn(Duration)) -> T {
    let started = Instant::now();
    let mut ticks = tokio::time::interval(TICK);
    tokio::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return done,
            _ = ticks.tick() => tick(started.elapsed()),
        }
    }
}

async fn make(toolchain: &Toolchain, order: Order) -> Result<Layout, ImagesError> {
    let Order {
        image,
        recipe,
        target,
    } = order;
    let partial = partial_path(&target);
    let failed = |source| ImagesError::Write {
        image,
        path: target.clone(),
        source,
    };
    std::fs::create_dir_all(&partial).map_err(failed)?;
    let images = toolchain.cache().join("images");
    let root = match &recipe.debian {
        Some(debian) => Some(Root::ensure(&images, image, debian).await?),
        None => None,
    };
    let installed = match &root {
        Some(root) => root.packages().map_err(failed)?,
        None => Vec::new(),
    };
    let parts = spelled(&recipe.parts(&installed).await);
    let nodes = recipe.ready(toolchain).await?;
    let layers = Layers {
        root: root.as_ref().map(Root::tar),
        nodes,
    };
    let into = target.clone();
    let writing =
        tokio::task::spawn_blocking(move || write(&partial, &into, &layers, &recipe.config, &parts));
    let layout = writing
        .await
        .map_err(|error| failed(io::Error::other(error)))?
        .map_err(failed)?;
    if let Some(root) = root {
        root.remove();
    }
    Ok(layout)
}

struct Layers {
    root: Option<PathBuf>,
    nodes: layer::Nodes<layer::Ready>,
}

/// Writes the layout beside the others under a name nobody reads, and moves it in place when it is whole.
fn write(partial: &Path, target: &Path, layers: &Layers, config: &Config, parts: &str) -> io::Result<Layout> {
    let layout = partial.join("layout");
    let mut writer = Writer::create(&layout)?;
    if let Some(root) = &layers.root {
        writer.layer(|blob| io::copy(&mut std::fs::File::open(root)?, blob).map(drop))?;
    }
    if !layers.nodes.is_empty() {
        writer.layer(|blob| layer::write(&layers.nodes, blob))?;
    }
    writer.finish(config, parts)?;
    publish(&layout, target)?;
    std::fs::remove_dir_all(partial)?;
    Layout::open(target).ok_or_else(|| io::Error::other("the image just written is not complete"))
}

/// Leaves a complete image alone that another run has put there meanwhile: it may be in use.
fn publish(layout: &Path, target: &Path) -> io::Result<()> {
    if Layout::open(target).is_some() {
        return Ok(());
    }
    if target.exists() {
        std::fs::remove_dir_all(target)?;
    }
    match std::fs::rename(layout, target) {
        Err(_) if Layout::open(target).is_some() => Ok(()),
        result => result,
    }
}

fn partial_path(target: &Path) -> PathBuf {
    let key = target.file_name().unwrap_or_default().to_string_lossy();
    target
        .with_file_name(".partial")
        .join(format!("{key}.{}", std::process::id()))
}

fn built(image: Image, layout: Layout) -> BuiltImage {
    BuiltImage {
        image,
        made_of: parse_parts(&layout.parts),
        layout,
    }
}

/// One part a line: name, tab, version.
fn spelled(parts: &[Part]) -> String {
    let lines: Vec<_> = parts
        .iter()
        .map(|part| format!("{}\t{}", part.name, part.version))
        .collect();
    lines.join("\n")
}

fn parse_parts(text: &str) -> Vec<Part> {
    let part = |line: &str| {
        let (name, version) = line.split_once('\t')?;
        Some(Part {
            name: name.to_owned(),
            version: version.to_owned(),
        })
    };
    text.lines().filter_map(part).collect()
}

#[cfg(test)]
mod tests;
