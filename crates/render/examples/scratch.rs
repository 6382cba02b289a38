use ungcuu_render::*;
#[path = "../tests/sample/mod.rs"]
mod sample;
fn main() {
    for i in 0..6 {
        let mut d = sample::letter();
        d.subject.push_str(&i.to_string());
        let t = std::time::Instant::now();
        to_pdf(&d).unwrap();
        println!("one page {:?}", t.elapsed());
    }
    for i in 0..4 {
        let mut d = sample::report();
        d.subject.push_str(&i.to_string());
        let t = std::time::Instant::now();
        to_pdf(&d).unwrap();
        println!("three pages {:?}", t.elapsed());
    }
}
