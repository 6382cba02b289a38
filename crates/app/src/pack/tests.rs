//! Broken packs and the sentences they earn; the shipped packs load clean.

use std::collections::BTreeSet;

use ungcuu_kit::text::Lang;

use super::*;

fn listed(problems: &[Problem]) -> String {
    problems.iter().map(|problem| problem.line_for(Lang::En)).collect::<Vec<_>>().join("\n")
}

fn pack(id: &str) -> Pack {
    Pack::embedded(id).expect("comes with the program").unwrap_or_else(|problems| panic!("{}", listed(&problems)))
}

fn district() -> Pack {
    pack("cao-lanh-2021-2025")
}

#[test]
fn both_packs_come_with_the_program() {
    assert_eq!(embedded_ids(), ["cao-lanh-2021-2025", "xa-mau-2026"]);
    assert!(Pack::embedded("no-such-pack").is_none());
    for id in embedded_ids() {
        assert_eq!(pack(&id).id, id, "the folder is named as the pack");
    }
}

#[test]
fn the_district_plan_warns_of_its_two_annexes_and_of_nothing_else() {
    let pack = district();
    assert_eq!(pack.plan.number, "02/KH-UBND");
    let warnings: Vec<&str> = pack.warnings.iter().map(|warning| warning.what.get(Lang::Vi)).collect();
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(warnings.iter().all(|warning| warning.contains("03/KH-UBND") && warning.contains("02/KH-UBND")));
    assert!(pack.warnings.iter().all(|warning| warning.file == "plan.toml" && warning.line > 1));
}

