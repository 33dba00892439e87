//! `cargo +nightly fuzz run request`: any bytes as a line of the contract. Read, it says the same again.
#![no_main]

use hms_native::contract::lines::read_request;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &[u8]| {
    if let Ok(read) = read_request(line) {
        let request = serde_json::to_value(&read.request).expect("what was read can be written");
        let again = serde_json::json!({ "id": read.id, "do": request["do"], "with": request["with"] });
        assert_eq!(read_request(again.to_string().as_bytes()).ok(), Some(read));
    }
});
