//! Against a real API server, without nodes: connecting and its errors, apply, watch, wait, rights.

mod support;

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cluster::{
    Access, ApiError, ApplyError, ApplyEvent, ApplyOptions, Cluster, ConnectError, LinkProblem, ObjectRef,
    RefusalCause, RetryReason, Selector, Watched,
};
use futures::StreamExt;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Node};
use serde_json::{Value, json};
use support::{Link, apply, config_map, connect, connect_with, in_namespace, set_server};

fn reference(object: &Value) -> ObjectRef {
    ObjectRef::of(object).expect("the object has a kind and a name")
}

#[tokio::test]
#[ignore = "needs a cluster: TASKWRIGHT_TEST_KUBECONFIG"]
async fn connects_and_knows_the_version() {
    let version = connect().await.version().await.unwrap();
    assert!(version.major == 1 && version.minor >= 30, "{version:?}");
}

#[tokio::test]
#[ignore = "needs a cluster: TASKWRIGHT_TEST_KUBECONFIG"]
async fn problems_of_connecting_are_told_apart() {
    let refused = connect_with(|config| set_server(config, "https://127.0.0.1:1"))
        .await
        .unwrap_err();
    assert!(
        matches!(
            &refused,
            ConnectError::Unreachable {
                problem: LinkProblem::Refused,
                ..
            }
        ),
        "{refused}"
    );

    let unknown = connect_with(|config| set_server(config, "https://no-such-host.invalid:6443"))
        .await
        .unwrap_err();
    assert!(
        matches!(
            &unknown,
            ConnectError::Unreachable {
                problem: LinkProblem::UnknownHost,
                ..
            }
        ),
        "{unknown}"
    );

    let untrusted = connect_with(|config| {
        config["clusters"][0]["cluster"]["tls-server-name"] = json!("other.example.org");
    });
    let untrusted = untrusted.await.unwrap_err();
    let is_rejected = matches!(
        &untrusted,
        ConnectError::Unreachable {
            problem: LinkProblem::CertificateRejected(_),
            ..
        }
    );
    assert!(is_rejected, "{untrusted}");

    let stranger = connect_with(|config| config["users"][0]["user"] = json!({"token": "not-a-token"}));
    let stranger = stranger.await.unwrap_err();
    assert!(
        matches!(&stranger, ConnectError::Unauthorized { .. }),
        "{stranger}"
    );
    assert!(!format!("{stranger:?}").contains("not-a-token"));

    let unverified = connect_with(|config| {
        let cluster = &mut config["clusters"][0]["cluster"];
        cluster["insecure-skip-tls-verify"] = json!(true);
    });
    let unverified = unverified.await.unwrap_err().to_string();
    assert!(unverified.contains("TLS verification"), "{unverified}");
}

#[tokio::test]
#[ignore = "needs a cluster: TASKWRIGHT_TEST_KUBECONFIG"]
async fn a_silent_server_is_given_up() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let started = Instant::now();
    let silent = connect_with(|config| set_server(config, &url)).await.unwrap_err();
    assert!(
        matches!(
            &silent,
            ConnectError::Unreachable {
                problem: LinkProblem::TimedOut,
                ..
            }
        ),
        "{silent}"
    );
    assert!(
        started.elapsed() < Duration::from_secs(13),
        "{:?}",
        started.elapsed()
    );
}

#[tokio::test]
#[ignore = "needs a cluster: TASKWRIGHT_TEST_KUBECONFIG"]
async fn a_credential_plugin_may_give_a_certificate() {
    let plugin = |config: &mut Value| {
        let user = config["users"][0]["user"].clone();
        let pem =
            |key: &str| String::from_utf8(STANDARD.decode(user[key].as_str().unwrap()).unwrap()).unwrap();
        let credential = json!({"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {
            "clientCertificateData": pem("client-certificate-data"), "clientKeyData": pem("client-key-data")}});
        config["users"][0]["user"] = json!({"exec": {"apiVersion": "client.authentication.k8s.io/v1",
            "command": "printf", "args": ["%s", credential.to_string()], "interactiveMode": "IfAvailable"}});
    };
    let cluster = connect_with(plugin).await.unwrap();
    cluster.get::<Namespace>(None, "default").await.unwrap().unwrap();
}

