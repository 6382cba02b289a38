//! Pages of the sets of rules.

use askama::Template;
use axum::body::Body;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::form::{Checks, Raw};
use ungcuu_kit::text;
use ungcuu_kit::text::Text;

use super::store::{self, Filter};
use super::{Gravity, Refusal, RuleSet, RuleSetId, RuleVersion, SetRule, SetRuleId, actions};
use crate::page::Page;
use crate::sensor::probe::ARCHIVE;
use crate::web::{Ask, Call, Done, Most, Upload};

const ROWS: usize = 50;
/// How many versions the page of a set shows.
const VERSIONS: i64 = 20;

type Options = Vec<(String, String)>;

/// Every set.
#[derive(Template, Serialize, JsonSchema)]
#[template(path = "sensor/html/rule_sets.html")]
pub struct Sets {
    #[serde(skip)]
    p: Page,
    sets: Vec<RuleSet>,
}

pub async fn list(call: Call) -> Result<Sets> {
    let mut look = call.look().await?;
    let p = Page::new(&call, &mut look, Text::new("Bộ quy tắc", "Detection rules")).await?;
    Ok(Sets { sets: store::list_sets(&mut look.tx).await?, p })
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RulesQuery {
    /// Words of a title, or a rule's whole id.
    q: String,
    level: Ask<Gravity>,
    /// `silenced` or `used`.
    #[schemars(regex(pattern = "^(silenced|used)?$"))]
    state: String,
    /// The cursor that the page before gave as `next`; each page holds 50 rows.
    after: Ask<SetRuleId>,
}

/// One set: its versions and the rules of the one in use.
#[derive(Template, Serialize, JsonSchema)]
#[template(path = "sensor/html/rule_set.html")]
pub struct Set {
    #[serde(skip)]
    p: Page,
    set: RuleSet,
    versions: Vec<RuleVersion>,
    rules: Vec<SetRule>,
    /// The cursor of the next page.
    next: Option<String>,
    #[serde(skip)]
    levels: Options,
    #[serde(skip)]
    states: Options,
}

pub async fn detail(call: Call) -> Result<Set> {
    let id: RuleSetId = call.param("id")?;
    let query: RulesQuery = call.query()?;
    let mut look = call.look().await?;
    let set = store::find_set(&mut look.tx, &id).await?.ok_or(Error::NotFound)?;
    let p = Page::new(&call, &mut look, set.words()).await?;
    let filter = Filter {
        q: query.q,
        level: query.level.0.map(Gravity::level),
        silenced: match query.state.as_str() {
            "silenced" => Some(true),
            "used" => Some(false),
            _ => None,
        },
        after: query.after.0,
    };
    let mut rules = store::list_rules(&mut look.tx, &set.version_id, &filter, ROWS as i64 + 1).await?;
    let more = rules.len() > ROWS;
    rules.truncate(ROWS);
    let ids: Vec<&str> = rules.iter().map(|rule| rule.rule_id.as_str()).collect();
    let counted = store::count_findings(&mut look.tx, &id, &ids).await?;
    for rule in &mut rules {
        rule.findings = counted.get(&rule.rule_id).copied().unwrap_or_default();
    }
    Ok(Set {
        versions: store::list_versions(&mut look.tx, &id, VERSIONS).await?,
        next: rules.last().filter(|_| more).map(|rule| rule.id.to_string()),
        rules,
        levels: Gravity::options(p.lang),
        states: vec![
            ("used".to_owned(), p.t("Đang dùng", "Used").to_owned()),
            ("silenced".to_owned(), p.t("Đã tắt", "Silenced").to_owned()),
        ],
        set,
        p,
    })
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RefusedQuery {
    /// The cursor that the page before gave as `next`; each page holds 50 rows.
    after: Option<i64>,
}

/// What of the version in use cannot be used.
#[derive(Template, Serialize, JsonSchema)]
#[template(path = "sensor/html/refused.html")]
pub struct Refused {
    #[serde(skip)]
    p: Page,
    set: RuleSet,
    refusals: Vec<Refusal>,
    next: Option<i64>,
}

impl Refused {
    fn cursor(&self) -> Option<String> {
        self.next.map(|number| number.to_string())
    }
}

pub async fn refused(call: Call) -> Result<Refused> {
    let id: RuleSetId = call.param("id")?;
    let query: RefusedQuery = call.query()?;
    let mut look = call.look().await?;
    let set = store::find_set(&mut look.tx, &id).await?.ok_or(Error::NotFound)?;
    let title = Text::new("Quy tắc không dùng được", "Rules that cannot be used");
    let p = Page::new(&call, &mut look, title).await?;
    let after = query.after.unwrap_or(0);
    let mut refusals = store::list_refusals(&mut look.tx, &set.version_id, after, ROWS as i64 + 1).await?;
    let more = refusals.len() > ROWS;
    refusals.truncate(ROWS);
    Ok(Refused { next: refusals.last().filter(|_| more).map(|one| one.number), refusals, set, p })
}

/// One rule.
#[derive(Template, Serialize, JsonSchema)]
#[template(path = "sensor/html/rule.html")]
pub struct Rule {
    #[serde(skip)]
    p: Page,
    set: RuleSet,
    rule: SetRule,
}

impl Rule {
    fn path(&self, below: &str) -> String {
        format!("{}/rules/{}{below}", self.set.href(), self.rule.id)
    }
}

pub async fn rule(call: Call) -> Result<Rule> {
    let (id, rule) = (call.param::<RuleSetId>("id")?, call.param::<SetRuleId>("rule")?);
    let mut look = call.look().await?;
    let set = store::find_set(&mut look.tx, &id).await?.ok_or(Error::NotFound)?;
    let mut rule = store::find_rule(&mut look.tx, &id, &rule).await?.ok_or(Error::NotFound)?;
    let counted = store::count_findings(&mut look.tx, &id, &[&rule.rule_id]).await?;
    rule.findings = counted.get(&rule.rule_id).copied().unwrap_or_default();
    let p = Page::new(&call, &mut look, Text::same(rule.title.clone())).await?;
    Ok(Rule { set, rule, p })
}

/// What comes with an archive of rules.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ImportForm {
    /// The name of the set; one that is known gets a new version.
    name: Raw,
}

pub async fn import(call: Call, body: Body) -> Result<Done> {
    call.actor()?.must(crate::permission::Permission::SensorWrite)?;
    let mut upload = Upload::receive(&call, body, Most { files: 1, each: ARCHIVE, total: ARCHIVE }).await?;
    let form: ImportForm = upload.words()?;
    let mut checks = Checks::new();
    let name = checks.line("name", &form.name);
    let file = upload.files.pop();
    if file.is_none() {
        checks.refuse("files", Text::new("Hãy chọn tệp .zip của bộ quy tắc.", "Choose the .zip with the rules."));
    }
    checks.done()?;
    let Some(file) = file else { return Err(Error::NotFound) };
    let read = actions::read(&call.app, &file.stored).await?;
    let counts = read.counts;
    let mut work = call.work().await?;
    let id = actions::import(&mut work, &name, &file.name, &file.stored, read).await?;
    let (rules, refused) = (counts.rules + counts.correlations, counts.refused);
    let said = text!(
        "Đã nhập {rules} quy tắc; {refused} không dùng được.",
        "Imported {rules} rules; {refused} cannot be used."
    );
    let done = work.done(format!("/rule-sets/{id}")).await?;
    Ok(done.saying(said).with(serde_json::json!({ "id": id })))
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ChooseForm {
    number: Raw,
    version: Raw,
}

pub async fn choose(call: Call, form: ChooseForm) -> Result<Done> {
    let id: RuleSetId = call.param("id")?;
    let mut checks = Checks::new();
    let number = checks.number("number", &form.number, 1, i64::MAX);
    let version = checks.number("version", &form.version, 1, i64::MAX);
    checks.done()?;
    let mut work = call.work().await?;
    actions::choose(&mut work, &id, number, version).await?;
    let done = work.done(format!("/rule-sets/{id}")).await?;
    Ok(done.saying(Text::new("Đã đổi phiên bản được dùng.", "Another version is used now.")))
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct DecideForm {
    /// Why; an auditor reads it years later.
    reason: Raw,
    /// The version of the decision that was seen; 0 while there is none.
    version: Raw,
}

pub async fn silence(call: Call, form: DecideForm) -> Result<Done> {
    decide(call, &form, true).await
}

pub async fn resume(call: Call, form: DecideForm) -> Result<Done> {
    decide(call, &form, false).await
}

async fn decide(call: Call, form: &DecideForm, silenced: bool) -> Result<Done> {
    let (id, rule) = (call.param::<RuleSetId>("id")?, call.param::<SetRuleId>("rule")?);
    let mut checks = Checks::new();
    let reason = checks.line("reason", &form.reason);
    let version = checks.number("version", &form.version, 0, i64::MAX);
    checks.done()?;
    let mut work = call.work().await?;
    actions::decide(&mut work, &id, &rule, silenced, &reason, version).await?;
    let done = work.done(format!("/rule-sets/{id}/rules/{rule}")).await?;
    Ok(done.saying(match silenced {
        true => Text::new("Đã tắt quy tắc; lý do được ghi lại.", "The rule is silenced; the reason is kept."),
        false => Text::new("Quy tắc được dùng lại.", "The rule is used again."),
    }))
}
