//! One incident as it is played: its clock counts minutes from the first report, and every act goes through the routes of
//! the product as the person who would do it.

use std::collections::HashMap;

use serde_json::{Value, json};
use ungcuu_kit::error::Result;
use ungcuu_kit::time::Time;

use super::hand::File;
use super::stage::Stage;
use super::store;
use crate::actor::Actor;
use crate::notify::letter::may_post;

/// An incident under way.
pub struct Case<'a> {
    pub stage: &'a mut Stage,
    pub id: String,
    /// The first report came so many minutes before the present.
    began: i64,
    /// How often each text of the findings was written.
    written: HashMap<String, i64>,
}

/// The first report, as a citizen or a clerk sends it from a phone.
pub struct Report<'a> {
    pub tile: &'a str,
    pub unit: &'a str,
    pub place: &'a str,
    pub description: &'a str,
    pub name: &'a str,
    pub phone: &'a str,
    /// Minutes from the report at which it happened: below zero.
    pub happened: i64,
    pub photo: File,
}

/// What the officer makes of the report.
pub struct Opening<'a> {
    pub by: &'a str,
    pub note: &'a str,
    pub answer: &'a str,
    pub title: &'a str,
    pub scenario: &'a str,
    pub severity: i64,
    pub system: &'a str,
    pub summary: &'a str,
    /// Minutes from the report: taken, verified, opened.
    pub times: [i64; 3],
}

/// A file with what is known about it.
pub struct Item<'a> {
    pub step: &'a str,
    pub kind: &'a str,
    pub source: &'a str,
    pub description: &'a str,
    /// Minutes from the report.
    pub collected: i64,
    pub malicious: bool,
    pub file: File,
}