#[tokio::test]
#[ignore = "needs a cluster: TASKWRIGHT_TEST_KUBECONFIG"]
async fn objects_are_made_found_and_deleted() {
    in_namespace(|cluster, namespace| async move {
        let typed: ConfigMap = serde_json::from_value(config_map(&namespace, "a")).unwrap();
        cluster.create(Some(&namespace), &typed).await.unwrap();
        let again = cluster.create(Some(&namespace), &typed).await.unwrap_err();
        assert!(again.is_already_exists(), "{again}");
        assert!(
            cluster
                .get::<ConfigMap>(Some(&namespace), "a")
                .await
                .unwrap()
                .is_some()
        );
        assert!(
            cluster
                .get::<ConfigMap>(Some(&namespace), "b")
                .await
                .unwrap()
                .is_none()
        );
        assert_eq!(
            cluster
                .list::<ConfigMap>(Some(&namespace), Some("test=yes"))
                .await
                .unwrap()
                .len(),
            1
        );
        assert!(
            cluster
                .delete::<ConfigMap>(Some(&namespace), "a", None)
                .await
                .unwrap()
        );
        assert!(
            !cluster
                .delete::<ConfigMap>(Some(&namespace), "a", None)
                .await
                .unwrap()
        );
        cluster.list::<Node>(None, None).await.unwrap();

        let object = config_map(&namespace, "c");
        apply(&cluster, std::slice::from_ref(&object)).await;
        assert_eq!(
            cluster.get_json(&reference(&object)).await.unwrap().unwrap()["data"],
            object["data"]
        );
        let listed = cluster
            .list_json("v1", "ConfigMap", Some(&namespace), Some("test=yes"))
            .await
            .unwrap();
        assert_eq!(listed[0]["kind"], "ConfigMap");
        cluster
            .delete_collection("v1", "ConfigMap", Some(&namespace), "test=yes")
            .await
            .unwrap();
        assert!(cluster.get_json(&reference(&object)).await.unwrap().is_none());
        let unknown = json!({"apiVersion": "example.org/v1", "kind": "No", "metadata": {"name": "a"}});
        assert!(!cluster.delete_json(&reference(&unknown), None).await.unwrap());
    })
    .await;
}

#[tokio::test]
#[ignore = "needs a cluster: TASKWRIGHT_TEST_KUBECONFIG"]
async fn two_hundred_objects_are_applied_and_listed_in_pages() {
    in_namespace(|cluster, namespace| async move {
        let objects: Vec<Value> = (0..600)
            .map(|at| config_map(&namespace, &format!("m{at}")))
            .collect();
        for what in ["created", "unchanged"] {
            let started = Instant::now();
            let mut told = 0;
            let applied = cluster
                .apply(&objects[..200], &ApplyOptions::default(), |_| told += 1)
                .await
                .unwrap();
            println!("200 config maps {what} in {:?}", started.elapsed());
            assert_eq!((applied.len(), told), (200, 200));
            assert_eq!(applied[7]["metadata"]["name"], "m7");
        }
        apply(&cluster, &objects).await;
        assert_eq!(
            cluster
                .list::<ConfigMap>(Some(&namespace), Some("test=yes"))
                .await
                .unwrap()
                .len(),
            600
        );
        assert_eq!(
            cluster
                .list_json("v1", "ConfigMap", Some(&namespace), Some("test=yes"))
                .await
                .unwrap()
                .len(),
            600
        );
    })
    .await;
}

fn definition(group: &str) -> Value {
    json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("widgets.{group}")},
        "spec": {"group": group, "scope": "Namespaced", "names": {"kind": "Widget", "plural": "widgets"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema":
                {"type": "object", "properties": {"spec": {"type": "object", "properties": {"size": {"type": "integer"}}}}}}}]}})
}

