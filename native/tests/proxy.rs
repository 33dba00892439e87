//! A real proxy between real sockets: what it passes, what it does to it, and what becomes of it.
mod proxy_bed;

use hms_native::contract::fault::Direction;
use hms_native::proxy::client::ProxyClient;
use hms_native::proxy::toxic::{Dose, Toxic};
use proxy_bed::{Bed, Peer, eventually, noise};
use std::io::{ErrorKind, Read, Write};
use std::net::Shutdown;
use std::time::Instant;

fn dose(toxic: Toxic) -> Dose {
    Dose {
        name: "t".to_owned(),
        toxic,
        direction: Direction::Both,
        toxicity: 1.0,
        seed: 7,
    }
}

fn latency(latency_ms: u64) -> Toxic {
    Toxic::Latency {
        latency_ms,
        jitter_ms: 0,
    }
}

#[test]
fn bytes_arrive_whole_between_every_kind_of_socket() {
    for (listen_unix, upstream_unix) in [(false, false), (false, true), (true, false), (true, true)]
    {
        let bed = Bed::echo(listen_unix, upstream_unix);
        let sent = noise(3_000_000);
        let mut to = bed.connect();
        let from = to.again();
        let expected = sent.clone();
        let reader = std::thread::spawn(move || {
            let mut from = from;
            let mut heard = Vec::new();
            from.read_to_end(&mut heard).unwrap();
            assert!(heard == expected, "{} bytes", heard.len());
        });
        to.write_all(&sent).unwrap();
        to.shutdown(Shutdown::Write);
        reader.join().unwrap();
        let status = bed.control().status().unwrap();
        assert_eq!((status.bytes_up, status.bytes_down), (3_000_000, 3_000_000));
    }
}

#[test]
fn thousands_of_small_messages_keep_their_order_while_toxics_come_and_go() {
    let bed = Bed::echo(false, false);
    let mut control = bed.control();
    let mut to = bed.connect();
    let mut from = to.again();
    let writer = std::thread::spawn(move || {
        for n in 0..20_000_u32 {
            to.write_all(&n.to_be_bytes()).unwrap();
        }
        to.shutdown(Shutdown::Write);
    });
    let toxics = [
        Toxic::Latency {
            latency_ms: 3,
            jitter_ms: 3,
        },
        Toxic::Slicer {
            average_bytes: 5,
            variation_bytes: 4,
            delay_us: 0,
        },
        Toxic::Loss {
            percent: 2.0,
            rto_ms: 1,
        },
    ];
    let mut heard = Vec::new();
    let mut chunk = [0; 997];
    let mut turns = 0;
    loop {
        let count = from.read(&mut chunk).unwrap();
        if count == 0 {
            break;
        }
        heard.extend_from_slice(&chunk[..count]);
        if heard.len() / 4000 > turns {
            turns = heard.len() / 4000;
            control.remove(&[]).unwrap();
            control
                .add(dose(toxics[turns % toxics.len()].clone()))
                .unwrap();
        }
    }
    writer.join().unwrap();
    let expected: Vec<u8> = (0..20_000_u32).flat_map(u32::to_be_bytes).collect();
    assert!(heard == expected);
    assert!(turns > 10);
}

#[test]
fn each_direction_ends_by_itself() {
    let bed = Bed::scripted(|mut peer| {
        let mut heard = String::new();
        // Reads to the end of one direction, then still uses the other.
        peer.read_to_string(&mut heard).unwrap();
        peer.write_all(format!("got {heard}").as_bytes()).unwrap();
    });
    let mut peer = bed.connect();
    peer.write_all(b"all").unwrap();
    peer.shutdown(Shutdown::Write);
    let mut answer = String::new();
    peer.read_to_string(&mut answer).unwrap();
    assert_eq!(answer, "got all");
    let mut control = bed.control();
    eventually("the connection is let go", || {
        control.status().unwrap().connections == 0
    });
}

