//! An OCI layout of an image or a Helm chart on disk: blobs by digest, a manifest, an index. Written whole or not at all.
//!
//! Layers of images are not compressed: they never leave the machine, and unpacking them is part of every cold start.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

pub(super) const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX_TYPE: &str = "application/vnd.oci.image.index.v1+json";
const CONFIG_TYPE: &str = "application/vnd.oci.image.config.v1+json";
const LAYER_TYPE: &str = "application/vnd.oci.image.layer.v1.tar";
const CHART_CONFIG_TYPE: &str = "application/vnd.cncf.helm.config.v1+json";
const CHART_TYPE: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
/// The annotation under which the index keeps what an image is made of.
const PARTS: &str = "dev.taskwright.parts";

/// A blob and how to check it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Descriptor {
    pub(super) media_type: String,
    pub(super) digest: String,
    pub(super) size: u64,
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    annotations: std::collections::BTreeMap<String, String>,
}

/// Configuration and layers of one image.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Manifest {
    schema_version: u8,
    media_type: String,
    pub(super) config: Descriptor,
    pub(super) layers: Vec<Descriptor>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Index {
    schema_version: u8,
    media_type: String,
    manifests: Vec<Descriptor>,
}

/// How a container of the image starts.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Config {
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) user: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) env: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) entrypoint: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) cmd: Vec<&'static str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) working_dir: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) stop_signal: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "as_set")]
    pub(super) exposed_ports: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "as_set")]
    pub(super) volumes: Vec<&'static str>,
}

/// The format's sets are objects whose values are empty objects.
fn as_set<S: Serializer>(members: &[&str], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(members.iter().map(|member| (member, serde_json::json!({}))))
}

#[derive(Serialize)]
struct ImageConfig<'a> {
    created: &'static str,
    architecture: &'static str,
    os: &'static str,
    config: &'a Config,
    rootfs: RootFs,
}

#[derive(Serialize)]
struct RootFs {
    r#type: &'static str,
    diff_ids: Vec<String>,
}

/// A layout being written.
pub(super) struct Writer {
    folder: PathBuf,
    layers: Vec<Descriptor>,
}

impl Writer {
    pub(super) fn create(folder: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(folder.join("blobs/sha256"))?;
        Ok(Self {
            folder: folder.to_owned(),
            layers: Vec::new(),
        })
    }

    /// Adds the tar that `write` produces as the next layer.
    pub(super) fn layer(&mut self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        let layer = self.blob(LAYER_TYPE, write)?;
        self.layers.push(layer);
        Ok(())
    }

    /// Adds the archive of a Helm chart as the only layer.
    pub(super) fn chart(&mut self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        let layer = self.blob(CHART_TYPE, write)?;
        self.layers.push(layer);
        Ok(())
    }

    /// Makes the layout of a chart complete; `metadata` is its `Chart.yaml`.
    pub(super) fn finish_chart(self, metadata: &serde_json::Value, parts: &str) -> io::Result<Layout> {
        let config = self.json(CHART_CONFIG_TYPE, metadata)?;
        self.index(config, parts)
    }

    /// Makes the layout of an image complete.
    pub(super) fn finish(self, config: &Config, parts: &str) -> io::Result<Layout> {
        let image = ImageConfig {
            created: "1970-01-01T00:00:00Z",
            architecture: architecture(),
            os: "linux",
            config,
            // Nothing is compressed, so a layer's digest is its content's.
            rootfs: RootFs {
                r#type: "layers",
                diff_ids: self.layers.iter().map(|layer| layer.digest.clone()).collect(),
            },
        };
        let config = self.json(CONFIG_TYPE, &image)?;
        self.index(config, parts)
    }

