//! A fake registry in memory, for what the real one at hand does not do: tokens that run out, and referrers.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::{package, proven};
use crate::destination::Place;
use crate::digest;
use crate::oci::credentials::Credentials;
use crate::oci::{self, OciError, Registry};
use crate::sign::SigningKey;

#[derive(Default)]
struct State {
    address: String,
    /// What was put, by its path.
    content: BTreeMap<String, Vec<u8>>,
    /// Tokens that were given.
    tokens: usize,
    /// How many requests the newest token still opens.
    left: usize,
    /// What was sent to where tokens are given.
    asked: Vec<String>,
}

struct Request {
    method: String,
    path: String,
    authorization: String,
    body: Vec<u8>,
}

struct Answer(u16, Vec<String>, Vec<u8>);

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split(' ').map(str::to_owned);
    let (method, path) = (words.next()?, words.next()?);
    let (mut length, mut authorization) = (0, String::new());
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim().split_once(": ") else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().ok()?,
            "authorization" => value.clone_into(&mut authorization),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request {
        method,
        path,
        authorization,
        body,
    })
}

impl State {
    fn answer(&mut self, request: &Request) -> Answer {
        let path = request.path.split('?').next().unwrap_or_default().to_owned();
        if path == "/token" {
            return self.token(request);
        }
        if request.authorization != format!("Bearer t{}", self.tokens) || self.left == 0 {
            let challenge = format!(
                "WWW-Authenticate: Bearer realm=\"http://{}/token\",service=\"fake\"",
                self.address
            );
            return Answer(401, vec![challenge], Vec::new());
        }
        self.left -= 1;
        let name = path.rsplit('/').next().unwrap_or_default().to_owned();
        match request.method.as_str() {
            "HEAD" | "GET" if path.contains("/referrers/") => self.referrers(&name),
            "HEAD" | "GET" => match self.content.get(&name) {
                Some(content) => Answer(200, Vec::new(), content.clone()),
                None => Answer(404, Vec::new(), Vec::new()),
            },
            "POST" => Answer(202, vec!["Location: /v2/upload".to_owned()], Vec::new()),
            "PATCH" => {
                self.content.insert("upload".to_owned(), request.body.clone());
                Answer(202, vec!["Location: /v2/upload".to_owned()], Vec::new())
            }
            _ if name == "upload" => {
                let content = self.content.remove("upload").unwrap_or_default();
                self.content.insert(digest::of(&content), content);
                Answer(201, Vec::new(), Vec::new())
            }
            _ => self.put_manifest(name, request),
        }
    }

    fn token(&mut self, request: &Request) -> Answer {
        let asked = format!(
            "{} {} {} {}",
            request.method,
            request.path,
            request.authorization,
            String::from_utf8_lossy(&request.body)
        );
        let is_known = asked.contains("Basic bWU6b3BlbiBzZXNhbWU=") || asked.contains("refresh_token=secret");
        self.asked.push(asked);
        if !is_known {
            return Answer(401, Vec::new(), b"who are you".to_vec());
        }
        (self.tokens, self.left) = (self.tokens + 1, 4);
        let key = if request.method == "GET" {
            "token"
        } else {
            "access_token"
        };
        let body = json!({ key: format!("t{}", self.tokens) });
        Answer(200, Vec::new(), body.to_string().into_bytes())
    }

    fn put_manifest(&mut self, name: String, request: &Request) -> Answer {
        let manifest: Value = serde_json::from_slice(&request.body).unwrap();
        let subject = manifest["subject"]["digest"].as_str();
        let headers = subject.map(|subject| format!("OCI-Subject: {subject}"));
        self.content
            .insert(digest::of(&request.body), request.body.clone());
        self.content.insert(name, request.body.clone());
        Answer(201, headers.into_iter().collect(), Vec::new())
    }

    fn referrers(&self, subject: &str) -> Answer {
        let entry = |(name, content): (&String, &Vec<u8>)| {
            let manifest: Value = serde_json::from_slice(content).ok()?;
            let is_one = manifest["subject"]["digest"] == subject && name.starts_with("sha256:");
            is_one.then(|| {
                json!({"mediaType": manifest["mediaType"], "digest": name, "size": content.len(),
                    "artifactType": manifest["artifactType"]})
            })
        };
        let manifests: Vec<Value> = self.content.iter().filter_map(entry).collect();
        let index = json!({"schemaVersion": 2, "manifests": manifests});
        Answer(200, Vec::new(), index.to_string().into_bytes())
    }
}

