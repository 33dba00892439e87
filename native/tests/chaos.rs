//! Chaos as its caller sees it: the real binary, real victims, looked at through /proc and not through the helper.
#![cfg(target_os = "linux")]
mod chaos_bed;

use std::fs;
use std::process::{Command, Stdio};

use chaos_bed::{
    Folder, Found, Helper, LONG_MS, Victim, born, children, eventually, files, injection, recover,
    scope, sleepers, state, target,
};
use serde_json::json;

/// A helper with that victim in its scope, as `v`.
fn with(victim: &Victim, folder: &Folder) -> Helper {
    Helper::open(&scope(folder, &[("v", victim.pid())]))
}

#[test]
fn a_pause_stops_every_thread_and_ends_with_its_time() {
    let (victim, folder) = (Victim::busy(), Folder::new());
    let mut helper = with(&victim, &folder);
    helper.inject("p", &json!({ "fault": "pause" }), "v", 700);
    assert_eq!(state(victim.pid()), 't');
    assert!(folder.has("undo-p.jsonl"));
    let last = helper.until_over("p");
    assert_eq!(
        (last["phase"].as_str(), last["because"].as_str()),
        (Some("reverted"), Some("time"))
    );
    assert_ne!(state(victim.pid()), 't');
    assert!(!folder.has("undo-p.jsonl"));
}

#[test]
fn the_end_of_the_callers_pipe_takes_everything_back() {
    let (victim, folder) = (Victim::busy(), Folder::new());
    let mut helper = with(&victim, &folder);
    helper.inject("p", &json!({ "fault": "pause" }), "v", LONG_MS);
    assert_eq!(helper.hang_up(), Some(0));
    assert_ne!(state(victim.pid()), 't');
    assert!(!folder.has("undo-p.jsonl"));
}

#[test]
fn a_halt_right_behind_the_injection_is_not_lost() {
    let (victim, folder) = (Victim::busy(), Folder::new());
    let mut helper = with(&victim, &folder);
    for round in 0..8 {
        let id = format!("p{round}");
        let pause = injection(&id, &json!({ "fault": "pause" }), "v", LONG_MS);
        helper.say(&[("chaos.inject", pause), ("chaos.halt", json!({}))]);
        helper.until_over(&id);
        assert_ne!(state(victim.pid()), 't');
    }
    helper.say(&[(
        "chaos.inject",
        injection("last", &json!({ "fault": "pause" }), "v", LONG_MS),
    )]);
    assert_eq!(helper.hang_up(), Some(0));
    assert_ne!(state(victim.pid()), 't');
    assert!(!folder.has("undo-last.jsonl"));
}

#[test]
fn a_caller_that_says_nothing_has_hung() {
    let (victim, folder) = (Victim::busy(), Folder::new());
    let mut short = scope(&folder, &[("v", victim.pid())]);
    short["lease_ms"] = json!(300);
    let mut helper = Helper::open(&short);
    helper.inject("p", &json!({ "fault": "pause" }), "v", LONG_MS);
    assert_eq!(helper.until_over("p")["because"], "lease");
    assert_ne!(state(victim.pid()), 't');
}

#[test]
fn a_controller_that_hangs_is_as_good_as_dead() {
    let (victim, folder) = (Victim::busy(), Folder::new());
    let mut helper = with(&victim, &folder);
    helper.inject("p", &json!({ "fault": "pause" }), "v", LONG_MS);
    helper.signal("STOP");
    eventually("the guardian reverts", || {
        state(victim.pid()) != 't' && !folder.has("undo-p.jsonl")
    });
    helper.signal("CONT");
    assert_eq!(helper.until_over("p")["phase"], "reverted");
}

#[test]
fn a_guardian_that_hangs_is_killed_and_its_journal_replayed() {
    let (victim, folder) = (Victim::busy(), Folder::new());
    let mut helper = with(&victim, &folder);
    helper.inject("f", &json!({ "fault": "fd_exhaust" }), "v", LONG_MS);
    let before = victim.files;
    assert_ne!(files(victim.pid()), before);
    helper.guardian().signal("STOP");
    let last = helper.until_over("f");
    assert_eq!(
        (last["phase"].as_str(), last["because"].as_str()),
        (Some("reverted"), Some("guardian"))
    );
    assert_eq!(files(victim.pid()), before);
}

