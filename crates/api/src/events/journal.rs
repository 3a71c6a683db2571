//! What was told of events, and what a change in either cluster adds to it.

use std::collections::{BTreeSet, HashMap};

use cluster::Watched;
use jiff::Timestamp;
use serde_json::Value;

use super::{EventRow, Origin};
use crate::json::{number, some_text, text};
use crate::seats;

/// So many events of the past are told, the newest.
const PAST: usize = 2_000;

/// What is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    TaskEvents,
    HostEvents,
    /// They say which pods of the task they carry.
    HostPods,
    /// They say which claims of the task they carry.
    HostClaims,
}

impl Source {
    const ALL: [Self; 4] = [
        Self::TaskEvents,
        Self::HostEvents,
        Self::HostPods,
        Self::HostClaims,
    ];

    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::TaskEvents | Self::HostEvents => "Event",
            Self::HostPods => "Pod",
            Self::HostClaims => "PersistentVolumeClaim",
        }
    }
}

/// What there is to say of an event.
#[derive(Debug, Clone)]
pub(crate) struct Brief {
    key: Key,
    about: About,
    pub(crate) at: Timestamp,
    pub(super) count: i64,
    pub(super) is_warning: bool,
    pub(super) reason: String,
    pub(super) message: String,
}

/// Namespace and name of an event.
type Key = (String, String);
/// When an event was last seen, and how often.
type Mark = (Timestamp, i64);

/// What an event is about.
#[derive(Debug, Clone)]
struct About {
    kind: String,
    namespace: String,
    name: String,
}

fn path(namespace: &str, name: &str) -> String {
    if namespace.is_empty() {
        name.to_owned()
    } else {
        format!("{namespace}/{name}")
    }
}

impl Brief {
    pub(crate) fn of(event: &Value) -> Self {
        let words = |pointer, most| crate::json::capped(text(event, pointer), most);
        Self {
            key: key(event),
            about: About {
                kind: words("/involvedObject/kind", super::LONGEST_WORD),
                namespace: words("/involvedObject/namespace", super::LONGEST_WORD),
                name: words("/involvedObject/name", super::LONGEST_WORD),
            },
            at: seen_at(event),
            count: number(event, "/series/count").max(number(event, "/count")).max(1),
            is_warning: text(event, "/type") == "Warning",
            reason: words("/reason", super::LONGEST_WORD),
            message: words("/message", super::LONGEST_MESSAGE),
        }
    }

    pub(super) fn id(&self, from: Origin) -> String {
        let (namespace, name) = &self.key;
        let side = match from {
            Origin::Task => "task",
            Origin::Host => "host",
        };
        format!("{side}/{namespace}/{name}")
    }

    fn mark(&self) -> Mark {
        (self.at, self.count)
    }
}

fn key(event: &Value) -> Key {
    let own = |pointer| text(event, pointer).to_owned();
    (own("/metadata/namespace"), own("/metadata/name"))
}

/// When an event was last seen: its old field, then its new ones.
fn seen_at(event: &Value) -> Timestamp {
    let places = [
        "/series/lastObservedTime",
        "/lastTimestamp",
        "/eventTime",
        "/firstTimestamp",
        "/metadata/creationTimestamp",
    ];
    let mut times = places
        .iter()
        .filter_map(|place| some_text(event, place)?.parse().ok());
    times.next().unwrap_or(Timestamp::UNIX_EPOCH)
}

/// The end of an event's name, the time of its birth in nanoseconds, which a copy keeps.
fn birth(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(_, birth)| birth)
}

/// The events of one cluster that are there.
#[derive(Default)]
struct Side {
    marks: HashMap<Key, Mark>,
    births: HashMap<String, Mark>,
}

impl Side {
    /// Remembers an event; says whether it is news on this side.
    fn note(&mut self, event: &Brief) -> bool {
        let mark = event.mark();
        let is_news = self.marks.get(&event.key).is_none_or(|before| *before < mark);
        if is_news {
            self.marks.insert(event.key.clone(), mark);
            self.births.insert(birth(&event.key.1).to_owned(), mark);
        }
        is_news
    }

    fn forget(&mut self, key: &Key) {
        self.marks.remove(key);
        self.births.remove(birth(&key.1));
    }

    fn twin(&self, event: &Brief) -> Option<Mark> {
        self.births.get(birth(&event.key.1)).copied()
    }
}