#[tokio::test]
#[ignore = "needs a cluster: TASKWRIGHT_TEST_KUBECONFIG"]
async fn a_definition_a_namespace_and_their_objects_go_in_one_apply() {
    in_namespace(|cluster, namespace| async move {
        let group = format!("{namespace}.example.org");
        let second = format!("{namespace}-b");
        let widget = |size: Value| {
            json!({"apiVersion": format!("{group}/v1"), "kind": "Widget",
                "metadata": {"name": "w", "namespace": second}, "spec": {"size": size}})
        };
        let space = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": second}});
        let objects = [widget(json!(5)), space.clone(), definition(&group)];
        let mut events = Vec::new();
        let applied = cluster
            .apply(&objects, &ApplyOptions::default(), |event| events.push(event))
            .await
            .unwrap();
        assert_eq!(applied[0]["spec"]["size"], 5);
        println!("{events:#?}");

        let invalid = cluster.dry_run(&widget(json!("large"))).await.unwrap_err();
        assert_eq!(invalid.cause(), Some(&RefusalCause::Invalid), "{invalid}");
        assert_eq!(
            cluster.dry_run(&widget(json!(7))).await.unwrap()["spec"]["size"],
            7
        );
        assert_eq!(
            cluster.get_json(&reference(&objects[0])).await.unwrap().unwrap()["spec"]["size"],
            5
        );
        cluster
            .delete_json(&reference(&definition(&group)), None)
            .await
            .unwrap();
        cluster.delete_json(&reference(&space), None).await.unwrap();
    })
    .await;
}