#[test]
fn the_district_plan_has_its_tasks_steps_and_units() {
    let pack = district();
    assert_eq!(pack.tasks.len(), 5);
    assert_eq!(pack.procedure.steps.len(), 11);
    assert_eq!(pack.plan.sections.len(), 4);
    assert_eq!(pack.plan.recipients.len(), 6);
    assert_eq!(pack.plan.duties.len(), 10);
    assert_eq!(pack.units.iter().filter(|unit| unit.kind == "commune").count(), 17);
    assert_eq!(pack.units_of_function("xa_thi_tran").len(), 18, "communes and the town");
    assert_eq!(pack.classes.conditions.len(), 6);
    assert_eq!(pack.form("mau-03").map(|form| form.fields().count()), Some(31));
    let numbers: Vec<&str> = pack.procedure.steps.iter().map(|step| step.number.as_str()).collect();
    assert_eq!(numbers, ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"]);
}

#[test]
fn the_district_plan_keeps_the_tone_marks_of_its_time() {
    let files = embedded_files("cao-lanh-2021-2025");
    let plan = &files.iter().find(|file| file.name == "plan.toml").expect("the plan has a file").text;
    assert!(plan.contains("Uỷ ban nhân dân Huyện") && plan.contains("Phòng Văn hoá và Thông tin"));
    for file in files.iter().filter(|file| file.name != "plan.toml") {
        assert!(!file.text.contains("Ủy ban") && !file.text.contains("Văn hóa"), "{}", file.name);
    }
    let paragraphs = district().plan.sections.into_iter().flat_map(|section| section.blocks);
    let modern = paragraphs.filter(|block| block.text.contains("Văn hóa")).count();
    assert_eq!(modern, 1, "the source itself writes it once");
}

#[test]
fn reports_and_coordination_run_beside_the_response() {
    let pack = district();
    let ids = |done: &[&str]| -> Vec<String> {
        let done: BTreeSet<&str> = done.iter().copied().collect();
        pack.procedure.open_after(&done).into_iter().map(|step| step.id.clone()).collect()
    };
    assert_eq!(ids(&[]), ["b1"]);
    assert_eq!(ids(&["b1", "b2", "b3"]), ["b4", "b5", "b6", "b7"]);
    assert!(pack.step("b4").is_some_and(|step| step.optional));
    assert!(pack.step("b5").is_some_and(|step| step.repeats));
}

#[test]
fn a_system_that_is_not_stable_goes_through_steps_7_to_10_again() {
    let pack = district();
    let round: Vec<&str> = pack.procedure.round_of("b10").into_iter().map(|step| step.id.as_str()).collect();
    assert_eq!(round, ["b7", "b8", "b9", "b10"]);
    assert!(pack.procedure.round_of("b9").is_empty());
}

#[test]
fn another_locality_has_other_steps_units_and_roles_without_other_code() {
    let (district, commune) = (district(), pack("xa-mau-2026"));
    assert_eq!(commune.procedure.steps.len(), 7);
    assert!(commune.warnings.is_empty(), "{:?}", commune.warnings);
    let ids: BTreeSet<&str> = district.roles.iter().map(|role| role.id.as_str()).collect();
    assert!(commune.roles.iter().all(|role| !ids.contains(role.id.as_str())));
    let round: Vec<&str> = commune.procedure.round_of("danh-gia").into_iter().map(|step| step.id.as_str()).collect();
    assert_eq!(round, ["ngan-chan", "khac-phuc", "danh-gia"]);
}

#[test]
fn a_serious_incident_is_proposed_only_when_the_owner_cannot_cope() {
    let classes = district().classes;
    let proposed = |holds: &[&str]| {
        let holds: Vec<String> = holds.iter().map(|id| (*id).to_owned()).collect();
        classes.propose(&holds, Some(2)).map(|class| class.id.as_str())
    };
    assert_eq!(proposed(&[]), Some("normal"));
    assert_eq!(proposed(&["gian_doan_dich_vu"]), Some("normal"));
    assert_eq!(proposed(&["vuot_kha_nang"]), Some("normal"));
    assert_eq!(proposed(&["gian_doan_dich_vu", "vuot_kha_nang"]), Some("serious"));
}

#[test]
fn two_regimes_meet_without_a_gap() {
    let pack = district();
    let on = |day: &str| -> Vec<&str> {
        pack.regimes.iter().filter(|regime| regime.holds_on(day)).map(|regime| regime.id.as_str()).collect()
    };
    assert_eq!(on("2022-01-13"), ["attt_2017"]);
    assert_eq!(on("2026-06-30"), ["attt_2017"]);
    assert_eq!(on("2026-07-01"), ["anm_2026"]);
}

#[test]
fn every_scenario_has_first_actions_and_options() {
    let pack = district();
    for scenario in &pack.scenarios {
        assert!(pack.checklist_of(&scenario.id).len() >= 2, "{}", scenario.id);
        assert!(pack.options_of(&scenario.id).len() >= 2, "{}", scenario.id);
    }
    assert_eq!(pack.scenarios.iter().filter(|scenario| scenario.report_row.is_some()).count(), 10);
    assert_eq!(pack.tiles.len(), 6);
}

#[test]
fn low_confidence_is_kept_beside_the_fact() {
    let unsettled = district().unsettled;
    let fact = unsettled.iter().find(|fact| fact.path.ends_with("tt20_final")).expect("the limit is not settled");
    assert_eq!((fact.file.as_str(), fact.confidence), ("regimes.toml", Confidence::Open));
    assert!(unsettled.iter().all(|fact| fact.line > 0 && !fact.confidence.settled()));
}

#[test]
fn a_pack_survives_json_and_shows_itself_in_both_languages() {
    let pack = district();
    let json = serde_json::to_string(&pack).expect("a pack is plain data");
    let back: Pack = serde_json::from_str(&json).expect("and comes back");
    assert_eq!(back.show(Lang::Vi), pack.show(Lang::Vi));
    let english = pack.show(Lang::En);
    assert!(english.contains("10. Inspect and assess") && english.contains("17"), "{english}");
}

#[test]
fn an_exported_pack_loads_again_and_is_never_written_over() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let names = export("xa-mau-2026", folder.path(), &[]).expect("exports");
    assert!(names.contains(&"pack.toml".to_owned()));
    assert_eq!(Pack::load_dir(folder.path()).expect("loads").id, "xa-mau-2026");
    let again = export("xa-mau-2026", folder.path(), &[]).expect_err("refuses");
    assert_eq!(again.kind(), io::ErrorKind::AlreadyExists);
    assert_eq!(export("no-such-pack", folder.path(), &[]).expect_err("unknown").kind(), io::ErrorKind::NotFound);
}

