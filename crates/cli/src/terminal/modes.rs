//! Follows the terminal modes that programs in the seat switch on, so that they can be switched off when a program
//! cannot do it itself any more. Looks at escape sequences only; text costs next to nothing.

/// Modes that matter after a program is gone, as `CSI ? n h` sets them.
const KNOWN: [u16; 19] = [
    1, 7, 9, 12, 25, 47, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1015, 1016, 1047, 1048, 1049, 2004,
];
/// Those that are on in a fresh terminal.
const ON_AT_FIRST: [u16; 2] = [7, 25];
const ALTERNATE_SCREENS: [u16; 3] = [47, 1047, 1049];
/// The bit of the application keypad, `ESC =`.
const KEYPAD: u32 = 1 << 31;
/// The bit of modified keys, `CSI > 4 ; n m`.
const MODIFIED_KEYS: u32 = 1 << 30;
/// The bit of the keyboard protocol, `CSI > n u`.
const KEYBOARD: u32 = 1 << 29;
/// No sequence we look for is longer.
const LONGEST: usize = 48;

/// The modes that differ from a fresh terminal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Modes {
    changed: u32,
    /// The beginning of a sequence whose end has not come yet.
    pending: Vec<u8>,
}

impl Modes {
    /// The modes as one number.
    pub(super) fn bits(&self) -> u32 {
        self.changed
    }

    /// The modes that a number stands for.
    pub(super) fn from_bits(bits: u32) -> Self {
        Self {
            changed: bits,
            pending: Vec::new(),
        }
    }

    /// Whether a full-screen program has the screen.
    pub(super) fn is_full_screen(&self) -> bool {
        ALTERNATE_SCREENS
            .iter()
            .any(|mode| self.changed & bit(*mode) != 0)
    }

    /// Follows output on its way to the terminal.
    pub(super) fn follow(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        if !self.pending.is_empty() {
            rest = self.finish_pending(bytes);
        }
        while let Some(at) = memchr::memchr(0x1b, rest) {
            rest = &rest[at..];
            match sequence_length(rest) {
                Length::Whole(length) => {
                    self.apply(&rest[..length]);
                    rest = &rest[length..];
                }
                Length::Unfinished => {
                    self.pending = rest.to_vec();
                    return;
                }
            }
        }
    }

    fn finish_pending<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let mut whole = std::mem::take(&mut self.pending);
        let had = whole.len();
        whole.extend_from_slice(&bytes[..bytes.len().min(LONGEST)]);
        match sequence_length(&whole) {
            Length::Whole(length) => {
                self.apply(&whole[..length]);
                &bytes[length.saturating_sub(had)..]
            }
            Length::Unfinished => {
                self.pending = whole;
                &[]
            }
        }
    }

    fn apply(&mut self, sequence: &[u8]) {
        match sequence {
            b"\x1bc" => self.changed = 0,
            b"\x1b=" => self.changed |= KEYPAD,
            b"\x1b>" => self.changed &= !KEYPAD,
            [0x1b, b'[', b'?', numbers @ .., last @ (b'h' | b'l')] => {
                numbers
                    .split(|byte| *byte == b';')
                    .filter_map(number)
                    .for_each(|mode| self.set(mode, *last == b'h'));
            }
            [0x1b, b'[', b'>', b'4', b';', b'0', b'm'] | b"\x1b[>4m" => self.changed &= !MODIFIED_KEYS,
            [0x1b, b'[', b'>', b'4', b';', .., b'm'] => self.changed |= MODIFIED_KEYS,
            [0x1b, b'[', b'>', .., b'u'] => self.changed |= KEYBOARD,
            [0x1b, b'[', b'<', .., b'u'] => self.changed &= !KEYBOARD,
            _ => {}
        }
    }

    fn set(&mut self, mode: u16, on: bool) {
        if on == ON_AT_FIRST.contains(&mode) {
            self.changed &= !bit(mode);
        } else {
            self.changed |= bit(mode);
        }
    }

    /// The bytes that bring a terminal from `self` to `other`.
    pub(super) fn difference(&self, other: &Self) -> Vec<u8> {
        switch(self.changed, other.changed)
    }
}

/// The bytes that bring a terminal with these modes back to a fresh one; nothing when it is fresh.
pub(super) fn reset(bits: u32) -> Vec<u8> {
    switch(bits, 0)
}

