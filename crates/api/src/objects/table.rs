//! What was told of a table, and what a change in the cluster adds to it.

use std::collections::HashMap;

use cluster::Watched;
use jiff::Timestamp;
use serde_json::Value;

use super::{Key, ObjectChange, ObjectKind, ObjectRow, key_of, row};
use crate::seats;

/// The rows of one kind.
pub(super) struct Table {
    kind: ObjectKind,
    rows: HashMap<Key, ObjectRow>,
    /// The pods of the host, by the pod they carry.
    host_pods: HashMap<Key, String>,
    /// Whether all objects have been seen once.
    known: bool,
    /// Why it may no longer be true, and since when.
    broken: Option<(String, Timestamp)>,
}

impl Table {
    pub(super) fn new(kind: ObjectKind) -> Self {
        Self {
            kind,
            rows: HashMap::new(),
            host_pods: HashMap::new(),
            known: false,
            broken: None,
        }
    }

    pub(super) fn is_known(&self) -> bool {
        self.known
    }

    pub(super) fn take(&mut self, change: Watched<Value>) -> Vec<ObjectChange> {
        match change {
            Watched::Applied(object) => self.apply(&object),
            Watched::Deleted(object) => {
                let uid = object["metadata"]["uid"].as_str().unwrap_or_default();
                let key = key_of(&object);
                // Another of this name may have taken its place.
                if self.rows.get(&key).is_some_and(|row| row.uid == uid) {
                    self.rows.remove(&key);
                }
                vec![ObjectChange::Gone { uid: uid.to_owned() }]
            }
            Watched::Synced => self.sync(),
        }
    }

    fn apply(&mut self, object: &Value) -> Vec<ObjectChange> {
        let key = key_of(object);
        let mut row = row::of(self.kind, object);
        row.host_pod = self.host_pods.get(&key).cloned();
        let before = self.rows.insert(key, row.clone());
        // While it is broken off, a row that looks as before still says that the watch stands again.
        if before.as_ref() == Some(&row) && self.broken.is_none() {
            return Vec::new();
        }
        let replaced = before.filter(|before| before.uid != row.uid);
        let gone = replaced.map(|before| ObjectChange::Gone { uid: before.uid });
        gone.into_iter().chain([ObjectChange::Applied { row }]).collect()
    }

    fn sync(&mut self) -> Vec<ObjectChange> {
        let is_news = !self.known || self.broken.is_some();
        self.known = true;
        self.broken = None;
        if is_news && self.rows.is_empty() {
            vec![ObjectChange::Restarted]
        } else {
            Vec::new()
        }
    }

    /// The watch broke; it is told once for each reason, with the time of the first.
    pub(super) fn break_off(&mut self, reason: String, now: Timestamp) -> Vec<ObjectChange> {
        let since = self.broken.as_ref().map_or(now, |(_, since)| *since);
        if self.broken.as_ref().is_some_and(|(before, _)| *before == reason) {
            return Vec::new();
        }
        self.broken = Some((reason.clone(), since));
        vec![ObjectChange::Stale {
            reason,
            since: since.to_string(),
        }]
    }

