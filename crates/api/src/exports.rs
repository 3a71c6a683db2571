//! Shipping bundles and taking them in: exporting, verifying, pulling.

mod survey;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bundle::Bundle;
use bundle::lock::{FILE, Lock};
use bundle::proof::{self, Proof};
use export::compare::Snapshot;
pub use export::compare::{Changes, FileChange, Kind, Replaced, Timing};
use export::destination::{Destination, Place};
pub use export::oci::Event;
use export::oci::{self, Pushed, Registry};
use export::platform::{self, Address, Plain, Sources};
pub use export::platform::{Token, VARIABLE};
use export::sign::{SUFFIX, SigningKey, VerifyingKey};
use export::{Layer, Package, Received, file, folder, verify as verification};
pub use export::{Manifest, Objection, Problem, Reason, Report};
use plan::Mirror;
use serde::Serialize;
pub use survey::{ExportSurvey, Obstacle, survey};
use ts_rs::TS;

use crate::{Code, Error, hosts, locks};

/// How a bundle is exported.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Whether also what was not locked or not proven is exported.
    pub force: bool,
    /// The file of the private key to sign with.
    pub sign: Option<PathBuf>,
    /// Whether the images of the lock are copied to the same registry.
    pub images: bool,
    /// Whether registries and platforms are spoken to without TLS.
    pub plain_http: bool,
    /// What a platform calls the version; the beginning of its digest where nothing is said.
    pub version: Option<String>,
    /// The file with the token for a platform.
    pub token_file: Option<PathBuf>,
    /// The token for a platform, if the environment has one.
    pub token: Option<Token>,
}

/// How an exported bundle is taken in.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// The file of the public key that must have signed it.
    pub key: Option<PathBuf>,
    /// Whether registries are spoken to without TLS.
    pub plain_http: bool,
}

/// What came of an export.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ExportView {
    /// The task.
    pub task: String,
    /// Where it is now.
    pub destination: String,
    /// The digest of what is there: the file's, or the artifact's.
    pub digest: String,
    /// The digest of its list of files, which is what is signed.
    pub subject: String,
    /// How many bytes it has.
    pub size: u64,
    /// How many files the candidate may see.
    pub candidate_files: usize,
    /// How many only graders may.
    pub restricted_files: usize,
    /// What was exported against, as its list says, too.
    pub forced: Vec<Objection>,
    /// Where its signature is.
    pub signature: Option<String>,
    /// The images that were copied.
    pub images: Vec<String>,
    /// What has changed since the export that was there before.
    pub changes: Option<Changes>,
}

/// What came of taking a bundle in.
#[derive(Debug, Serialize)]
pub struct PullView {
    /// What is known of it.
    pub report: Report,
    /// Its folder; nothing when something is wrong with it, and then nothing was written.
    pub folder: Option<PathBuf>,
}

/// Whether a bundle is whole, locked and proven, and signed if that was asked for.
pub fn is_trusted(report: &Report) -> bool {
    report.problems.is_empty() && report.forced.is_empty()
}

/// Exports a checked bundle.
pub async fn export(
    bundle: &Bundle,
    to: &str,
    options: &Options,
    events: &(dyn Fn(Event) + Sync),
) -> Result<ExportView, Error> {
    let destination = destination(to)?;
    let key = options.sign.as_deref().map(signing_key).transpose()?;
    let package = Package::new(bundle).map_err(|problems| unpackable(&problems))?;
    if !options.force {
        allow(package.objections())?;
    }
    let package = Arc::new(package);
    match &destination {
        Destination::File(_) if options.images => Err(Error::new(
            Code::Usage,
            "images are copied to a registry, and the destination is a file",
        )
        .hint("export to `oci://REGISTRY/REPOSITORY:TAG`, or leave `--images` out")),
        Destination::File(path) => to_file(package, path.clone(), key).await,
        Destination::Oci(place) => to_registry(&package, bundle, place, key, options, events).await,
        Destination::Platform(address) => to_platform(package, address, options, events).await,
    }
}

/// Verifies an exported bundle.
pub async fn verify(from: &str, access: &Access, events: &(dyn Fn(Event) + Sync)) -> Result<Report, Error> {
    Ok(receive(from, access, events).await?.report)
}

