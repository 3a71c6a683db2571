//! The client of `export` and the receiver: the whole way, and every way of losing it.

use std::path::Path;
use std::time::Duration;

use crate::readable::Readable;
use export::platform::{Error, Event};
use receiver::{Finding, Limits, Verify};
use serde_json::json;

use crate::kit::{
    ADA, BOB, Caller, Platform, TASK, announced, bundle, chunks, file, send, send_version, sha256, waits,
};
use crate::line::CutLine;

#[tokio::test]
async fn a_bundle_goes_the_whole_way() {
    let platform = Platform::start().await;
    let bytes = bundle(6 << 20, 1);
    let (published, events) =
        send_version(&platform.address, file(&bytes).path(), ADA, Some("7"), |_| ()).await;
    let published = published.unwrap();
    assert_eq!((published.task.as_str(), published.version.as_str()), (TASK, "7"));
    assert_eq!(
        (published.sha256, published.size),
        (sha256(&bytes), bytes.len() as u64)
    );
    assert_eq!((announced(&events), chunks(&events), waits(&events)), (0, 2, 0));

    let bob = Caller::new(&platform.address, BOB);
    let versions = bob
        .call("GET", &format!("/v1/tasks/{TASK}/versions"))
        .await
        .json();
    assert_eq!(versions["versions"].as_array().unwrap().len(), 1);
    let version = bob
        .call("GET", &format!("/v1/tasks/{TASK}/versions/7"))
        .await
        .json();
    assert_eq!(version, versions["versions"][0]);
    let download = bob
        .call("GET", &format!("/v1/tasks/{TASK}/versions/7/bundle"))
        .await;
    assert_eq!(download.body, bytes);
    assert_eq!(download.header("etag"), format!("\"{}\"", sha256(&bytes)));
    assert_eq!(download.header("repr-digest"), crate::kit::digest(&bytes));
}

#[tokio::test]
async fn a_cut_connection_is_taken_up_where_it_was_cut() {
    let platform = Platform::start().await;
    let bytes = bundle(12 << 20, 2);
    // In the headers of the first call, in the second chunk, and at its very end.
    for (seed, cuts) in [(0, &[100][..]), (1, &[6 << 20]), (2, &[6 << 20, 4 << 20, 10])] {
        let line = CutLine::new(&platform.address, cuts).await;
        let bytes = [&bytes[..], &bundle(100, seed)].concat();
        let (published, events) = send(&line.address, file(&bytes).path(), ADA).await;
        // Behind the archive is another one, which the check for readability does not mind.
        assert_eq!(published.unwrap().sha256, sha256(&bytes), "{cuts:?}");
        assert_eq!(waits(&events), cuts.len(), "{cuts:?}: {events:?}");
        let excess = line.sent() - bytes.len() as u64;
        assert!(excess < 9 << 20, "{cuts:?}: {excess} bytes were sent twice");
    }
}

/// A client that is interrupted when its first chunk is stored: its upload is dropped.
async fn stop_behind_a_chunk(platform: &str, file: &Path) {
    let (stored, mut chunks) = tokio::sync::mpsc::unbounded_channel();
    let sending = send_version(platform, file, ADA, None, |event| {
        if matches!(event, Event::Sent { .. }) {
            let _ = stored.send(());
        }
    });
    tokio::select! {
        _ = sending => panic!("it was to be stopped"),
        _ = chunks.recv() => {}
    }
}

#[tokio::test]
async fn a_client_that_starts_again_asks_for_the_offset() {
    let platform = Platform::start().await;
    let bytes = bundle(9 << 20, 3);
    let file = file(&bytes);
    stop_behind_a_chunk(&platform.address, file.path()).await;
    let (published, events) = send(&platform.address, file.path(), ADA).await;
    assert_eq!(published.unwrap().sha256, sha256(&bytes));
    assert!(announced(&events) >= 4 << 20, "{events:?}");
}

#[tokio::test]
async fn the_same_again_sends_no_bytes() {
    let platform = Platform::start().await;
    let bytes = bundle(2 << 20, 4);
    let file = file(&bytes);
    let (first, _) = send(&platform.address, file.path(), ADA).await;
    let line = CutLine::new(&platform.address, &[]).await;
    // By the same client, by another one, and as another version.
    for (token, version) in [(ADA, None), (BOB, None), (ADA, Some("second"))] {
        let before = line.sent();
        let (again, events) = send_version(&line.address, file.path(), token, version, |_| ()).await;
        assert_eq!(again.unwrap().sha256, first.as_ref().unwrap().sha256);
        assert_eq!(chunks(&events), 0);
        assert!(line.sent() - before < 2048, "{} bytes", line.sent() - before);
    }
}