/// Serves until the test ends.
fn start() -> (SocketAddr, Arc<Mutex<State>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let state = Arc::new(Mutex::new(State {
        address: address.to_string(),
        ..State::default()
    }));
    let shared = state.clone();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let Some(request) = read(&stream) else { continue };
            let Answer(status, headers, body) = shared.lock().unwrap().answer(&request);
            let mut head = format!(
                "HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {}\r\n",
                body.len()
            );
            for header in headers {
                head.extend([header.as_str(), "\r\n"]);
            }
            let body = if request.method == "HEAD" {
                Vec::new()
            } else {
                body
            };
            // Whoever asked may be gone.
            let _ = stream.write_all(&[head.as_bytes(), b"\r\n", &body].concat());
        }
    });
    (address, state)
}

#[tokio::test]
async fn tokens_are_asked_for_and_renewed() {
    let password = Credentials::Password {
        name: "me".to_owned(),
        password: "open sesame".to_owned(),
    };
    for (credentials, asks) in [
        (
            password,
            "GET /token?scope=repository%3Atasks%2Fblank%3Apull%2Cpush&service=fake Basic ",
        ),
        (
            Credentials::Identity("secret".to_owned()),
            "grant_type=refresh_token&client_id=taskwright&service=fake&scope=repository%3Atasks%2Fblank%3Apull%2Cpush",
        ),
    ] {
        let (address, state) = start();
        let place: Place = format!("{address}/tasks/blank:v1").parse().unwrap();
        let registry = Registry::with(&place.registry, false, credentials).unwrap();
        oci::push(&registry, &place, &package(&proven()), &|_| {})
            .await
            .unwrap();
        let pulled = oci::pull(&registry, &place, &|_| {}).await.unwrap();
        assert_eq!(pulled.received.report.problems, []);
        let state = state.lock().unwrap();
        assert!(state.tokens > 3, "tokens ran out {} times", state.tokens);
        assert!(
            state.asked.iter().any(|asked| asked.contains(asks)),
            "{:?}",
            state.asked
        );
    }
    let (address, _state) = start();
    let place: Place = format!("{address}/tasks/blank:v1").parse().unwrap();
    for credentials in [Credentials::Anonymous, Credentials::Identity("old".to_owned())] {
        let registry = Registry::with(&place.registry, false, credentials).unwrap();
        let refused = oci::push(&registry, &place, &package(&proven()), &|_| {})
            .await
            .unwrap_err();
        assert!(matches!(refused, OciError::Token { .. }), "{refused}");
        assert!(refused.to_string().contains("docker login"), "{refused}");
    }
}

#[tokio::test]
async fn a_registry_that_is_not_there_is_not_taken_for_one_that_refuses() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let place: Place = format!("{}/tasks/blank:v1", listener.local_addr().unwrap())
        .parse()
        .unwrap();
    drop(listener);
    for credentials in [Credentials::Anonymous, Credentials::Identity("secret".to_owned())] {
        let registry = Registry::with(&place.registry, false, credentials).unwrap();
        let lost = oci::push(&registry, &place, &package(&proven()), &|_| {}).await;
        assert!(matches!(lost, Err(OciError::Unreachable { .. })), "{lost:?}");
    }
}

#[tokio::test]
async fn a_registry_that_keeps_referrers_gets_no_list() {
    let (address, state) = start();
    let place: Place = format!("{address}/tasks/blank:v1").parse().unwrap();
    let identity = Credentials::Identity("secret".to_owned());
    let registry = Registry::with(&place.registry, false, identity).unwrap();
    let package = package(&proven());
    let pushed = oci::push(&registry, &place, &package, &|_| {}).await.unwrap();
    let key = SigningKey::from_pem(&crate::sign::tests::ed25519()).unwrap();
    let signature = key.sign(&package.manifest().digest()).unwrap();
    oci::attach(&registry, &place, &pushed, &signature, &|_| {})
        .await
        .unwrap();
    let found = oci::signatures(&registry, &place, &pushed.digest).await.unwrap();
    assert_eq!(found, [signature.to_bytes()]);
    let state = state.lock().unwrap();
    assert!(!state.content.keys().any(|name| name.starts_with("sha256-")));
}
