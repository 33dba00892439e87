//! `cargo +nightly fuzz run hook`: any text as a hook's payload. What is sent of it is one line of JSON.
#![no_main]

use hms_native::hook::{Gate, claude, json::Object};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Some(payload) = Object::parse(text) {
        let sent = claude::prepare(&payload, Gate::Ask);
        assert!(!sent.contains('\n') && Object::parse(&sent).is_some());
    }
});
