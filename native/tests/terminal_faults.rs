//! Faults on the terminals of panes and on the tmux server itself: the real binary and a real tmux, looked at through
//! tmux, stty(1) and /proc, not through the helper.
#![cfg(target_os = "linux")]
// Beds are shared by several programs of tests, and none needs all of one.
#[allow(dead_code)]
mod chaos_bed;
mod tmux_bed;

use std::fs;

use chaos_bed::{Folder, Helper, LONG_MS, eventually, injection, recover};
use serde_json::{Value, json};
use tmux_bed::Tmux;

fn open(tmux: &Tmux, folder: &Folder) -> Helper {
    Helper::open(&tmux.scope(folder))
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

fn kill(victims: &str, helper: &mut Helper, folder: &Folder) {
    match victims {
        "controller" => helper.signal("KILL"),
        "guardian" => helper.guardian().signal("KILL"),
        _ => {
            helper.kill_all();
            recover(folder);
        }
    }
}

/// Kills all who keep the lease, each alone and all together; whoever is left, or comes next, takes it back.
fn killed(fault: &Value, target: &str, tmux: &Tmux, is_there: impl Fn() -> bool) {
    for victims in ["controller", "guardian", "all"] {
        let folder = Folder::new();
        let mut helper = open(tmux, &folder);
        helper.inject("it", fault, target, LONG_MS);
        eventually("the effect is there", &is_there);
        kill(victims, &mut helper, &folder);
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
    let plan = helper.inject(
        "it",
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
    helper.inject(
        "it",
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
    helper.inject(
        "it",
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
            let mut helper = Helper::open(&scope);
            let refused = helper.ask(
                "chaos.inject",
                &injection("it", &json!({ "fault": fault }), "v", 100),
            );
            assert_eq!(refused.unwrap_err()["code"], code, "{fault} on {tty:?}");
        }
    }
}

#[test]
fn a_death_is_lost_while_the_hook_is_away_and_the_next_is_told_again() {
    let folder = Folder::new();
    let tmux = Tmux::start(&folder, &["sleep", "1000"]);
    let told = folder.path("told");
    let tell = format!("run-shell 'echo >> {}'", told.display());
    tmux.tell(&["set-hook", "-ga", "pane-died", &tell]);
    let before = tmux.hooks();
    assert_eq!(before.len(), 2);
    let mut helper = open(&tmux, &folder);
    helper.inject("it", &json!({ "fault": "lost_death" }), "v", LONG_MS);
    assert_eq!(tmux.hooks(), [""; 0]);
    eventually("the pane is dead", || {
        tmux.nudge();
        tmux.tell(&["display-message", "-p", "-t", &tmux.pane, "#{pane_dead}"])
            .trim()
            == "1"
    });
    helper.ask("chaos.halt", &json!({})).unwrap();
    assert_eq!(tmux.hooks(), before);
    assert!(!told.exists());
    tmux.tell(&["new-window", "exit 3"]);
    eventually("a death is told again", || {
        tmux.nudge();
        told.exists()
    });
}

#[test]
fn a_hook_comes_back_whoever_is_killed() {
    for victims in ["controller", "guardian", "all"] {
        let folder = Folder::new();
        let tmux = Tmux::start(&folder, &["sleep", "1000"]);
        let before = tmux.hooks();
        let mut helper = open(&tmux, &folder);
        helper.inject("it", &json!({ "fault": "lost_death" }), "v", LONG_MS);
        kill(victims, &mut helper, &folder);
        eventually("the hook is back", || {
            tmux.hooks() == before && !folder.has("undo-it.jsonl")
        });
    }
}

#[test]
fn a_hook_that_somebody_else_has_set_meanwhile_stays() {
    let folder = Folder::new();
    let tmux = Tmux::start(&folder, &["sleep", "1000"]);
    let mut helper = open(&tmux, &folder);
    helper.inject("it", &json!({ "fault": "lost_death" }), "v", LONG_MS);
    tmux.tell(&["set-hook", "-g", "pane-died", "display-message theirs"]);
    helper.ask("chaos.halt", &json!({})).unwrap();
    assert_eq!(tmux.hooks(), ["pane-died[0] display-message theirs"]);
}

#[test]
fn a_server_that_hangs_gets_its_hook_from_the_next_start() {
    let folder = Folder::new();
    let tmux = Tmux::start(&folder, &["sleep", "1000"]);
    let before = tmux.hooks();
    let mut helper = open(&tmux, &folder);
    helper.inject("it", &json!({ "fault": "lost_death" }), "v", LONG_MS);
    chaos_bed::Found(tmux.server).signal("STOP");
    let halted = helper.ask("chaos.halt", &json!({}));
    chaos_bed::Found(tmux.server).signal("CONT");
    let last = helper.until_over("it");
    assert_eq!(last["phase"], "failed", "{halted:?}");
    assert!(
        last["residues"][0].as_str().unwrap().contains("not known"),
        "{last}"
    );
    assert!(folder.has("undo-it.jsonl"));
    drop(helper);
    recover(&folder);
    assert_eq!(tmux.hooks(), before);
    assert!(!folder.has("undo-it.jsonl"));
}

#[test]
fn only_targets_that_live_on_the_server_lose_anything() {
    let folder = Folder::new();
    let tmux = Tmux::start(&folder, &["sleep", "1000"]);
    let victim = chaos_bed::Victim::idle();
    let stranger = chaos_bed::target("v", victim.pid());
    for (key, value, code) in [
        ("tty", json!(""), ""),
        ("pane", json!(""), "needs-pane"),
        ("pane", json!("%77"), "foreign-pane"),
        ("pane", json!("-a"), "foreign-pane"),
        ("process", stranger["process"].clone(), "foreign-pane"),
        ("kind", json!("tmux"), "foreign-pane"),
    ] {
        let mut scope = tmux.scope(&folder);
        scope["targets"][0][key] = value;
        for fault in ["lost_death", "client_stall"] {
            let mut helper = Helper::open(&scope);
            let plan = helper
                .ask(
                    "chaos.plan",
                    &injection("it", &json!({ "fault": fault }), "v", 100),
                )
                .unwrap();
            assert_eq!(
                plan["refused"].as_str() != Some(""),
                !code.is_empty(),
                "{fault}, {code}: {plan}"
            );
            if !code.is_empty() {
                let refused = helper.ask(
                    "chaos.inject",
                    &injection("it", &json!({ "fault": fault }), "v", 100),
                );
                assert_eq!(refused.unwrap_err()["code"], code, "{fault}");
            }
        }
    }
}

#[test]
fn a_client_stalls_and_is_forgotten_whoever_is_killed() {
    let folder = Folder::new();
    let tmux = Tmux::start(&folder, &["sh", "-c", "while :; do echo 0123456789; done"]);
    let clients = || !tmux.tell(&["list-clients"]).is_empty();
    killed(&json!({ "fault": "client_stall" }), "tmux", &tmux, clients);
    killed(&json!({ "fault": "client_stall" }), "v", &tmux, clients);
}

#[test]
fn a_client_stalls_until_its_time_is_over() {
    let folder = Folder::new();
    let tmux = Tmux::start(&folder, &["sh", "-c", "while :; do echo 0123456789; done"]);
    let mut helper = open(&tmux, &folder);
    helper.inject("it", &json!({ "fault": "client_stall" }), "tmux", 1500);
    assert!(
        tmux.tell(&["list-clients", "-F", "#{client_control_mode}"])
            .contains('1')
    );
    let last = ends(&mut helper, "done");
    // A whole pipe waits: nobody has read.
    assert!(
        last["detail"]["unread_bytes"].as_u64().unwrap() >= 4000,
        "{last}"
    );
    assert_eq!(tmux.tell(&["list-clients"]), "");
    assert!(!folder.has("tmux.sock.door"));
}