/// Takes an exported bundle in as a folder, if nothing is wrong with it. One whose export was forced is taken in, too.
pub async fn pull(
    from: &str,
    into: &Path,
    access: &Access,
    events: &(dyn Fn(Event) + Sync),
) -> Result<PullView, Error> {
    folder::is_free(into).map_err(|error| Error::of(Code::Disk, &error))?;
    let Received { report, files } = receive(from, access, events).await?;
    let files = files.filter(|_| report.problems.is_empty());
    let folder = match files {
        None => None,
        Some(files) => {
            let into = into.to_owned();
            let written = blocking(move || folder::unpack(&files, &into).map(|()| into)).await?;
            Some(written.map_err(|error| Error::of(Code::Disk, &error))?)
        }
    };
    Ok(PullView { report, folder })
}

/// Keeps the token for a platform in the keyring of the system; gives the platform as the keyring names it.
pub async fn keep_token(platform: &str, token: &Token) -> Result<String, Error> {
    let address = address(platform)?;
    platform::store_token(&address, token)
        .await
        .map_err(|error| Error::of(Code::Usage, &error))?;
    Ok(address.origin().to_owned())
}

/// Removes the token for a platform from the keyring; that there is none is no error.
pub async fn forget_token(platform: &str) -> Result<String, Error> {
    let address = address(platform)?;
    platform::forget_token(&address)
        .await
        .map_err(|error| Error::of(Code::Usage, &error))?;
    Ok(address.origin().to_owned())
}

fn address(platform: &str) -> Result<Address, Error> {
    Address::new(platform, Plain::Loopback).map_err(|error| Error::of(Code::Usage, &error))
}

fn destination(text: &str) -> Result<Destination, Error> {
    text.parse()
        .map_err(|error: export::destination::DestinationError| Error::of(Code::Usage, &error))
}

fn no_platform(address: &str) -> Error {
    Error::new(
        Code::Usage,
        format!("`{address}` is a platform, and bundles are only sent there"),
    )
    .hint("download the version with curl, as docs/platform.md shows, and name the file")
}

