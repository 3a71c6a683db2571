//! Artifacts in a real registry, the sandbox's own; where that is not built, each test says that it was skipped.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{checked, insert, package, prove, proven, unproven};
use crate::destination::Place;
use crate::oci::artifact::{INDEX_TYPE, MANIFEST_TYPE};
use crate::oci::credentials::Credentials;
use crate::oci::registry::Scope;
use crate::oci::upload::Blob;
use crate::oci::{self, Event, OciError, Registry};
use crate::pack::Package;
use crate::problem::Problem;
use crate::sign::SigningKey;

/// A registry of our own on a free port, gone when dropped.
struct Running {
    process: Child,
    address: SocketAddr,
    folder: tempfile::TempDir,
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// `me` with the password `open sesame`.
const USERS: &str = "me:$2b$05$dENx/Jb7Z/XeGCoV/pyYbuSdyMAkpu2QhffT5MLvmhzV7RgFYamqG\n";

fn program() -> Option<PathBuf> {
    let tools = std::env::home_dir()?.join(".cache/taskwright/sandbox/tools");
    let tools = std::fs::read_dir(tools).ok()?;
    let found = tools.flatten().map(|folder| folder.path().join("registry"));
    found.into_iter().find(|path| path.is_file())
}

impl Running {
    /// Starts one; nothing where there is none.
    fn start(users: Option<&str>) -> Option<Self> {
        let Some(program) = program() else {
            eprintln!(
                "SKIPPED: the sandbox's registry is not built; build it with `taskwright sandbox build`"
            );
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        let mut configuration = serde_json::json!({
            "version": "0.1",
            "log": {"level": "error", "accesslog": {"disabled": true}},
            "storage": {"filesystem": {"rootdirectory": at("data")}},
            "http": {"addr": address.to_string()},
        });
        if let Some(users) = users {
            std::fs::write(at("users"), users).unwrap();
            configuration["auth"] = serde_json::json!({"htpasswd": {"realm": "tests", "path": at("users")}});
        }
        std::fs::write(at("registry.yaml"), configuration.to_string()).unwrap();
        let process = Command::new(program)
            .args(["serve", &at("registry.yaml")])
            .env("OTEL_TRACES_EXPORTER", "none")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let running = Self {
            process,
            address,
            folder,
        };
        // Nothing tells when it listens but a connection.
        let is_up = (0..200).any(|_| {
            std::thread::sleep(Duration::from_millis(50));
            std::net::TcpStream::connect(address).is_ok()
        });
        assert!(is_up, "the registry does not start");
        Some(running)
    }

    fn place(&self, rest: &str) -> Place {
        format!("{}/{rest}", self.address).parse().unwrap()
    }
}

fn anonymous(place: &Place) -> Registry {
    Registry::with(&place.registry, false, Credentials::Anonymous).unwrap()
}

fn quiet(_: Event) {}

/// A proven bundle with so many bytes that do not compress.
fn large(bytes: usize) -> Package {
    let mut files = unproven();
    insert(&mut files, "tty/home/noise", &super::noise(bytes), false);
    prove(&mut files, true);
    Package::new(&checked(&files)).unwrap()
}

#[tokio::test]
async fn what_was_pushed_is_pulled_and_not_pushed_again() {
    let Some(running) = Running::start(None) else {
        return;
    };
    let place = running.place("tasks/blank:v1");
    let registry = anonymous(&place);
    let package = package(&proven());
    let first = oci::push(&registry, &place, &package, &quiet).await.unwrap();
    assert_eq!(
        first.sent, 5,
        "the list, two layers, the proof and the configuration"
    );
    let second = oci::push(&registry, &place, &package, &quiet).await.unwrap();
    assert_eq!((second.sent, &second.digest), (0, &first.digest));
    let by_digest = running.place(&format!("tasks/blank@{}", first.digest));
    for place in [place, by_digest] {
        let pulled = oci::pull(&registry, &place, &quiet).await.unwrap();
        assert_eq!(pulled.digest, first.digest);
        assert_eq!(pulled.received.report.problems, []);
        assert_eq!(pulled.received.files.unwrap(), proven());
        assert_eq!(pulled.received.report.manifest.as_ref(), Some(package.manifest()));
    }
    let nothing = oci::pull(&registry, &running.place("tasks/blank:v2"), &quiet).await;
    assert!(matches!(nothing, Err(OciError::Missing { .. })));
}

/// Changes every stored blob that holds a text.
fn spoil(folder: &Path, text: &[u8]) -> usize {
    let mut spoiled = 0;
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            spoiled += spoil(&path, text);
        } else if let Ok(mut content) = std::fs::read(&path)
            && let Some(at) = content.windows(text.len()).position(|window| window == text)
        {
            content[at] ^= 1;
            std::fs::write(&path, content).unwrap();
            spoiled += 1;
        }
    }
    spoiled
}

