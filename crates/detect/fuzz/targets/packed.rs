//! Any bytes as an archive, to the bounds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ungcuu_detect::lines::packed::unpack;

fuzz_target!(|data: &[u8]| {
    unpack("fuzz", std::io::Cursor::new(data), &mut |_, source| {
        let mut room = [0; 4096];
        // A bounded look: what a small input unpacks to may be large, and is only skipped.
        for _ in 0..1_000 {
            if source.read(&mut room)? == 0 {
                break;
            }
        }
        Ok(())
    });
});