/// One mistake: in `file`, `right` becomes `wrong`; the problem stands on the line of `marks` and its cure says `cure`.
struct Mistake {
    file: &'static str,
    right: &'static str,
    wrong: &'static str,
    marks: &'static str,
    cure: &'static str,
}

const fn mistake(
    file: &'static str,
    right: &'static str,
    wrong: &'static str,
    marks: &'static str,
    cure: &'static str,
) -> Mistake {
    Mistake { file, right, wrong, marks, cure }
}

const MISTAKES: &[Mistake] = &[
    // Not TOML.
    mistake("people.toml", "id = \"ap-1\"", "id = \"ap-1", "id = \"ap-1", "Write key = \"value\""),
    mistake("people.toml", "id = \"ap-1\"", "id = \"ap-1\"\nid = \"ap-3\"", "id = \"ap-3\"", "Remove one"),
    // Not the model.
    mistake("people.toml", "kind = \"health\"", "knd = \"health\"", "knd = ", "Did you mean `kind`?"),
    mistake(
        "procedure.toml",
        "id = \"ket-thuc\"\nnumber",
        "id = \"ket-thuc\"\nsupprot = []\nnumber",
        "supprot",
        "`support`",
    ),
    mistake("law.toml", "within = { hours = 24 }", "within = { huors = 24 }", "huors", "`hours`"),
    mistake("people.toml", "from = \"operator\"", "from = \"operater\"", "operater", "`operator`"),
    mistake(
        "people.toml",
        "functions = [\"thuong_truc\"]",
        "functions = \"thuong_truc\"",
        "functions = \"thuong_truc\"",
        "lists in [ ]",
    ),
    mistake("catalogue.toml", "scenario = \"lua-dao\"\n", "", "[[tiles]]\nid = \"lua\"", "Add `scenario"),
    // References that lead nowhere.
    mistake("people.toml", "unit = \"phong-vhxh\"", "unit = \"phong-vhx\"", "unit = \"phong-vhx\"", "`phong-vhxh`"),
    mistake("people.toml", "kind = \"health\"", "kind = \"hospital\"", "kind = \"hospital\"", "choose from: committee"),
    mistake(
        "procedure.toml",
        "lead = [\"lanh_dao_xa\"]",
        "lead = [\"lanh_dao\"]",
        "lead = [\"lanh_dao\"]",
        "`lanh_dao_xa`",
    ),
    mistake("procedure.toml", "\"measures:fix\"", "\"measures:fixx\"", "measures:fixx", "`measures:fix`"),
    mistake("procedure.toml", "kind = \"verified\"", "kind = \"verifed\"", "verifed", "`verified`"),
    mistake("procedure.toml", "key = \"phieu-bao-cao\"", "key = \"mau-99\"", "mau-99", "phieu-bao-cao"),
    mistake("procedure.toml", "key = \"recovery\"\n", "", "kind = \"measure\"\nlabel", "containment, eradication"),
    mistake("people.toml", "\"alert.triage\"", "\"alert.trage\"", "alert.trage", "`alert.triage`"),
    mistake("catalogue.toml", "scenario = \"lua-dao\"", "scenario = \"lua-doi\"", "lua-doi", "`lua-dao`"),
    mistake("law.toml", "until = \"handling_ended\"", "until = \"handling_end\"", "handling_end\"", "`handling_ended`"),
    mistake("law.toml", "remind = [{ hours = 6 }]", "remind = [\"at_once\"]", "id = \"cap-nhat\"", "Write remind ="),
    mistake("law.toml", "[\"an_ninh_xa\"] }", "[\"an_ninh_x\"] }", "an_ninh_x\"", "`an_ninh_xa`"),
    mistake(
        "law.toml",
        "party = { vi = \"Bộ Công an\", en = \"Ministry of Public Security\" }\n",
        "",
        "id = \"nam-ra-ngoai\"",
        "Name functions in `to`",
    ),
    mistake("law.toml", "sets = [\"personal_data\"]", "sets = [\"personal_date\"]", "personal_date", "`personal_data`"),
    mistake("law.toml", "form = \"phieu-bao-cao\"", "form = \"phieu\"", "form = \"phieu\"", "`phieu-bao-cao`"),
    mistake(
        "law.toml",
        "source = \"incident.cause\"",
        "source = \"incident.couse\"",
        "incident.couse",
        "`incident.cause`",
    ),
    mistake("law.toml", "any_of = [\"ngung-phuc-vu\"", "any_of = [\"ngung\"", "any_of = [\"ngung\"", "`ngung-phuc-vu`"),
    mistake("pack.toml", "by = [\"co_so\"]", "by = [\"co_quan\"]", "co_quan", "co_so"),
    mistake(
        "catalogue.toml",
        "{ id = \"photo\", keep_years = 5,",
        "{ id = \"photo\", keep_years = 0,",
        "id = \"photo\", keep_years",
        "from 1 to 100",
    ),
    // Order and sense.
    mistake("people.toml", "id = \"ap-2\"", "id = \"ap-1\"", "id = \"ap-1\"\nname = { vi = \"Ấp 2\"", "another id"),
    mistake(
        "procedure.toml",
        "to = [\"ngan-chan\", \"khac-phuc\"]",
        "to = [\"ngan-chanh\"]",
        "loop_back",
        "`ngan-chan`",
    ),
    mistake(
        "procedure.toml",
        "after = [\"xac-minh\"]",
        "after = [\"khac-phuc\"]",
        "after = [\"khac-phuc\"]\nsections = [\"options\"",
        "Remove one step id",
    ),
    mistake(
        "procedure.toml",
        "sections = [\"verification\"]",
        "sections = [\"tasks\"]",
        "id = \"danh-gia\"",
        "\"verification\"",
    ),
    mistake("people.toml", ", \"admin\"]", "]", "[[units]]", ""),
    mistake(
        "pack.toml",
        "period_to = \"2030-12-31\"",
        "period_to = \"2020-12-31\"",
        "period_to",
        "Correct `period_from`",
    ),
    mistake("pack.toml", "issued_on = \"2026-09-01\"", "issued_on = \"2026-02-30\"", "issued_on", "year-month-day"),
    mistake(
        "law.toml",
        "before = { month = 12, day = 20 }",
        "before = { month = 13, day = 20 }",
        "id = \"nam\"",
        "Correct the day",
    ),
    mistake("law.toml", "within = { hours = 24 }\n", "", "id = \"24-gio\"", "within ="),
    mistake("people.toml", "from = \"owner\"\n", "", "id = \"chu_he_thong\"", "from = "),
    mistake("pack.toml", "proof = \"campaigns\"", "proof = \"campaign\"", "proof = \"campaign\"", "`campaigns`"),
    mistake("pack.toml", "id = \"xa-mau-2026\"", "id = \"Xã Mẫu\"", "id = \"Xã", "lower-case"),
    mistake("pack.toml", "vi = \"Xã Mẫu\"", "vi = \" \"", "locality", "in Vietnamese"),
];

