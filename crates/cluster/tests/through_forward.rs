//! A real API server reached through a port-forward, whose WebSocket end is a stand-in that can be cut.

#[path = "support/fake.rs"]
mod fake;
mod support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use cluster::{Cluster, ForwardPod, ForwardTarget, Selector, Watched};
use fake::{Fake, forward_to};
use futures::StreamExt;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace};
use support::{apply, config_map, in_namespace, kubeconfig_text};
use tokio::sync::Notify;

#[tokio::test]
#[ignore = "needs a cluster: TASKWRIGHT_TEST_KUBECONFIG"]
async fn calls_share_one_forward_and_survive_its_death() {
    in_namespace(|direct, namespace| async move {
        let address = support::host_context().server.unwrap();
        let address = address
            .trim_start_matches("https://")
            .trim_end_matches('/')
            .to_owned();
        let (cut, opened) = (
            Arc::new(Notify::new()),
            Arc::new(std::sync::atomic::AtomicU32::new(0)),
        );
        let (cutter, counter) = (cut.clone(), opened.clone());
        let fake = Fake::serve("v4.channel.k8s.io", move |socket| {
            let (cutter, address) = (cutter.clone(), address.clone());
            counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            async move {
                tokio::select! {
                    () = forward_to(socket, address, 8443) => {}
                    () = cutter.notified() => {}
                }
            }
        })
        .await;
        let host = fake.connect().await;
        let target = ForwardTarget {
            namespace: "n".into(),
            pod: ForwardPod::Named("p".into()),
            port: 8443,
        };
        let cluster = Cluster::through_forward(&host, target, &kubeconfig_text())
            .await
            .unwrap();
        let started = Instant::now();
        let gets = (0..200).map(|_| cluster.get::<Namespace>(None, "default"));
        for found in futures::future::join_all(gets).await {
            assert!(found.unwrap().is_some());
        }
        println!("200 calls at once: {:?}", started.elapsed());
        assert_eq!(opened.load(std::sync::atomic::Ordering::Relaxed), 1);

        let mut watch = Box::pin(cluster.watch::<ConfigMap>(Some(&namespace), Selector::labels("test=yes")));
        assert_eq!(watch.next().await.unwrap().unwrap(), Watched::Synced);
        cut.notify_waiters();
        tokio::time::sleep(Duration::from_millis(50)).await;
        let started = Instant::now();
        cluster.get::<Namespace>(None, "default").await.unwrap().unwrap();
        println!("the first call after the cut: {:?}", started.elapsed());
        apply(&direct, &[config_map(&namespace, "a")]).await;
        loop {
            match watch.next().await.unwrap() {
                Ok(Watched::Applied(map)) => break assert_eq!(map.metadata.name.as_deref(), Some("a")),
                Ok(_) => {}
                Err(error) => assert!(error.is_passing(), "{error}"),
            }
        }
        assert_eq!(opened.load(std::sync::atomic::Ordering::Relaxed), 2);
    })
    .await;
}
