//! The receiver as a program: killed in the middle, started again, and asked to stop.

use std::time::Duration;

use export::platform::Event;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::kit::{ADA, Caller, Program, announced, bundle, chunks, digest, file, send_version, sha256};

/// The beginning of a chunk's request, and half of its bytes.
async fn half_a_chunk(program: &Program, id: &str, offset: usize, bytes: &[u8]) -> TcpStream {
    let head = format!(
        "PATCH /v1/uploads/{id} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ADA}\r\nUpload-Offset: {offset}\r\n\
         Content-Digest: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        digest(bytes),
        bytes.len()
    );
    let mut stream = TcpStream::connect(program.listen()).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&bytes[..bytes.len() / 2]).await.unwrap();
    stream
}

#[tokio::test]
async fn a_chunk_that_a_crash_cut_off_is_sent_again() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(folder.path(), "127.0.0.1:0");
    let listen = program.listen();
    let bytes = bundle(6 << 20, 1);
    let ada = Caller::new(&program.address, ADA);
    let id = ada.announce("a-key-of-16-chars", &bytes).await;
    let offset = 1 << 20;
    assert_eq!(ada.append(&id, 0, &bytes[..offset]).await.status, 204);
    let part = folder.path().join("data/parts").join(&id);
    let stream = half_a_chunk(&program, &id, offset, &bytes[offset..]).await;
    while std::fs::metadata(&part).unwrap().len() == offset as u64 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    program.kill();
    drop(stream);
    assert!(std::fs::metadata(&part).unwrap().len() > offset as u64);

    let program = Program::start(folder.path(), &listen);
    let upload = ada.call("GET", &format!("/v1/uploads/{id}")).await;
    assert_eq!(upload.header("upload-offset"), offset.to_string());
    assert_eq!(ada.append(&id, offset as u64, &bytes[offset..]).await.status, 204);
    assert_eq!(ada.publish(&id).await.json()["sha256"], sha256(&bytes));
    program.kill();

    // What was answered is there after yet another crash.
    let _program = Program::start(folder.path(), &listen);
    let version = ada
        .call(
            "GET",
            &format!(
                "/v1/tasks/payments-mesh/versions/{}/bundle",
                &sha256(&bytes)[..12]
            ),
        )
        .await;
    assert_eq!(version.body, bytes);
}

#[tokio::test]
async fn a_client_outlives_the_crash_of_its_platform() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(folder.path(), "127.0.0.1:0");
    let (address, listen) = (program.address.clone(), program.listen());
    let bytes = bundle(40 << 20, 2);
    let file = file(&bytes);
    let (stored, mut seen) = tokio::sync::mpsc::unbounded_channel();
    let sending = send_version(&address, file.path(), ADA, None, move |event| {
        if matches!(event, Event::Sent { .. }) {
            let _ = stored.send(());
        }
    });
    let crashing = async {
        for _ in 0..2 {
            seen.recv().await;
        }
        program.kill();
        tokio::time::sleep(Duration::from_millis(500)).await;
        Program::start(folder.path(), &listen)
    };
    let ((published, events), _program) = tokio::join!(sending, crashing);
    assert_eq!(published.unwrap().sha256, sha256(&bytes));
    let waited = events
        .iter()
        .position(|event| matches!(event, Event::Waiting { .. }))
        .unwrap();
    let offset = announced(&events[waited..]);
    assert!(offset >= 8 << 20, "it went on from {offset}");
    assert!(chunks(&events[waited..]) > 0);
}

#[tokio::test]
async fn a_receiver_that_is_asked_to_stop_ends_its_chunk() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = Program::start(folder.path(), "127.0.0.1:0");
    let bytes = bundle(1 << 20, 3);
    let ada = Caller::new(&program.address, ADA);
    let id = ada.announce("a-key-of-16-chars", &bytes).await;
    let mut stream = half_a_chunk(&program, &id, 0, &bytes).await;
    let part = folder.path().join("data/parts").join(&id);
    while !part.exists() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let pid = rustix::process::Pid::from_raw(program.pid().try_into().unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(TcpStream::connect(program.listen()).await.is_err());
    stream.write_all(&bytes[bytes.len() / 2..]).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
    assert_eq!(program.wait(), Some(0));
}