#[test]
fn who_does_not_read_holds_up_who_writes() {
    let bed = Bed::scripted(|peer| {
        std::thread::park_timeout(std::time::Duration::from_secs(20));
        drop(peer);
    });
    let mut peer = bed.connect();
    peer.set_nonblocking();
    let chunk = noise(65_536);
    let mut written = 0_usize;
    let mut stuck = 0;
    // What all buffers of the kernel hold is written; then, for long enough, nothing more.
    while stuck < 50 {
        match peer.write(&chunk) {
            Ok(count) => {
                written += count;
                stuck = 0;
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                stuck += 1;
                std::thread::sleep(std::time::Duration::from_millis(4));
            }
            Err(error) => panic!("{error}"),
        }
        assert!(written < 64 << 20, "nothing holds it up");
    }
    assert!(bed.control().status().unwrap().held_bytes < 1 << 20);
}

#[test]
fn toxics_are_gone_when_who_holds_them_is_gone() {
    let bed = Bed::echo(false, false);
    let mut peer = bed.connect();
    peer.ping();
    let mut holder = bed.control();
    assert_eq!(holder.add(dose(Toxic::Stall {})).unwrap(), 1);
    peer.write_all(b"held").unwrap();
    let mut other = bed.control();
    let status = other.status().unwrap();
    assert_eq!((status.toxics.len(), status.shaped), (1, 1));
    // Another's are not ours to take back.
    other.remove(&[]).unwrap();
    assert_eq!(other.status().unwrap().toxics.len(), 1);
    drop(holder);
    let mut heard = [0; 4];
    peer.read_exact(&mut heard).unwrap();
    assert_eq!(&heard, b"held");
    let status = other.status().unwrap();
    assert_eq!(
        (status.toxics.len(), status.shaped, status.held_bytes),
        (0, 0, 0)
    );
}

#[test]
fn latency_delays_and_what_is_held_back_is_let_go_when_it_ends() {
    let bed = Bed::echo(false, false);
    let mut control = bed.control();
    let mut peer = bed.connect();
    control.add(dose(latency(40))).unwrap();
    let begun = Instant::now();
    peer.ping();
    // Never early; how late it is, the bench measures.
    assert!(begun.elapsed().as_millis() >= 80);
    control.add(dose(latency(300_000))).unwrap();
    peer.write_all(b"ping").unwrap();
    eventually("it is held back", || {
        control.status().unwrap().held_bytes > 0
    });
    control.remove(&["t".to_owned()]).unwrap();
    let mut heard = [0; 4];
    peer.read_exact(&mut heard).unwrap();
    peer.ping();
}

#[test]
fn a_direction_alone_is_delayed() {
    let bed = Bed::echo(false, false);
    let mut control = bed.control();
    let mut up = dose(latency(60));
    up.direction = Direction::Up;
    control.add(up).unwrap();
    let mut peer = bed.connect();
    let begun = Instant::now();
    peer.ping();
    assert!(begun.elapsed().as_millis() >= 60);
    assert_eq!(control.status().unwrap().shaped, 1);
}

#[test]
fn a_reset_is_seen_by_both_sides() {
    let (tell, told) = std::sync::mpsc::channel();
    let bed = Bed::scripted(move |mut peer| {
        let mut heard = [0; 4];
        peer.read_exact(&mut heard).unwrap();
        peer.write_all(&heard).unwrap();
        tell.send(peer.read(&mut heard).map_err(|e| e.kind()))
            .unwrap();
    });
    let mut peer = bed.connect();
    peer.ping();
    let mut control = bed.control();
    let reset = Toxic::ResetPeer { after_ms: 0 };
    assert_eq!(control.add(dose(reset)).unwrap(), 1);
    let error = peer.read(&mut [0; 4]).expect_err("reset");
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert_eq!(told.recv().unwrap(), Err(ErrorKind::ConnectionReset));
    // Those that come are reset too, until it ends.
    let mut next = bed.connect();
    let _ = next.write_all(b"ping");
    assert!(next.read_exact(&mut [0; 4]).is_err());
}