#[test]
fn a_halt_file_ends_what_is_done_and_refuses_the_rest() {
    let (victim, folder) = (Victim::busy(), Folder::new());
    let mut helper = with(&victim, &folder);
    helper.inject("p", &json!({ "fault": "pause" }), "v", LONG_MS);
    fs::write(folder.path("halt"), "").unwrap();
    assert_eq!(helper.until_over("p")["because"], "halt");
    assert_ne!(state(victim.pid()), 't');
    let refused = helper
        .ask(
            "chaos.inject",
            &injection("q", &json!({ "fault": "pause" }), "v", 100),
        )
        .unwrap_err();
    assert_eq!(refused["code"], "halted");
    let plan = helper
        .ask(
            "chaos.plan",
            &injection("q", &json!({ "fault": "pause" }), "v", 100),
        )
        .unwrap();
    assert_ne!(plan["refused"], "");
    assert_ne!(plan["effects"], json!([]));
}

#[test]
fn one_fault_a_target_and_one_scope_a_pipe() {
    let (victim, folder) = (Victim::busy(), Folder::new());
    let mut helper = with(&victim, &folder);
    helper.inject("p", &json!({ "fault": "pause" }), "v", LONG_MS);
    let second = helper.ask(
        "chaos.inject",
        &injection("q", &json!({ "fault": "fd_exhaust" }), "v", 100),
    );
    assert_eq!(second.unwrap_err()["code"], "busy-target");
    let again = helper.ask("chaos.open", &scope(&folder, &[]));
    assert_eq!(again.unwrap_err()["code"], "already-open");
    let halted = helper
        .ask("chaos.halt", &json!({ "because": "enough" }))
        .unwrap();
    assert_eq!(halted["faults"][0]["phase"], "reverted");
    assert_eq!(halted["faults"][0]["because"], "enough");
}

#[test]
fn the_helper_itself_is_no_target() {
    let folder = Folder::new();
    let mut helper = Helper::start();
    let own = helper.pid();
    helper
        .ask("chaos.open", &scope(&folder, &[("me", own)]))
        .unwrap();
    let refused = helper
        .ask(
            "chaos.inject",
            &injection("k", &json!({ "fault": "kill" }), "me", 100),
        )
        .unwrap_err();
    assert_eq!(refused["code"], "protected");
}

#[test]
fn a_kill_of_the_tree_leaves_nobody() {
    let folder = Folder::new();
    let child = Command::new("sh")
        .args(["-c", "sleep 1000 & sleep 1000 & wait"])
        .stdin(Stdio::null())
        .spawn();
    let victim = Victim::of(child.unwrap());
    eventually("the shell has children", || {
        children(victim.pid()).len() == 2
    });
    let children: Vec<(u32, String)> = children(victim.pid())
        .into_iter()
        .map(|pid| (pid, born(pid)))
        .collect();
    let mut helper = with(&victim, &folder);
    helper.inject("k", &json!({ "fault": "kill", "tree": true }), "v", 1000);
    eventually("all are gone", || {
        children
            .iter()
            .all(|(pid, birth)| born(*pid) != *birth || state(*pid) == 'Z')
    });
    assert_eq!(helper.until_over("k")["detail"]["hit"], 3);
}

#[test]
fn a_crash_loop_kills_who_came_back_once_it_is_told() {
    let folder = Folder::new();
    let first = Victim::idle();
    let mut helper = with(&first, &folder);
    helper.inject(
        "c",
        &json!({ "fault": "crash_loop", "after_ms": 20 }),
        "v",
        LONG_MS,
    );
    eventually("the first is gone", || state(first.pid()) == 'Z');
    let (second, stranger) = (Victim::idle(), Victim::idle());
    helper
        .ask(
            "chaos.retarget",
            &json!({ "targets": [target("v", second.pid())] }),
        )
        .unwrap();
    eventually("the second is gone", || state(second.pid()) == 'Z');
    assert_eq!(state(stranger.pid()), 'S');
    let unknown = helper.ask(
        "chaos.retarget",
        &json!({ "targets": [target("w", stranger.pid())] }),
    );
    assert_eq!(unknown.unwrap_err()["code"], "unknown-target");
    helper.ask("chaos.halt", &json!({})).unwrap();
    assert_eq!(helper.until_over("c")["detail"]["killed"], 2);
}

