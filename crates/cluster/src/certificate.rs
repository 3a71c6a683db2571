//! When a certificate ends, read from its bytes: the one field of a certificate that people run into.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// The end of the first certificate of a PEM text.
pub(crate) fn end_of_pem(pem: &[u8]) -> Option<Timestamp> {
    end(CertificateDer::from_pem_slice(pem).ok()?.as_ref())
}

/// The end of a certificate; `None` for bytes that are none.
pub(crate) fn end(certificate: &[u8]) -> Option<Timestamp> {
    let (tag, whole, _) = value(certificate)?;
    let (signed, body, _) = value(whole)?;
    if tag != SEQUENCE || signed != SEQUENCE {
        return None;
    }
    let mut rest = body;
    if rest.first() == Some(&VERSION) {
        rest = value(rest)?.2;
    }
    // Serial number, algorithm and issuer stand before the validity.
    for _ in 0..3 {
        rest = value(rest)?.2;
    }
    let (_, validity, _) = value(rest)?;
    let after_begin = value(validity)?.2;
    let (tag, end, _) = value(after_begin)?;
    time(tag, std::str::from_utf8(end).ok()?)
}

/// Tag and content of the first value in DER, and what follows it.
fn value(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
        if bytes.len() > 4 {
            return None;
        }
        let length = bytes
            .iter()
            .fold(0, |length, byte| length << 8 | usize::from(*byte));
        (length, rest)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

/// `YYMMDDhhmmssZ` up to 2049, `YYYYMMDDhhmmssZ` later.
fn time(tag: u8, text: &str) -> Option<Timestamp> {
    let text = match tag {
        // A year below 50 is of this century.
        UTC_TIME if text < "5" => format!("20{text}"),
        UTC_TIME => format!("19{text}"),
        GENERALIZED_TIME => text.to_owned(),
        _ => return None,
    };
    let time = DateTime::strptime("%Y%m%d%H%M%SZ", &text).ok()?;
    Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_both_forms() {
        let read = |tag, text| time(tag, text).map(|time| time.to_string());
        assert_eq!(
            read(UTC_TIME, "271124090807Z").as_deref(),
            Some("2027-11-24T09:08:07Z")
        );
        assert_eq!(
            read(UTC_TIME, "991231235959Z").as_deref(),
            Some("1999-12-31T23:59:59Z")
        );
        assert_eq!(
            read(GENERALIZED_TIME, "20510101000000Z").as_deref(),
            Some("2051-01-01T00:00:00Z")
        );
        assert_eq!(read(GENERALIZED_TIME, "tomorrow"), None);
        assert_eq!(read(0x02, "271124090807Z"), None);
    }

    #[test]
    fn the_end_of_a_certificate_is_found() {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut wanted = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        wanted.not_after = rcgen::date_time_ymd(2031, 2, 3);
        let certificate = wanted.self_signed(&key).unwrap();
        let expected = Some("2031-02-03T00:00:00Z".parse().unwrap());
        assert_eq!(end(certificate.der()), expected);
        assert_eq!(end_of_pem(certificate.pem().as_bytes()), expected);
    }

    #[test]
    fn bytes_that_are_no_certificate_have_no_end() {
        for bytes in [
            &b""[..],
            b"\x30",
            b"\x30\x84\xff\xff\xff\xff",
            b"\x30\x02\x30\x00",
            b"plain text",
        ] {
            assert_eq!(end(bytes), None, "{bytes:?}");
        }
    }
}