#[test]
fn what_breaks_on_one_side_breaks_on_the_other() {
    let bed = Bed::scripted(|mut peer| {
        let mut heard = [0; 4];
        peer.read_exact(&mut heard).unwrap();
        peer.reset();
    });
    let mut peer = bed.connect();
    peer.write_all(b"ping").unwrap();
    let error = peer.read(&mut [0; 4]).expect_err("reset");
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
}

#[test]
fn an_upstream_that_is_not_there_resets() {
    let bed = Bed::nobody();
    let mut peer = bed.connect();
    let error = peer.read(&mut [0; 4]).expect_err("reset");
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert_eq!(bed.control().status().unwrap().connections, 0);
}

#[test]
fn a_stream_that_lost_bytes_is_reset_rather_than_continued_with_a_hole() {
    let bed = Bed::echo(false, false);
    let mut control = bed.control();
    let (mut losing, mut quiet) = (bed.connect(), bed.connect());
    losing.ping();
    quiet.ping();
    control.add(dose(Toxic::Timeout { timeout_ms: 0 })).unwrap();
    losing.write_all(b"gone").unwrap();
    eventually("the bytes vanish", || {
        control.status().unwrap().bytes_lost == 4
    });
    // Connections stay open while it lasts.
    losing.write_all(b"gone").unwrap();
    eventually("those too", || control.status().unwrap().bytes_lost == 8);
    control.remove(&[]).unwrap();
    let error = losing.read(&mut [0; 4]).expect_err("reset");
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    quiet.ping();
}

#[test]
fn a_limit_closes_after_its_bytes_and_a_timeout_after_its_time() {
    let bed = Bed::echo(false, false);
    let mut control = bed.control();
    let mut limit = dose(Toxic::LimitData { bytes: 10 });
    limit.direction = Direction::Down;
    control.add(limit).unwrap();
    let mut peer = bed.connect();
    peer.write_all(&noise(100)).unwrap();
    let mut heard = Vec::new();
    let _ = peer.read_to_end(&mut heard);
    assert_eq!(heard, noise(100)[..10]);
    control.remove(&[]).unwrap();
    control
        .add(dose(Toxic::Timeout { timeout_ms: 30 }))
        .unwrap();
    let mut peer = bed.connect();
    heard.clear();
    peer.read_to_end(&mut heard).unwrap();
    assert!(heard.is_empty());
}

#[test]
fn toxicity_chooses_the_same_connections_for_the_same_seed() {
    let chosen = || {
        let bed = Bed::echo(false, false);
        let mut control = bed.control();
        let mut half = dose(Toxic::ResetPeer { after_ms: 0 });
        half.toxicity = 0.5;
        control.add(half).unwrap();
        let one = |_| {
            let mut peer = bed.connect();
            peer.write_all(b"ping").is_err() || peer.read_exact(&mut [0; 4]).is_err()
        };
        (0..30).map(one).collect::<Vec<bool>>()
    };
    let first = chosen();
    assert_eq!(first, chosen());
    let share = first.iter().filter(|reset| **reset).count();
    assert!((5..=25).contains(&share), "{share}");
}

#[test]
fn too_many_connections_are_turned_away_and_counted() {
    let bed = Bed::echo_with(&["--max-connections", "3"]);
    let mut open: Vec<Peer> = (0..3).map(|_| bed.connect()).collect();
    for peer in &mut open {
        peer.ping();
    }
    let mut more = bed.connect();
    assert!(more.read_exact(&mut [0; 1]).is_err());
    let mut control = bed.control();
    let status = control.status().unwrap();
    assert_eq!((status.connections, status.refused), (3, 1));
    drop(open.pop());
    eventually("there is room again", || {
        control.status().unwrap().connections == 2
    });
    bed.connect().ping();
}

#[test]
fn closed_it_passes_on_what_is_open_and_then_ends() {
    let bed = Bed::echo(false, false);
    let mut peer = bed.connect();
    peer.ping();
    bed.control().close().unwrap();
    assert!(bed.try_connect().is_err());
    peer.ping();
    drop(peer);
    bed.ended();
}

