//! What the hook process must know of Claude Code by itself, above all when the engine cannot be reached. The same as
//! `src/drivers/claude-client.ts`; everything else about a hook is decided in the engine.
use std::fmt::Write;
use std::fs::OpenOptions;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::time::Duration;

use rustix::fs::OFlags;

use super::json::{Object, write_compact, write_string};
use super::{Answer, Gate, Patience};

/// Longest text kept of what a hook only tells: words of the person and of the model. UTF-16 units.
const TOLD: usize = 2000;
/// Longest text kept of what a tool answered, UTF-16 units.
const SHORT: usize = 200;
/// Longest text of a number: no double needs more.
const NUMBER: usize = 32;
/// Enough of a transcript to see that a conversation has begun, bytes.
const START: usize = 65_536;

/// What is sent of a payload, as one line of JSON: shortened where it is long and only told, with what only this process
/// can see.
#[must_use]
pub fn prepare(payload: &Object, gate: Gate) -> String {
    let mut out = String::from("{");
    for (name, value) in payload.members() {
        let known = String::from_utf16_lossy(name);
        // Ours to say.
        if known == "hms" {
            continue;
        }
        let told = matches!(known.as_str(), "prompt" | "last_assistant_message");
        let units = if told {
            super::json::units(value)
        } else {
            None
        };
        if told && units.is_none() {
            continue;
        }
        write_string(&mut out, name);
        out.push(':');
        match units {
            Some(units) => write_string(&mut out, &units[..units.len().min(TOLD)]),
            None if known == "tool_response" => shorten(&mut out, value),
            None => write_compact(&mut out, value),
        }
        out.push(',');
    }
    let path = payload
        .units("transcript_path")
        .map(|units| String::from_utf16_lossy(&units));
    let resumable = path.is_some_and(|path| has_begun(&path));
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "\"hms\":{{\"gate\":\"{}\",\"resumable\":{resumable}}}}}",
        gate.word()
    );
    out
}

/// Only its scalars are of use, and of long ones the end: where a test says how it went.
fn shorten(out: &mut String, response: &str) {
    out.push('{');
    let object = Object::parse(response);
    let mut first = true;
    for (name, value) in object.iter().flat_map(Object::members) {
        let text = super::json::units(value);
        let keep = match value.as_bytes().first() {
            Some(b'"') => text.is_some(),
            Some(b't' | b'f') => true,
            Some(b'-' | b'0'..=b'9') => value.len() <= NUMBER,
            _ => false,
        };
        if keep {
            if !first {
                out.push(',');
            }
            first = false;
            write_string(out, name);
            out.push(':');
            match text {
                Some(units) => write_string(out, &units[units.len().saturating_sub(SHORT)..]),
                None => out.push_str(value),
            }
        }
    }
    out.push('}');
}

/// Whether the transcript's beginning holds a message of the person's.
fn has_begun(path: &str) -> bool {
    // A pipe without a writer must not hold the hook up.
    let nonblocking = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or(0);
    let Ok(mut file) = OpenOptions::new()
        .read(true)
        .custom_flags(nonblocking)
        .open(path)
    else {
        return false;
    };
    let mut start = vec![0; START];
    let Ok(read) = file.read(&mut start) else {
        return false;
    };
    let wanted = b"\"type\":\"user\"";
    start[..read]
        .windows(wanted.len())
        .any(|window| window == wanted)
}

#[must_use]
pub fn patience(payload: &Object) -> Patience {
    let ms = Duration::from_millis;
    if payload.is("hook_event_name", "PermissionRequest") {
        return Patience {
            connect: ms(10_000),
            answer: None,
            repeat: true,
            in_all: None,
        };
    }
    if payload.is("hook_event_name", "PreToolUse") {
        // The client gives up after a minute and then goes by its own rules: we answer before.
        let in_all = Some(ms(30_000));
        return Patience {
            connect: ms(10_000),
            answer: Some(ms(10_000)),
            repeat: true,
            in_all,
        };
    }
    Patience {
        connect: ms(1000),
        answer: Some(ms(2000)),
        repeat: false,
        in_all: None,
    }
}

