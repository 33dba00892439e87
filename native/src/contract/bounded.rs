//! Values with the bounds the contract gives them, checked once, where they come in.
use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Serialize};

/// The largest whole number both languages hold exactly (2^53 − 1).
const MAX_SAFE: u64 = (1 << 53) - 1;

/// Text of `MIN` to `MAX` UTF-16 code units, which is how the other half counts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Text<const MIN: usize, const MAX: usize>(String);

/// What people and agents may say: paths, reasons, sentences.
pub type Long = Text<0, 4096>;
/// A path; never empty.
pub type FilePath = Text<1, 4096>;
/// A name the caller chose.
pub type Name = Text<1, 200>;

impl<const MIN: usize, const MAX: usize> TryFrom<String> for Text<MIN, MAX> {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let units = text.encode_utf16().count();
        if (MIN..=MAX).contains(&units) {
            Ok(Self(text))
        } else {
            Err(format!(
                "text of {units} characters where {MIN} to {MAX} are possible"
            ))
        }
    }
}

impl<const MIN: usize, const MAX: usize> Text<MIN, MAX> {
    /// Cuts what is too long: for sentences of our own that hold a stranger's words. `MIN` must be 0.
    pub fn cut(text: &str) -> Self {
        const { assert!(MIN == 0) };
        let mut units = 0;
        let whole = text.chars().take_while(|letter| {
            units += letter.len_utf16();
            units <= MAX
        });
        Self(whole.collect())
    }
}

impl<const MIN: usize, const MAX: usize> Deref for Text<MIN, MAX> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<const MIN: usize, const MAX: usize> fmt::Display for Text<MIN, MAX> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.0)
    }
}

/// A whole number from `MIN` to `MAX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u64")]
pub struct Whole<const MIN: u64, const MAX: u64>(u64);

/// Any count, size in bytes, span or time in ms.
pub type Count = Whole<0, MAX_SAFE>;
/// At least one.
pub type Positive = Whole<1, MAX_SAFE>;
/// 1 to 100.
pub type WholePercent = Whole<1, 100>;

impl<const MIN: u64, const MAX: u64> TryFrom<u64> for Whole<MIN, MAX> {
    type Error = String;

    fn try_from(number: u64) -> Result<Self, String> {
        if (MIN..=MAX).contains(&number) {
            Ok(Self(number))
        } else {
            Err(format!("{number} where {MIN} to {MAX} is possible"))
        }
    }
}

impl<const MIN: u64, const MAX: u64> Whole<MIN, MAX> {
    /// The nearest number that is possible.
    pub const fn near(number: u64) -> Self {
        if number < MIN {
            Self(MIN)
        } else if number > MAX {
            Self(MAX)
        } else {
            Self(number)
        }
    }
    pub const fn get(self) -> u64 {
        self.0
    }
}

/// A number from 0 to `MAX`.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64")]
pub struct UpTo<const MAX: u32>(f64);

/// 0 to 100.
pub type Percent = UpTo<100>;
/// 0 to 1.
pub type Share = UpTo<1>;

impl<const MAX: u32> TryFrom<f64> for UpTo<MAX> {
    type Error = String;

    fn try_from(number: f64) -> Result<Self, String> {
        if (0.0..=f64::from(MAX)).contains(&number) {
            Ok(Self(number))
        } else {
            Err(format!("{number} where 0 to {MAX} is possible"))
        }
    }
}

impl<const MAX: u32> UpTo<MAX> {
    pub fn get(self) -> f64 {
        self.0
    }

    /// A whole number, or the largest when it is above that.
    pub fn near(number: u32) -> Self {
        Self(f64::from(number.min(MAX)))
    }

    /// The largest: 100 %, all.
    pub fn all() -> Self {
        Self(f64::from(MAX))
    }
}

/// At most `MAX` of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<T>", bound(deserialize = "T: Deserialize<'de>"))]
pub struct Few<T, const MAX: usize>(Vec<T>);

impl<T, const MAX: usize> Default for Few<T, MAX> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T, const MAX: usize> TryFrom<Vec<T>> for Few<T, MAX> {
    type Error = String;

    fn try_from(list: Vec<T>) -> Result<Self, String> {
        if list.len() <= MAX {
            Ok(Self(list))
        } else {
            Err(format!("{} where {MAX} are possible", list.len()))
        }
    }
}

impl<T, const MAX: usize> Deref for Few<T, MAX> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}