fn commune_with(mistake: &Mistake) -> Vec<SourceFile> {
    let mut files = embedded_files("xa-mau-2026");
    let file = files.iter_mut().find(|file| file.name == mistake.file).expect("the file is there");
    assert!(file.text.contains(mistake.right), "{} holds {:?}", mistake.file, mistake.right);
    file.text = file.text.replacen(mistake.right, mistake.wrong, 1);
    files
}

#[test]
fn each_mistake_is_named_with_its_file_its_line_and_its_cure() {
    for mistake in MISTAKES.iter().filter(|mistake| !mistake.cure.is_empty()) {
        let files = commune_with(mistake);
        let text = &files.iter().find(|file| file.name == mistake.file).expect("the file is there").text;
        let at = text.find(mistake.marks).unwrap_or_else(|| panic!("{:?} is in {}", mistake.marks, mistake.file));
        let first = 1 + text[..at].matches('\n').count();
        let lines = first..=first + mistake.marks.matches('\n').count();
        let problems = Pack::from_files(&files).expect_err(mistake.wrong);
        let found = problems.iter().any(|problem| {
            problem.file == mistake.file
                && lines.contains(&problem.line)
                && problem.cure.en.contains(mistake.cure)
                && !problem.what.vi.is_empty()
                && problem.what.vi != problem.what.en
        });
        assert!(found, "{:?} at line {lines:?}:\n{}", mistake.wrong, listed(&problems));
    }
}

