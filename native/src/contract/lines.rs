//! One line each: requests come in, answers and pushes go out.
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::bounded::Count;
use super::chaos::FaultState;
use super::error::NativeError;
use super::process::ProcessMark;
use super::request::{REQUESTS, Request};

/// A request and the id its answer carries.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestLine {
    pub id: u64,
    pub request: Request,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope {
    id: Count,
    r#do: String,
    with: Value,
}

/// Reads one line. The error carries the id when that could be read, else 0.
///
/// # Errors
/// `bad-line` when it is no request, `unknown-request` when we know no such, `bad-request` when what comes with it
/// is not what the contract says.
pub fn read_request(line: &[u8]) -> Result<RequestLine, (u64, NativeError)> {
    let bad = |error: serde_json::Error| {
        let id = serde_json::from_slice::<Value>(line)
            .ok()
            .and_then(|value| value.get("id")?.as_u64())
            .unwrap_or(0);
        let remedy = "each line is {\"id\": N, \"do\": NAME, \"with\": {…}}";
        (
            id,
            NativeError::new(
                "bad-line",
                format!("this line is no request: {error}"),
                remedy,
            ),
        )
    };
    // A list of three would be read as the three fields; only what is within them is compared below.
    if line.trim_ascii_start().first() == Some(&b'[') {
        return Err(bad(serde::de::Error::custom(
            "a list where an object belongs",
        )));
    }
    let Envelope {
        id,
        r#do: name,
        with,
    } = serde_json::from_slice(line).map_err(bad)?;
    let id = id.get();
    if !REQUESTS.contains(&name.as_str()) {
        let remedy = "the caller may be newer than this helper: build both from one version";
        return Err((
            id,
            NativeError::new(
                "unknown-request",
                format!("there is no request {name:?}"),
                remedy,
            ),
        ));
    }
    let whole = serde_json::json!({ "do": name, "with": with });
    let wrong = |why: String| {
        let remedy = "schema/native.schema.json says what comes with it";
        (
            id,
            NativeError::new("bad-request", format!("{name}: {why}"), remedy),
        )
    };
    let request = Request::deserialize(&whole).map_err(|error| wrong(error.to_string()))?;
    let meant = serde_json::to_value(&request).map_err(|error| wrong(error.to_string()))?;
    if !same_shape(&whole, &meant) {
        return Err(wrong("a list where an object belongs".to_owned()));
    }
    Ok(RequestLine { id, request })
}

/// Serde takes a list for a struct, field by field; the contract does not.
fn same_shape(given: &Value, meant: &Value) -> bool {
    match (given, meant) {
        (Value::Object(given), Value::Object(meant)) => given
            .iter()
            .all(|(key, value)| meant.get(key).is_none_or(|meant| same_shape(value, meant))),
        (Value::Array(given), Value::Array(meant)) => given
            .iter()
            .zip(meant)
            .all(|(value, meant)| same_shape(value, meant)),
        (Value::Array(_), Value::Object(_)) => false,
        _ => true,
    }
}

/// An answer as it goes out.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum AnswerLine<T> {
    Done {
        id: u64,
        ok: True,
        result: T,
    },
    Refused {
        id: u64,
        ok: False,
        error: NativeError,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(into = "bool")]
pub struct True;
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(into = "bool")]
pub struct False;

impl From<True> for bool {
    fn from(_: True) -> Self {
        true
    }
}

impl From<False> for bool {
    fn from(_: False) -> Self {
        false
    }
}

impl<T> AnswerLine<T> {
    pub fn new(id: u64, outcome: Result<T, NativeError>) -> Self {
        match outcome {
            Ok(result) => Self::Done {
                id,
                ok: True,
                result,
            },
            Err(error) => Self::Refused {
                id,
                ok: False,
                error,
            },
        }
    }
}

/// Reads an answer, for callers written in Rust and for the vectors.
///
/// # Errors
/// A sentence, when it is no answer or its result is not a `T`.
pub fn read_answer<T: DeserializeOwned>(line: &[u8]) -> Result<AnswerLine<T>, String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Raw {
        id: Count,
        ok: bool,
        result: Option<Value>,
        error: Option<NativeError>,
    }
    let raw: Raw = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    let outcome = match (raw.ok, raw.result, raw.error) {
        (true, Some(result), None) => {
            Ok(serde_json::from_value(result).map_err(|error| error.to_string())?)
        }
        (false, None, Some(error)) => Err(error),
        _ => return Err("neither a result nor an error".to_owned()),
    };
    Ok(AnswerLine::new(raw.id.get(), outcome))
}

/// What is told without being asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "push",
    content = "with",
    rename_all = "snake_case",
    deny_unknown_fields
)]
pub enum Push {
    Died(Died),
    Lines(Lines),
    Fault(FaultState),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Died {
    pub name: String,
    pub process: ProcessMark,
    /// Wall clock, ms.
    pub at: Count,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lines {
    pub name: String,
    pub lines: Vec<String>,
    /// Lines that were left out because they came too fast.
    pub dropped: Count,
}