/// Fails closed: without an answer here the tool would run wherever the client's own rules let it. A permission request
/// without an answer leaves the client's dialog, where a person decides.
#[must_use]
pub fn without_engine(payload: &Object, gate: Gate, why: &str) -> Answer {
    if gate != Gate::Ask || !payload.is("hook_event_name", "PreToolUse") {
        return Answer::nothing();
    }
    let reason = format!("hms-tui cannot be asked, so this is not allowed: {why}");
    let mut stdout = String::from(
        r#"{"hookSpecificOutput":{"hookEventName":"PreToolUse","permissionDecision":"deny","permissionDecisionReason":"#,
    );
    write_string(&mut stdout, &reason.encode_utf16().collect::<Vec<_>>());
    stdout.push_str("}}");
    Answer { stdout, exit: 0 }
}

/// The agent's own process, whose end ends the hook; 0 when not known. `said` is `CLAUDE_PID`.
#[must_use]
pub fn agent(said: Option<&str>) -> i32 {
    said.and_then(|said| said.trim().parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn prepared(payload: &str) -> Value {
        let sent = prepare(&Object::parse(payload).unwrap(), Gate::Observe);
        assert!(!sent.contains('\n'));
        serde_json::from_str(&sent).unwrap()
    }

    #[test]
    fn a_payload_is_shortened_where_it_only_tells() {
        let long = "x".repeat(3000);
        let given = json!({
            "hook_event_name": "PostToolUse",
            "tool_response": {"stdout": format!("begin {long}"), "ok": true, "n": 3, "note": "short", "file": {"content": long}},
            "prompt": long,
            "last_assistant_message": 7,
            "tool_input": {"content": long},
            "hms": {"gate": "off"},
        });
        let sent = prepared(&serde_json::to_string_pretty(&given).unwrap());
        assert_eq!(
            sent["tool_response"],
            json!({"stdout": long[..SHORT], "ok": true, "n": 3, "note": "short"})
        );
        assert_eq!(sent["prompt"].as_str().unwrap().len(), TOLD);
        assert_eq!(sent.get("last_assistant_message"), None);
        assert_eq!(sent["tool_input"]["content"], long);
        assert_eq!(sent["hms"], json!({"gate": "observe", "resumable": false}));
    }

    #[test]
    fn a_response_that_is_no_object_is_nothing() {
        assert_eq!(
            prepared(r#"{"tool_response":"text"}"#)["tool_response"],
            json!({})
        );
        assert_eq!(
            prepared(r#"{"tool_response":null}"#)["tool_response"],
            json!({})
        );
    }

    #[test]
    fn only_a_gated_tool_call_fails_closed() {
        let call = |event: &str| format!("{{\"hook_event_name\":\"{event}\"}}");
        for (event, gate, denied) in [
            ("PreToolUse", Gate::Ask, true),
            ("PreToolUse", Gate::Observe, false),
            ("PreToolUse", Gate::Off, false),
            ("PermissionRequest", Gate::Ask, false),
            ("Stop", Gate::Ask, false),
        ] {
            let text = call(event);
            let answer = without_engine(&Object::parse(&text).unwrap(), gate, "\"why\"\n");
            assert_eq!(answer.exit, 0);
            assert_eq!(answer.stdout.contains("deny"), denied, "{event}");
            assert!(!denied || serde_json::from_str::<Value>(&answer.stdout).is_ok());
        }
    }

    #[test]
    fn a_transcript_is_begun_once_a_person_has_spoken() {
        let path = std::env::temp_dir().join(format!("hms-transcript-{}", std::process::id()));
        std::fs::write(&path, "{\"type\":\"mode\"}\n").unwrap();
        assert!(!has_begun(path.to_str().unwrap()));
        std::fs::write(
            &path,
            "{\"type\":\"mode\"}\n{\"type\":\"user\",\"message\":{}}\n",
        )
        .unwrap();
        assert!(has_begun(path.to_str().unwrap()));
        std::fs::remove_file(&path).unwrap();
        assert!(!has_begun(path.to_str().unwrap()));
    }
}
