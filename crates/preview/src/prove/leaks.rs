//! Looks for restricted files in all that the candidate can reach: objects of the task, the seat's files, its processes.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bundle::leak::{self, Canary, Leak};
use cluster::{Cluster, ExitStatus};
use plan::seat;
use serde_json::Value;

/// Looks through the seat as the candidate: every file that can be read, and what processes were started with; prints each
/// place with a colon and the line that was found there. The patterns come over standard input, so that they do not lie
/// in the pod themselves.
const LOOK: &str = r#"
patterns=$(cat)
{
  printf '%s' "$patterns" | grep -rIoHsF --exclude-dir=proc --exclude-dir=sys --exclude-dir=dev -f - / 2>/dev/null
  for process in /proc/[0-9]*; do
    for part in environ cmdline; do
      tr '\0' '\n' 2>/dev/null <"$process/$part" | grep -oF -e "$patterns" | while IFS= read -r line; do
        printf '%s:%s\n' "$process/$part" "$line"
      done
    done
  done
} | head -n 50
"#;

/// The places where restricted files were found; several lines of one file are told once.
pub(super) async fn search(
    host: &Cluster,
    api: &Cluster,
    namespace: &str,
    pod: &str,
    canaries: &[Canary],
) -> Result<Vec<Leak>, String> {
    if canaries.is_empty() {
        return Ok(Vec::new());
    }
    let (objects, files) = futures::join!(in_objects(api, canaries), in_seat(host, namespace, pod, canaries));
    let mut leaks = objects?;
    leaks.extend(files?);
    Ok(leaks)
}

async fn in_objects(api: &Cluster, canaries: &[Canary]) -> Result<Vec<Leak>, String> {
    let objects = api.every_object().await.map_err(|error| error.to_string())?;
    let mut leaks = Vec::new();
    for object in &objects {
        let mut text = String::new();
        texts(object, &mut text);
        for file in leak::found(canaries, &text) {
            leaks.push(Leak {
                file: file.clone(),
                place: name(object),
            });
        }
    }
    Ok(leaks)
}

fn name(object: &Value) -> String {
    let text = |pointer: &str| {
        object
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let namespace = text("/metadata/namespace");
    let place = format!("{}/{}", text("/kind"), text("/metadata/name"));
    if namespace.is_empty() {
        place
    } else {
        format!("{place} in {namespace}")
    }
}

/// All texts of an object, also those that are written in base64.
fn texts(value: &Value, all: &mut String) {
    match value {
        Value::String(text) => {
            all.push_str(text);
            all.push('\n');
            if let Some(decoded) = BASE64
                .decode(text)
                .ok()
                .and_then(|bytes| String::from_utf8(bytes).ok())
            {
                all.push_str(&decoded);
                all.push('\n');
            }
        }
        Value::Array(items) => items.iter().for_each(|item| texts(item, all)),
        Value::Object(fields) => fields.values().for_each(|field| texts(field, all)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

async fn in_seat(
    host: &Cluster,
    namespace: &str,
    pod: &str,
    canaries: &[Canary],
) -> Result<Vec<Leak>, String> {
    let lines: BTreeSet<&str> = canaries.iter().map(|canary| canary.line.as_str()).collect();
    let patterns = lines.into_iter().collect::<Vec<_>>().join("\n");
    let command = ["/bin/sh", "-c", LOOK];
    let output = host
        .run(namespace, pod, seat::NAME, &command, Some(patterns.into_bytes()))
        .await
        .map_err(|error| error.to_string())?;
    if output.status != (ExitStatus::Exit { code: 0 }) {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(format!("the seat could not be looked through: {said}"));
    }
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(places(&printed, canaries))
}

/// What was printed, as the file that each line gives away and its place; several lines of one file are told once.
fn places(printed: &str, canaries: &[Canary]) -> Vec<Leak> {
    let mut leaks: Vec<Leak> = Vec::new();
    for found in printed.lines() {
        let known = canaries.iter().find_map(|canary| {
            let place = found.strip_suffix(&canary.line)?.strip_suffix(':')?;
            Some(Leak {
                file: canary.file.clone(),
                place: format!("the seat's {place}"),
            })
        });
        leaks.extend(known.filter(|leak| !leaks.contains(leak)));
    }
    leaks
}

#[cfg(test)]
mod tests {
    use bundle::BundlePath;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_place_in_the_seat_names_the_file_that_lies_there() {
        let canary = |file: &str, line: &str| Canary {
            file: BundlePath::new(file).unwrap(),
            line: line.to_owned(),
        };
        let canaries = [
            canary("checks/rows.sh", "test \"$rows\" = 4711"),
            canary("solutions/a.sh", "psql -c 'restore: all'"),
        ];
        let printed = "/home/candidate/x:psql -c 'restore: all'\n/tmp/a:b:test \"$rows\" = 4711\n\
                       /home/candidate/x:psql -c 'restore: all'\nnoise\n";
        let found: Vec<String> = places(printed, &canaries)
            .iter()
            .map(|leak| format!("{} in {}", leak.file, leak.place))
            .collect();
        assert_eq!(
            found,
            [
                "solutions/a.sh in the seat's /home/candidate/x",
                "checks/rows.sh in the seat's /tmp/a:b"
            ]
        );
    }

    #[test]
    fn texts_of_objects_are_read_through_base64() {
        let encoded = BASE64.encode("[ \"$rows\" = 4711 ]");
        let secret = json!({"data": {"a": encoded}, "list": [{"b": "plain"}], "n": 1});
        let mut all = String::new();
        texts(&secret, &mut all);
        assert!(
            all.contains("[ \"$rows\" = 4711 ]") && all.contains("plain"),
            "{all}"
        );
    }
}
