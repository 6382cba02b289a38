//! Reads a log of lines, matches rules on it and says how fast: `… --example lines -- LOG THREADS RULES…`

use std::fs::File;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use ungcuu_detect::engine::{Engine, Matcher};
use ungcuu_detect::event::Event;
use ungcuu_detect::lines::{Log, Notes, Piece, read_piece};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (Some(path), Some(threads)) = (arguments.next(), arguments.next()) else {
        return eprintln!("LOG THREADS RULES…");
    };
    let rules: Vec<String> = arguments.collect();
    let mut set = ungcuu_detect::sigma::load(&rules);
    let engine = Engine::build(&mut set, &[]);
    let mut file = File::open(path).expect("the log");
    let start = Instant::now();
    let log = Log::open(&mut file).expect("a log");
    let layout = log.layout();
    let log = Mutex::new(log);
    let (events, hits) = (AtomicU64::new(0), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for _ in 0..threads.parse().unwrap_or(1) {
            scope.spawn(|| {
                let (mut piece, mut notes, mut event) = (Piece::default(), Notes::default(), Event::new());
                let (mut matcher, mut fired, mut channel) = (Matcher::new(), Vec::new(), Vec::new());
                while log.lock().expect("no panic").next(&mut piece, &mut notes).expect("readable") {
                    read_piece(&layout, &piece, engine.names(), &mut event, &mut notes, &mut |event| {
                        channel.clear();
                        channel.extend(event.channel().bytes().map(|b| b.to_ascii_lowercase()));
                        fired.clear();
                        if let Some(class) = engine.class(event.source, &channel, event.event_id) {
                            matcher.run(class, event, &mut fired);
                        }
                        hits.fetch_add(fired.len() as u64, Ordering::Relaxed);
                    });
                }
                events.fetch_add(notes.events, Ordering::Relaxed);
            });
        }
    });
    let (took, events) = (start.elapsed().as_secs_f64(), events.into_inner());
    println!("{events} events, {} hits, {took:.2} s, {:.0} events/s", hits.into_inner(), events as f64 / took);
}
