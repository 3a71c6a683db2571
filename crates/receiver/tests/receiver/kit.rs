//! Receivers to upload to, and bundles to upload.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

use crate::readable::Readable;
use export::platform::{Address, Error, Event, Plain, Published, Token, Upload, upload};
use receiver::{Limits, Options, Receiver, Tokens, Verify};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// The tokens that every receiver here accepts.
pub(crate) const ADA: &str = "token-of-ada";
pub(crate) const BOB: &str = "token-of-bob";
/// The task of every bundle here.
pub(crate) const TASK: &str = "payments-mesh";

/// A receiver in this process.
pub(crate) struct Platform {
    pub(crate) folder: TempDir,
    pub(crate) address: String,
    stop: Option<oneshot::Sender<()>>,
    serving: Option<JoinHandle<()>>,
}

impl Platform {
    pub(crate) async fn start() -> Self {
        Self::with(Limits::default(), Readable).await
    }

    pub(crate) async fn with(limits: Limits, verify: impl Verify) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = options(&folder.path().join("data"), limits);
        let tokens = Tokens::load(&tokens(folder.path())).unwrap();
        let receiver = Receiver::start(options, tokens, verify).await.unwrap();
        let address = format!("http://{}", receiver.address());
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(receiver.serve(async {
            let _ = stopped.await;
        }));
        Self {
            folder,
            address,
            stop: Some(stop),
            serving: Some(serving),
        }
    }

    /// Stops it, and waits until it has.
    pub(crate) async fn stop(mut self) -> TempDir {
        drop(self.stop.take());
        self.serving.take().unwrap().await.unwrap();
        self.folder
    }

    pub(crate) fn part(&self, id: &str) -> PathBuf {
        self.folder.path().join("data/parts").join(id)
    }
}

pub(crate) fn options(data: &Path, limits: Limits) -> Options {
    Options {
        data: data.to_owned(),
        listen: "127.0.0.1:0".parse().unwrap(),
        limits,
    }
}

/// Writes the tokens file.
pub(crate) fn tokens(folder: &Path) -> PathBuf {
    let line = |name: &str, token: &str| format!("{name} {}\n", sha256(token.as_bytes()));
    let path = folder.join("tokens");
    std::fs::write(&path, line("ada", ADA) + &line("bob", BOB)).unwrap();
    path
}

/// The receiver as a program, on a folder that outlives it.
pub(crate) struct Program {
    process: std::process::Child,
    pub(crate) address: String,
}

