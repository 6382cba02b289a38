//! Reads Sigma rules and says what was taken and what was refused: `cargo run -p ungcuu-detect --example rules -- DIR…`

use std::time::Instant;

fn main() {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let start = Instant::now();
    let set = ungcuu_detect::sigma::load(&paths);
    let took = start.elapsed();
    for refusal in &set.refused {
        println!("{}:{}: {} [{}]", refusal.path, refusal.line, refusal.reason, refusal.title);
    }
    println!("{:?}", set.counts);
    println!("{} ms", took.as_millis());
}
