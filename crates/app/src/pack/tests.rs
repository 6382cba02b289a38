use super::*;
use ungcuu_kit::text::Lang;

fn pack(id: &str) -> Pack {
    match Pack::embedded(id).expect("comes with the program") {
        Ok(pack) => pack,
        Err(problems) => {
            panic!("{}", problems.iter().map(|problem| problem.line_for(Lang::En)).collect::<Vec<_>>().join("\n"))
        }
    }
}

#[test]
fn the_district_plan_loads_clean() {
    let pack = pack("cao-lanh-2021-2025");
    println!("{}", pack.show(Lang::Vi));
    println!("{}", pack.show(Lang::En));
}
