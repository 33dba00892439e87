//! JSON that is passed on as it came: only what must be read is read, so that nothing a tool may say (lone surrogates,
//! numbers past a double) is refused here and so escapes the gate.
use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The members of one JSON object, values as text; of members with the same name the last one counts.
pub struct Object<'a>(Vec<(Vec<u16>, &'a RawValue)>);

impl<'a> Object<'a> {
    /// None for what is not JSON or no object (RFC 8259, without a limit of depth).
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut parser = serde_json::Deserializer::from_str(text);
        // Values are only scanned here, which takes no stack, however deep they are.
        let members = parser.deserialize_map(Members).ok()?;
        parser.end().ok()?;
        Some(Object(members))
    }

    /// The value's text.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'a str> {
        let name: Vec<u16> = name.encode_utf16().collect();
        self.0
            .iter()
            .rev()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.get())
    }

    /// The value as UTF-16, as JSON's strings are; None for what is no string.
    #[must_use]
    pub fn units(&self, name: &str) -> Option<Vec<u16>> {
        self.get(name).and_then(units)
    }

    /// Whether the value is this string.
    #[must_use]
    pub fn is(&self, name: &str, text: &str) -> bool {
        self.units(name)
            .is_some_and(|units| units.iter().copied().eq(text.encode_utf16()))
    }

    /// Each member once, in order.
    pub fn members(&self) -> impl Iterator<Item = (&[u16], &'a str)> {
        self.0.iter().enumerate().filter_map(|(at, (key, value))| {
            let again = self.0[at + 1..].iter().any(|(later, _)| later == key);
            (!again).then_some((key.as_slice(), value.get()))
        })
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(Vec<u16>, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut members = Vec::new();
        while let Some((key, value)) = map.next_entry::<&RawValue, &RawValue>()? {
            members.push((units(key.get()).unwrap_or_default(), value));
        }
        Ok(members)
    }
}

/// UTF-16 of a JSON string's text, quotes included; None for another value's.
#[must_use]
pub fn units(text: &str) -> Option<Vec<u16>> {
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    let mut units = Vec::with_capacity(inner.len());
    let mut chars = inner.chars();
    let mut buffer = [0; 2];
    while let Some(char) = chars.next() {
        if char != '\\' {
            units.extend_from_slice(char.encode_utf16(&mut buffer));
            continue;
        }
        units.push(match chars.next()? {
            'b' => 8,
            't' => 9,
            'n' => 10,
            'f' => 12,
            'r' => 13,
            'u' => {
                let digits = chars.as_str().get(..4)?;
                chars = chars.as_str()[4..].chars();
                u16::from_str_radix(digits, 16).ok()?
            }
            other => u16::try_from(u32::from(other)).ok()?,
        });
    }
    Some(units)
}

/// Writes UTF-16 as a JSON string; halves of pairs that stand alone as escapes, as `JSON.stringify` does.
pub fn write_string(out: &mut String, units: &[u16]) {
    use fmt::Write;
    out.push('"');
    for char in char::decode_utf16(units.iter().copied()) {
        // Writing to a String cannot fail.
        let _ = match char {
            Ok(char @ ('"' | '\\')) => write!(out, "\\{char}"),
            Ok(char) if u32::from(char) < 0x20 => write!(out, "\\u{:04x}", u32::from(char)),
            Ok(char) => {
                out.push(char);
                Ok(())
            }
            Err(half) => write!(out, "\\u{:04x}", half.unpaired_surrogate()),
        };
    }
    out.push('"');
}

/// Writes a value's text without the white space between its parts: a message is one line.
pub fn write_compact(out: &mut String, text: &str) {
    let mut quoted = false;
    let mut escaped = false;
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        if quoted {
            if escaped {
                escaped = false;
            } else if byte == b'\\' {
                escaped = true;
            } else if byte == b'"' {
                quoted = false;
            }
        } else if byte == b'"' {
            quoted = true;
        } else if matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
            out.push_str(&text[from..at]);
            from = at + 1;
        }
    }
    out.push_str(&text[from..]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    #[test]
    fn what_is_no_object_is_none() {
        for text in [
            "",
            "null",
            "[]",
            "\"a\"",
            "{",
            "{\"a\":}",
            "{} {}",
            "{'a':1}",
            "\u{feff}{}",
            "{\"a\":\"\n\"}",
        ] {
            assert!(Object::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn lone_surrogates_and_huge_numbers_pass() {
        let object = Object::parse(r#"{"a":"\ud800","\udfff":1e999,"a":"\u0068i"}"#).unwrap();
        assert!(object.is("a", "hi"));
        assert_eq!(object.get("a"), Some(r#""\u0068i""#));
        assert_eq!(object.members().count(), 2);
        let mut out = String::new();
        write_string(&mut out, &[0xd800, 0x0a, 0x22, 0xd83d, 0xde00, 0xdc00]);
        assert_eq!(out, "\"\\ud800\\u000a\\\"😀\\udc00\"");
    }

    #[test]
    fn depth_takes_no_stack() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(400_000), "]".repeat(400_000));
        assert!(Object::parse(&deep).is_some());
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 64, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
                prop::collection::hash_map(any::<String>(), inner, 0..8)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn strings_survive(text in any::<String>()) {
            let quoted = serde_json::to_string(&text).unwrap();
            let read = units(&quoted).unwrap();
            prop_assert_eq!(String::from_utf16(&read).unwrap(), text.clone());
            let mut written = String::new();
            write_string(&mut written, &read);
            prop_assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
        }

        #[test]
        fn units_survive(given in any::<Vec<u16>>()) {
            let mut written = String::new();
            write_string(&mut written, &given);
            prop_assert_eq!(units(&written).unwrap(), given);
        }

        #[test]
        fn compact_is_the_same_value_in_one_line(value in json()) {
            let mut out = String::new();
            write_compact(&mut out, &serde_json::to_string_pretty(&value).unwrap());
            prop_assert_eq!(out, value.to_string());
        }

        #[test]
        fn nothing_panics(text in any::<String>()) {
            if let Some(object) = Object::parse(&text) {
                prop_assert!(object.members().count() <= text.len());
            }
        }
    }
}
