//! Exec and port-forward against a stand-in server: floods, cuts, old protocols.

#[path = "support/fake.rs"]
mod fake;

use std::sync::Arc;
use std::time::{Duration, Instant};

use cluster::{Chunk, ExecError, ExecRequest, ExitStatus, ForwardPod, ForwardTarget, TerminalSize};
use fake::{Fake, Socket, forward_to};
use futures::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc};
use tokio_tungstenite::tungstenite::Message;

const V5: &str = "v5.channel.k8s.io";
const V4: &str = "v4.channel.k8s.io";

fn shell() -> ExecRequest {
    ExecRequest {
        namespace: "n".into(),
        pod: "p".into(),
        container: "c".into(),
        command: vec!["sh".into()],
        tty: true,
        stdin: true,
        size: Some(TerminalSize {
            columns: 80,
            rows: 24,
        }),
    }
}

async fn next_data(socket: &mut futures::stream::SplitStream<Socket>) -> Option<Vec<u8>> {
    loop {
        match socket.next().await? {
            Ok(Message::Binary(data)) => return Some(data.to_vec()),
            Ok(Message::Close(_)) | Err(_) => return None,
            Ok(_) => {}
        }
    }
}

fn exit(code: u8) -> Message {
    let status = format!(
        r#"{{"status":"Failure","reason":"NonZeroExitCode","details":{{"causes":[{{"reason":"ExitCode","message":"{code}"}}]}}}}"#
    );
    Message::binary([&[3], status.as_bytes()].concat())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn input_flows_while_the_reader_pauses_under_a_flood() {
    let (tell, mut heard) = mpsc::unbounded_channel();
    let fake = Fake::serve(V5, move |socket| {
        let tell = tell.clone();
        async move {
            let (mut sink, mut stream) = socket.split();
            let flood = async {
                let line = Message::binary([&[1u8][..], &b"y\r\n".repeat(10_000)].concat());
                while sink.send(line.clone()).await.is_ok() {}
            };
            let listen = async {
                while let Some(data) = next_data(&mut stream).await {
                    tell.send((Instant::now(), data)).unwrap();
                }
            };
            tokio::join!(flood, listen);
        }
    })
    .await;
    let (input, mut output, _status) = fake.connect().await.exec(shell()).await.unwrap().split();
    assert_eq!(heard.recv().await.unwrap().1, b"\x04{\"Width\":80,\"Height\":24}");
    // Nobody reads: all queues fill up.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let sent = Instant::now();
    input.write(b"\x03").await.unwrap();
    input.resize(TerminalSize { columns: 1, rows: 2 }).await.unwrap();
    let (at, data) = heard.recv().await.unwrap();
    assert_eq!(data, b"\0\x03");
    assert!(at - sent < Duration::from_millis(150), "{:?}", at - sent);
    assert_eq!(heard.recv().await.unwrap().1, b"\x04{\"Width\":1,\"Height\":2}");
    assert!(matches!(output.next().await, Some(Chunk::Stdout(_))));
}

#[tokio::test]
async fn a_cut_connection_is_lost_and_an_exit_is_not() {
    let fake = Fake::serve(V5, |socket| async move {
        let (mut sink, mut stream) = socket.split();
        let _size = next_data(&mut stream).await;
        let asked = next_data(&mut stream).await.unwrap();
        sink.send(Message::binary(b"\x01bye".to_vec())).await.unwrap();
        if asked == b"\0exit" {
            sink.send(exit(7)).await.unwrap();
        }
    })
    .await;
    let cluster = fake.connect().await;
    for (typed, expected) in [("exit", Some(7)), ("drop", None)] {
        let (input, mut output, status) = cluster.exec(shell()).await.unwrap().split();
        input.write(typed.as_bytes()).await.unwrap();
        assert_eq!(output.next().await, Some(Chunk::Stdout("bye".into())));
        assert_eq!(output.next().await, None);
        match (status.await, expected) {
            (ExitStatus::Exit { code }, Some(expected)) => assert_eq!(code, expected),
            (ExitStatus::Lost { reason }, None) => assert!(reason.contains("connection"), "{reason}"),
            (other, _) => panic!("{typed}: {other:?}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        let gone = loop {
            if let Err(error) = input.write(b"more").await {
                break error;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        };
        assert!(matches!(gone, ExecError::Closed));
    }
}

#[tokio::test]
async fn a_run_feeds_input_keeps_output_and_tells_truncation() {
    let fake = Fake::serve(V5, |socket| async move {
        let (mut sink, mut stream) = socket.split();
        let mut count = 0;
        loop {
            match next_data(&mut stream).await.unwrap() {
                data if data == [255, 0] => break,
                data => count += data.len() - 1,
            }
        }
        let chunk = Message::binary([&[1u8][..], &vec![b'x'; 1024 * 1024]].concat());
        for _ in 0..9 {
            sink.send(chunk.clone()).await.unwrap();
        }
        sink.send(Message::binary(format!("\x02{count}").into_bytes()))
            .await
            .unwrap();
        sink.send(exit(2)).await.unwrap();
    })
    .await;
    let output = fake
        .connect()
        .await
        .run("n", "p", "c", &["cat"], Some(vec![0; 300_000]))
        .await
        .unwrap();
    assert_eq!(output.status, ExitStatus::Exit { code: 2 });
    assert_eq!(output.stdout.len(), 8 * 1024 * 1024);
    assert!(output.truncated);
    assert_eq!(output.stderr, b"300000");
}

#[tokio::test]
async fn an_old_server_ends_input_by_closing() {
    let closed = Arc::new(Notify::new());
    let told = closed.clone();
    let fake = Fake::serve(V4, move |socket| {
        let told = told.clone();
        async move {
            let (_sink, mut stream) = socket.split();
            assert_eq!(next_data(&mut stream).await.unwrap(), b"\0last words");
            assert_eq!(next_data(&mut stream).await, None);
            told.notify_one();
        }
    })
    .await;
    let request = ExecRequest {
        tty: false,
        size: None,
        ..shell()
    };
    let (input, _output, status) = fake.connect().await.exec(request).await.unwrap().split();
    input.write(b"last words").await.unwrap();
    input.close().await.unwrap();
    tokio::time::timeout(Duration::from_secs(5), closed.notified())
        .await
        .unwrap();
    assert!(matches!(status.await, ExitStatus::Lost { .. }));
}

#[tokio::test]
async fn a_forward_carries_bytes_both_ways_and_tells_its_error() {
    let echo = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = echo.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = echo.accept().await.unwrap();
            tokio::spawn(async move {
                let (mut from, mut to) = stream.split();
                tokio::io::copy(&mut from, &mut to).await
            });
        }
    });
    let fake = Fake::serve(V4, move |socket| forward_to(socket, address.clone(), 8443)).await;
    let target = ForwardTarget {
        namespace: "n".into(),
        pod: ForwardPod::Named("p".into()),
        port: 8443,
    };
    let stream = fake.connect().await.forward(&target).await.unwrap();
    let (mut from, mut to) = tokio::io::split(stream);
    let data: Vec<u8> = (0..3_000_000u32).map(|at| at.to_le_bytes()[0]).collect();
    let mut back = vec![0; data.len()];
    let (written, read) = tokio::join!(to.write_all(&data), from.read_exact(&mut back));
    written.and(read.map(drop)).unwrap();
    assert!(back == data);

    let failing = Fake::serve(V4, |mut socket| async move {
        socket.send(Message::binary(vec![0, 251, 32])).await.unwrap();
        socket.send(Message::binary(vec![1, 251, 32])).await.unwrap();
        socket
            .send(Message::binary(b"\x01nothing listens on 8443".to_vec()))
            .await
            .unwrap();
        let _ = socket.next().await;
    })
    .await;
    let mut stream = failing.connect().await.forward(&target).await.unwrap();
    let error = stream.read_u8().await.unwrap_err().to_string();
    assert_eq!(error, "nothing listens on 8443");
}