async fn to_platform(
    package: Arc<Package>,
    address: &str,
    options: &Options,
    events: &(dyn Fn(Event) + Sync),
) -> Result<ExportView, Error> {
    if options.sign.is_some() || options.images {
        let message = "signatures and images go to a registry, and the destination is a platform";
        return Err(Error::new(Code::Usage, message).hint("leave `--sign` and `--images` out"));
    }
    let usage = |error: &(dyn std::error::Error + 'static)| Error::of(Code::Usage, error);
    let plain = if options.plain_http {
        Plain::Anywhere
    } else {
        Plain::Loopback
    };
    let address = Address::new(address, plain).map_err(|error| usage(&error))?;
    let sources = Sources {
        file: options.token_file.as_deref(),
        environment: options.token.as_ref(),
    };
    let (token, _) = platform::find_token(sources, &address)
        .await
        .map_err(|error| usage(&error))?;
    let folder = tempfile::tempdir().map_err(|error| Error::of(Code::Disk, &error))?;
    let path = folder
        .path()
        .join(format!("{}.taskbundle", package.manifest().task.name));
    let packed = Arc::clone(&package);
    let target = path.clone();
    let stored = blocking(move || file::export(&packed, &target)).await?;
    let stored = stored.map_err(|error| Error::of(Code::Disk, &error))?;
    let upload = platform::Upload {
        file: &path,
        task: &package.manifest().task.name,
        version: options.version.as_deref(),
    };
    let says = |event| {
        if let Some(event) = told(event) {
            events(event);
        }
    };
    let published = platform::upload(upload, &address, &token, &says)
        .await
        .map_err(|error| Error::of(Code::Host, &error))?;
    let destination = format!("{} as version {}", address.origin(), published.version);
    Ok(view(&package, destination, stored.digest, stored.size))
}

/// What an upload does, in the words of every export.
fn told(event: platform::Event) -> Option<Event> {
    let what = "the bundle".to_owned();
    match event {
        platform::Event::Sent { offset, .. } => Some(Event::Sending { what, bytes: offset }),
        platform::Event::Announced { offset, size } if offset == size => Some(Event::Present { what }),
        platform::Event::Waiting { reason, .. } => Some(Event::Retrying { what, reason }),
        platform::Event::Reading { .. } | platform::Event::Announced { .. } | platform::Event::Publishing => {
            None
        }
    }
}

fn signing_key(path: &Path) -> Result<SigningKey, Error> {
    let pem = key_file(path)?;
    SigningKey::from_pem(&pem).map_err(|error| key_error(path, &error))
}

fn verifying_key(path: &Path) -> Result<VerifyingKey, Error> {
    let pem = key_file(path)?;
    VerifyingKey::from_pem(&pem).map_err(|error| key_error(path, &error))
}

fn key_file(path: &Path) -> Result<Vec<u8>, Error> {
    file::read_small(path, 64 << 10).map_err(|error| Error::of(Code::Usage, &error))
}

fn key_error(path: &Path, error: &dyn std::error::Error) -> Error {
    Error::new(
        Code::Usage,
        format!("`{}` cannot be used: {error}", path.display()),
    )
}

fn unpackable(problems: &[Problem]) -> Error {
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    let mut error = Error::new(
        Code::Bundle,
        format!("the bundle cannot be exported: {}", told.join("; ")),
    );
    error.hints = distinct(problems.iter().map(Problem::remedy));
    error
}

/// Refuses what speaks against an export, all at once.
fn allow(objections: &[Objection]) -> Result<(), Error> {
    if objections.is_empty() {
        return Ok(());
    }
    let told: Vec<String> = objections.iter().map(ToString::to_string).collect();
    let mut error = Error::new(
        Code::Bundle,
        format!("the bundle is not exported: {}", told.join("; ")),
    );
    error.hints = distinct(objections.iter().map(Objection::remedy));
    Err(error.hint("or export it with `--force`; the export then says inside what was wrong"))
}

fn distinct(remedies: impl Iterator<Item = &'static str>) -> Vec<String> {
    let mut hints: Vec<String> = Vec::new();
    for remedy in remedies {
        if !hints.iter().any(|hint| hint == remedy) {
            hints.push(remedy.to_owned());
        }
    }
    hints
}

async fn to_file(package: Arc<Package>, path: PathBuf, key: Option<SigningKey>) -> Result<ExportView, Error> {
    blocking(move || {
        // What cannot be read is replaced like anything else; a survey says so beforehand.
        let before = stored(&path).ok().flatten();
        let changes = before.and_then(|before| changes(&before, &package));
        let stored = file::export(&package, &path).map_err(|error| Error::of(Code::Disk, &error))?;
        let signature = key.map(|key| sign_beside(&package, &path, &key)).transpose()?;
        let mut view = view(&package, path.display().to_string(), stored.digest, stored.size);
        view.signature = signature;
        view.changes = changes;
        Ok(view)
    })
    .await?
}

fn sign_beside(package: &Package, path: &Path, key: &SigningKey) -> Result<String, Error> {
    let signature = key
        .sign(&package.manifest().digest())
        .map_err(|error| Error::of(Code::Usage, &error))?;
    let beside = beside(path);
    file::store(&beside, |out| out.write_all(&signature.to_bytes()))
        .map_err(|error| Error::of(Code::Disk, &error))?;
    Ok(beside.display().to_string())
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(SUFFIX);
    name.into()
}

/// The bundle in a file, if there is one.
fn stored(path: &Path) -> Result<Option<Received>, Error> {
    if !path.try_exists().map_err(|error| unreadable(path, &error))? {
        return Ok(None);
    }
    let mut archive = file::open(path).map_err(|error| Error::of(Code::Disk, &error))?;
    let received = verification::archive(&mut archive).map_err(|error| unreadable(path, &error))?;
    Ok(Some(received))
}

fn unreadable(path: &Path, error: &dyn std::error::Error) -> Error {
    Error::new(
        Code::Disk,
        format!("failed to read `{}`: {error}", path.display()),
    )
}

/// What has changed since an export that is whole.
fn changes(before: &Received, package: &Package) -> Option<Changes> {
    let files = before.files.as_ref()?;
    let text = |content| std::str::from_utf8(content).ok();
    let before_text = |name| files.content(name).ok().and_then(|content| text(content));
    let after_text = |name| package.content(name).and_then(|content| text(content));
    let lock = |text| Lock::from_text(text).ok();
    let proof = |text| Proof::from_text(text).ok();
    let (old_lock, new_lock) = (before_text(FILE).and_then(lock), after_text(FILE).and_then(lock));
    let old_proof = before_text(proof::FILE).and_then(proof);
    let new_proof = after_text(proof::FILE).and_then(proof);
    let old = Snapshot {
        manifest: before.report.manifest.as_ref()?,
        lock: old_lock.as_ref(),
        proof: old_proof.as_ref(),
    };
    let new = Snapshot {
        manifest: package.manifest(),
        lock: new_lock.as_ref(),
        proof: new_proof.as_ref(),
    };
    Some(Changes::between(old, new))
}

fn view(package: &Package, destination: String, digest: String, size: u64) -> ExportView {
    let manifest = package.manifest();
    ExportView {
        task: manifest.task.name.clone(),
        destination,
        digest,
        subject: manifest.digest(),
        size,
        candidate_files: manifest.layer(Layer::Candidate).count(),
        restricted_files: manifest.layer(Layer::Restricted).count(),
        forced: package.objections().to_vec(),
        signature: None,
        images: Vec::new(),
        changes: None,
    }
}

async fn to_registry(
    package: &Package,
    bundle: &Bundle,
    place: &Place,
    key: Option<SigningKey>,
    options: &Options,
    events: &(dyn Fn(Event) + Sync),
) -> Result<ExportView, Error> {
    let registry = registry(place, options.plain_http).await?;
    let before = oci::pull(&registry, place, events).await.ok();
    let pushed = oci::push(&registry, place, package, events)
        .await
        .map_err(|error| Error::of(Code::Host, &error))?;
    let mut view = view(
        package,
        format!("oci://{place}"),
        pushed.digest.clone(),
        pushed.size,
    );
    view.changes = before.and_then(|before| changes(&before.received, package));
    if let Some(key) = key {
        let digest = attach(&registry, place, package, &pushed, &key, events).await?;
        view.signature = Some(format!("{}@{digest}", place.repository));
    }
    if options.images
        && let Some(lock) = &bundle.lock
    {
        let mirror = mirror()?;
        view.images = oci::copy_images(&registry, place, &lock.images, mirror.as_ref(), events)
            .await
            .map_err(|error| Error::of(Code::Host, &error))?;
    }
    Ok(view)
}

/// Puts a signature beside an artifact, the one that the key made before if there is one.
async fn attach(
    registry: &Registry,
    place: &Place,
    package: &Package,
    pushed: &Pushed,
    key: &SigningKey,
    events: &(dyn Fn(Event) + Sync),
) -> Result<String, Error> {
    let known = oci::signatures(registry, place, &pushed.digest)
        .await
        .map_err(|error| Error::of(Code::Host, &error))?;
    let signature = key
        .sign_once(&package.manifest().digest(), &known)
        .map_err(|error| Error::of(Code::Usage, &error))?;
    oci::attach(registry, place, pushed, &signature, events)
        .await
        .map_err(|error| Error::of(Code::Host, &error))
}

async fn receive(from: &str, access: &Access, events: &(dyn Fn(Event) + Sync)) -> Result<Received, Error> {
    let key = access.key.as_deref().map(verifying_key).transpose()?;
    match destination(from)? {
        Destination::File(path) => from_file(path, key).await,
        Destination::Oci(place) => from_registry(&place, key, access.plain_http, events).await,
        Destination::Platform(address) => Err(no_platform(&address)),
    }
}

async fn from_file(path: PathBuf, key: Option<VerifyingKey>) -> Result<Received, Error> {
    blocking(move || {
        let disk = |error| Error::of(Code::Disk, &error);
        let mut archive = file::open(&path).map_err(disk)?;
        let mut received = verification::archive(&mut archive).map_err(|error| unreadable(&path, &error))?;
        if let Some(key) = key {
            let signatures = file::read_if_there(&beside(&path), export::sign::LIMIT).map_err(disk)?;
            received.report.demand(&key, signatures.as_slice());
        }
        Ok(received)
    })
    .await?
}

async fn from_registry(
    place: &Place,
    key: Option<VerifyingKey>,
    plain_http: bool,
    events: &(dyn Fn(Event) + Sync),
) -> Result<Received, Error> {
    let registry = registry(place, plain_http).await?;
    let pulled = oci::pull(&registry, place, events)
        .await
        .map_err(|error| Error::of(Code::Host, &error))?;
    let mut received = pulled.received;
    if let Some(key) = key {
        let signatures = oci::signatures(&registry, place, &pulled.digest)
            .await
            .map_err(|error| Error::of(Code::Host, &error))?;
        received.report.demand(&key, &signatures);
    }
    Ok(received)
}

async fn registry(place: &Place, plain_http: bool) -> Result<Registry, Error> {
    let mirror = mirror()?;
    let is_plain =
        plain_http || mirror.is_some_and(|mirror| mirror.is_plain() && mirror.authority() == place.registry);
    Registry::connect(&place.registry, is_plain)
        .await
        .map_err(|error| Error::of(Code::Host, &error))
}

/// The registry of the sandbox, or the one that the settings name: it may be spoken to as they say.
fn mirror() -> Result<Option<Mirror>, Error> {
    locks::mirror(&hosts::settings_unasked(None)?)
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Error::new(Code::Disk, format!("the work on the bundle ended early: {error}")))
}