    /// Adds the manifest and the index.
    fn index(self, config: Descriptor, parts: &str) -> io::Result<Layout> {
        let layers = self.layers.clone();
        let manifest = Manifest {
            schema_version: 2,
            media_type: MANIFEST_TYPE.into(),
            config,
            layers,
        };
        let mut manifest = self.json(MANIFEST_TYPE, &manifest)?;
        manifest.annotations.insert(PARTS.into(), parts.into());
        let index = Index {
            schema_version: 2,
            media_type: INDEX_TYPE.into(),
            manifests: vec![manifest],
        };
        std::fs::write(
            self.folder.join("oci-layout"),
            r#"{"imageLayoutVersion":"1.0.0"}"#,
        )?;
        std::fs::write(self.folder.join("index.json"), serde_json::to_vec(&index)?)?;
        Layout::open(&self.folder).ok_or_else(|| io::Error::other("the image just written is not complete"))
    }

    fn json(&self, media_type: &str, value: &impl Serialize) -> io::Result<Descriptor> {
        let bytes = serde_json::to_vec(value)?;
        self.blob(media_type, |blob| blob.write_all(&bytes))
    }

    fn blob(
        &self,
        media_type: &str,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<Descriptor> {
        let partial = self.folder.join("blobs/partial");
        let mut blob = Hashing {
            inner: BufWriter::new(File::create(&partial)?),
            hash: Sha256::new(),
            size: 0,
        };
        write(&mut blob)?;
        blob.inner
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?
            .sync_data()?;
        let hexadecimal = hex::encode(blob.hash.finalize());
        std::fs::rename(partial, self.folder.join("blobs/sha256").join(&hexadecimal))?;
        Ok(Descriptor {
            media_type: media_type.into(),
            digest: format!("sha256:{hexadecimal}"),
            size: blob.size,
            annotations: std::collections::BTreeMap::new(),
        })
    }
}

/// A complete layout.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    folder: PathBuf,
    pub(super) digest: String,
    pub(super) manifest: Manifest,
    pub(super) parts: String,
}

impl Layout {
    /// The layout in `folder`, or nothing if any of it is missing.
    pub(super) fn open(folder: &Path) -> Option<Self> {
        let index: Index = serde_json::from_slice(&std::fs::read(folder.join("index.json")).ok()?).ok()?;
        let entry = index.manifests.into_iter().next()?;
        let manifest: Manifest =
            serde_json::from_slice(&std::fs::read(blob_path(folder, &entry)).ok()?).ok()?;
        let parts = entry.annotations.get(PARTS).cloned().unwrap_or_default();
        let layout = Self {
            folder: folder.to_owned(),
            digest: entry.digest,
            manifest,
            parts,
        };
        let whole = |blob: &Descriptor| {
            std::fs::metadata(layout.path(blob)).is_ok_and(|data| data.len() == blob.size)
        };
        let complete = layout.blobs().all(whole);
        complete.then_some(layout)
    }

    /// Everything the manifest names.
    pub(super) fn blobs(&self) -> impl Iterator<Item = &Descriptor> {
        self.manifest.layers.iter().chain([&self.manifest.config])
    }

    pub(super) fn path(&self, blob: &Descriptor) -> PathBuf {
        blob_path(&self.folder, blob)
    }

    pub(super) fn manifest_path(&self) -> PathBuf {
        self.folder
            .join("blobs/sha256")
            .join(self.digest.trim_start_matches("sha256:"))
    }

    pub(super) fn size(&self) -> u64 {
        self.blobs().map(|blob| blob.size).sum()
    }
}

fn blob_path(folder: &Path, blob: &Descriptor) -> PathBuf {
    folder
        .join("blobs/sha256")
        .join(blob.digest.trim_start_matches("sha256:"))
}

/// The name Go and OCI have for this machine's processor.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

/// The digest of a file, as hexadecimal digits.
pub(super) fn digest_of(path: &Path) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut file = File::open(path)?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex::encode(hash.finalize())),
            read => hash.update(&buffer[..read]),
        }
    }
}

struct Hashing<W> {
    inner: W,
    hash: Sha256,
    size: u64,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
