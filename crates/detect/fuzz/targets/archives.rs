//! Any bytes as a file with contents: archives and mail, to the bounds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ungcuu_detect::sweep::archive::{HEAD, kind, open};

fuzz_target!(|data: &[u8]| {
    let Some(kind) = kind(&data[..data.len().min(HEAD)]) else { return };
    // A bounded look: what a small input unpacks to may be large.
    let mut seen = 0;
    open("fuzz", kind, &mut std::io::Cursor::new(data), data.len() as u64, &mut |member| {
        seen += member.bytes.len() + 1_000;
        seen < 32 << 20
    });
});
