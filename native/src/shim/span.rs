//! Spans of time as people write them: 250ms, 90s, 5m, +2h, -1d.

/// ms; the sign may be left out.
///
/// # Errors
/// What is wrong with it.
pub fn signed(text: &str) -> Result<i64, String> {
    let (sign, rest) = match text.as_bytes().first() {
        Some(b'-') => (-1, &text[1..]),
        Some(b'+') => (1, &text[1..]),
        _ => (1, text),
    };
    let ms = i64::try_from(unsigned(rest)?).map_err(|_| "that is too long".to_owned())?;
    Ok(sign * ms)
}

/// ms.
///
/// # Errors
/// What is wrong with it.
pub fn unsigned(text: &str) -> Result<u64, String> {
    let end = text
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let number: u64 = number
        .parse()
        .map_err(|_| format!("{text:?} is no time, such as 250ms or 2h"))?;
    let factor = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err(format!("{text:?} has no unit: ms, s, m, h or d")),
    };
    // A century of ns fits into 64 bits three times.
    let most = 36_525 * 86_400_000;
    number
        .checked_mul(factor)
        .filter(|ms| *ms <= most)
        .ok_or_else(|| "a century is the longest".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_a_sign_and_a_unit() {
        assert_eq!(signed("+2h"), Ok(7_200_000));
        assert_eq!(signed("-90s"), Ok(-90_000));
        assert_eq!(signed("250ms"), Ok(250));
        for wrong in [
            "",
            "2",
            "h",
            "+-2h",
            "2 h",
            "99999999999999999999d",
            "40000d",
        ] {
            assert!(signed(wrong).is_err(), "{wrong}");
        }
    }
}