    pub(super) fn take_host_pod(&mut self, change: Watched<Value>) -> Vec<ObjectChange> {
        let (pod, is_there) = match change {
            Watched::Applied(pod) => (pod, true),
            Watched::Deleted(pod) => (pod, false),
            Watched::Synced => return Vec::new(),
        };
        let (_, name) = key_of(&pod);
        let key = match seats::carried(&pod) {
            Some((namespace, name)) => (Some(namespace), name),
            // Of a pod that vanished in a gap only its own name is known.
            None => match self.host_pods.iter().find(|(_, carrier)| **carrier == name) {
                Some((key, _)) => key.clone(),
                None => return Vec::new(),
            },
        };
        let carrier = is_there.then_some(name);
        match &carrier {
            Some(name) => self.host_pods.insert(key.clone(), name.clone()),
            None => self.host_pods.remove(&key),
        };
        let Some(row) = self.rows.get_mut(&key).filter(|row| row.host_pod != carrier) else {
            return Vec::new();
        };
        row.host_pod = carrier;
        vec![ObjectChange::Applied { row: row.clone() }]
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pod(name: &str, uid: &str) -> Value {
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "shop", "name": name, "uid": uid}})
    }

    fn carrier(name: &str, of: &str) -> Value {
        let annotations =
            json!({"vcluster.loft.sh/object-name": of, "vcluster.loft.sh/object-namespace": "shop"});
        json!({"metadata": {"name": name, "annotations": annotations}})
    }

    fn told(changes: Vec<ObjectChange>) -> Vec<String> {
        let words = |change| match change {
            ObjectChange::Applied { row } => {
                format!("{} {} on {}", row.name, row.uid, row.host_pod.unwrap_or_default())
            }
            ObjectChange::Gone { uid } => format!("gone {uid}"),
            ObjectChange::Restarted => "restarted".to_owned(),
            ObjectChange::Stale { reason, since } => format!("{reason} since {since}"),
        };
        changes.into_iter().map(words).collect()
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn an_empty_table_is_told_once_it_is_known() {
        let mut table = Table::new(ObjectKind::Pods);
        assert_eq!(told(table.take(Watched::Synced)), ["restarted"]);
        assert!(table.take(Watched::Synced).is_empty());
    }

    #[test]
    fn rows_are_told_when_they_look_different() {
        let mut table = Table::new(ObjectKind::Pods);
        assert_eq!(told(table.take(Watched::Applied(pod("a", "1")))), ["a 1 on "]);
        assert!(table.take(Watched::Synced).is_empty());
        assert!(table.take(Watched::Applied(pod("a", "1"))).is_empty());
        assert_eq!(
            told(table.take(Watched::Applied(pod("a", "2")))),
            ["gone 1", "a 2 on "]
        );
        table.take(Watched::Deleted(pod("a", "1")));
        assert!(
            table.take(Watched::Applied(pod("a", "2"))).is_empty(),
            "the late news was about another one"
        );
    }

    #[test]
    fn a_broken_watch_is_told_with_its_reason_and_its_end() {
        let mut table = Table::new(ObjectKind::Pods);
        table.take(Watched::Applied(pod("a", "1")));
        table.take(Watched::Synced);
        assert_eq!(
            told(table.break_off("lost".into(), at(5))),
            ["lost since 1970-01-01T00:00:05Z"]
        );
        assert!(table.break_off("lost".into(), at(6)).is_empty());
        assert_eq!(
            told(table.break_off("refused".into(), at(7))),
            ["refused since 1970-01-01T00:00:05Z"]
        );
        assert_eq!(
            told(table.take(Watched::Applied(pod("a", "1")))),
            ["a 1 on "],
            "it stands again"
        );
        table.take(Watched::Synced);
        assert_eq!(
            told(table.break_off("lost".into(), at(9))),
            ["lost since 1970-01-01T00:00:09Z"]
        );
    }

    #[test]
    fn a_table_that_became_empty_in_a_gap_is_told() {
        let mut table = Table::new(ObjectKind::Pods);
        table.take(Watched::Applied(pod("a", "1")));
        table.take(Watched::Synced);
        table.break_off("lost".into(), at(5));
        assert_eq!(told(table.take(Watched::Deleted(pod("a", "1")))), ["gone 1"]);
        assert_eq!(told(table.take(Watched::Synced)), ["restarted"]);
    }

    #[test]
    fn pods_know_what_carries_them_whichever_comes_first() {
        let mut table = Table::new(ObjectKind::Pods);
        assert!(
            table
                .take_host_pod(Watched::Applied(carrier("a-x", "a")))
                .is_empty()
        );
        assert_eq!(told(table.take(Watched::Applied(pod("a", "1")))), ["a 1 on a-x"]);
        table.take(Watched::Applied(pod("b", "2")));
        let change = Watched::Applied(carrier("b-x", "b"));
        assert_eq!(told(table.take_host_pod(change.clone())), ["b 2 on b-x"]);
        assert!(table.take_host_pod(change).is_empty());
        let vanished = json!({"metadata": {"name": "b-x"}});
        assert_eq!(told(table.take_host_pod(Watched::Deleted(vanished))), ["b 2 on "]);
        let other = json!({"metadata": {"name": "control-plane"}});
        assert!(table.take_host_pod(Watched::Applied(other)).is_empty());
    }
}