fn switch(from: u32, to: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    // The alternate screen goes last, so that everything else is undone on the screen it was done on.
    let (screens, others): (Vec<u16>, Vec<u16>) =
        KNOWN.iter().partition(|mode| ALTERNATE_SCREENS.contains(mode));
    for mode in others.into_iter().chain(screens) {
        if (from ^ to) & bit(mode) != 0 {
            let on = (to & bit(mode) != 0) != ON_AT_FIRST.contains(&mode);
            bytes.extend_from_slice(format!("\x1b[?{mode}{}", if on { 'h' } else { 'l' }).as_bytes());
        }
    }
    for (flag, on, off) in [
        (KEYPAD, "\x1b=", "\x1b>"),
        (MODIFIED_KEYS, "\x1b[>4;2m", "\x1b[>4;0m"),
        (KEYBOARD, "\x1b[>1u", "\x1b[<u"),
    ] {
        if (from ^ to) & flag != 0 {
            bytes.extend_from_slice(if to & flag != 0 { on } else { off }.as_bytes());
        }
    }
    bytes
}

/// The bit of a mode; none for a mode nobody needs to know.
fn bit(mode: u16) -> u32 {
    KNOWN
        .iter()
        .position(|known| *known == mode)
        .map_or(0, |at| 1 << at)
}

fn number(digits: &[u8]) -> Option<u16> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

enum Length {
    Whole(usize),
    Unfinished,
}

/// The length of the sequence that `bytes` begin with. Strings such as titles count as their two-byte introducer.
fn sequence_length(bytes: &[u8]) -> Length {
    match bytes {
        [0x1b] => Length::Unfinished,
        [0x1b, b'[', body @ ..] => match body.iter().position(|byte| !(0x20..=0x3f).contains(byte)) {
            // A control character ends a broken sequence; a letter ends a whole one.
            Some(at) if body[at] < 0x20 => Length::Whole(2 + at),
            Some(at) => Length::Whole(3 + at),
            None if bytes.len() > LONGEST => Length::Whole(bytes.len()),
            None => Length::Unfinished,
        },
        _ => Length::Whole(bytes.len().min(2)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(pieces: &[&[u8]]) -> Modes {
        let mut modes = Modes::default();
        for piece in pieces {
            modes.follow(piece);
        }
        modes
    }

    fn undone(pieces: &[&[u8]]) -> String {
        String::from_utf8(reset(after(pieces).bits())).unwrap()
    }

    #[test]
    fn what_an_editor_switches_on_is_switched_off() {
        assert_eq!(
            undone(&[b"text\x1b[?1049h\x1b[?1h\x1b=\x1b[?25l more"]),
            "\x1b[?1l\x1b[?25h\x1b[?1049l\x1b>"
        );
        assert_eq!(undone(&[b"\x1b[?1000;1006h"]), "\x1b[?1000l\x1b[?1006l");
        assert_eq!(undone(&[b"\x1b[?2004h$ \x1b[?2004l"]), "");
        assert_eq!(undone(&[b"\x1b[>4;2m\x1b[>1u"]), "\x1b[>4;0m\x1b[<u");
    }

    #[test]
    fn a_sequence_may_be_cut_anywhere() {
        let whole: &[u8] = b"a\x1b[?1049hb\x1b[?25lc\x1b[?25h";
        let expected = after(&[whole]);
        for at in 0..=whole.len() {
            let (head, tail) = whole.split_at(at);
            assert_eq!(after(&[head, tail]).bits(), expected.bits(), "cut at {at}");
        }
        let bytes: Vec<&[u8]> = whole.chunks(1).collect();
        assert_eq!(after(&bytes).bits(), expected.bits(), "byte by byte");
    }

    #[test]
    fn full_screen_programs_are_recognised() {
        assert!(after(&[b"\x1b[?1049h"]).is_full_screen());
        assert!(!after(&[b"\x1b[?1049h\x1b[?1049l"]).is_full_screen());
        assert!(!after(&[b"\x1bc"]).is_full_screen());
    }

    #[test]
    fn an_endless_sequence_does_not_grow_without_end() {
        let modes = after(&[b"\x1b[", &[b'1'; 500], &[b'1'; 500]]);
        assert!(modes.pending.len() <= 2 * LONGEST, "{}", modes.pending.len());
    }
}
