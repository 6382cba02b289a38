//! The table of routes: who may call what, and that pack, product and API description agree about it.

use std::fmt::Write;

use ungcuu_app::permission::Permission;
use ungcuu_app::web::{Access, Kind};

/// The table of routes as a committed file, so that a change of who may do what is seen in review.
#[test]
fn the_table_of_routes_is_the_committed_one() {
    let mut table = String::new();
    for route in ungcuu_app::routes().entries() {
        let method = match route.kind {
            Kind::Page => "page",
            Kind::Act => "act",
            Kind::Raw { post: false } => "file",
            Kind::Raw { post: true } => "upload",
        };
        let access = match route.access {
            Access::Public => "public",
            Access::SignedIn => "signed in",
            Access::Need(permission) => permission.word(),
        };
        writeln!(table, "{method:<7}{:<64}{access}", route.path).expect("written");
    }
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/routes.txt");
    if std::env::var_os("UNGCUU_ACCEPT").is_some() {
        std::fs::write(file, &table).expect("written");
    }
    let committed = std::fs::read_to_string(file).unwrap_or_default();
    assert!(
        table == committed,
        "the routes changed; look at the difference and run again with UNGCUU_ACCEPT=1:\n{table}"
    );
}

#[test]
fn the_pack_checker_and_the_product_know_the_same_permissions() {
    let product: Vec<&str> = Permission::ALL.iter().map(|permission| permission.word()).collect();
    assert_eq!(product, ungcuu_app::pack::Known::default().permissions);
}

#[test]
fn every_section_and_gate_that_a_pack_may_name_has_a_feature_that_shows_or_counts_it() {
    let features = ungcuu_app::features();
    let known = ungcuu_app::pack::Known::default();
    for section in known.sections {
        let kind = section.split(':').next().expect("a word");
        let shown = features.iter().flat_map(|feature| &feature.sections).any(|section| section.kind == kind);
        assert!(shown, "no feature shows the section {section}");
    }
    for gate in known.gates {
        assert!(
            features.iter().flat_map(|feature| &feature.gates).any(|kind| kind.kind == *gate),
            "no feature counts the gate {gate}"
        );
    }
}

#[test]
fn the_description_of_the_api_names_every_route() {
    let document = ungcuu_app::web::openapi_document(&ungcuu_app::routes());
    let paths = document["paths"].as_object().expect("paths");
    for route in ungcuu_app::routes().entries() {
        let path = format!("/api/v1{}", if route.path == "/" { "/home" } else { route.path });
        assert!(paths.contains_key(&path), "{path}");
    }
}
