//! Any text as a file of rules, then its rules on an event of the same bytes, by the oracle.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ungcuu_detect::event::{Event, Kind, Source};
use ungcuu_detect::sigma::oracle::Oracle;
use ungcuu_detect::sigma::{Pipeline, load_texts};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let set = load_texts([("fuzz.yml", text)], &Pipeline::default());
    if set.rules.is_empty() {
        return;
    }
    let oracle = Oracle::new(&set);
    let names = oracle.names();
    let mut event = Event::new();
    event.clear(Source::Windows);
    for number in 0..names.len().min(20) {
        let value: String = text.chars().skip(number * 7).take(40).collect();
        event.push(&names, names.name(number as u16), &value, Kind::Text);
    }
    oracle.fired(&event, &names);
});
