//! Whether what the statement names is there once the task has booted.

use bundle::mentions::{Mention, mentions};
use cluster::{ApiError, Cluster};
use plan::seat;
use serde_json::Value;

/// Prints those of its arguments that are not there: programs behind `-c`, files behind `-f`.
const LOOK: &str = r#"
for word in "$@"; do
  case $word in
    -c*) command -v "${word#-c}" >/dev/null 2>&1 || printf '%s\n' "$word" ;;
    -f~/*) [ -e "$HOME/${word#-f??}" ] || printf '%s\n' "$word" ;;
    -f*) [ -e "${word#-f}" ] || printf '%s\n' "$word" ;;
  esac
done
"#;

/// What the statement names and nobody will find, each in a sentence.
pub(super) async fn unfounded(
    host: &Cluster,
    api: &Cluster,
    namespace: &str,
    pod: &str,
    statement: &str,
) -> Result<Vec<String>, String> {
    let named = mentions(statement);
    let mut notes = Vec::new();
    let words: Vec<String> = named.iter().filter_map(word).collect();
    notes.extend(in_seat(host, namespace, pod, &words).await?);
    for mention in &named {
        notes.extend(in_task(api, mention).await.map_err(|error| error.to_string())?);
    }
    Ok(notes)
}

fn word(mention: &Mention) -> Option<String> {
    match mention {
        Mention::Command(name) => Some(format!("-c{name}")),
        Mention::File(path) => Some(format!("-f{path}")),
        Mention::Object { .. } | Mention::Port { .. } => None,
    }
}

async fn in_seat(
    host: &Cluster,
    namespace: &str,
    pod: &str,
    words: &[String],
) -> Result<Vec<String>, String> {
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let mut command = vec!["/bin/sh", "-c", LOOK, "look"];
    command.extend(words.iter().map(String::as_str));
    let output = host.run(namespace, pod, seat::NAME, &command, None).await;
    let output = output.map_err(|error| error.to_string())?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(printed.lines().map(missing).collect())
}

fn missing(word: &str) -> String {
    if let Some(program) = word.strip_prefix("-c") {
        return format!("the statement names the command `{program}`, which the terminal does not have");
    }
    let path = word.trim_start_matches("-f");
    format!("the statement names the file `{path}`, which is not in the terminal")
}

async fn in_task(api: &Cluster, mention: &Mention) -> Result<Option<String>, ApiError> {
    Ok(match mention {
        Mention::Command(_) | Mention::File(_) => None,
        Mention::Object { resource, name } => {
            let all = api.find_all_json(resource, None, None).await?;
            let is_there = all.iter().any(|object| text(object, "/metadata/name") == name);
            (!is_there).then(|| {
                format!("the statement names `{resource}/{name}`, which is in no namespace of the task")
            })
        }
        Mention::Port {
            service,
            namespace,
            port,
        } => {
            let all = api.find_all_json("services", None, None).await?;
            let offers = |object: &Value| {
                text(object, "/metadata/name") == service
                    && namespace
                        .as_ref()
                        .is_none_or(|space| text(object, "/metadata/namespace") == space)
                    && ports(object).any(|offered| offered == u64::from(*port))
            };
            let is_there = all.iter().any(offers);
            (!is_there)
                .then(|| format!("the statement names port {port} of `{service}`, which no service offers"))
        }
    })
}

fn text<'v>(object: &'v Value, pointer: &str) -> &'v str {
    object
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn ports(service: &Value) -> impl Iterator<Item = u64> {
    let ports = service.pointer("/spec/ports").and_then(Value::as_array);
    ports
        .into_iter()
        .flatten()
        .filter_map(|port| port.get("port")?.as_u64())
}
