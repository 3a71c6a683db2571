//! Work that tells what it does without waiting.

use tokio::sync::mpsc;

/// Does work that tells what it does without waiting, and hands that on to a window that may be slower. When the window
/// is gone nobody listens any more, and the work goes on to its end.
pub(crate) async fn told<T: Send, R>(
    mut heard: mpsc::UnboundedReceiver<T>,
    items: mpsc::Sender<T>,
    work: impl Future<Output = R>,
) -> R {
    let forward = async {
        while let Some(event) = heard.recv().await {
            if items.send(event).await.is_err() {
                return;
            }
        }
    };
    futures::join!(work, forward).0
}
