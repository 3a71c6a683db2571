//! Rendering with a real helm: values, CRDs, hooks, and its errors.

use std::path::Path;

use cluster::{ChartRef, Helm, HelmError, RenderRequest, Rendered};
use serde_json::json;

const TEMPLATE: &str = r#"
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
  namespace: {{ .Release.Namespace }}
  annotations: {flag: "true", kube: {{ .Capabilities.KubeVersion.Version | quote }}}
data: {size: {{ .Values.size | quote }}, colour: {{ required "colour is required" .Values.colour }}}
---
apiVersion: v1
kind: Pod
metadata: {name: check, annotations: {"helm.sh/hook": test}}
spec: {volumes: [{name: v, configMap: {name: c, defaultMode: 0644}}]}
"#;
const DEFINITION: &str =
    "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: x}\n";

fn write_chart(folder: &Path) -> ChartRef {
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text);
    for name in ["templates", "crds"] {
        std::fs::create_dir(folder.join(name)).expect("the folder is new");
    }
    write("Chart.yaml", "apiVersion: v2\nname: demo\nversion: 0.1.0\n").expect("the disk has room");
    write("values.yaml", "size: 1\n").expect("the disk has room");
    write("templates/all.yaml", TEMPLATE).expect("the disk has room");
    write("crds/x.yaml", DEFINITION).expect("the disk has room");
    ChartRef::Path(folder.into())
}

async fn render(values: &[&str]) -> Result<Rendered, HelmError> {
    let helm = Helm::find(None).await?;
    let folder = tempfile::tempdir()?;
    let chart = write_chart(folder.path());
    let values: Vec<String> = values.iter().map(|&text| text.to_owned()).collect();
    let request = RenderRequest {
        release: "r",
        namespace: "demo",
        chart: &chart,
        values: &values,
        kube_version: Some("1.33.7"),
        api_versions: &[],
        include_crds: true,
    };
    helm.template(&request).await
}

#[tokio::test]
#[ignore = "needs helm on PATH"]
async fn a_chart_renders_with_its_values() {
    let rendered = render(&["{size: 2, colour: red}", "size: 3"]).await.unwrap();
    let kinds: Vec<_> = rendered
        .objects
        .iter()
        .map(|object| object["kind"].clone())
        .collect();
    assert_eq!(kinds, ["CustomResourceDefinition", "ConfigMap"]);
    assert_eq!(rendered.objects[1]["data"], json!({"size": "3", "colour": "red"}));
    assert_eq!(
        rendered.objects[1]["metadata"]["annotations"],
        json!({"flag": "true", "kube": "v1.33.7"})
    );
    assert_eq!(rendered.objects[1]["metadata"]["namespace"], "demo");
    assert_eq!(rendered.hooks[0].events, ["test"]);
    assert_eq!(
        rendered.hooks[0].object["spec"]["volumes"][0]["configMap"]["defaultMode"],
        420
    );
}

#[tokio::test]
#[ignore = "needs helm on PATH"]
async fn helm_says_what_is_wrong() {
    let error = render(&["size: 2"]).await.unwrap_err();
    assert!(
        matches!(&error, HelmError::Render { stderr, .. } if stderr.contains("colour is required")),
        "{error}"
    );
}