#[tokio::test]
async fn a_registry_that_changes_something_is_found_out() {
    for text in [&b"\x28\xb5\x2f\xfd"[..], b"\"taskwright\":", b"\"artifactType\":"] {
        let Some(running) = Running::start(None) else {
            return;
        };
        let place = running.place("tasks/blank:v1");
        let registry = anonymous(&place);
        let pushed = oci::push(&registry, &place, &package(&proven()), &quiet)
            .await
            .unwrap();
        assert!(spoil(running.folder.path(), text) > 0);
        let place = running.place(&format!("tasks/blank@{}", pushed.digest));
        let pulled = oci::pull(&registry, &place, &quiet).await;
        assert!(pulled.is_err(), "{pulled:?}");
    }
}

#[tokio::test]
async fn what_is_no_bundle_is_refused() {
    let Some(running) = Running::start(None) else {
        return;
    };
    let place = running.place("tasks/other:v1");
    let registry = anonymous(&place);
    let package = package(&proven());
    oci::push(&registry, &place, &package, &quiet).await.unwrap();
    let scope = Scope::pull(&place.repository);
    let (bytes, media_type) = registry.manifest(scope, "v1").await.unwrap().unwrap();
    let good = String::from_utf8(bytes).unwrap();
    let layer = |from: &str, to: &str| good.replace(from, to);
    for (manifest, is_expected) in [
        (
            layer("taskwright.task.v1\"", "example.other.v1\""),
            (|one| *one == Problem::NotABundle) as fn(&Problem) -> bool,
        ),
        (layer("task.candidate.v1.tar", "task.other.v1.tar"), |one| {
            matches!(one, Problem::Layer { .. })
        }),
        (layer("task.proof.v1", "task.other.v1"), |one| {
            matches!(one, Problem::Layer { .. })
        }),
    ] {
        assert_ne!(manifest, good);
        let put = registry.put_manifest(&place.repository, "v2", manifest.as_bytes(), &media_type);
        put.await.unwrap();
        let place = running.place("tasks/other:v2");
        let pulled = oci::pull(&registry, &place, &quiet).await.unwrap();
        let problems = pulled.received.report.problems;
        assert!(problems.len() == 1 && is_expected(&problems[0]), "{problems:?}");
        assert!(pulled.received.files.is_none());
    }
}

#[tokio::test]
async fn a_login_is_asked_for_and_taken() {
    let Some(running) = Running::start(Some(USERS)) else {
        return;
    };
    let place = running.place("tasks/blank:v1");
    let package = package(&proven());
    let password = |password: &str| Credentials::Password {
        name: "me".to_owned(),
        password: password.to_owned(),
    };
    for credentials in [Credentials::Anonymous, password("wrong")] {
        let registry = Registry::with(&place.registry, false, credentials).unwrap();
        let refused = oci::push(&registry, &place, &package, &quiet).await.unwrap_err();
        assert!(matches!(refused, OciError::Forbidden { .. }), "{refused}");
        assert!(refused.to_string().contains("docker login"));
    }
    let registry = Registry::with(&place.registry, false, password("open sesame")).unwrap();
    oci::push(&registry, &place, &package, &quiet).await.unwrap();
    let pulled = oci::pull(&registry, &place, &quiet).await.unwrap();
    assert_eq!(pulled.received.report.problems, []);
}

/// A network that breaks: connections to it end after so many bytes, each time, until none are left in the list.
async fn breaking(to: SocketAddr, breaks: Vec<u64>) -> (SocketAddr, Arc<AtomicU64>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let sent = Arc::new(AtomicU64::new(0));
    let (counted, breaks) = (sent.clone(), Arc::new(Mutex::new(breaks)));
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(to).await.unwrap();
            tokio::spawn(relay(client, server, breaks.clone(), counted.clone()));
        }
    });
    (address, sent)
}