impl<'a> Case<'a> {
    /// From a report on the public page to an open incident that carries its words, its photo and its signs.
    pub async fn open(stage: &'a mut Stage, began: i64, report: Report<'_>, opening: Opening<'_>) -> Result<Case<'a>> {
        stage.at(began).await?;
        let unit = stage.unit(report.unit).await?.to_string();
        let happened = stage.moment(began - report.happened).to_iso();
        let fields = [
            ("tile", report.tile),
            ("description", report.description),
            ("unit", unit.as_str()),
            ("place", report.place),
            ("when", "other"),
            ("happened_at", happened.as_str()),
            ("name", report.name),
            ("phone", report.phone),
        ];
        stage.hand.upload(None, "/report", &fields, &report.photo).await?;
        let mut look = stage.hand.app.look(Actor::system()).await?;
        let alert = store::latest_alert(&mut look.tx).await?;
        drop(look);
        let by = opening.by;
        let [taken, verified, opened] = opening.times;
        stage.at(began - taken).await?;
        stage.hand.act(by, &format!("/alerts/{alert}/take"), json!({})).await?;
        stage.hand.act(by, &format!("/alerts/{alert}/answer"), json!({ "text": opening.answer })).await?;
        stage.at(began - verified).await?;
        let verdict = json!({ "severity": opening.severity, "note": opening.note });
        stage.hand.act(by, &format!("/alerts/{alert}/verify"), verdict).await?;
        stage.at(began - opened).await?;
        let body = json!({
            "title": opening.title, "scenario": opening.scenario, "severity": opening.severity, "tlp": "amber",
            "system": opening.system, "happened_at": happened, "detected_at": stage.moment(began).to_iso(),
            "summary": opening.summary, "carry_files": "on", "carry_signs": "on", "carry_contact": "on",
        });
        let id = stage.hand.make(by, &format!("/alerts/{alert}/open"), body).await?;
        Ok(Case { stage, id, began, written: HashMap::new() })
    }

    /// Moves on to so many minutes after the report.
    pub async fn at(&mut self, minute: i64) -> Result<()> {
        self.stage.at(self.began - minute).await
    }

    pub fn time(&self, minute: i64) -> Time {
        self.stage.moment(self.began - minute)
    }

    /// The moment as a form sends it.
    pub fn iso(&self, minute: i64) -> String {
        self.time(minute).to_iso()
    }

    pub async fn act(&mut self, login: &str, path: &str, body: Value) -> Result<Value> {
        self.stage.hand.act(login, &format!("/incidents/{}/{path}", self.id), body).await
    }

    pub async fn make(&mut self, login: &str, path: &str, body: Value) -> Result<String> {
        self.stage.hand.make(login, &format!("/incidents/{}/{path}", self.id), body).await
    }

    pub async fn look(&mut self, login: &str, path: &str) -> Result<Value> {
        self.stage.hand.look(login, &format!("/incidents/{}{path}", self.id)).await
    }

    /// A section of a step, as the API gives it.
    pub async fn section(&mut self, login: &str, step: &str, section: &str) -> Result<Value> {
        let page = self.look(login, &format!("/steps/{step}")).await?;
        let shown = page["sections"].as_array().into_iter().flatten().find(|shown| shown["section"] == section);
        shown
            .map(|shown| shown["content"].clone())
            .ok_or_else(|| anyhow::anyhow!("step {step} has no section {section}: {page}").into())
    }

    pub async fn unit(&self, code: &str) -> Result<String> {
        Ok(self.stage.unit(code).await?.to_string())
    }

    pub async fn person(&self, login: &str) -> Result<String> {
        self.stage.person(login).await
    }

    /// The conditions that hold, and with them the class; then who commands.
    pub async fn classify(&mut self, login: &str, conditions: &[&str], commander: &str) -> Result<()> {
        let version = self.look(login, "").await?["incident"]["version"].clone();
        self.act(login, "class", json!({ "conditions": conditions, "version": version })).await?;
        let now = self.look(login, "").await?["incident"].clone();
        let facts = json!({
            "title": now["title"], "scenario": now["scenario"], "severity": now["severity"], "tlp": now["tlp"],
            "happened_at": moment(&now["happened_at"]), "commander": self.person(commander).await?, "version": now["version"],
        });
        self.act(login, "edit", facts).await?;
        Ok(())
    }

    /// What the law asks for besides: the flags that hold, and that a breach of personal data was noticed now.
    pub async fn law(&mut self, login: &str, flags: &[&str]) -> Result<()> {
        let version = self.look(login, "").await?["incident"]["version"].clone();
        let now = self.stage.hand.app.now().to_field();
        self.act(login, "law", json!({ "flags": flags, "breach_at": now, "version": version })).await?;
        Ok(())
    }

    pub async fn effect(&mut self, login: &str, system: &str, effect: &str) -> Result<()> {
        self.act(login, "systems", json!({ "system": system, "effect": effect })).await?;
        Ok(())
    }

    /// Writes one of the texts about the incident, or writes it anew.
    pub async fn finding(&mut self, login: &str, step: &str, key: &str, text: &str) -> Result<()> {
        let version = self.written.get(key).copied().unwrap_or(0);
        self.act(login, &format!("steps/{step}/findings/{key}"), json!({ "text": text, "version": version })).await?;
        self.written.insert(key.to_owned(), version + 1);
        Ok(())
    }

    pub async fn evidence(&mut self, login: &str, item: Item<'_>) -> Result<()> {
        let collected = self.iso(item.collected);
        let mut fields = vec![
            ("step", item.step),
            ("kind", item.kind),
            ("source", item.source),
            ("description", item.description),
            ("collected_at", collected.as_str()),
        ];
        if item.malicious {
            fields.push(("malicious", "on"));
        }
        let path = format!("/incidents/{}/evidence/upload", self.id);
        self.stage.hand.upload(Some(login), &path, &fields, &item.file).await?;
        Ok(())
    }

    /// Makes the attachment of the mail that was added last an item of its own, marked as a sample.
    pub async fn take_out_attachment(&mut self, login: &str, kind: &str) -> Result<()> {
        let register = self.look(login, "/evidence").await?;
        let mail = register["items"][0]["id"].as_str().unwrap_or_default().to_owned();
        let shown = self.look(login, &format!("/evidence/{mail}/mail")).await?;
        let attached = json!({ "sha256": shown["attachments"][0]["sha256"], "kind": kind, "malicious": "on" });
        self.act(login, &format!("evidence/{mail}/attachment"), attached).await?;
        Ok(())
    }

    /// Writes an act of custody down, with a picture of it.
    pub async fn custody(&mut self, login: &str, item: &str, fields: &[(&str, &str)], photo: &File) -> Result<()> {
        let path = format!("/incidents/{}/evidence/{item}/acts", self.id);
        self.stage.hand.upload(Some(login), &path, fields, photo).await?;
        Ok(())
    }

    /// What came along with the report gets its kind and its words.
    pub async fn describe_photo(&mut self, login: &str, kind: &str, source: &str, description: &str) -> Result<()> {
        let register = self.look(login, "/evidence").await?;
        let item = register["items"].as_array().into_iter().flatten().last().cloned().unwrap_or_default();
        let id = item["id"].as_str().ok_or_else(|| anyhow::anyhow!("the photo did not come along: {register}"))?;
        let facts = json!({
            "kind": kind, "source": source, "description": description, "collected_at": moment(&item["collected_at"]),
            "collected_by": item["collected_by"], "version": item["version"],
        });
        self.act(login, &format!("evidence/{id}/correct"), facts).await?;
        Ok(())
    }

    /// Gives somebody a task; due so many minutes after the report.
    pub async fn task(
        &mut self,
        login: &str,
        step: &str,
        (title, detail): (&str, &str),
        assignee: &str,
        due: i64,
    ) -> Result<String> {
        let assignee = self.person(assignee).await?;
        let body = json!({ "title": title, "detail": detail, "assignee": assignee, "due_at": self.iso(due) });
        self.make(login, &format!("steps/{step}/tasks"), body).await
    }

    pub async fn done(&mut self, login: &str, step: &str, task: &str, result: &str) -> Result<()> {
        let body = json!({ "result": result, "version": 1 });
        self.act(login, &format!("steps/{step}/tasks/{task}/finish"), body).await?;
        Ok(())
    }

    /// Marks the first actions one after the other; what was noted stands beside the ones that have it.
    pub async fn first_actions(&mut self, login: &str, from: i64, every: i64, notes: &[&str]) -> Result<()> {
        let items = self.section(login, "b2", "checklist").await?;
        let mut minute = from;
        for (place, item) in items.as_array().into_iter().flatten().enumerate() {
            self.at(minute).await?;
            let id = item["id"].as_str().unwrap_or_default();
            let note = notes.get(place).copied().unwrap_or_default();
            let body = json!({ "state": "done", "note": note, "version": item["version"] });
            self.act(login, &format!("steps/b2/checklist/{id}/mark"), body).await?;
            minute += every;
        }
        Ok(())
    }

    /// Enters a measure that was carried out; a temporary one names the minute by which it is to be taken back.
    pub async fn measure(
        &mut self,
        login: &str,
        at: &str,
        (title, detail, result): (&str, &str, &str),
        remove_by: Option<i64>,
    ) -> Result<String> {
        let mut body = json!({ "title": title, "detail": detail, "done": "on", "result": result });
        if let Some(minute) = remove_by {
            body["remove_by"] = json!(self.iso(minute));
        }
        self.make(login, at, body).await
    }

    /// Takes over an option that the pack suggests, and weighs it.
    pub async fn weigh(&mut self, login: &str, option: &str, [plus, minus, effort]: [&str; 3]) -> Result<String> {
        let id = self.make(login, "steps/b3/options/take", json!({ "option": option })).await?;
        let options = self.section(login, "b3", "options").await?["options"].clone();
        let taken = options.as_array().into_iter().flatten().find(|one| one["id"] == id.as_str()).cloned();
        let taken = taken.unwrap_or_default();
        let body = json!({
            "title": taken["title"], "what": taken["what"], "impact": taken["impact"], "advantages": plus,
            "drawbacks": minus, "effort": effort, "version": taken["version"],
        });
        self.act(login, &format!("steps/b3/options/{id}/revise"), body).await?;
        Ok(id)
    }

    /// Puts an option before the owner.
    pub async fn propose(&mut self, login: &str, option: &str, words: &str) -> Result<()> {
        let options = self.section(login, "b3", "options").await?["options"].clone();
        let found = options.as_array().into_iter().flatten().find(|one| one["id"] == option).cloned();
        let body = json!({ "words": words, "version": found.unwrap_or_default()["version"] });
        self.act(login, &format!("steps/b3/options/{option}/propose"), body).await?;
        Ok(())
    }

    /// The owner's word on what was proposed last: `approve` or `return`.
    pub async fn answer(&mut self, login: &str, act: &str, words: &str) -> Result<()> {
        let proposals = self.section(login, "b3", "options").await?["proposals"].clone();
        let waiting = proposals.as_array().into_iter().flatten().find(|one| one["state"] == "waiting").cloned();
        let waiting = waiting.ok_or_else(|| anyhow::anyhow!("no proposal waits: {proposals}"))?;
        let id = waiting["id"].as_str().unwrap_or_default();
        let body = json!({ "act": act, "answer": words, "version": waiting["version"] });
        self.act(login, &format!("steps/b3/proposals/{id}/answer"), body).await?;
        Ok(())
    }

    /// Everyone who was called says so: `acknowledged` or `arrived`.
    pub async fn called(&mut self, login: &str, state: &str) -> Result<()> {
        let people = self.section("bcd", "b4", "summons").await?["people"].clone();
        let person = self.person(login).await?;
        let mine = people.as_array().into_iter().flatten().find(|one| one["person_id"] == person.as_str()).cloned();
        let mine = mine.ok_or_else(|| anyhow::anyhow!("{login} was not called: {people}"))?;
        let id = mine["id"].as_str().unwrap_or_default();
        let body = json!({ "state": state, "version": mine["version"] });
        self.act(login, &format!("steps/b4/summoned/{id}"), body).await?;
        Ok(())
    }

    /// Tells a unit of the register.
    #[expect(clippy::too_many_arguments, reason = "the fields of one form")]
    pub async fn tell(
        &mut self,
        login: &str,
        step: &str,
        unit: &str,
        kind: &str,
        channel: &str,
        tlp: &str,
        text: &str,
        receipt: &str,
    ) -> Result<()> {
        let body = json!({
            "unit": self.unit(unit).await?, "kind": kind, "channel": channel, "tlp": tlp, "text": text,
            "receipt": receipt, "told_at": self.stage.hand.app.now().to_iso(),
        });
        self.act(login, &format!("steps/{step}/disclosures"), body).await?;
        Ok(())
    }

    /// Tells everyone whom the rules in force still want told, whatever these rules are on that day.
    pub async fn meet_duties(&mut self, login: &str, step: &str, kind: &str, text: &str) -> Result<()> {
        let told = self.section(login, step, "disclosures").await?;
        for duty in told["still_to_tell"].as_array().into_iter().flatten() {
            if duty["only_if"].as_array().is_some_and(|conditions| !conditions.is_empty()) {
                continue;
            }
            let body = json!({
                "unit": duty["unit_id"], "rule": duty["rule"], "kind": kind, "channel": "document_system", "tlp": "amber",
                "text": text, "told_at": self.stage.hand.app.now().to_iso(),
            });
            self.act(login, &format!("steps/{step}/disclosures"), body).await?;
        }
        Ok(())
    }

    /// Adds indicators, one to a line.
    pub async fn signs(&mut self, login: &str, malicious: &str, source: &str, note: &str, text: &str) -> Result<()> {
        let seen = self.stage.hand.app.now().to_iso();
        let body = json!({ "text": text, "malicious": malicious, "source": source, "note": note, "seen_at": seen });
        self.act(login, "indicators/add", body).await?;
        Ok(())
    }

    /// An entry in the timeline: happened and noticed at these minutes after the report, written down now.
    pub async fn event(
        &mut self,
        login: &str,
        kind: &str,
        (happened, noticed): (i64, Option<i64>),
        (title, text): (&str, &str),
        starred: bool,
    ) -> Result<()> {
        let mut body = json!({ "kind": kind, "title": title, "text": text, "happened_at": self.iso(happened) });
        if let Some(noticed) = noticed {
            body["noticed_at"] = json!(self.iso(noticed));
        }
        if starred {
            body["starred"] = json!("on");
        }
        self.act(login, "timeline", body).await?;
        Ok(())
    }

    pub async fn finish(&mut self, login: &str, step: &str, note: &str) -> Result<()> {
        self.act(login, &format!("steps/{step}/finish"), json!({ "note": note })).await?;
        Ok(())
    }

    /// A form of the pack, filled from the incident and issued; the copy that came back signed is kept beside it. What
    /// the records do not know comes in `more`.
    pub async fn issue(&mut self, login: &str, form: &str, signer: &str, more: Value) -> Result<String> {
        let report = self.paper(login, form, signer, "issue", more).await?;
        self.signed(login, &report).await?;
        Ok(report)
    }

    /// A form of the pack, begun and then saved, handed in or issued.
    pub async fn paper(&mut self, login: &str, form: &str, signer: &str, act: &str, more: Value) -> Result<String> {
        let report = self.make(login, "reports", json!({ "form": form })).await?;
        let mut body = json!({ "version": 1, "act": act, "signer": signer });
        for (field, value) in more.as_object().into_iter().flatten() {
            body[field] = value.clone();
        }
        self.act(login, &format!("reports/{report}"), body).await?;
        Ok(report)
    }

    /// The issued file comes back with a signature behind it. The demonstration has no key, so a remark stands for it.
    async fn signed(&mut self, login: &str, report: &str) -> Result<()> {
        let path = format!("/incidents/{}/reports/{report}", self.id);
        let page = self.stage.hand.look(login, &path).await?;
        let (sha256, version) =
            (page["report"]["pdf"].as_str().unwrap_or_default(), page["report"]["version"].to_string());
        let mut bytes = self.stage.hand.stored(sha256).await?;
        bytes.extend_from_slice(b"\n% the signature of the demonstration\n%%EOF\n");
        let file = File { name: "bao-cao-da-ky.pdf", media_type: "application/pdf", bytes };
        self.stage.hand.upload(Some(login), &format!("{path}/signed"), &[("version", &version)], &file).await?;
        Ok(())
    }

    /// An issued report leaves by e-mail to a unit, at its address of the register; where letters do not leave, it stays.
    pub async fn mails(&mut self, login: &str, report: &str, unit: &str) -> Result<()> {
        if may_post(&self.stage.hand.app) {
            let body = json!({ "unit": self.unit(unit).await?, "way": "email" });
            self.make(login, &format!("reports/{report}/sends"), body).await?;
        }
        Ok(())
    }

    /// An issued report went to a unit; the receipt is what they said.
    pub async fn sends(&mut self, login: &str, report: &str, unit: &str, way: &str, receipt: &str) -> Result<String> {
        let body = json!({ "unit": self.unit(unit).await?, "way": way, "receipt": receipt });
        self.make(login, &format!("reports/{report}/sends"), body).await
    }
}

/// A moment that the API gave, as its forms take it.
fn moment(value: &Value) -> String {
    value.as_i64().map(|micros| Time(micros).to_iso()).unwrap_or_default()
}
