//! The creator's panels beside the seat: each look into a preview goes over a connection that all of them share.

use api::events::{self, EventRow};
use api::host_pods::{self, HostPod};
use api::logs::{self, LogLine, WantedLog};
use api::objects::{self, ObjectChange, ObjectKind, ObjectRef, ObjectText};
use api::{Error, hosts::Host};
use tokio::sync::mpsc::Sender;

use crate::App;

pub(crate) async fn object_yaml(
    app: &App,
    context: &str,
    preview: &str,
    object: ObjectRef,
) -> Result<ObjectText, Error> {
    let read = async |host: Host| objects::yaml(&app.connections, &host, preview, object).await;
    app.hosts.with(context, read).await
}

pub(crate) async fn host_pod(
    app: &App,
    context: &str,
    preview: &str,
    namespace: &str,
    name: &str,
) -> Result<HostPod, Error> {
    let find = async |host: Host| host_pods::find(&app.connections, &host, preview, namespace, name).await;
    app.hosts.with(context, find).await
}

pub(crate) async fn watch_objects(
    app: &App,
    context: &str,
    preview: &str,
    kind: ObjectKind,
    items: Sender<ObjectChange>,
) -> Result<(), Error> {
    let watch = async |host: Host| objects::watch(&app.connections, &host, preview, kind, items).await;
    app.hosts.with(context, watch).await
}

pub(crate) async fn watch_events(
    app: &App,
    context: &str,
    preview: &str,
    items: Sender<EventRow>,
) -> Result<(), Error> {
    let watch = async |host: Host| events::watch(&app.connections, &host, preview, items).await;
    app.hosts.with(context, watch).await
}

pub(crate) async fn follow_logs(
    app: &App,
    context: &str,
    preview: &str,
    wanted: WantedLog,
    items: Sender<Vec<LogLine>>,
) -> Result<(), Error> {
    let follow = async |host: Host| logs::follow(&app.connections, &host, preview, wanted, items).await;
    app.hosts.with(context, follow).await
}