async fn relay(client: TcpStream, server: TcpStream, breaks: Arc<Mutex<Vec<u64>>>, sent: Arc<AtomicU64>) {
    let (mut from, mut back) = client.into_split();
    let (mut answers, mut to) = server.into_split();
    let answering = tokio::spawn(async move {
        // The other side decides when it is over.
        let _ = tokio::io::copy(&mut answers, &mut back).await;
    });
    let (mut buffer, mut length) = (vec![0; 1 << 14], 0_u64);
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        length += count as u64;
        sent.fetch_add(count as u64, Ordering::Relaxed);
        if to.write_all(&buffer[..count]).await.is_err() {
            break;
        }
        let is_over = breaks
            .lock()
            .unwrap()
            .first()
            .is_some_and(|limit| length >= *limit);
        if is_over {
            breaks.lock().unwrap().remove(0);
            break;
        }
    }
    drop(to);
    answering.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_that_breaks_off_goes_on_from_there() {
    let Some(running) = Running::start(None) else {
        return;
    };
    let size = 20 << 20;
    let (address, sent) = breaking(running.address, vec![9 << 20, 4 << 20, 3 << 20]).await;
    let place: Place = format!("{address}/tasks/large:v1").parse().unwrap();
    let registry = anonymous(&place);
    let retries = Mutex::new(0);
    let count = |event: Event| {
        if matches!(event, Event::Retrying { .. }) {
            *retries.lock().unwrap() += 1;
        }
    };
    // Files of a bundle are not that large: the blob stands for a layer of an image.
    let noise = super::noise(size);
    let blob = Blob::new("noise", noise.into());
    assert!(
        registry
            .push_blob(&place.repository, &blob, &count)
            .await
            .unwrap()
    );
    assert_eq!(*retries.lock().unwrap(), 3);
    assert!(
        !registry
            .push_blob(&place.repository, &blob, &count)
            .await
            .unwrap()
    );
    let sent = sent.load(Ordering::Relaxed);
    println!("{sent} bytes were sent for {size}, over three breaks");
    assert!(sent < 2 * size as u64, "{sent}");
}

#[tokio::test]
async fn a_signature_lies_beside_its_artifact() {
    let Some(running) = Running::start(None) else {
        return;
    };
    let place = running.place("tasks/blank:v1");
    let registry = anonymous(&place);
    let package = package(&proven());
    let pushed = oci::push(&registry, &place, &package, &quiet).await.unwrap();
    let none = oci::signatures(&registry, &place, &pushed.digest).await.unwrap();
    assert!(none.is_empty());
    for number in 1..=2 {
        let key = SigningKey::from_pem(&crate::sign::tests::ed25519()).unwrap();
        let signature = key.sign(&package.manifest().digest()).unwrap();
        for _ in 0..2 {
            oci::attach(&registry, &place, &pushed, &signature, &quiet)
                .await
                .unwrap();
        }
        let found = oci::signatures(&registry, &place, &pushed.digest).await.unwrap();
        assert_eq!(found.len(), number, "the same signature is listed once");
        assert!(found.contains(&signature.to_bytes()));
    }
}

#[tokio::test]
async fn images_are_copied_under_their_full_names() {
    let (Some(from), Some(to)) = (Running::start(None), Running::start(None)) else {
        return;
    };
    // Our own artifact stands for an image: a manifest with blobs, under the name that a mirror serves it by.
    let source = from.place("registry.example.org/team/seat:1");
    let package = large(100_000);
    let pushed = oci::push(&anonymous(&source), &source, &package, &quiet)
        .await
        .unwrap();
    let index = serde_json::json!({"schemaVersion": 2, "mediaType": INDEX_TYPE, "manifests": [
        {"mediaType": MANIFEST_TYPE, "digest": pushed.digest, "size": pushed.manifest_size}]});
    let index = index.to_string();
    let digest = crate::digest::of(index.as_bytes());
    let put = anonymous(&source);
    let put = put.put_manifest(&source.repository, "1", index.as_bytes(), INDEX_TYPE);
    put.await.unwrap();
    let images = [(
        "registry.example.org/team/seat:1".to_owned(),
        Some(digest.clone()),
    )]
    .into();
    let mirror = plan::Mirror::new(&format!("http://{}", from.address)).unwrap();
    let place = to.place("tasks/blank:v1");
    let copied = oci::copy_images(&anonymous(&place), &place, &images, Some(&mirror), &quiet).await;
    let name = format!("{}/registry.example.org/team/seat@{digest}", to.address);
    assert_eq!(copied.unwrap(), [name]);
    let copy = to.place("registry.example.org/team/seat:1");
    let scope = Scope::pull(&copy.repository);
    let (bytes, _) = anonymous(&copy).manifest(scope, "1").await.unwrap().unwrap();
    assert_eq!(bytes, index.as_bytes());
    let copy = to.place(&format!("registry.example.org/team/seat@{}", pushed.digest));
    let pulled = oci::pull(&anonymous(&copy), &copy, &quiet).await.unwrap();
    assert_eq!(pulled.received.report.problems, []);
    let unknown = [("registry.example.org/gone:1".to_owned(), None)].into();
    let refused = oci::copy_images(&anonymous(&place), &place, &unknown, None, &quiet).await;
    assert!(matches!(refused, Err(OciError::Image { .. })));
}