#[tokio::test]
#[ignore = "needs a cluster: TASKWRIGHT_TEST_KUBECONFIG"]
async fn an_object_waits_for_its_namespace_and_an_unknown_kind_does_not_wait() {
    let cluster = connect().await;
    let namespace = format!("cluster-test-late-{}", std::process::id());
    let space = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}});
    let object = [config_map(&namespace, "a")];
    let late = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        apply(&cluster, std::slice::from_ref(&space)).await;
    };
    let mut reasons = Vec::new();
    let options = ApplyOptions::default();
    let applying = cluster.apply(&object, &options, |event| {
        if let ApplyEvent::Retrying { reason, .. } = event {
            reasons.push(reason);
        }
    });
    let (applied, ()) = tokio::join!(applying, late);
    cluster.delete_json(&reference(&space), None).await.unwrap();
    applied.unwrap();
    assert!(
        !reasons.is_empty()
            && reasons
                .iter()
                .all(|reason| *reason == RetryReason::NamespaceMissing)
    );

    let unknown = json!({"apiVersion": "example.org/v1", "kind": "No", "metadata": {"name": "a"}});
    let started = Instant::now();
    let error = cluster.apply(&[unknown], &options, |_| ()).await.unwrap_err();
    assert!(
        matches!(&error, ApplyError::Apply { source, .. } if matches!(**source, ApiError::UnknownKind { .. })),
        "{error}"
    );
    assert!(started.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
#[ignore = "needs a cluster: TASKWRIGHT_TEST_KUBECONFIG"]
async fn fields_of_others_are_a_conflict_unless_forced() {
    in_namespace(|cluster, namespace| async move {
        let mut object = config_map(&namespace, "a");
        let typed: ConfigMap = serde_json::from_value(object.clone()).unwrap();
        let kubectl = std::process::Command::new("kubectl")
            .arg("--kubeconfig")
            .arg(support::kubeconfig_file())
            .args([
                "create",
                "configmap",
                "a",
                "--from-literal=key=theirs",
                "-n",
                &namespace,
            ])
            .output()
            .unwrap();
        assert!(kubectl.status.success(), "{kubectl:?}");
        drop(typed);
        object["data"]["key"] = json!("ours");
        let gentle = ApplyOptions {
            force_conflicts: false,
            ..ApplyOptions::default()
        };
        let error = cluster
            .apply(std::slice::from_ref(&object), &gentle, |_| ())
            .await
            .unwrap_err();
        assert_eq!(error.cause(), Some(&RefusalCause::FieldConflict), "{error}");
        apply(&cluster, &[object]).await;
    })
    .await;
}

#[tokio::test]
#[ignore = "needs a cluster: TASKWRIGHT_TEST_KUBECONFIG"]
async fn a_webhook_that_does_not_answer_is_waited_for_and_then_named() {
    in_namespace(|cluster, namespace| async move {
        let name = format!("{namespace}.example.org");
        let webhook = json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
            "metadata": {"name": name}, "webhooks": [{"name": name, "sideEffects": "None", "admissionReviewVersions": ["v1"],
                "failurePolicy": "Fail", "clientConfig": {"url": "https://127.0.0.1:1/"},
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
                "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["*"], "resources": ["configmaps"]}]}]});
        apply(&cluster, std::slice::from_ref(&webhook)).await;
        let object = [config_map(&namespace, "a")];
        let options = ApplyOptions { patience: Duration::from_secs(2), ..ApplyOptions::default() };
        // The API server takes a moment to heed a new webhook.
        let error = loop {
            match cluster.apply(&object, &options, |_| ()).await {
                Ok(_) => tokio::time::sleep(Duration::from_millis(100)).await,
                Err(error) => break error,
            }
        };
        assert!(matches!(&error, ApplyError::GaveUp { attempts: 2.., .. }), "{error:?}");
        assert_eq!(error.cause(), Some(&RefusalCause::WebhookUnreachable { webhook: name }), "{error}");

        let removed = async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            cluster.delete_json(&reference(&webhook), None).await.unwrap();
        };
        let patient = ApplyOptions::default();
        let (applied, ()) = tokio::join!(cluster.apply(&object, &patient, |_| ()), removed);
        applied.unwrap();
    })
    .await;
}

#[tokio::test]
#[ignore = "needs a cluster: TASKWRIGHT_TEST_KUBECONFIG"]
async fn a_policy_that_denies_is_named() {
    in_namespace(|cluster, namespace| async move {
        let name = format!("{namespace}-policy");
        let policy = json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy",
            "metadata": {"name": name}, "spec": {"failurePolicy": "Fail",
                "matchConstraints": {"resourceRules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]}]},
                "validations": [{"expression": "false", "message": "no config maps here"}]}});
        let binding = json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicyBinding",
            "metadata": {"name": name}, "spec": {"policyName": name, "validationActions": ["Deny"],
                "matchResources": {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}}}});
        apply(&cluster, &[policy.clone(), binding.clone()]).await;
        let mut denied = None;
        for at in 0..100 {
            let object = [config_map(&namespace, &format!("a{at}"))];
            denied = cluster.apply(&object, &ApplyOptions::default(), |_| ()).await.err();
            if denied.is_some() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        cluster.delete_json(&reference(&binding), None).await.unwrap();
        cluster.delete_json(&reference(&policy), None).await.unwrap();
        let denied = denied.expect("the policy denies");
        assert_eq!(denied.cause(), Some(&RefusalCause::AdmissionDenied { by: name }), "{denied}");
        assert!(denied.to_string().contains("no config maps here"), "{denied}");
    })
    .await;
}

