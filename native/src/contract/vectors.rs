//! The vectors of `native/vectors`, which the other half reads too: `test/protocol/native-vectors.test.ts`.
use serde::Deserialize;
use serde_json::{Value, json};

use super::chaos::{Faults, Plan, Recovered};
use super::lines::{Push, read_answer, read_request};
use super::proxy::ProxyOpened;
use super::request::{Nothing, REQUESTS, TopSampled, WatchAdded, Welcome};

/// Numbers as JavaScript has them: 1 and 1.0 are the same.
fn plain(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64()),
        Value::Array(list) => list.iter().map(plain).collect(),
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| (key.clone(), plain(value)))
            .collect(),
        other => other.clone(),
    }
}

fn file(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn said(line: &Value) -> Value {
    let read = read_request(&serde_json::to_vec(line).unwrap())
        .unwrap_or_else(|error| panic!("{line}: {error:?}"));
    let mut out = serde_json::to_value(&read.request).unwrap();
    out["id"] = json!(read.id);
    out
}

#[test]
fn every_request_comes_out_as_it_went_in() {
    let lines = file(include_str!("../../vectors/requests.jsonl"));
    for line in &lines {
        assert_eq!(plain(&said(line)), plain(line));
    }
    for name in REQUESTS {
        assert!(
            lines.iter().any(|line| line["do"] == name),
            "a vector of {name}"
        );
    }
}

#[test]
fn what_is_left_out_means_the_same_to_both() {
    for vector in file(include_str!("../../vectors/defaults.jsonl")) {
        assert_eq!(plain(&said(&vector["line"])), plain(&vector["means"]));
    }
}

/// One result, read and written again as the answer to that request.
fn answered(name: &str, line: &[u8]) -> Result<Value, String> {
    fn as_type<T: serde::de::DeserializeOwned + serde::Serialize>(
        line: &[u8],
    ) -> Result<Value, String> {
        read_answer::<T>(line).map(|answer| serde_json::to_value(answer).unwrap())
    }
    match name {
        "hello" => as_type::<Welcome>(line),
        "watch.add" => as_type::<WatchAdded>(line),
        "top.sample" => as_type::<TopSampled>(line),
        "proxy.open" => as_type::<ProxyOpened>(line),
        "chaos.open" => as_type::<Recovered>(line),
        "chaos.plan" | "chaos.inject" => as_type::<Plan>(line),
        "chaos.halt" | "chaos.status" => as_type::<Faults>(line),
        _ => as_type::<Nothing>(line),
    }
}

#[test]
fn every_answer_comes_out_as_it_went_in() {
    let lines = file(include_str!("../../vectors/answers.jsonl"));
    for vector in &lines {
        let line = serde_json::to_vec(&vector["line"]).unwrap();
        let out = answered(vector["do"].as_str().unwrap(), &line)
            .unwrap_or_else(|error| panic!("{vector}: {error}"));
        assert_eq!(plain(&out), plain(&vector["line"]));
    }
    for name in REQUESTS {
        assert!(
            lines.iter().any(|vector| vector["do"] == name),
            "an answer to {name}"
        );
    }
}

#[test]
fn every_push_comes_out_as_it_went_in() {
    let lines = file(include_str!("../../vectors/pushes.jsonl"));
    for line in &lines {
        let push = Push::deserialize(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        assert_eq!(plain(&serde_json::to_value(push).unwrap()), plain(line));
    }
    for phase in ["journalled", "applied", "reverting", "reverted", "failed"] {
        assert!(
            lines.iter().any(|line| line["with"]["phase"] == phase),
            "{phase}"
        );
    }
}

mod anything {
    use proptest::prelude::*;

    use super::*;

    /// JSON that is like a request's, and JSON that is not.
    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".{0,12}".prop_map(Value::from),
        ];
        let key = prop_oneof![
            "[a-z_]{1,8}",
            Just("fault".to_owned()),
            Just("targets".to_owned())
        ];
        leaf.prop_recursive(4, 24, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map(key.clone(), inner, 0..6)
                    .prop_map(|map| map.into_iter().collect::<serde_json::Map<_, _>>().into()),
            ]
        })
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(line in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = read_request(&line);
        }

        /// A vector with one byte changed: whatever is still taken means the same when it is read again.
        #[test]
        fn what_is_taken_reads_the_same_again(which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let lines: Vec<&str> = include_str!("../../vectors/requests.jsonl").lines().collect();
            let mut line = which.get(&lines).as_bytes().to_vec();
            let at = at.index(line.len());
            line[at] = byte;
            if let Ok(read) = read_request(&line) {
                let mut again = serde_json::to_value(&read.request).unwrap();
                again["id"] = json!(read.id);
                prop_assert_eq!(read_request(again.to_string().as_bytes()).unwrap(), read);
            }
        }

        #[test]
        fn no_json_makes_it_panic(name in prop::sample::select(REQUESTS.to_vec()), with in value()) {
            let line = json!({ "id": 1, "do": name, "with": with }).to_string();
            let _ = read_request(line.as_bytes());
        }
    }
}

#[test]
fn what_is_hostile_is_refused() {
    for vector in file(include_str!("../../vectors/hostile.jsonl")) {
        let line = vector["line"].as_str().unwrap();
        assert!(
            read_request(line.as_bytes()).is_err(),
            "{}: {line}",
            vector["why"]
        );
    }
}
