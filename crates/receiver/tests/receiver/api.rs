//! The calls by hand: what each refuses, and with which words.

use std::time::{Duration, Instant};

use receiver::{Limits, Options, Readable, Receiver, StartError, Tokens};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::kit::{self, ADA, BOB, Caller, Platform, TASK, answer, bundle, digest, sha256};

const KEY: &str = "a-key-of-16-chars";

#[tokio::test]
async fn a_chunk_is_taken_whole_or_not_at_all() {
    let platform = Platform::start().await;
    let ada = Caller::new(&platform.address, ADA);
    let bytes = bundle(3000, 1);
    let id = ada.announce(KEY, &bytes).await;
    let first = ada.append(&id, 0, &bytes[..1000]).await;
    assert_eq!((first.status, first.header("upload-offset")), (204, "1000"));

    // The same again, one too early, one too late: the right offset comes back.
    for offset in [0, 999, 1001, 5000] {
        let refused = ada.append(&id, offset, &bytes[..1000]).await;
        assert_eq!(
            (refused.status, refused.problem().as_str()),
            (409, "wrong-offset")
        );
        assert_eq!(refused.header("upload-offset"), "1000");
        assert_eq!(refused.json()["offset"], 1000);
    }
    let damaged = ada.append_as(&id, 1000, &bytes[1000..2000], &bytes[..1000]).await;
    assert_eq!(
        (damaged.status, damaged.problem().as_str()),
        (422, "chunk-damaged")
    );
    let many = ada.append(&id, 1000, &[&bytes[1000..], b"more"].concat()).await;
    assert_eq!((many.status, many.problem().as_str()), (413, "chunk-too-large"));
    let early = ada.publish(&id).await;
    assert_eq!(
        (early.status, early.problem().as_str()),
        (409, "upload-incomplete")
    );

    let upload = ada.call("GET", &format!("/v1/uploads/{id}")).await;
    assert_eq!(upload.header("upload-offset"), "1000");
    assert_eq!(
        (&upload.json()["offset"], &upload.json()["state"]),
        (&json!(1000), &json!("open"))
    );
    assert_eq!(ada.append(&id, 1000, &bytes[1000..]).await.status, 204);
    let complete = ada.append(&id, bytes.len() as u64, b"more").await;
    assert_eq!(
        (complete.status, complete.problem().as_str()),
        (409, "upload-complete")
    );
    let published = ada.publish(&id).await;
    assert_eq!(published.status, 201);
    let again = ada.publish(&id).await;
    assert_eq!((again.status, again.json()), (200, published.json()));
    let told = ada.call("GET", published.header("location")).await;
    assert_eq!(told.json(), published.json());
}

