//! What stands between client and platform: a line that can be cut, and servers that answer what they were told to.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

/// A fault: each connection is cut when so many bytes came from the client over it, as often as there are numbers; later
/// ones are left alone.
pub(crate) struct CutLine {
    pub(crate) address: String,
    sent: Arc<AtomicU64>,
    _work: JoinSet<()>,
}

impl CutLine {
    pub(crate) async fn new(platform: &str, cuts: &[u64]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (sent, cuts) = (Arc::new(AtomicU64::new(0)), cuts.to_vec());
        let (platform, counter) = (platform.trim_start_matches("http://").to_owned(), sent.clone());
        let mut work = JoinSet::new();
        work.spawn(async move {
            let (mut connections, mut cuts) = (JoinSet::new(), cuts.into_iter());
            while let Ok((client, _)) = listener.accept().await {
                let room = cuts.next().unwrap_or(u64::MAX);
                connections.spawn(carry(client, platform.clone(), room, counter.clone()));
            }
        });
        Self {
            address,
            sent,
            _work: work,
        }
    }

    /// Bytes that came from the client.
    pub(crate) fn sent(&self) -> u64 {
        self.sent.load(Ordering::SeqCst)
    }
}

async fn carry(client: TcpStream, platform: String, mut room: u64, sent: Arc<AtomicU64>) {
    let Ok(platform) = TcpStream::connect(platform).await else {
        return;
    };
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_platform, mut to_platform) = platform.into_split();
    let back = tokio::io::copy(&mut from_platform, &mut to_client);
    let there = async {
        let mut buffer = vec![0; 16 << 10];
        while let Ok(read @ 1..) = from_client.read(&mut buffer).await {
            sent.fetch_add(read as u64, Ordering::SeqCst);
            let passed = room.min(read as u64);
            room -= passed;
            let passed = usize::try_from(passed).unwrap();
            if to_platform.write_all(&buffer[..passed]).await.is_err() || room == 0 {
                return;
            }
        }
    };
    // Whichever ends first takes the other with it.
    tokio::select! { _ = back => {}, () = there => {} }
}

/// A server that gives these answers in turn, one per connection, and the last one again and again.
pub(crate) struct Canned {
    pub(crate) address: String,
    asked: Arc<AtomicUsize>,
    _work: JoinSet<()>,
}

impl Canned {
    pub(crate) async fn new(answers: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicUsize::new(0));
        let (answers, counter) = (
            answers.iter().map(ToString::to_string).collect::<Vec<_>>(),
            asked.clone(),
        );
        let mut work = JoinSet::new();
        work.spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let count = counter.fetch_add(1, Ordering::SeqCst);
                let answer = &answers[count.min(answers.len() - 1)];
                let mut buffer = vec![0; 64 << 10];
                let _ = stream.read(&mut buffer).await;
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.shutdown().await;
            }
        });
        Self {
            address,
            asked,
            _work: work,
        }
    }

    /// Connections that came.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// A server with a certificate that nobody vouches for.
pub(crate) struct SelfSigned {
    pub(crate) address: String,
    greeted: Arc<AtomicUsize>,
    _work: JoinSet<()>,
}

impl SelfSigned {
    pub(crate) async fn new() -> Self {
        let own = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        let key = own.signing_key.serialize_der().try_into().unwrap();
        let config = ServerConfig::builder().with_no_client_auth();
        let config = config
            .with_single_cert(vec![own.cert.der().clone()], key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("https://{}", listener.local_addr().unwrap());
        let (greeted, mut work) = (Arc::new(AtomicUsize::new(0)), JoinSet::new());
        let counter = greeted.clone();
        work.spawn(async move {
            let acceptor = TlsAcceptor::from(Arc::new(config));
            while let Ok((stream, _)) = listener.accept().await {
                if acceptor.accept(stream).await.is_ok() {
                    counter.fetch_add(1, Ordering::SeqCst);
                }
            }
        });
        Self {
            address,
            greeted,
            _work: work,
        }
    }

    /// Connections whose client trusted it.
    pub(crate) fn greeted(&self) -> usize {
        self.greeted.load(Ordering::SeqCst)
    }
}

/// An answer of a [`Canned`] server.
pub(crate) fn answer(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}")
}