#[test]
fn one_mistake_makes_one_problem() {
    // Where a wrong reference leaves later steps unreachable there are rightly more.
    let chained = ["id = \"ap-1", "after = [\"khac-phuc\"]"];
    for mistake in MISTAKES.iter().filter(|mistake| !chained.contains(&mistake.wrong)) {
        let problems = Pack::from_files(&commune_with(mistake)).expect_err(mistake.wrong);
        assert_eq!(problems.len(), 1, "{:?}:\n{}", mistake.wrong, listed(&problems));
    }
}

#[test]
fn all_mistakes_of_a_pack_are_named_at_once() {
    let mut files = embedded_files("xa-mau-2026");
    for file in &mut files {
        file.text = file
            .text
            .replacen("kind = \"hamlet\"", "knd = \"hamlet\"\ncolour = \"red\"\nkind = \"hamlet\"", 1)
            .replacen("kind = \"school\"", "kind = \"shcool\"", 1)
            .replacen("lead = [\"lanh_dao_xa\"]", "lead = [\"giam_doc\"]", 1);
    }
    let problems = Pack::from_files(&files).expect_err("four mistakes");
    assert_eq!(problems.len(), 4, "{}", listed(&problems));
    let places: Vec<&str> = problems.iter().map(|problem| problem.file.as_str()).collect();
    assert_eq!(places, ["people.toml", "people.toml", "people.toml", "procedure.toml"], "in the order of the files");
}

#[test]
fn a_pack_without_an_administrator_is_refused() {
    let mistake = MISTAKES.iter().find(|mistake| mistake.right == ", \"admin\"]").expect("in the table");
    let problems = Pack::from_files(&commune_with(mistake)).expect_err("nobody may administer");
    assert!(problems[0].cure.en.contains("\"admin\""), "{}", listed(&problems));
}

#[test]
fn a_pack_without_a_procedure_is_refused() {
    let files: Vec<SourceFile> =
        embedded_files("xa-mau-2026").into_iter().filter(|file| file.name != "procedure.toml").collect();
    let problems = Pack::from_files(&files).expect_err("no procedure");
    assert!(problems[0].what.en.contains("[procedure]"), "{}", listed(&problems));
}

#[test]
fn a_step_behind_a_circle_is_never_reached() {
    let mut files = embedded_files("xa-mau-2026");
    for file in &mut files {
        file.text = file.text.replacen("after = [\"xac-minh\"]", "after = [\"ngan-chan\"]", 1);
    }
    let problems = Pack::from_files(&files).expect_err("a circle");
    let said = listed(&problems);
    assert!(
        said.contains("`quyet-dinh` waits for itself") && said.contains("`ket-thuc` can never be reached"),
        "{said}"
    );
}

#[test]
fn the_packs_of_the_program_are_complete_in_english() {
    for id in super::embedded_ids() {
        let pack = Pack::embedded(&id).expect("there").expect("whole");
        let silent: Vec<&str> = pack
            .warnings
            .iter()
            .map(|warning| warning.what.get(Lang::En))
            .filter(|said| said.contains("no English"))
            .collect();
        assert!(silent.is_empty(), "{id}: {silent:#?}");
        assert!(pack.procedure.steps.iter().all(|step| step.text.en.is_some()), "{id}");
    }
}

#[test]
fn a_name_in_the_records_is_said_in_english_and_one_that_the_plan_does_not_have_stays() {
    let pack = Pack::embedded("cao-lanh-2021-2025").expect("there").expect("whole");
    let office = "Phòng Văn hoá và Thông tin";
    assert_eq!(pack.named(office, Lang::En), "Culture and Information Office");
    assert_eq!((pack.named(office, Lang::Vi), pack.named("Đội mới", Lang::En)), (office, "Đội mới"));
}

#[test]
fn a_label_without_english_is_a_warning() {
    let mut files = embedded_files("xa-mau-2026");
    for file in &mut files {
        file.text = file.text.replacen("{ vi = \"Trạm Y tế\", en = \"Health station\" }", "{ vi = \"Trạm Y tế\" }", 1);
    }
    let pack = Pack::from_files(&files).expect("still loads");
    let warnings: Vec<&str> = pack.warnings.iter().map(|warning| warning.what.get(Lang::En)).collect();
    assert_eq!(warnings, ["The label `units.tram-y-te.short` has no English."]);
}