#[tokio::test]
async fn two_at_once_make_one_version() {
    let platform = Platform::start().await;
    let bytes = bundle(12 << 20, 5);
    let file = file(&bytes);
    let (one, two) = tokio::join!(
        send(&platform.address, file.path(), ADA),
        send(&platform.address, file.path(), ADA)
    );
    assert_eq!(one.0.unwrap(), two.0.unwrap());
    let ada = Caller::new(&platform.address, ADA);
    let versions = ada
        .call("GET", &format!("/v1/tasks/{TASK}/versions"))
        .await
        .json();
    assert_eq!(versions["versions"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn fifty_megabytes_pass() {
    let platform = Platform::start().await;
    let bytes = bundle(50_000_000, 6);
    assert!(bytes.len() >= 50_000_000);
    let (published, events) = send(&platform.address, file(&bytes).path(), ADA).await;
    assert_eq!(published.unwrap().sha256, sha256(&bytes));
    assert_eq!(waits(&events), 0);
    let stored = platform
        .folder
        .path()
        .join("data/bundles")
        .join(&sha256(&bytes)[..2]);
    let stored = std::fs::read(stored.join(format!("{}.taskbundle", sha256(&bytes)))).unwrap();
    assert_eq!(sha256(&stored), sha256(&bytes));
    assert_eq!(
        std::fs::read_dir(platform.folder.path().join("data/parts"))
            .unwrap()
            .count(),
        0
    );
}

#[tokio::test]
async fn an_upload_that_was_forgotten_begins_again() {
    let limits = Limits {
        expiry: Duration::from_millis(1500),
        ..Limits::default()
    };
    let platform = Platform::with(limits, Readable).await;
    let bytes = bundle(9 << 20, 7);
    let file = file(&bytes);
    stop_behind_a_chunk(&platform.address, file.path()).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let (published, events) = send(&platform.address, file.path(), ADA).await;
    assert_eq!(published.unwrap().sha256, sha256(&bytes));
    assert_eq!(announced(&events), 0);
}

#[tokio::test]
async fn a_token_that_is_not_known_is_refused_at_once() {
    let platform = Platform::start().await;
    let (refused, events) = send(&platform.address, file(&bundle(1000, 8)).path(), "guess").await;
    let Err(Error::Refused(problem)) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!((problem.status, problem.kind()), (401, "unauthorized"));
    assert_eq!(waits(&events), 0);
}

/// Finds two things in every bundle.
struct Strict;

impl Verify for Strict {
    fn verify(&self, _: &Path, task: &str) -> Vec<Finding> {
        let finding = |place: &str, detail: &str| Finding {
            place: Some(place.to_owned()),
            detail: detail.to_owned(),
        };
        vec![
            finding("proof.json", "is missing; run `taskwright prove`"),
            finding("task.yaml", task),
        ]
    }
}

#[tokio::test]
async fn what_the_platform_finds_is_shown() {
    let platform = Platform::with(Limits::default(), Strict).await;
    let bytes = bundle(1000, 9);
    let (refused, _) = send(&platform.address, file(&bytes).path(), ADA).await;
    assert_eq!(
        refused.unwrap_err().to_string(),
        "the platform refuses: The bundle is not valid (422): the bundle was thrown away; correct what `errors` names, \
         export and upload it again\n  proof.json: is missing; run `taskwright prove`\n  task.yaml: payments-mesh"
    );
    // Nothing of it stays, and the upload is open again.
    assert_eq!(
        std::fs::read_dir(platform.folder.path().join("data/parts"))
            .unwrap()
            .count(),
        0
    );
    let (_, events) = send(&platform.address, file(&bytes).path(), ADA).await;
    assert_eq!(announced(&events), 0);
}

#[tokio::test]
async fn a_version_never_changes() {
    let platform = Platform::start().await;
    for (seed, is_taken) in [(10, true), (11, false), (10, true)] {
        let bundle = file(&bundle(1000, seed));
        let (published, _) = send_version(&platform.address, bundle.path(), ADA, Some("v1"), |_| ()).await;
        match published {
            Ok(_) => assert!(is_taken),
            Err(error) => {
                assert!(!is_taken, "{error}");
                assert!(
                    error
                        .to_string()
                        .contains("version v1 of payments-mesh is the bundle"),
                    "{error}"
                );
            }
        }
    }
}

#[tokio::test]
async fn limits_are_shown() {
    let limits = Limits {
        bundle: 1000,
        ..Limits::default()
    };
    let platform = Platform::with(limits, Readable).await;
    let (refused, events) = send(&platform.address, file(&bundle(2000, 12)).path(), ADA).await;
    let error = refused.unwrap_err().to_string();
    assert!(error.contains("at most 1000 bytes are taken"), "{error}");
    assert_eq!((chunks(&events), waits(&events)), (0, 0));
}

#[tokio::test]
async fn small_chunks_are_enough() {
    let limits = Limits {
        chunk: 100_000,
        ..Limits::default()
    };
    let platform = Platform::with(limits, Readable).await;
    let bytes = bundle(1_000_000, 13);
    let (published, events) = send(&platform.address, file(&bytes).path(), ADA).await;
    assert_eq!(published.unwrap().sha256, sha256(&bytes));
    assert_eq!(chunks(&events), bytes.len().div_ceil(100_000));
}

#[tokio::test]
async fn what_the_disk_lost_is_sent_again() {
    let platform = Platform::start().await;
    let bytes = bundle(100_000, 14);
    let ada = Caller::new(&platform.address, ADA);
    let id = ada.announce("a-key-of-16-chars", &bytes).await;
    assert_eq!(ada.append(&id, 0, &bytes[..50_000]).await.status, 204);
    std::fs::remove_file(platform.part(&id)).unwrap();
    let lost = ada.append(&id, 50_000, &bytes[50_000..]).await;
    assert_eq!(
        (lost.problem().as_str(), lost.header("upload-offset")),
        ("wrong-offset", "0")
    );
    assert_eq!(ada.append(&id, 0, &bytes).await.status, 204);
    let published = ada.publish(&id).await;
    assert_eq!(published.status, 201);
    assert_eq!(published.json()["sha256"], json!(sha256(&bytes)));
}
