//! The previews on a host, with where their bundles lie if this app booted them.

use std::pin::pin;

use api::Error;
use api::hosts::Host;
use api::previews::{self, PreviewInfo, PreviewView};
use futures::StreamExt;
use tokio::sync::mpsc;

use crate::App;

pub(crate) async fn list(app: &App, context: &str) -> Result<Vec<PreviewView>, Error> {
    let list = async |host: Host| previews::list(&host).await;
    let found = app.hosts.with(context, list).await?;
    Ok(views(app, context, &found))
}

/// Tells all previews, and all again whenever one changes, until nobody listens.
pub(crate) async fn watch(
    app: &App,
    context: &str,
    items: mpsc::Sender<Vec<PreviewView>>,
) -> Result<(), Error> {
    let watch = async |host: Host| {
        let mut lists = pin!(previews::watch(&host));
        while let Some(list) = lists.next().await {
            if items.send(views(app, context, &list?)).await.is_err() {
                break;
            }
        }
        Ok(())
    };
    app.hosts.with(context, watch).await
}

fn views(app: &App, context: &str, previews: &[PreviewInfo]) -> Vec<PreviewView> {
    let view =
        |preview: &PreviewInfo| PreviewView::of(preview, context, app.boots.folder(preview.id.as_str()));
    previews.iter().map(view).collect()
}