#[test]
fn a_folder_that_is_no_pack_is_refused_before_it_is_read() {
    let file = |name: String, size: usize| SourceFile { name, text: "#".repeat(size) };
    let many: Vec<SourceFile> = (0..=MAX_FILES).map(|at| file(format!("{at}.toml"), 1)).collect();
    let problems = Pack::from_files(&many).expect_err("too many");
    assert!(problems[0].what.en.contains("more than 64"), "{}", listed(&problems));
    let problems = Pack::from_files(&[file("big.toml".to_owned(), MAX_BYTES + 1)]).expect_err("too big");
    assert_eq!((problems.len(), problems[0].file.as_str()), (1, "big.toml"));
    assert_eq!(Pack::from_files(&[]).expect_err("nothing").len(), 1);
}

#[test]
fn files_that_cannot_be_read_are_problems_too() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let missing = Pack::load_dir(&folder.path().join("missing")).expect_err("no folder");
    assert_eq!(missing.len(), 1);
    export("xa-mau-2026", folder.path(), &[]).expect("exports");
    fs::write(folder.path().join("people.toml"), b"# \xff\xfe").expect("writes");
    let problems = Pack::load_dir(folder.path()).expect_err("not UTF-8");
    assert_eq!((problems.len(), problems[0].file.as_str()), (1, "people.toml"));
    assert!(problems[0].cure.vi.contains("UTF-8"));
}

#[test]
fn hostile_files_end_in_problems_and_not_in_a_crash() {
    let deep = format!("a = {}1{}", "[".repeat(5_000), "]".repeat(5_000));
    let wide = "[[units]]\n".repeat(20_000);
    let same = format!("{}\n", "[pack]").repeat(2_000);
    for text in [deep, wide, same, "\u{0}".repeat(1_000), "= = =\n".repeat(10_000), "\u{202e}".to_owned()] {
        let file = SourceFile { name: "pack.toml".to_owned(), text };
        let problems = Pack::from_files(&[file]).expect_err("no pack");
        assert!((1..=40).contains(&problems.len()), "{}", problems.len());
    }
}

#[test]
fn a_form_changed_on_the_screen_is_written_in_its_place_and_the_rest_of_the_pack_stays() {
    for (id, form) in [("xa-mau-2026", "tb-24-gio"), ("cao-lanh-2021-2025", "mau-03")] {
        let folder = tempfile::tempdir().expect("a folder");
        let plain = pack(id);
        let mut changed = plain.form(form).expect("a form").clone();
        changed.title = "THÔNG BÁO \"KHẨN\"".to_owned();
        changed.sections[0].fields[0].label.vi = "Tên cơ quan".to_owned();
        // One hidden with its reason, one added behind it.
        let mut added = changed.sections[0].fields[0].clone();
        (added.id, added.source) = ("x1-them".to_owned(), None);
        changed.sections[0].fields[0].hidden = true;
        changed.sections[0].fields[0].hidden_reason = "Đã có ở đầu văn bản".to_owned();
        changed.sections[0].fields.insert(1, added);
        export(id, folder.path(), std::slice::from_ref(&changed)).expect("written");
        let again = Pack::load_dir(folder.path()).unwrap_or_else(|problems| panic!("{}", listed(&problems)));
        for (read, before) in again.forms.iter().zip(&plain.forms) {
            let expected = if read.id == form { &changed } else { before };
            assert_eq!(serde_json::to_value(read).expect("read"), serde_json::to_value(expected).expect("known"));
        }
        assert_eq!(again.forms.len(), plain.forms.len());
        for file in embedded_files(id).iter().filter(|file| !file.text.contains(&format!("id = \"{form}\"\n"))) {
            let written = std::fs::read_to_string(folder.path().join(&file.name)).expect("a file");
            assert_eq!(written, file.text, "{}", file.name);
        }
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut stranger = pack("xa-mau-2026").forms[0].clone();
    stranger.id = "khong-co".to_owned();
    let refused = export("xa-mau-2026", folder.path(), &[stranger]).expect_err("refuses");
    assert_eq!(refused.kind(), io::ErrorKind::InvalidData);
}
