//! The window's messages: which are of terminals and jobs, and everything else to the bridge's table.

use std::sync::Arc;

use api::terminals::TerminalSize;
use api::{Code, Error};
use bridge::App;
use bridge::terminals::{Open, Sink};
use bytes::Bytes;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tauri::Wry;
use tauri::ipc::{Channel, Invoke, InvokeBody, InvokeError, InvokeResponseBody, JavaScriptChannelId};
use tauri::{Manager, Webview};

/// Takes a message; the answer comes when the work is done.
pub(crate) fn handle(invoke: Invoke<Wry>) -> bool {
    let Invoke {
        message, resolver, ..
    } = invoke;
    let webview = message.webview();
    let app = webview.state::<Arc<App>>().inner().clone();
    let command = message.command().to_owned();
    let arguments = match message.payload() {
        InvokeBody::Json(arguments) => arguments.clone(),
        InvokeBody::Raw(_) => Value::Null,
    };
    resolver.respond_async(async move {
        let answered = answer(&app, &webview, &command, arguments).await;
        answered.map_err(InvokeError::from)
    });
    true
}

async fn answer(app: &App, webview: &Webview, command: &str, arguments: Value) -> Result<Value, Error> {
    if bridge::STREAMS.contains(&command) {
        return stream(app, webview, command, arguments).await;
    }
    match command {
        "cancel_job" => {
            app.cancel(&take::<JobName>(arguments)?.job);
            Ok(Value::Null)
        }
        "open_terminal" => open_terminal(app, webview, arguments).await,
        "terminal_write" => {
            let Typed { id, data } = take(arguments)?;
            app.terminals.write(&id, Bytes::from(data)).await?;
            Ok(Value::Null)
        }
        "terminal_resize" => {
            let Resized { id, columns, rows } = take(arguments)?;
            app.terminals.resize(&id, TerminalSize { rows, columns })?;
            Ok(Value::Null)
        }
        "terminal_ack" => {
            let Drawn { id, bytes } = take(arguments)?;
            app.terminals.acknowledge(&id, bytes)?;
            Ok(Value::Null)
        }
        "terminal_close" => {
            app.terminals.close(&take::<TerminalName>(arguments)?.id).await;
            Ok(Value::Null)
        }
        command => app.call(command, arguments).await,
    }
}

#[derive(Deserialize)]
struct JobName {
    job: String,
}

#[derive(Deserialize)]
struct TerminalName {
    id: String,
}

#[derive(Deserialize)]
struct Typed {
    id: String,
    data: String,
}

#[derive(Deserialize)]
struct Resized {
    id: String,
    columns: u16,
    rows: u16,
}

#[derive(Deserialize)]
struct Drawn {
    id: String,
    bytes: u64,
}

#[derive(Deserialize)]
struct StreamEnds {
    job: String,
    items: JavaScriptChannelId,
}

#[derive(Deserialize)]
struct Frames {
    frames: JavaScriptChannelId,
}

async fn stream(app: &App, webview: &Webview, name: &str, arguments: Value) -> Result<Value, Error> {
    let StreamEnds { job, items } = take(arguments.clone())?;
    let channel: Channel<Value> = items.channel_on(webview.clone());
    let item = Box::new(move |item| channel.send(item).is_ok());
    app.stream(name, arguments, &job, item).await
}

async fn open_terminal(app: &App, webview: &Webview, arguments: Value) -> Result<Value, Error> {
    let Frames { frames } = take(arguments.clone())?;
    let open: Open = take(arguments)?;
    let channel: Channel<InvokeResponseBody> = frames.channel_on(webview.clone());
    let sink: Sink = Arc::new(move |frame| channel.send(InvokeResponseBody::Raw(frame)).is_ok());
    let id = app.open_terminal(open, sink).await?;
    Ok(json!({ "id": id }))
}

fn take<T: DeserializeOwned>(arguments: Value) -> Result<T, Error> {
    serde_json::from_value(arguments).map_err(|error| {
        Error::new(
            Code::Usage,
            format!("a message of the window is not understood: {error}"),
        )
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_window_may_call_what_is_there_and_nothing_else() {
        let declared: Vec<String> = serde_json::from_str(include_str!("../commands.json")).unwrap();
        let all = bridge::COMMANDS
            .iter()
            .chain(bridge::STREAMS)
            .chain(&bridge::CHANNELS);
        let mut all: Vec<String> = all.map(|name| (*name).to_owned()).collect();
        all.sort();
        assert_eq!(declared, all, "`cargo run -p xtask -- codegen` makes it anew");
    }
}
