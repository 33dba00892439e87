//! Faults on the terminals of panes and on the tmux server itself: the real binary and a real tmux, looked at through
//! tmux, stty(1) and /proc, not through the helper.
#![cfg(target_os = "linux")]
// Beds are shared by several programs of tests, and none needs all of one.
#[allow(dead_code)]
mod chaos_bed;
mod tmux_bed;

use std::fs;

use chaos_bed::{Folder, Helper, eventually};
use serde_json::{Value, json};
use tmux_bed::Tmux;

const LONG_MS: u64 = 25_000;

fn open(tmux: &Tmux, folder: &Folder) -> Helper {
    let mut helper = Helper::start();
    helper.ask("chaos.open", &tmux.scope(folder)).unwrap();
    helper
}

fn injection(fault: &Value, target: &str, for_ms: u64) -> Value {
    json!({ "id": "it", "fault": fault, "targets": [target], "for_ms": for_ms })
}

fn inject(helper: &mut Helper, fault: &Value, target: &str, for_ms: u64) -> Value {
    helper
        .ask("chaos.inject", &injection(fault, target, for_ms))
        .unwrap()
}

/// Nobody told by the helper has anything left.
fn ends(helper: &mut Helper, because: &str) -> Value {
    let last = helper.until_over("it");
    assert_eq!(
        (&last["phase"], &last["because"]),
        (&json!("reverted"), &json!(because)),
        "{last}"
    );
    last
}

fn recover(folder: &Folder) {
    let told = std::process::Command::new(chaos_bed::PROGRAM)
        .arg("recover")
        .arg(folder.path(""))
        .output()
        .unwrap();
    assert!(told.status.success(), "{told:?}");
}

/// Kills all who keep the lease, each alone and all together; whoever is left, or comes next, takes it back.
fn killed(fault: &Value, target: &str, tmux: &Tmux, is_there: impl Fn() -> bool) {
    for victims in ["controller", "guardian", "all"] {
        let folder = Folder::new();
        let mut helper = open(tmux, &folder);
        inject(&mut helper, fault, target, LONG_MS);
        eventually("the effect is there", &is_there);
        match victims {
            "controller" => helper.signal("KILL"),
            "guardian" => helper.guardian().signal("KILL"),
            _ => {
                helper.kill_all();
                recover(&folder);
            }
        }
        eventually(&format!("nothing is left, {victims} killed"), || {
            !is_there() && !folder.has("undo-it.jsonl")
        });
        if victims == "guardian" {
            ends(&mut helper, "guardian");
        }
    }
}

#[test]
fn a_flood_prints_into_the_pane_at_its_rate_and_ends() {
    let folder = Folder::new();
    let tmux = Tmux::start(&folder, &["sleep", "1000"]);
    let mut helper = open(&tmux, &folder);
    let plan = inject(
        &mut helper,
        &json!({ "fault": "output_flood", "bytes_per_s": 100_000 }),
        "v",
        700,
    );
    assert!(
        plan["effects"][0].as_str().unwrap().contains(&tmux.tty),
        "{plan}"
    );
    let last = ends(&mut helper, "time");
    assert!(tmux.history().contains("hms-chaos output_flood 7 ~"));
    let bytes = last["detail"]["bytes"].as_u64().unwrap();
    assert!((64..=100_000).contains(&bytes), "{last}");
    let after = tmux.history();
    std::thread::sleep(std::time::Duration::from_millis(100));
    assert_eq!(tmux.history(), after);
}

#[test]
fn a_flood_ends_whoever_is_killed() {
    let folder = Folder::new();
    let tmux = Tmux::start(&folder, &["sleep", "1000"]);
    // It is there while the pane goes on changing.
    let changes = || {
        let before = tmux.history();
        std::thread::sleep(std::time::Duration::from_millis(60));
        tmux.history() != before
    };
    killed(
        &json!({ "fault": "output_flood", "bytes_per_s": 20_000 }),
        "v",
        &tmux,
        changes,
    );
}

#[test]
fn a_storm_is_told_to_the_program_and_gives_the_size_back() {
    let folder = Folder::new();
    let told = folder.path("told");
    let script = format!(
        "trap 'echo >> {}' WINCH; while :; do sleep 0.01; done",
        told.display()
    );
    let tmux = Tmux::start(&folder, &["sh", "-c", &script]);
    assert_eq!(tmux.size(), "30 100");
    let mut helper = open(&tmux, &folder);
    inject(
        &mut helper,
        &json!({ "fault": "pty_storm", "per_s": 100 }),
        "v",
        900,
    );
    eventually("the program was told", || {
        fs::read_to_string(&told).is_ok_and(|text| text.lines().count() > 2)
    });
    let last = ends(&mut helper, "time");
    assert!(last["detail"]["resizes"].as_u64().unwrap() > 2, "{last}");
    assert_eq!(tmux.size(), "30 100");
}

#[test]
fn a_storm_gives_back_the_size_that_somebody_set_meanwhile() {
    let folder = Folder::new();
    let tmux = Tmux::start(&folder, &["sleep", "1000"]);
    let mut helper = open(&tmux, &folder);
    inject(
        &mut helper,
        &json!({ "fault": "pty_storm", "per_s": 200 }),
        "v",
        LONG_MS,
    );
    tmux.tell(&["resize-window", "-t", &tmux.pane, "-x", "80", "-y", "24"]);
    eventually("the new size is in the journal", || {
        fs::read_to_string(folder.path("undo-it.jsonl"))
            .is_ok_and(|text| text.contains(r#""cols":80,"rows":24"#))
    });
    helper.ask("chaos.halt", &json!({})).unwrap();
    assert_eq!(tmux.size(), "24 80");
}

#[test]
fn a_storm_ends_whoever_is_killed() {
    let folder = Folder::new();
    let tmux = Tmux::start(&folder, &["sleep", "1000"]);
    let fault = json!({ "fault": "pty_storm", "per_s": 3 });
    killed(&fault, "v", &tmux, || tmux.size() != "30 100");
}

#[test]
fn only_the_targets_own_terminal_is_touched() {
    let folder = Folder::new();
    let tmux = Tmux::start(&folder, &["sleep", "1000"]);
    let other = tmux.tell(&["new-window", "-P", "-F", "#{pane_tty}", "sleep", "1000"]);
    for (tty, code) in [
        (other.trim(), "foreign-terminal"),
        ("/dev/null", "refused"),
        ("", "needs-terminal"),
    ] {
        let mut scope = tmux.scope(&folder);
        scope["targets"][0]["tty"] = json!(tty);
        for fault in ["output_flood", "pty_storm"] {
            let mut helper = Helper::start();
            helper.ask("chaos.open", &scope).unwrap();
            let refused = helper.ask(
                "chaos.inject",
                &injection(&json!({ "fault": fault }), "v", 100),
            );
            assert_eq!(refused.unwrap_err()["code"], code, "{fault} on {tty:?}");
        }
    }
}