#[test]
fn a_limit_the_target_has_changed_itself_is_left_alone() {
    let (victim, folder) = (Victim::busy(), Folder::new());
    let mut helper = with(&victim, &folder);
    helper.inject(
        "f",
        &json!({ "fault": "fd_exhaust", "left": 2 }),
        "v",
        LONG_MS,
    );
    let set = Command::new("prlimit")
        .args([&format!("--pid={}", victim.pid()), "--nofile=77:"])
        .status();
    if !set.is_ok_and(|set| set.success()) {
        return;
    }
    helper.ask("chaos.halt", &json!({})).unwrap();
    assert_eq!(helper.until_over("f")["phase"], "reverted");
    assert_eq!(files(victim.pid()), 77);
}

#[test]
fn who_inherits_a_limit_gets_it_back_too() {
    let folder = Folder::new();
    let script =
        "while [ ! -e go ]; do :; done; sleep 1000 & setsid sleep 1000 & (sleep 1000 &) ; wait";
    let mut shell = Command::new("setsid");
    shell
        .args(["sh", "-c", script])
        .current_dir(folder.path(""))
        .stdin(Stdio::null());
    let victim = Victim::of(shell.spawn().unwrap());
    let before = victim.files;
    let mut helper = with(&victim, &folder);
    helper.inject(
        "f",
        &json!({ "fault": "fd_exhaust", "left": 5 }),
        "v",
        LONG_MS,
    );
    fs::write(folder.path("go"), "").unwrap();
    let set = files(victim.pid());
    eventually("three inherit it", || sleepers(set).len() == 3);
    let heirs = sleepers(set);
    helper.ask("chaos.halt", &json!({})).unwrap();
    assert_eq!(helper.until_over("f")["phase"], "reverted");
    let left: Vec<u64> = heirs.iter().map(|pid| files(*pid)).collect();
    for pid in heirs {
        Found(pid).signal("KILL");
    }
    assert_eq!(left, [before, before, before]);
}

#[test]
fn a_disk_is_filled_only_below_the_scopes_paths_links_or_not() {
    let (victim, folder) = (Victim::idle(), Folder::new());
    let elsewhere = Folder::new();
    std::os::unix::fs::symlink(elsewhere.path(""), folder.path("link")).unwrap();
    let mut helper = with(&victim, &folder);
    let fill =
        |path: std::path::PathBuf| json!({ "fault": "disk_fill", "path": path, "bytes": 1 << 20 });
    let refused = helper
        .ask(
            "chaos.inject",
            &injection("d", &fill(folder.path("link")), "v", 1000),
        )
        .unwrap_err();
    assert_eq!(refused["code"], "outside-paths");
    helper.inject("d", &fill(folder.path("")), "v", LONG_MS);
    assert_eq!(helper.hang_up(), Some(0));
    assert_eq!(folder.names(), ["link"]);
}

#[test]
fn what_is_asked_for_beyond_the_floor_is_cut_in_the_plan() {
    let (victim, folder) = (Victim::idle(), Folder::new());
    let mut helper = with(&victim, &folder);
    let all = json!({ "fault": "memory", "bytes": 1_u64 << 50 });
    let plan = helper
        .ask("chaos.plan", &injection("m", &all, "v", 1000))
        .unwrap();
    assert!(
        plan["effects"]
            .to_string()
            .contains("which is what the floor allows"),
        "{plan}"
    );
}

#[test]
fn when_all_are_killed_the_next_start_takes_it_back() {
    let (victim, folder) = (Victim::busy(), Folder::new());
    let before = victim.files;
    let mut helper = with(&victim, &folder);
    helper.inject("f", &json!({ "fault": "fd_exhaust" }), "v", LONG_MS);
    helper.kill_all();
    assert_ne!(files(victim.pid()), before);
    let mut next = Helper::start();
    let recovered = next.ask("chaos.open", &scope(&folder, &[])).unwrap()["recovered"].clone();
    assert_eq!(recovered[0]["id"], "f");
    assert_eq!(recovered[0]["phase"], "reverted");
    assert_eq!(files(victim.pid()), before);
    assert_eq!(folder.names(), Vec::<String>::new());
}

#[test]
fn what_a_living_helper_does_is_left_alone_by_another() {
    let (victim, folder) = (Victim::busy(), Folder::new());
    let mut helper = with(&victim, &folder);
    helper.inject("p", &json!({ "fault": "pause" }), "v", LONG_MS);
    recover(&folder);
    assert_eq!(state(victim.pid()), 't');
    assert!(folder.has("undo-p.jsonl"));
    helper.ask("chaos.halt", &json!({})).unwrap();
}
