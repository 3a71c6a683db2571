//! The keys that leave a shell without ending the preview.

use std::fmt;
use std::str::FromStr;

/// A sequence of keys as the bytes that a terminal sends for them; empty for none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetachKeys {
    bytes: Vec<u8>,
    name: String,
}

/// What is wrong with keys that someone typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotKeys(String);

impl fmt::Display for NotKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is no key; write for instance ctrl-] or ctrl-p,ctrl-q or none",
            self.0
        )
    }
}

impl std::error::Error for NotKeys {}

impl FromStr for DetachKeys {
    type Err = NotKeys;

    fn from_str(text: &str) -> Result<Self, NotKeys> {
        let name = text.trim().to_lowercase();
        let bytes = if name == "none" {
            Vec::new()
        } else {
            name.split(',').map(key).collect::<Result<_, _>>()?
        };
        Ok(Self { bytes, name })
    }
}

fn key(text: &str) -> Result<u8, NotKeys> {
    let no_key = || NotKeys(text.to_owned());
    let (control, key) = match text.strip_prefix("ctrl-") {
        Some(key) => (true, key),
        None => (false, text),
    };
    match (control, key.as_bytes()) {
        (false, [byte @ b'!'..=b'~']) => Ok(*byte),
        (true, [byte @ (b'a'..=b'z' | b'@' | b'[' | b'\\' | b']' | b'^' | b'_')]) => Ok(byte & 0x1f),
        _ => Err(no_key()),
    }
}

impl fmt::Display for DetachKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl DetachKeys {
    /// Whether there are any.
    pub fn is_some(&self) -> bool {
        !self.bytes.is_empty()
    }
}

/// Watches typed bytes for the keys.
#[derive(Debug)]
pub(super) struct Watch {
    keys: Vec<u8>,
    matched: usize,
}

/// What is to be done with typed bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Typed {
    /// What goes to the shell.
    pub forward: Vec<u8>,
    /// Whether the keys were typed; what came after them is dropped.
    pub detach: bool,
}

impl Watch {
    /// Watches for `keys`.
    pub(super) fn new(keys: &DetachKeys) -> Self {
        Self {
            keys: keys.bytes.clone(),
            matched: 0,
        }
    }

    /// Takes in typed bytes. The beginning of a sequence is held back until it is clear what it is.
    pub(super) fn typed(&mut self, bytes: &[u8]) -> Typed {
        let mut forward = Vec::with_capacity(bytes.len());
        for &byte in bytes {
            if self.keys.get(self.matched) != Some(&byte) {
                forward.extend_from_slice(&self.keys[..self.matched]);
                self.matched = 0;
            }
            if self.keys.is_empty() || self.keys[self.matched] != byte {
                forward.push(byte);
                continue;
            }
            self.matched += 1;
            if self.matched == self.keys.len() {
                return Typed {
                    forward,
                    detach: true,
                };
            }
        }
        Typed {
            forward,
            detach: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watch(keys: &str) -> Watch {
        Watch::new(&keys.parse().unwrap())
    }

    #[test]
    fn keys_are_read() {
        let bytes = |text: &str| text.parse::<DetachKeys>().map(|keys| keys.bytes).ok();
        assert_eq!(bytes("ctrl-]"), Some(vec![0x1d]));
        assert_eq!(bytes("ctrl-p,ctrl-q"), Some(vec![0x10, 0x11]));
        assert_eq!(bytes("Ctrl-A,d"), Some(vec![0x01, b'd']));
        assert_eq!(bytes("none"), Some(vec![]));
        for bad in ["", "ctrl-", "ctrl-1", "escape", "ctrl-p,", "é"] {
            assert_eq!(bytes(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn one_key_detaches_at_once() {
        let typed = watch("ctrl-]").typed(b"ls\x1dmore");
        assert_eq!(
            typed,
            Typed {
                forward: b"ls".to_vec(),
                detach: true
            }
        );
    }

    #[test]
    fn the_beginning_of_a_sequence_is_given_back_when_it_was_none() {
        let mut watch = watch("ctrl-p,ctrl-q");
        assert_eq!(
            watch.typed(b"a\x10"),
            Typed {
                forward: b"a".to_vec(),
                detach: false
            }
        );
        assert_eq!(
            watch.typed(b"b"),
            Typed {
                forward: b"\x10b".to_vec(),
                detach: false
            }
        );
        assert_eq!(
            watch.typed(b"\x10\x10"),
            Typed {
                forward: b"\x10".to_vec(),
                detach: false
            }
        );
        assert!(watch.typed(b"\x11").detach);
    }

    #[test]
    fn without_keys_everything_goes_to_the_shell() {
        assert_eq!(watch("none").typed(b"\x1d\x10").forward, b"\x1d\x10");
    }
}
