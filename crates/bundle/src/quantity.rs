//! Kubernetes quantities (`500m`, `4Gi`), read to one canonical number.

use std::fmt;

use thiserror::Error;

/// Why a text is not a quantity.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum QuantityError {
    /// Nothing was written.
    #[error("is empty")]
    Empty,
    /// It does not start with a number.
    #[error("is not a quantity such as `500m`, `2` or `4Gi`")]
    Shape,
    /// The number has a unit that Kubernetes does not know.
    #[error("has the unknown unit `{unit}`")]
    Unit {
        /// The unit as written.
        unit: String,
    },
    /// It is below zero.
    #[error("is negative")]
    Negative,
    /// It does not fit.
    #[error("is too large")]
    TooLarge,
}

/// An amount of CPU, memory or storage.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Quantity {
    text: Box<str>,
    milli: u64,
}

impl Quantity {
    /// Reads a quantity; fractions below a thousandth are rounded up.
    pub fn new(text: &str) -> Result<Self, QuantityError> {
        Ok(Self {
            text: text.into(),
            milli: parse(text)?,
        })
    }

    /// The quantity as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// In thousandths: millicores for CPU.
    pub fn milli(&self) -> u64 {
        self.milli
    }

    /// In whole units, rounded up: bytes for memory and storage.
    pub fn units(&self) -> u64 {
        self.milli.div_ceil(1000)
    }

    /// Whether it is nothing at all.
    pub fn is_zero(&self) -> bool {
        self.milli == 0
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.milli.cmp(&other.milli))
    }
}

/// Digits beyond these cannot matter to a number that fits.
const MAX_DIGITS: usize = 40;

fn parse(text: &str) -> Result<u64, QuantityError> {
    if text.is_empty() {
        return Err(QuantityError::Empty);
    }
    let unsigned = text.strip_prefix('+').unwrap_or(text);
    if unsigned.starts_with('-') {
        return Err(QuantityError::Negative);
    }
    let split = unsigned
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(unsigned.len());
    let (number, unit) = unsigned.split_at(split);
    let (digits, decimals) = read_number(number)?;
    let (multiplier, exponent) = scale(unit)?;
    to_milli(digits, multiplier, exponent - decimals)
}

/// The digits without their point, and how many of them stand behind it.
fn read_number(number: &str) -> Result<(u128, i32), QuantityError> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits: String = [whole, fraction].concat();
    if digits.is_empty() || fraction.contains('.') {
        return Err(QuantityError::Shape);
    }
    if digits.len() > MAX_DIGITS {
        return Err(QuantityError::TooLarge);
    }
    let value = digits.parse().map_err(|_| QuantityError::TooLarge)?;
    let decimals = i32::try_from(fraction.len()).map_err(|_| QuantityError::TooLarge)?;
    Ok((value, decimals))
}

/// A unit as a factor and a power of ten.
fn scale(unit: &str) -> Result<(u128, i32), QuantityError> {
    let scale = match unit {
        "n" => (1, -9),
        "u" => (1, -6),
        "m" => (1, -3),
        "" => (1, 0),
        "k" => (1, 3),
        "M" => (1, 6),
        "G" => (1, 9),
        "T" => (1, 12),
        "P" => (1, 15),
        "E" => (1, 18),
        "Ki" => (1 << 10, 0),
        "Mi" => (1 << 20, 0),
        "Gi" => (1 << 30, 0),
        "Ti" => (1 << 40, 0),
        "Pi" => (1 << 50, 0),
        "Ei" => (1 << 60, 0),
        other => (
            1,
            exponent(other).ok_or_else(|| QuantityError::Unit { unit: other.into() })?,
        ),
    };
    Ok(scale)
}

/// `e3` and `E3` are powers of ten.
fn exponent(unit: &str) -> Option<i32> {
    let digits = unit.strip_prefix(['e', 'E'])?;
    digits
        .parse()
        .ok()
        .filter(|power: &i32| (-40..=40).contains(power))
}

fn to_milli(digits: u128, multiplier: u128, exponent: i32) -> Result<u64, QuantityError> {
    let value = digits.checked_mul(multiplier).ok_or(QuantityError::TooLarge)?;
    let power = 10_u128.checked_pow((exponent + 3).unsigned_abs());
    let milli = match (exponent + 3 >= 0, power) {
        (true, Some(power)) => value.checked_mul(power).ok_or(QuantityError::TooLarge)?,
        (true, None) if value > 0 => return Err(QuantityError::TooLarge),
        (false, Some(power)) => value.div_ceil(power),
        (_, None) => u128::from(value > 0),
    };
    u64::try_from(milli).map_err(|_| QuantityError::TooLarge)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_read_to_thousandths() {
        let cases = [
            ("2", 2_000),
            ("500m", 500),
            ("0.5", 500),
            (".5", 500),
            ("1.5Gi", 1_610_612_736_000),
            ("4Gi", 4_294_967_296_000),
            ("1k", 1_000_000),
            ("1e3", 1_000_000),
            ("1E3", 1_000_000),
            ("1n", 1),
            ("+1", 1_000),
            ("0", 0),
        ];
        for (text, milli) in cases {
            assert_eq!(
                Quantity::new(text).map(|quantity| quantity.milli()),
                Ok(milli),
                "{text}"
            );
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "Gi",
            "4GB",
            "4 Gi",
            "1.2.3",
            "-1",
            "1e99",
            "99999999999999999999999999999999999999999",
            "16Ei",
        ] {
            assert!(Quantity::new(text).is_err(), "{text:?} is no quantity");
        }
    }

    #[test]
    fn bytes_are_rounded_up() {
        assert_eq!(Quantity::new("1500m").map(|quantity| quantity.units()), Ok(2));
    }
}
