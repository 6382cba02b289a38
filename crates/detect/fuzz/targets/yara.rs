//! Any text as a file of rules; if some can be used, any bytes as a file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ungcuu_detect::sweep::yara::{About, Limits, Rules, Source};

fuzz_target!(|data: &[u8]| {
    let (text, bytes) = data.split_at(data.len() - data.len() / 4);
    let rules = Rules::compile(&[Source { path: "fuzz".into(), text: text.to_vec() }]);
    let limits = Limits { time: std::time::Duration::from_secs(2), ..Limits::default() };
    rules.searcher(limits).search(bytes, &About::default());
});
