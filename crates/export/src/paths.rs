//! Which paths an exported bundle may hold: those that mean one and the same file on every system.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;
use std::fmt;

use bundle::BundlePath;
use bundle::path::PathError;
use unicode_normalization::UnicodeNormalization as _;

/// Why a path cannot be exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathFault {
    /// It is no path inside a bundle.
    NotInside(PathError),
    /// It holds a character that Windows does not know in names.
    Character(char),
    /// A part of it ends with a dot or a space, which Windows drops.
    Ending,
    /// Windows takes a part of it for a device.
    Device,
    /// It holds a character that nobody sees, or one that turns the direction of what follows.
    Invisible,
    /// It lies where version control keeps its own files, which run programs.
    VersionControl,
}

impl fmt::Display for PathFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotInside(error) => error.fmt(f),
            Self::Character(character) => {
                write!(f, "it holds `{character}`, which not every system can store")
            }
            Self::Ending => f.write_str("a part of it ends with a dot or a space, which some systems drop"),
            Self::Device => f.write_str("a part of it is the name of a device on some systems"),
            Self::Invisible => f.write_str("it holds a character that cannot be seen"),
            Self::VersionControl => f.write_str("it lies in the folder of a version control system"),
        }
    }
}

/// The path that a text is, if that can be stored everywhere.
pub(crate) fn portable(text: &str) -> Result<BundlePath, PathFault> {
    let path = BundlePath::new(text).map_err(PathFault::NotInside)?;
    if let Some(character) = text.chars().find(|c| "<>:\"|?*".contains(*c)) {
        return Err(PathFault::Character(character));
    }
    if text.chars().any(is_invisible) {
        return Err(PathFault::Invisible);
    }
    text.split('/').try_for_each(check_part)?;
    Ok(path)
}

fn check_part(part: &str) -> Result<(), PathFault> {
    let is = |names: &[&str], name: &str| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    let stem = part.split('.').next().unwrap_or_default().trim_end();
    if part.ends_with(['.', ' ']) {
        Err(PathFault::Ending)
    } else if is(&["con", "prn", "aux", "nul"], stem) || is_port(stem) {
        Err(PathFault::Device)
    } else if is(&[".git", ".hg", ".svn", "git~1"], part) {
        Err(PathFault::VersionControl)
    } else {
        Ok(())
    }
}

/// `com1` to `lpt9`.
fn is_port(stem: &str) -> bool {
    let lower = stem.to_ascii_lowercase();
    let number = lower.strip_prefix("com").or_else(|| lower.strip_prefix("lpt"));
    number.is_some_and(|rest| {
        let mut rest = rest.chars();
        matches!(rest.next(), Some('0'..='9' | '¹' | '²' | '³')) && rest.next().is_none()
    })
}

/// Characters without width, and marks of direction: two names would look alike.
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Two paths that some systems take for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    /// The first.
    pub one: String,
    /// The second.
    pub other: String,
}

/// Every pair of paths that some system takes for one, and every file that lies where another needs a folder.
pub(crate) fn clashes<'a>(paths: impl IntoIterator<Item = &'a str>) -> Vec<Clash> {
    let mut seen: HashMap<String, (&str, bool)> = HashMap::new();
    let mut clash = |path: &'a str| places(path).find_map(|place| first_of(&mut seen, place));
    let pairs = paths.into_iter().filter_map(|path| Some((clash(path)?, path)));
    pairs
        .map(|(one, other)| Clash {
            one: one.to_owned(),
            other: other.to_owned(),
        })
        .collect()
}

/// What was seen before that this place cannot be told from everywhere. The same folder again is no clash.
fn first_of<'a>(seen: &mut HashMap<String, (&'a str, bool)>, place: (&'a str, bool)) -> Option<&'a str> {
    match seen.entry(fold(place.0)) {
        Slot::Vacant(slot) => {
            slot.insert(place);
            None
        }
        Slot::Occupied(slot) => (*slot.get() != place || place.1).then(|| slot.get().0),
    }
}

/// The folders on the way to a path, then the path itself.
fn places(path: &str) -> impl Iterator<Item = (&str, bool)> {
    let folders = path.match_indices('/').map(|(at, _)| (&path[..at], false));
    folders.chain([(path, true)])
}

/// What a system that knows neither case nor ways of composing characters makes of a name.
fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let lower: String = text.nfkd().flat_map(char::to_lowercase).collect();
    // Some characters only become the same after a way through upper case, such as both small sigmas.
    let upper: String = lower.chars().flat_map(char::to_uppercase).collect();
    upper.nfkd().flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_not_every_system_can_store_are_named() {
        let cases = [
            ("../x", PathFault::NotInside(PathError::Escape)),
            ("/etc/passwd", PathFault::NotInside(PathError::Absolute)),
            ("C:/x", PathFault::NotInside(PathError::Absolute)),
            ("a/b:stream", PathFault::Character(':')),
            ("a?", PathFault::Character('?')),
            ("a./b", PathFault::Ending),
            ("a /b", PathFault::Ending),
            ("tty/NUL.txt", PathFault::Device),
            ("com1", PathFault::Device),
            ("LPT9.log", PathFault::Device),
            ("a\u{202e}b", PathFault::Invisible),
            (".g\u{200c}it/config", PathFault::Invisible),
            (".git/hooks/post-checkout", PathFault::VersionControl),
            ("a/.GIT/config", PathFault::VersionControl),
        ];
        for (text, fault) in cases {
            assert_eq!(portable(text), Err(fault), "{text:?}");
        }
        for text in [
            "task.yaml",
            "tty/home/.bashrc",
            "com10",
            "console/a",
            "ä/ö.md",
            ".gitattributes",
        ] {
            assert!(portable(text).is_ok(), "{text:?}");
        }
    }

    #[test]
    fn paths_that_some_system_takes_for_one_clash() {
        let cases: [(&[&str], usize); 9] = [
            (&["a", "b/a", "b/c"], 0),
            (&["a", "A"], 1),
            (&["a", "a"], 1),
            (&["x/a", "X/b"], 1),
            (&["a", "a/b"], 1),
            (&["a/b", "A"], 1),
            (&["caf\u{e9}", "cafe\u{301}"], 1),
            (&["stra\u{df}e", "STRASSE"], 1),
            (&["\u{fb01}le", "file"], 1),
        ];
        for (paths, count) in cases {
            assert_eq!(clashes(paths.iter().copied()).len(), count, "{paths:?}");
        }
    }
}