#[test]
fn without_a_controller_and_an_owner_it_lives_as_long_as_its_connections() {
    let bed = Bed::echo(false, false);
    let mut peer = bed.connect();
    peer.ping();
    drop(bed.control());
    peer.ping();
    // Who comes meanwhile is served too.
    let mut second = bed.connect();
    drop(peer);
    second.ping();
    drop(second);
    bed.ended();
}

#[test]
fn nonsense_on_the_control_socket_is_answered_and_harms_nobody() {
    let bed = Bed::echo(false, false);
    let mut peer = bed.connect();
    let mut raw = bed.raw_control();
    raw.write_all(b"nonsense\n\n{\"id\":5}\n\xff\xff\n")
        .unwrap();
    let mut heard = String::new();
    while heard.matches('\n').count() < 3 {
        let mut chunk = [0; 1024];
        let count = raw.read(&mut chunk).unwrap();
        assert!(count > 0);
        heard.push_str(std::str::from_utf8(&chunk[..count]).unwrap());
    }
    assert_eq!(heard.matches("proxy-request").count(), 3, "{heard}");
    // Beyond the longest line it is cut off.
    let _ = raw.write_all(&vec![b'x'; 200_000]);
    let mut rest = Vec::new();
    let _ = raw.read_to_end(&mut rest);
    peer.ping();
}

#[test]
#[cfg(target_os = "linux")]
fn descriptors_do_not_leak() {
    let bed = Bed::echo(false, true);
    let mut control = bed.control();
    bed.connect().ping();
    eventually("the first is gone", || {
        control.status().unwrap().connections == 0
    });
    let descriptors = || {
        let folder = format!("/proc/{}/fd", bed.pid());
        std::fs::read_dir(folder).unwrap().count()
    };
    let before = descriptors();
    for n in 0..200_u32 {
        let mut peer = bed.connect();
        peer.ping();
        match n % 3 {
            0 => peer.reset(),
            1 => drop(peer),
            _ => {
                peer.write_all(&noise(300_000)).unwrap();
                drop(peer);
            }
        }
    }
    eventually("all are gone", || {
        control.status().unwrap().connections == 0
    });
    assert_eq!(descriptors(), before);
}

#[test]
fn it_listens_on_this_machine_only_and_says_so() {
    let args = ["--listen", "0.0.0.0:0", "--upstream", "127.0.0.1:1"];
    let (code, words) = proxy_bed::refused(&args);
    assert_eq!(code, Some(1));
    assert!(words.contains("this machine only"), "{words}");
}

#[test]
fn toxics_of_the_command_line_end_after_their_time_and_then_the_proxy() {
    let bed = Bed::uncontrolled(&["--stall", "--for", "1s"]);
    let mut peer = bed.connect();
    peer.write_all(b"held").unwrap();
    // It comes back once the stall has ended, and then nobody is let in any more.
    peer.read_exact(&mut [0; 4]).unwrap();
    assert!(bed.try_connect().is_err());
    peer.ping();
    drop(peer);
    bed.ended();
}

#[test]
fn killed_it_leaves_a_socket_that_makes_way_for_the_next() {
    let bed = Bed::echo(true, false);
    bed.connect().ping();
    let bed = bed.killed_and_begun_again();
    bed.connect().ping();
}

#[test]
#[cfg(target_os = "linux")]
fn while_its_owner_lives_it_stays_and_then_it_ends_with_its_last_connection() {
    let (owner, mark) = proxy_bed::owner();
    let bed = Bed::echo_with(&["--owner", &mark, "--detach"]);
    drop(bed.control());
    bed.connect().ping();
    let mut peer = bed.connect();
    peer.ping();
    drop(owner);
    peer.ping();
    drop(peer);
    bed.ended();
}

#[test]
fn a_proxy_that_is_gone_is_told() {
    let gone = ProxyClient::connect(std::path::Path::new("/nowhere/x.sock"));
    assert_eq!(&*gone.err().unwrap().code, "proxy-gone");
}