impl Program {
    pub(crate) fn start(folder: &Path, listen: &str) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_taskwright-receiver"))
            .arg("--data")
            .arg(folder.join("data"))
            .arg("--tokens")
            .arg(tokens(folder))
            .args(["--listen", listen, "--accept", "anything"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        let address = line.trim().to_owned();
        assert!(address.starts_with("http://"), "it did not start: {line}");
        Self { process, address }
    }

    /// `kill -9`
    pub(crate) fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    pub(crate) fn wait(&mut self) -> Option<i32> {
        self.process.wait().unwrap().code()
    }

    pub(crate) fn listen(&self) -> String {
        self.address.trim_start_matches("http://").to_owned()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// A bundle of at least this size, whose bytes hardly compress; another for each seed.
pub(crate) fn bundle(size: usize, seed: u64) -> Vec<u8> {
    let mut state = seed + 1;
    let mut noise = Vec::with_capacity(size + 8);
    while noise.len() < size {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        noise.extend_from_slice(&state.to_le_bytes());
    }
    let mut archive = tar::Builder::new(zstd::Encoder::new(Vec::new(), 1).unwrap());
    for (name, bytes) in [("task.yaml", &b"kind: Task\n"[..]), ("noise", &noise)] {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, name, bytes).unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap()
}

/// A bundle in a file.
pub(crate) fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    file
}

/// An upload by the client of `export`, with all its events.
pub(crate) async fn send(platform: &str, file: &Path, token: &str) -> (Result<Published, Error>, Vec<Event>) {
    send_version(platform, file, token, None, |_| ()).await
}

pub(crate) async fn send_version(
    platform: &str,
    file: &Path,
    token: &str,
    version: Option<&str>,
    on: impl Fn(&Event) + Sync,
) -> (Result<Published, Error>, Vec<Event>) {
    let seen = Mutex::new(Vec::new());
    let events = |event: Event| {
        on(&event);
        seen.lock().unwrap().push(event);
    };
    let address = Address::new(platform, Plain::Loopback).unwrap();
    let what = Upload {
        file,
        task: TASK,
        version,
    };
    let result = upload(what, &address, &Token::new(token).unwrap(), &events).await;
    (result, seen.into_inner().unwrap())
}

/// The first offset that the platform told the client.
pub(crate) fn announced(events: &[Event]) -> u64 {
    let mut offsets = events.iter().filter_map(|event| match event {
        Event::Announced { offset, .. } => Some(*offset),
        _ => None,
    });
    offsets.next().unwrap()
}

/// How many chunks were stored.
pub(crate) fn chunks(events: &[Event]) -> usize {
    events
        .iter()
        .filter(|event| matches!(event, Event::Sent { .. }))
        .count()
}

/// How often it had to wait.
pub(crate) fn waits(events: &[Event]) -> usize {
    events
        .iter()
        .filter(|event| matches!(event, Event::Waiting { .. }))
        .count()
}

/// What came back from a call by hand.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The last part of the problem's type.
    pub(crate) fn problem(&self) -> String {
        assert_eq!(self.headers["content-type"], "application/problem+json");
        let json = self.json();
        assert_eq!(json["status"], self.status);
        json["type"]
            .as_str()
            .unwrap()
            .rsplit('/')
            .next()
            .unwrap()
            .to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

/// A caller by hand.
pub(crate) struct Caller {
    platform: String,
    token: &'static str,
    client: reqwest::Client,
}

impl Caller {
    pub(crate) fn new(platform: &str, token: &'static str) -> Self {
        Self {
            platform: platform.to_owned(),
            token,
            // A connection that is kept would outlive a receiver that is killed.
            client: reqwest::Client::builder()
                .no_proxy()
                .pool_max_idle_per_host(0)
                .build()
                .unwrap(),
        }
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = method.parse().unwrap();
        let request = self.client.request(method, format!("{}{path}", self.platform));
        request.bearer_auth(self.token)
    }

    pub(crate) async fn call(&self, method: &str, path: &str) -> Answer {
        answer(self.request(method, path)).await
    }

    pub(crate) async fn create(&self, key: &str, body: &Value) -> Answer {
        let request = self.request("POST", "/v1/uploads").header("idempotency-key", key);
        answer(request.body(body.to_string())).await
    }

    /// An upload of these bytes, without the bytes.
    pub(crate) async fn announce(&self, key: &str, bytes: &[u8]) -> String {
        let body = json!({ "task": TASK, "sha256": sha256(bytes), "size": bytes.len() });
        self.create(key, &body).await.json()["id"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    pub(crate) async fn append(&self, id: &str, offset: u64, bytes: &[u8]) -> Answer {
        self.append_as(id, offset, bytes, bytes).await
    }

    /// Sends bytes with the digest of others.
    pub(crate) async fn append_as(&self, id: &str, offset: u64, bytes: &[u8], others: &[u8]) -> Answer {
        let request = self.request("PATCH", &format!("/v1/uploads/{id}"));
        let request = request
            .header("upload-offset", offset)
            .header("content-digest", digest(others));
        answer(request.body(bytes.to_vec())).await
    }

    pub(crate) async fn publish(&self, id: &str) -> Answer {
        self.call("POST", &format!("/v1/uploads/{id}/publish")).await
    }
}

pub(crate) async fn answer(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    Answer {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        body: response.bytes().await.unwrap().to_vec(),
    }
}

pub(crate) fn digest(bytes: &[u8]) -> String {
    use base64::Engine;

    let digest = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(bytes));
    format!("sha-256=:{digest}:")
}
