//! One browser's connection: text for calls and their answers, binary for the bytes of terminals.

use std::sync::Arc;

use api::terminals::TerminalSize;
use api::{Code, Error};
use axum::extract::ws::{Message, WebSocket};
use bridge::App;
use bridge::terminals::{Open, Sink};
use bytes::Bytes;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;

/// Messages on their way to the browser. Terminals have credits of their own and streams wait for their items' room,
/// so this is not the brake.
type Out = mpsc::UnboundedSender<Message>;

/// A message from the browser; `id` is its name for what it began.
#[derive(Deserialize)]
struct Request {
    id: u32,
    #[serde(flatten)]
    what: What,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum What {
    Call {
        call: String,
        args: Value,
    },
    Stream {
        stream: String,
        args: Value,
    },
    Terminal {
        terminal: Open,
    },
    Cancel {
        #[serde(rename = "cancel")]
        _cancel: bool,
    },
    Resize {
        resize: Columns,
    },
    Ack {
        ack: u64,
    },
    Close {
        #[serde(rename = "close")]
        _close: bool,
    },
}

#[derive(Deserialize)]
struct Columns {
    columns: u16,
    rows: u16,
}

/// Serves a connection until the browser leaves; what it began and did not finish ends with it, but for boots and
/// terminals, which a reloaded page finds again.
pub(crate) async fn serve(app: Arc<App>, stream: WebSocket) {
    let (mut browser, mut messages) = stream.split();
    let (out, mut outgoing) = mpsc::unbounded_channel();
    let mut connection = Connection {
        app,
        out,
        name: format!("{:p}", &raw const outgoing),
        terminals: Vec::new(),
    };
    let mut work: FuturesUnordered<BoxFuture<'static, Option<(u32, String)>>> = FuturesUnordered::new();
    loop {
        tokio::select! {
            message = messages.next() => match message {
                Some(Ok(message)) => work.extend(connection.receive(message)),
                _ => return,
            },
            Some(opened) = work.next() => connection.terminals.extend(opened),
            Some(message) = outgoing.recv() => {
                if browser.send(message).await.is_err() {
                    return;
                }
            }
        }
    }
}

struct Connection {
    app: Arc<App>,
    out: Out,
    /// Tells the jobs of this connection from those of another.
    name: String,
    /// The browser's names for terminals, and ours.
    terminals: Vec<(u32, String)>,
}

type Work = BoxFuture<'static, Option<(u32, String)>>;

impl Connection {
    /// Takes a message; gives the work that it asks for. Work that opens a terminal gives its names.
    fn receive(&mut self, message: Message) -> Option<Work> {
        match message {
            Message::Text(text) => match serde_json::from_str::<Request>(&text) {
                Ok(request) => self.request(request),
                Err(error) => {
                    tracing::warn!(%error, "a message is not understood");
                    None
                }
            },
            Message::Binary(bytes) => self.typed(&bytes),
            _ => None,
        }
    }

    fn request(&mut self, Request { id, what }: Request) -> Option<Work> {
        let (app, out) = (self.app.clone(), self.out.clone());
        let job = format!("{}/{id}", self.name);
        match what {
            What::Call { call, args } => {
                Some(async move { reply(&out, id, app.call(&call, args).await) }.boxed())
            }
            What::Stream { stream, args } => Some(
                async move {
                    let items = out.clone();
                    let item =
                        Box::new(move |item| items.send(text(&json!({ "id": id, "item": item }))).is_ok());
                    reply(&out, id, app.stream(&stream, args, &job, item).await)
                }
                .boxed(),
            ),
            What::Terminal { terminal } => Some(
                async move {
                    let opened = app.open_terminal(terminal, sink(id, out.clone())).await;
                    let name = opened.as_ref().ok().cloned();
                    reply(&out, id, opened.map(|id| json!({ "id": id })));
                    name.map(|name| (id, name))
                }
                .boxed(),
            ),
            What::Cancel { .. } => {
                app.cancel(&job);
                None
            }
            What::Resize {
                resize: Columns { columns, rows },
            } => self.told(id, |app, name| {
                app.terminals.resize(name, TerminalSize { rows, columns })
            }),
            What::Ack { ack } => self.told(id, |app, name| app.terminals.acknowledge(name, ack)),
            What::Close { .. } => {
                let name = self.terminal(id)?.to_owned();
                Some(
                    async move {
                        app.terminals.close(&name).await;
                        None
                    }
                    .boxed(),
                )
            }
        }
    }

    fn typed(&self, bytes: &Bytes) -> Option<Work> {
        let (id, typed) = (bytes.get(..4)?, bytes.slice(4..));
        let name = self.terminal(u32::from_le_bytes(id.try_into().ok()?))?.to_owned();
        let app = self.app.clone();
        Some(
            async move {
                // A shell that has ended takes nothing; the browser was told.
                let _ = app.terminals.write(&name, typed).await;
                None
            }
            .boxed(),
        )
    }

    fn told(&self, id: u32, tell: impl FnOnce(&App, &str) -> Result<(), Error>) -> Option<Work> {
        // A terminal that has ended needs to know nothing; the browser was told.
        let _ = tell(&self.app, self.terminal(id)?);
        None
    }

    fn terminal(&self, id: u32) -> Option<&str> {
        let found = self.terminals.iter().find(|(theirs, _)| *theirs == id);
        found.map(|(_, ours)| ours.as_str())
    }
}

fn sink(id: u32, out: Out) -> Sink {
    Arc::new(move |frame| {
        let message = [&id.to_le_bytes()[..], &frame].concat();
        out.send(Message::Binary(message.into())).is_ok()
    })
}

fn reply(out: &Out, id: u32, answer: Result<Value, Error>) -> Option<(u32, String)> {
    let message = match answer {
        Ok(done) => json!({ "id": id, "done": done }),
        Err(error) => {
            let error = serde_json::to_value(&error)
                .unwrap_or_else(|_| json!({ "code": Code::Usage, "message": "", "hints": [] }));
            json!({ "id": id, "error": error })
        }
    };
    // A browser that has left needs no answer.
    let _ = out.send(text(&message));
    None
}

fn text(value: &Value) -> Message {
    Message::Text(value.to_string().into())
}
