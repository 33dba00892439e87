//! What comes over the pipe is a stranger's until it is read: whatever it is, reading it ends, and says what is wrong.
//! The same as `fuzz/fuzz_targets/request.rs`, for machines without a nightly compiler.
use hms_native::contract::lines::read_request;
use proptest::prelude::*;
use serde_json::Value;

const VECTORS: &str = include_str!("../vectors/requests.jsonl");

/// Lines that are right, to begin from.
fn lines() -> Vec<&'static str> {
    VECTORS
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect()
}

/// Reads it, and holds what must be so of every line.
fn check(line: &[u8]) -> Result<(), TestCaseError> {
    match read_request(line) {
        Ok(read) => {
            // What was read is what is said: written out, it reads the same.
            let request = serde_json::to_value(&read.request).unwrap();
            let again =
                serde_json::json!({ "id": read.id, "do": request["do"], "with": request["with"] });
            let reread = read_request(again.to_string().as_bytes());
            prop_assert_eq!(reread.map_err(|(_, error)| error.to_string()), Ok(read));
        }
        Err((id, error)) => {
            prop_assert!(["bad-line", "unknown-request", "bad-request"].contains(&&*error.code));
            prop_assert!(!error.message.is_empty() && !error.remedy.is_empty());
            let said = serde_json::from_slice::<Value>(line)
                .ok()
                .and_then(|value| value.get("id")?.as_u64());
            prop_assert!(id == 0 || said == Some(id));
        }
    }
    Ok(())
}

#[test]
fn there_is_a_vector_to_begin_from() {
    assert!(lines().len() > 10);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_bytes(line in any::<Vec<u8>>()) {
        check(&line)?;
    }

    #[test]
    fn right_lines_with_bytes_changed(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_u8..3), 1..6),
    ) {
        let all = lines();
        let mut line = which.get::<&str>(&all).as_bytes().to_vec();
        for (at, byte, how) in changes {
            if line.is_empty() {
                break;
            }
            let at = at.index(line.len());
            match how {
                0 => line[at] = byte,
                1 => line.insert(at, byte),
                _ => { line.remove(at); }
            }
        }
        check(&line)?;
    }

    #[test]
    fn right_lines_cut_and_joined(
        one in any::<prop::sample::Index>(),
        other in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        from in any::<prop::sample::Index>(),
    ) {
        let all = lines();
        let (one, other) = (one.get::<&str>(&all).as_bytes(), other.get::<&str>(&all).as_bytes());
        let mut line = one[..at.index(one.len())].to_vec();
        line.extend_from_slice(&other[from.index(other.len())..]);
        check(&line)?;
    }

    #[test]
    fn right_lines_with_values_exchanged(
        which in any::<prop::sample::Index>(),
        key in any::<prop::sample::Index>(),
        value in prop_oneof![
            Just(Value::Null), Just(Value::from(-1)), Just(Value::from(1e300)), Just(Value::from(u64::MAX)),
            Just(Value::from("")), Just(Value::from("x".repeat(5000))), Just(Value::from(vec![0; 2000])),
            Just(serde_json::json!({})), any::<i64>().prop_map(Value::from), any::<String>().prop_map(Value::from),
        ],
    ) {
        let all = lines();
        let mut line: Value = serde_json::from_str(which.get::<&str>(&all)).unwrap();
        if let Some(with) = line.get_mut("with").and_then(Value::as_object_mut).filter(|with| !with.is_empty()) {
            let keys: Vec<String> = with.keys().cloned().collect();
            with.insert(key.get::<String>(&keys).clone(), value);
        }
        check(line.to_string().as_bytes())?;
    }
}
