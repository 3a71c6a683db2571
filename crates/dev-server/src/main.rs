//! Serves the window to a browser on this machine, over the same bridge as the desktop app: for development, and for
//! tests in a browser. `taskwright-dev UI_FOLDER [PORT]`; the address it prints holds the token that it asks for.

mod browser;
mod socket;

use std::env;
use std::hash::{BuildHasher, RandomState};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::serve::ListenerExt;
use bridge::App;
use serde::Deserialize;
use tokio::net::TcpListener;
use tower_http::services::ServeDir;

/// What every connection shares.
struct Server {
    app: Arc<App>,
    token: String,
    origin: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let mut arguments = env::args_os().skip(1);
    let Some(folder) = arguments.next().map(PathBuf::from) else {
        tracing::error!("name the folder of the built window: taskwright-dev ui/dist [PORT]");
        return ExitCode::from(2);
    };
    let port = arguments
        .next()
        .and_then(|port| port.to_str()?.parse().ok())
        .unwrap_or(0);
    match serve(folder, port).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "the server ended");
            ExitCode::from(4)
        }
    }
}

#[expect(clippy::print_stdout, reason = "whoever starts it reads the address there")]
async fn serve(folder: PathBuf, port: u16) -> std::io::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let origin = format!("http://{}", listener.local_addr()?);
    let server = Arc::new(Server {
        app: Arc::new(App::new(browser::Browser)),
        token: token(),
        origin,
    });
    println!("{}/?token={}", server.origin, server.token);
    let files = ServeDir::new(folder);
    let router = Router::new()
        .route("/ws", get(connect))
        .with_state(server)
        .fallback_service(files);
    // Keys are single bytes; they must not wait for company.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, router)
        .with_graceful_shutdown(ended())
        .await
}

async fn ended() {
    // Without a signal handler the default ends us as well.
    let _ = tokio::signal::ctrl_c().await;
}

#[derive(Deserialize)]
struct Credentials {
    token: String,
}

/// Other pages in the same browser can reach this port, but know neither the token nor have this origin.
async fn connect(
    State(server): State<Arc<Server>>,
    Query(credentials): Query<Credentials>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let origin = headers
        .get(header::ORIGIN)
        .and_then(|origin| origin.to_str().ok());
    if credentials.token != server.token || origin != Some(&server.origin) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let app = server.app.clone();
    upgrade.on_upgrade(move |stream| socket::serve(app, stream))
}

/// 128 bits from the standard library's own randomness.
fn token() -> String {
    let random = || RandomState::new().hash_one(std::process::id());
    format!("{:016x}{:016x}", random(), random())
}