/// The events of both clusters.
pub(super) struct Journal {
    task: Side,
    host: Side,
    /// What objects of the host carry, by their kind and name.
    carried: HashMap<(String, String), String>,
    /// What has not been seen as a whole.
    unknown: BTreeSet<Source>,
    /// Events that wait until everything is known: only then can they be joined, named, and told in their order.
    past: Vec<(Origin, Brief)>,
}

impl Default for Journal {
    fn default() -> Self {
        Self {
            task: Side::default(),
            host: Side::default(),
            carried: HashMap::new(),
            unknown: Source::ALL.into(),
            past: Vec::new(),
        }
    }
}

impl Journal {
    /// Whether what happens is told at once.
    pub(super) fn is_open(&self) -> bool {
        self.unknown.is_empty()
    }

    pub(super) fn knows(&self, source: Source) -> bool {
        !self.unknown.contains(&source)
    }

    /// What the change adds.
    pub(super) fn take(&mut self, source: Source, change: Watched<Value>) -> Vec<EventRow> {
        match (source, change) {
            (_, Watched::Synced) => return self.give_up(source),
            (Source::TaskEvents, Watched::Applied(event)) => {
                return self.happened(Origin::Task, Brief::of(&event));
            }
            (Source::HostEvents, Watched::Applied(event)) => {
                return self.happened(Origin::Host, Brief::of(&event));
            }
            (Source::TaskEvents, Watched::Deleted(event)) => self.task.forget(&key(&event)),
            (Source::HostEvents, Watched::Deleted(event)) => self.host.forget(&key(&event)),
            (_, Watched::Applied(object)) => {
                if let Some((namespace, name)) = seats::carried(&object) {
                    let (_, carrier) = key(&object);
                    let carrier = (source.kind().to_owned(), carrier);
                    self.carried.insert(carrier, path(&namespace, &name));
                }
            }
            // The last events of a pod come when it is gone; its name stays the same thing's.
            (_, Watched::Deleted(_)) => {}
        }
        Vec::new()
    }

    /// Waits no longer for what a source has; what waited for it is told.
    pub(super) fn give_up(&mut self, source: Source) -> Vec<EventRow> {
        if !self.unknown.remove(&source) || !self.is_open() {
            return Vec::new();
        }
        let mut past = std::mem::take(&mut self.past);
        past.retain(|(from, event)| *from == Origin::Host || !self.is_copy(event));
        past.sort_by_key(|(_, event)| event.at);
        past.drain(..past.len().saturating_sub(PAST));
        past.iter().map(|(from, event)| self.row(*from, event)).collect()
    }

    fn happened(&mut self, from: Origin, event: Brief) -> Vec<EventRow> {
        let is_news = match from {
            Origin::Task => self.task.note(&event),
            Origin::Host => self.host.note(&event),
        };
        if is_news && !self.is_open() {
            self.keep(from, event);
            return Vec::new();
        }
        let is_told = match from {
            Origin::Task => self.is_copy(&event),
            Origin::Host => self.was_told_as_copy(&event),
        };
        if is_news && !is_told {
            vec![self.row(from, &event)]
        } else {
            Vec::new()
        }
    }

    fn keep(&mut self, from: Origin, event: Brief) {
        self.past.push((from, event));
        if self.past.len() > 4 * PAST {
            self.past.sort_by_key(|(_, event)| event.at);
            self.past.drain(..2 * PAST);
        }
    }

    /// Whether an event of the task says what the host has said. Copies may be late.
    fn is_copy(&self, event: &Brief) -> bool {
        self.host.twin(event).is_some_and(|told| told >= event.mark())
    }

    /// Whether an event of the host came after its copy. It has to be exactly the same: a candidate can make events
    /// that look like later copies, and must not silence the host with them.
    fn was_told_as_copy(&self, event: &Brief) -> bool {
        self.task.twin(event) == Some(event.mark())
    }

    fn row(&self, from: Origin, event: &Brief) -> EventRow {
        let About {
            kind,
            namespace,
            name,
        } = &event.about;
        let carried = self.carried.get(&(kind.clone(), name.clone()));
        let object = carried.filter(|_| from == Origin::Host).cloned();
        EventRow::new(event, &object.unwrap_or_else(|| path(namespace, name)), from)
    }
}

#[cfg(test)]
#[path = "journal_tests.rs"]
mod tests;
