//! What a plain scalar means: the rules of the YAML reader that kubectl and Helm use.

use serde_json::Number;

/// A scalar as written.
#[derive(Debug)]
pub(crate) struct Scalar {
    pub(crate) text: Box<str>,
    /// Neither quoted nor a block: its meaning depends on its letters.
    pub(crate) plain: bool,
}

/// What a scalar means.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Resolved {
    Null,
    Bool(bool),
    Number(Number),
    Text,
}

impl Scalar {
    /// What it means.
    pub(crate) fn resolve(&self) -> Resolved {
        if !self.plain {
            return Resolved::Text;
        }
        match self.text.as_ref() {
            "" | "~" | "null" | "Null" | "NULL" => Resolved::Null,
            "true" | "True" | "TRUE" => Resolved::Bool(true),
            "false" | "False" | "FALSE" => Resolved::Bool(false),
            text => match old_boolean(text) {
                Some(value) => Resolved::Bool(value),
                None => number(text).map_or(Resolved::Text, Resolved::Number),
            },
        }
    }

    /// As JSON.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        match self.resolve() {
            Resolved::Null => serde_json::Value::Null,
            Resolved::Bool(value) => value.into(),
            Resolved::Number(number) => number.into(),
            Resolved::Text => self.text.as_ref().into(),
        }
    }

    /// What it is, in words.
    pub(crate) fn describe(&self) -> String {
        match self.resolve() {
            Resolved::Null => "nothing".into(),
            Resolved::Bool(value) if old_boolean(&self.text).is_some() => {
                format!("`{}`, which YAML readers take for `{value}`", self.text)
            }
            Resolved::Bool(value) => format!("the boolean `{value}`"),
            Resolved::Number(_) => format!("the number `{}`", self.shortened()),
            Resolved::Text => format!("the text `{}`", self.shortened()),
        }
    }

    /// The beginning of its text, fit for a message.
    pub(crate) fn shortened(&self) -> String {
        shorten(&self.text)
    }

    /// Why readers disagree about it, if they do.
    pub(crate) fn surprise(&self) -> Option<String> {
        if !self.plain {
            return None;
        }
        let text = self.text.as_ref();
        if let Some(value) = old_boolean(text) {
            return Some(format!(
                "`{text}` is `{value}` to kubectl and Helm, but a text in YAML 1.2"
            ));
        }
        let number = number(text)?;
        if has_leading_zero(text) {
            return Some(format!(
                "`{text}` is {number} to kubectl and Helm (octal), but {} in YAML 1.2",
                decimal(text)
            ));
        }
        text.contains('_')
            .then(|| format!("`{text}` is the number {number} to kubectl and Helm, but a text in YAML 1.2"))
    }
}

/// The beginning of a text on one line, fit for a message.
pub(crate) fn shorten(text: &str) -> String {
    shorten_to(text, 40)
}

/// As much of a text on one line.
pub(crate) fn shorten_to(text: &str, limit: usize) -> String {
    let mut characters = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut line: String = characters.by_ref().take(limit).collect();
    if characters.next().is_some() {
        line.push('…');
    }
    line
}

/// The booleans of YAML 1.1 that YAML 1.2 dropped.
fn old_boolean(text: &str) -> Option<bool> {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Some(true),
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}

fn number(text: &str) -> Option<Number> {
    let bytes = text.as_bytes();
    let starts_number = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.');
    if !bytes.first().is_some_and(starts_number) || bytes.len() > 64 {
        return None;
    }
    let digits = text.replace('_', "");
    integer(&digits).or_else(|| float(&digits))
}

fn integer(text: &str) -> Option<Number> {
    let (negative, unsigned) = match text.strip_prefix(['-', '+']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text),
    };
    let magnitude = magnitude(unsigned)?;
    if negative {
        let value = i64::try_from(-i128::from(magnitude)).ok()?;
        return Some(value.into());
    }
    Some(magnitude.into())
}

fn magnitude(text: &str) -> Option<u64> {
    let bytes = text.as_bytes();
    let (radix, digits) = match bytes {
        [b'0', b'x' | b'X', ..] => (16, &text[2..]),
        [b'0', b'o' | b'O', ..] => (8, &text[2..]),
        [b'0', b'b' | b'B', ..] => (2, &text[2..]),
        [b'0', _, ..] => (8, &text[1..]),
        _ => (10, text),
    };
    let all_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if all_digits {
        u64::from_str_radix(digits, radix).ok()
    } else {
        None
    }
}

fn float(text: &str) -> Option<Number> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (
            mantissa,
            Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent)),
        ),
        None => (unsigned, None),
    };
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let has_digits = !(whole.is_empty() && fraction.is_empty()) && all_digits(whole) && all_digits(fraction);
    let good_exponent = exponent.is_none_or(|digits| !digits.is_empty() && all_digits(digits));
    if !has_digits || !good_exponent {
        return None;
    }
    text.parse().ok().and_then(Number::from_f64)
}

fn has_leading_zero(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    unsigned.len() > 1
        && unsigned.starts_with('0')
        && unsigned.bytes().all(|byte| matches!(byte, b'0'..=b'7'))
}

fn decimal(text: &str) -> &str {
    let trimmed = text.trim_start_matches(['+', '-', '0']);
    if trimmed.is_empty() { "0" } else { trimmed }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn plain(text: &str) -> Scalar {
        Scalar {
            text: text.into(),
            plain: true,
        }
    }

    #[test]
    fn plain_scalars_mean_what_kubectl_takes_them_for() {
        let cases = [
            ("", json!(null)),
            ("~", json!(null)),
            ("true", json!(true)),
            ("yes", json!(true)),
            ("Off", json!(false)),
            ("0644", json!(420)),
            ("0o644", json!(420)),
            ("0x1F", json!(31)),
            ("08", json!(8.0)),
            ("1_000", json!(1000)),
            ("-12", json!(-12)),
            ("+12", json!(12)),
            ("18446744073709551615", json!(u64::MAX)),
            ("1.5", json!(1.5)),
            ("1e3", json!(1000.0)),
            (".5", json!(0.5)),
            (".", json!(".")),
            ("-", json!("-")),
            ("1.2.3", json!("1.2.3")),
            ("12:30", json!("12:30")),
            ("4Gi", json!("4Gi")),
            ("1e", json!("1e")),
            (".inf", json!(".inf")),
            ("-0x", json!("-0x")),
            ("2024-01-01", json!("2024-01-01")),
        ];
        for (text, expected) in cases {
            assert_eq!(plain(text).to_json(), expected, "{text:?}");
        }
        assert_eq!(
            Scalar {
                text: "yes".into(),
                plain: false
            }
            .to_json(),
            json!("yes")
        );
    }

    #[test]
    fn surprises_are_told() {
        for text in ["yes", "n", "On", "0777", "1_000", "-010"] {
            assert!(plain(text).surprise().is_some(), "{text}");
        }
        for text in ["true", "0", "1.30", "abc", "0x10", "", "12:30", "a_b"] {
            assert_eq!(plain(text).surprise(), None, "{text}");
        }
    }
}
