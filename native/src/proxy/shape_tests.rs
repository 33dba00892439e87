use super::*;
use proptest::prelude::*;

fn shape(toxics: &[Toxic]) -> Shape {
    let mut shape = Shape::default();
    for (key, toxic) in (0_u64..).zip(toxics) {
        shape.add(Stage::new(key, toxic.clone(), Random::of(7, &[key])));
    }
    shape
}

fn total(admitted: &Admitted) -> usize {
    admitted.pieces.iter().map(|piece| piece.len).sum()
}

#[test]
fn without_toxics_everything_is_due_at_once() {
    let now = Instant::now();
    let admitted = shape(&[]).admit(now, 1000);
    let whole = Piece {
        due: now,
        len: 1000,
    };
    assert_eq!(
        admitted,
        Admitted {
            pieces: vec![whole],
            cut: false
        }
    );
}

#[test]
fn latency_is_within_its_jitter() {
    let now = Instant::now();
    for _ in 0..200 {
        let mut shape = shape(&[Toxic::Latency {
            latency_ms: 100,
            jitter_ms: 20,
        }]);
        let late = shape.admit(now, 1).pieces[0].due - now;
        assert!((ms(80)..=ms(120)).contains(&late), "{late:?}");
    }
}

#[test]
fn bandwidth_takes_as_long_as_the_bytes_take() {
    let now = Instant::now();
    let mut shape = shape(&[Toxic::Bandwidth {
        bytes_per_s: 100_000,
    }]);
    shape.admit(now, 60_000);
    let last = *shape.admit(now, 40_000).pieces.last().unwrap();
    assert_eq!((last.due - now).as_millis(), 1000);
}

#[test]
fn lost_chunks_wait_a_retransmission_time_and_hold_up_what_follows() {
    let now = Instant::now();
    let mut all = shape(&[Toxic::Loss {
        percent: 100.0,
        rto_ms: 200,
    }]);
    assert_eq!((all.admit(now, 1).pieces[0].due - now).as_millis(), 12_600);
    let mut none = shape(&[Toxic::Loss {
        percent: 0.0,
        rto_ms: 200,
    }]);
    assert_eq!(none.admit(now, 1).pieces[0].due, now);
    let mut some = shape(&[Toxic::Loss {
        percent: 25.0,
        rto_ms: 200,
    }]);
    let mut last = now;
    let mut waited = 0;
    for n in 0..1000_u64 {
        // Far enough apart for one loss not to hold up the next chunk.
        let at = now + ms(n * 20_000);
        let due = some.admit(at, 100).pieces[0].due;
        assert!(due >= last);
        last = due;
        waited += u32::from(due > at);
    }
    assert!((200..300).contains(&waited), "{waited}");
}

#[test]
fn a_limit_cuts_after_exactly_its_bytes() {
    let now = Instant::now();
    let mut shape = shape(&[Toxic::LimitData { bytes: 150 }]);
    let first = shape.admit(now, 100);
    assert_eq!((total(&first), first.cut), (100, false));
    let second = shape.admit(now, 100);
    assert_eq!((total(&second), second.cut), (50, true));
}

#[test]
fn a_timeout_lets_bytes_vanish_and_tells_so_when_it_goes() {
    let now = Instant::now();
    let mut quiet = shape(&[Toxic::Timeout { timeout_ms: 0 }]);
    assert_eq!(quiet.remove(0), Some(false));
    let mut shape = shape(&[Toxic::Timeout { timeout_ms: 0 }]);
    assert_eq!(total(&shape.admit(now, 100)), 0);
    assert_eq!(shape.remove(0), Some(true));
    assert_eq!(shape.remove(0), None);
    assert_eq!(total(&shape.admit(now, 100)), 100);
}

#[test]
fn the_end_of_a_stream_is_never_before_its_bytes() {
    let now = Instant::now();
    let mut slow = shape(&[Toxic::SlowClose { delay_ms: 50 }]);
    assert_eq!(slow.end(now), now + ms(50));
    let mut paced = shape(&[Toxic::Bandwidth { bytes_per_s: 1000 }]);
    let last = *paced.admit(now, 500).pieces.last().unwrap();
    assert_eq!(paced.end(now), last.due);
}

#[test]
fn a_stall_moves_nothing() {
    assert!(shape(&[Toxic::Stall {}]).is_stalled());
    assert!(
        !shape(&[Toxic::Latency {
            latency_ms: 1,
            jitter_ms: 0
        }])
        .is_stalled()
    );
}

fn delaying() -> impl Strategy<Value = Toxic> {
    prop_oneof![
        (0..500_u64, 0..500_u64).prop_map(|(latency_ms, jitter_ms)| Toxic::Latency {
            latency_ms,
            jitter_ms
        }),
        (0..100_u32, 1..500_u64).prop_map(|(percent, rto_ms)| Toxic::Loss {
            percent: f64::from(percent),
            rto_ms
        }),
        (1..10_000_000_u64).prop_map(|bytes_per_s| Toxic::Bandwidth { bytes_per_s }),
        (1..5000_u64, 0..5000_u64, 0..1000_u64).prop_map(
            |(average_bytes, variation_bytes, delay_us)| Toxic::Slicer {
                average_bytes,
                variation_bytes,
                delay_us
            }
        ),
        (0..100_u64).prop_map(|delay_ms| Toxic::SlowClose { delay_ms }),
    ]
}

proptest! {
    /// Whatever the mixture: no byte is lost, none overtakes another, none comes before it was read.
    #[test]
    fn delaying_toxics_keep_bytes_and_order(
        toxics in prop::collection::vec(delaying(), 0..4),
        reads in prop::collection::vec((1..40_000_usize, 0..300_u64), 1..20),
    ) {
        let mut shape = shape(&toxics);
        let mut now = Instant::now();
        let mut last = now;
        for (len, gap) in reads {
            now += ms(gap);
            let admitted = shape.admit(now, len);
            prop_assert_eq!(total(&admitted), len);
            prop_assert!(!admitted.cut);
            for piece in admitted.pieces {
                prop_assert!(piece.due >= last && piece.due >= now);
                last = piece.due;
            }
        }
        prop_assert!(shape.end(now) >= last);
    }
}