#[tokio::test]
async fn bytes_that_were_not_announced_are_not_published() {
    let platform = Platform::start().await;
    let ada = Caller::new(&platform.address, ADA);
    let (bytes, other) = (bundle(3000, 2), bundle(3000, 3));
    let body = json!({ "task": TASK, "sha256": sha256(&other), "size": bytes.len() });
    let id = ada.create(KEY, &body).await.json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    ada.append(&id, 0, &bytes).await;
    let refused = ada.publish(&id).await;
    assert_eq!(
        (refused.status, refused.problem().as_str()),
        (422, "digest-mismatch")
    );
    let upload = ada.call("GET", &format!("/v1/uploads/{id}")).await;
    assert_eq!(upload.header("upload-offset"), "0");

    let text = b"no archive at all";
    let id = ada.announce("another-key-of-chars", text).await;
    ada.append(&id, 0, text).await;
    let refused = ada.publish(&id).await;
    assert_eq!(
        (refused.status, refused.problem().as_str()),
        (422, "bundle-invalid")
    );
    assert_eq!(refused.json()["errors"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_key_stands_for_one_upload_of_one_token() {
    let platform = Platform::start().await;
    let (ada, bob) = (
        Caller::new(&platform.address, ADA),
        Caller::new(&platform.address, BOB),
    );
    let body = json!({ "task": TASK, "sha256": sha256(b"one"), "size": 3 });
    let first = ada.create(KEY, &body).await;
    assert_eq!(first.status, 201);
    let id = first.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(first.header("location"), format!("/v1/uploads/{id}"));
    let again = ada.create(KEY, &body).await;
    assert_eq!((again.status, again.json()), (200, first.json()));
    let other = ada
        .create(KEY, &json!({ "task": TASK, "sha256": sha256(b"two"), "size": 3 }))
        .await;
    assert_eq!((other.status, other.problem().as_str()), (422, "key-reused"));

    let of_bob = bob.create(KEY, &body).await;
    assert_eq!(of_bob.status, 201);
    assert_ne!(of_bob.json()["id"], first.json()["id"]);
    for (method, path) in [("GET", ""), ("POST", "/publish")] {
        let hidden = bob.call(method, &format!("/v1/uploads/{id}{path}")).await;
        assert_eq!(
            (hidden.status, hidden.problem().as_str()),
            (404, "upload-not-found")
        );
    }
    // Deleting what is not there succeeds, and touches nothing of others.
    assert_eq!(bob.call("DELETE", &format!("/v1/uploads/{id}")).await.status, 204);
    assert_eq!(ada.call("GET", &format!("/v1/uploads/{id}")).await.status, 200);
    for _ in 0..2 {
        assert_eq!(ada.call("DELETE", &format!("/v1/uploads/{id}")).await.status, 204);
    }
    assert_eq!(ada.call("GET", &format!("/v1/uploads/{id}")).await.status, 404);
}

#[tokio::test]
async fn every_refusal_is_a_problem() {
    let limits = Limits {
        open_uploads: 1,
        ..Limits::default()
    };
    let platform = Platform::with(limits, Readable).await;
    let ada = Caller::new(&platform.address, ADA);
    let good = json!({ "task": TASK, "sha256": sha256(b"one"), "size": 3 });
    let all_wrong = ada
        .create("short", &json!({ "task": "Ä", "size": 0, "more": 1 }))
        .await;
    assert_eq!(
        (all_wrong.status, all_wrong.problem().as_str()),
        (400, "invalid-request")
    );
    assert_eq!(all_wrong.json()["errors"].as_array().unwrap().len(), 5);
    let long = ada.create(KEY, &json!({ "task": "a".repeat(20_000) })).await;
    assert_eq!((long.status, long.problem().as_str()), (413, "body-too-large"));
    let large = ada
        .create(
            KEY,
            &json!({ "task": TASK, "sha256": sha256(b""), "size": 1_u64 << 40 }),
        )
        .await;
    assert_eq!(
        (large.status, large.problem().as_str()),
        (413, "bundle-too-large")
    );

    let id = ada.create(KEY, &good).await.json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let many = ada.create("another-key-of-chars", &good).await;
    assert_eq!((many.status, many.problem().as_str()), (429, "too-many-uploads"));
    assert_eq!(many.header("retry-after"), "60");
    let bare = answer(ada.request("PATCH", &format!("/v1/uploads/{id}")).body("one")).await;
    assert_eq!((bare.status, bare.problem().as_str()), (400, "invalid-request"));
    assert_eq!(bare.json()["errors"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_too() {
    let platform = Platform::start().await;
    let ada = Caller::new(&platform.address, ADA);
    for (method, path, status, problem) in [
        ("GET", "/", 404, "not-found"),
        ("GET", "/v1/tasks/a/versions/b", 404, "not-found"),
        (
            "GET",
            "/v1/tasks/a/versions/..%2f..%2ftokens/bundle",
            404,
            "not-found",
        ),
        ("GET", "/v1/uploads/..%2f..%2ftokens", 404, "upload-not-found"),
        ("PUT", "/v1/uploads", 405, "method-not-allowed"),
        ("GET", "/v1/tasks/a/versions?limit=x", 400, "invalid-request"),
    ] {
        let refused = ada.call(method, path).await;
        assert_eq!(
            (refused.status, refused.problem().as_str()),
            (status, problem),
            "{method} {path}"
        );
    }
    let eve = Caller::new(&platform.address, "guess");
    for (method, path) in [
        ("GET", "/"),
        ("POST", "/v1/uploads"),
        ("GET", "/v1/tasks/a/versions"),
    ] {
        let refused = eve.call(method, path).await;
        assert_eq!(
            (refused.status, refused.problem().as_str()),
            (401, "unauthorized")
        );
        assert_eq!(refused.header("www-authenticate"), "Bearer");
    }
}

#[tokio::test]
async fn versions_come_in_pages() {
    let platform = Platform::start().await;
    let ada = Caller::new(&platform.address, ADA);
    let bytes = bundle(1000, 4);
    for version in 1..=5 {
        let body = json!({ "task": TASK, "version": version.to_string(), "sha256": sha256(&bytes), "size": bytes.len() });
        let upload = ada
            .create(&format!("key-of-version-{version}"), &body)
            .await
            .json();
        let id = upload["id"].as_str().unwrap();
        if upload["state"] == "open" {
            ada.append(id, 0, &bytes).await;
        }
        assert_eq!(ada.publish(id).await.status, 201);
    }
    let (mut seen, mut before) = (Vec::new(), String::new());
    loop {
        let page = ada
            .call("GET", &format!("/v1/tasks/{TASK}/versions?limit=2{before}"))
            .await
            .json();
        let versions = page["versions"].as_array().unwrap().iter();
        seen.extend(versions.map(|version| version["version"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        before = format!("&before={next}");
    }
    assert_eq!(seen, ["5", "4", "3", "2", "1"]);
    let none = ada.call("GET", "/v1/tasks/nothing/versions").await;
    assert_eq!(none.json(), json!({ "versions": [] }));
}

#[tokio::test]
async fn a_client_that_is_silent_is_let_go() {
    let limits = Limits {
        headers: Duration::from_millis(300),
        silence: Duration::from_millis(300),
        ..Limits::default()
    };
    let platform = Platform::with(limits, Readable).await;
    let ada = Caller::new(&platform.address, ADA);
    let bytes = bundle(3000, 5);
    let id = ada.announce(KEY, &bytes).await;
    let head = format!(
        "PATCH /v1/uploads/{id} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ADA}\r\nUpload-Offset: 0\r\n\
         Content-Digest: {}\r\nContent-Length: {}\r\n\r\n",
        digest(&bytes),
        bytes.len()
    );
    for (sent, expect) in [(&head[..20], ""), (head.as_str(), "HTTP/1.1 408 ")] {
        let began = Instant::now();
        let mut stream = TcpStream::connect(platform.address.trim_start_matches("http://"))
            .await
            .unwrap();
        stream.write_all(sent.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with(expect), "{answer}");
        assert!(began.elapsed() < Duration::from_secs(5));
    }
    // Nobody else is kept out by it.
    assert_eq!(ada.append(&id, 0, &bytes).await.status, 204);
}

#[tokio::test]
async fn an_upload_is_busy_while_a_chunk_comes() {
    let platform = Platform::start().await;
    let ada = Caller::new(&platform.address, ADA);
    let bytes = bundle(3000, 6);
    let id = ada.announce(KEY, &bytes).await;
    let head = format!(
        "PATCH /v1/uploads/{id} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ADA}\r\nUpload-Offset: 0\r\n\
         Content-Digest: {}\r\nContent-Length: {}\r\n\r\n",
        digest(&bytes),
        bytes.len()
    );
    let mut stream = TcpStream::connect(platform.address.trim_start_matches("http://"))
        .await
        .unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let busy = ada.append(&id, 0, &bytes).await;
    assert_eq!((busy.status, busy.problem().as_str()), (409, "upload-busy"));
    assert_eq!(
        (busy.header("retry-after"), busy.header("upload-offset")),
        ("1", "0")
    );
    let deleted = ada.call("DELETE", &format!("/v1/uploads/{id}")).await;
    assert_eq!((deleted.status, deleted.problem().as_str()), (409, "upload-busy"));
    stream.write_all(&bytes).await.unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 204");
}

#[tokio::test]
async fn a_folder_belongs_to_one_receiver() {
    let platform = Platform::start().await;
    let data = platform.folder.path().join("data");
    let again = || async {
        let options: Options = kit::options(&data, Limits::default());
        let tokens = Tokens::load(&kit::tokens(platform.folder.path())).unwrap();
        Receiver::start(options, tokens, Readable).await
    };
    assert!(matches!(again().await, Err(StartError::InUse(_))));
    // What stays behind is forgotten with the next start.
    std::fs::write(data.join("parts/of-nobody"), "x").unwrap();
    let folder = platform.stop().await;
    let options = kit::options(&folder.path().join("data"), Limits::default());
    let tokens = Tokens::load(&kit::tokens(folder.path())).unwrap();
    let receiver = Receiver::start(options, tokens, Readable).await.unwrap();
    receiver
        .serve(tokio::time::sleep(Duration::from_millis(300)))
        .await;
    assert!(!folder.path().join("data/parts/of-nobody").exists());
}