#[tokio::test]
#[ignore = "needs a cluster: TASKWRIGHT_TEST_KUBECONFIG"]
async fn missing_rights_are_known_before_and_named_after() {
    in_namespace(|admin, namespace| async move {
        let nobody = connect_with(|config| config["users"][0]["user"]["as"] = json!("nobody"))
            .await
            .unwrap();
        let access = |verb: &str, group: &str, resource: &str, subresource: Option<&str>| Access {
            verb: verb.into(),
            group: group.into(),
            resource: resource.into(),
            subresource: subresource.map(Into::into),
            namespace: Some(namespace.clone()),
        };
        let questions = [
            access("create", "", "pods", Some("exec")),
            access("get", "apps", "deployments", None),
            access("create", "", "configmaps", None),
        ];
        let allowed = |answers: Vec<cluster::AccessAnswer>| {
            answers.iter().map(|answer| answer.allowed).collect::<Vec<_>>()
        };
        assert_eq!(allowed(admin.can_i(&questions).await.unwrap()), [true; 3]);
        assert_eq!(allowed(nobody.can_i(&questions).await.unwrap()), [false; 3]);
        let denied = nobody
            .apply(&[config_map(&namespace, "a")], &ApplyOptions::default(), |_| ())
            .await
            .unwrap_err();
        let expected = RefusalCause::Forbidden {
            verb: "patch".into(),
            resource: "configmaps".into(),
            namespace: Some(namespace.clone()),
        };
        assert_eq!(denied.cause(), Some(&expected), "{denied}");
        let watched = Box::pin(nobody.watch::<ConfigMap>(Some(&namespace), Selector::default()))
            .next()
            .await
            .unwrap();
        assert!(matches!(
            watched.unwrap_err().cause(),
            Some(RefusalCause::Forbidden { .. })
        ));
    })
    .await;
}

#[tokio::test]
#[ignore = "needs a cluster: TASKWRIGHT_TEST_KUBECONFIG"]
async fn a_watch_and_a_wait_survive_a_cut_connection() {
    in_namespace(|cluster, namespace| async move {
        let mut link = Link::to_api_server().await;
        let url = link.url();
        let linked = connect_with(|config| set_server(config, &url)).await.unwrap();
        apply(
            &cluster,
            &[config_map(&namespace, "a"), config_map(&namespace, "b")],
        )
        .await;
        let mut watch = Box::pin(linked.watch::<ConfigMap>(Some(&namespace), Selector::labels("test=yes")));
        let mut seen = Vec::new();
        while seen.last().map(String::as_str) != Some("synced") {
            seen.push(told(watch.next().await.unwrap()));
        }
        assert_eq!(seen, ["applied a", "applied b", "synced"]);

        let waiting = linked.wait_for(Some(&namespace), "c", |map: Option<&ConfigMap>| map.map(|_| ()));
        let cutting = async {
            link.cut(Duration::from_millis(700)).await;
            cluster
                .delete::<ConfigMap>(Some(&namespace), "a", None)
                .await
                .unwrap();
            apply(&cluster, &[config_map(&namespace, "c")]).await;
        };
        let started = Instant::now();
        let (waited, ()) = tokio::join!(waiting, cutting);
        waited.unwrap();
        println!("waited through the cut: {:?}", started.elapsed());
        let mut after = Vec::new();
        while !(after.contains(&"deleted a".to_owned()) && after.contains(&"applied c".to_owned())) {
            let event = tokio::time::timeout(Duration::from_secs(20), watch.next())
                .await
                .unwrap()
                .unwrap();
            after.push(told(event));
        }
        println!("{after:?}");
    })
    .await;
}

fn told(event: Result<Watched<ConfigMap>, ApiError>) -> String {
    let name = |map: &ConfigMap| map.metadata.name.clone().unwrap_or_default();
    match event {
        Ok(Watched::Applied(map)) => format!("applied {}", name(&map)),
        Ok(Watched::Deleted(map)) => format!("deleted {}", name(&map)),
        Ok(Watched::Synced) => "synced".into(),
        Err(error) => {
            assert!(error.is_passing(), "{error}");
            "passing error".into()
        }
    }
}

#[tokio::test]
#[ignore = "needs a cluster: TASKWRIGHT_TEST_KUBECONFIG"]
async fn a_token_plugin_that_fails_is_shown() {
    let failing = connect_with(|config| {
        config["users"][0]["user"] = json!({"exec": {"apiVersion": "client.authentication.k8s.io/v1",
            "command": "sh", "args": ["-c", "echo session expired >&2; exit 1"]}});
    });
    let error = failing.await.unwrap_err();
    assert!(matches!(&error, ConnectError::Plugin(_)), "{error}");
    assert!(error.to_string().contains("session expired"), "{error}");
    assert!(Cluster::from_kubeconfig_yaml("nonsense: [").await.is_err());
}
