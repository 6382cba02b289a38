//! A pack in a page of words, for `ungcuu pack show` and for reading aloud.

use std::fmt::Write;

use ungcuu_kit::text::{Lang, counted};

use super::law::Within;
use super::model::{Confidence, Pack};

impl Pack {
    /// Says what the pack holds, in the reader's language.
    pub fn show(&self, lang: Lang) -> String {
        let mut out = String::new();
        // Writing to a String cannot fail, so the results are dropped.
        let _ = self.write_head(&mut out, lang);
        let _ = self.write_people(&mut out, lang);
        let _ = self.write_procedure(&mut out, lang);
        let _ = self.write_rest(&mut out, lang);
        out
    }

    fn write_head(&self, out: &mut String, lang: Lang) -> std::fmt::Result {
        let plan = &self.plan;
        writeln!(out, "{} ({} {})", self.name.get(lang), self.id, self.version)?;
        writeln!(out, "{}: {} · {}, {}", plan.kind, plan.number, plan.place, day(&plan.issued_on))?;
        writeln!(out, "{}", plan.subject)?;
        writeln!(out, "{}: {} - {}", lang.pick("Giai đoạn", "Period"), day(&plan.period_from), day(&plan.period_to))
    }

    fn write_people(&self, out: &mut String, lang: Lang) -> std::fmt::Result {
        writeln!(out, "\n{}", lang.pick("Đơn vị", "Units"))?;
        for kind in &self.lists.unit_kinds {
            let names: Vec<&str> =
                self.units.iter().filter(|unit| unit.kind == kind.id).map(|unit| unit.short.get(lang)).collect();
            if !names.is_empty() {
                writeln!(out, "  {} ({}): {}", kind.label.get(lang), names.len(), names.join(", "))?;
            }
        }
        writeln!(out, "\n{}", lang.pick("Vai trò", "Roles"))?;
        for role in &self.roles {
            writeln!(out, "  {} ({}): {}", role.name.get(lang), role.id, role.permissions.join(" "))?;
        }
        writeln!(out, "\n{}", lang.pick("Nhiệm vụ thường xuyên", "Recurring tasks"))?;
        for task in &self.tasks {
            writeln!(out, "  {}. {} [{}]", task.number, task.short.get(lang), task.cadence.label().get(lang))?;
            self.write_who(out, lang, &task.lead, &task.support)?;
        }
        Ok(())
    }

    fn write_who(&self, out: &mut String, lang: Lang, lead: &[String], support: &[String]) -> std::fmt::Result {
        let names = |ids: &[String]| {
            let names: Vec<&str> =
                ids.iter().filter_map(|id| self.function(id)).map(|function| function.name.get(lang)).collect();
            names.join("; ")
        };
        writeln!(out, "     {}: {}", lang.pick("chủ trì", "lead"), names(lead))?;
        if !support.is_empty() {
            writeln!(out, "     {}: {}", lang.pick("phối hợp", "support"), names(support))?;
        }
        Ok(())
    }

    fn write_procedure(&self, out: &mut String, lang: Lang) -> std::fmt::Result {
        writeln!(out, "\n{}", self.procedure.name.get(lang))?;
        for phase in &self.procedure.phases {
            writeln!(out, "  {}) {}", phase.number, phase.name.get(lang))?;
            for step in self.procedure.steps.iter().filter(|step| step.phase == phase.id) {
                let skip = if step.optional { lang.pick(" (nếu cần)", " (if needed)") } else { "" };
                writeln!(out, "  {}. {}{skip}", step.number, step.short.get(lang))?;
                self.write_who(out, lang, &step.lead, &step.support)?;
                for gate in &step.gates {
                    let mark = if gate.obligatory { "*" } else { "-" };
                    writeln!(out, "     {mark} {}", gate.label.get(lang))?;
                }
                if let Some(loop_back) = &step.loop_back {
                    writeln!(out, "     ↺ {}", loop_back.to.join(", "))?;
                }
            }
        }
        Ok(())
    }

    fn write_rest(&self, out: &mut String, lang: Lang) -> std::fmt::Result {
        writeln!(out, "\n{}", lang.pick("Khung pháp lý và thời hạn", "Law and deadlines"))?;
        for regime in &self.regimes {
            let to = regime.to.as_deref().map(day).unwrap_or_else(|| "…".to_owned());
            writeln!(out, "  {} ({} - {to})", regime.name.get(lang), day(&regime.from))?;
            for rule in &regime.rules {
                let when = match (rule.within, rule.before) {
                    (Some(within), _) => duration(within, lang),
                    (None, Some(before)) => format!("{} {}/{}", lang.pick("trước", "before"), before.day, before.month),
                    (None, None) => lang.pick("ngày do đơn vị đặt", "day set locally").to_owned(),
                };
                writeln!(out, "    {}: {when} [{}]", rule.name.get(lang), rule.confidence.label().get(lang))?;
            }
        }
        let (scenarios, tiles, forms) = (self.scenarios.len(), self.tiles.len(), self.forms.len());
        let open = self.unsettled.iter().filter(|fact| fact.confidence > Confidence::Read).count();
        match lang {
            Lang::Vi => writeln!(
                out,
                "\n{scenarios} tình huống, {tiles} ô báo sự cố, {forms} biểu mẫu; {open} dữ kiện cần kiểm chứng."
            )?,
            Lang::En => writeln!(
                out,
                "\n{}, {}, {}; {} to be verified.",
                counted(scenarios, "scenario", "scenarios"),
                counted(tiles, "report tile", "report tiles"),
                counted(forms, "form", "forms"),
                counted(open, "fact", "facts")
            )?,
        }
        for warning in &self.warnings {
            writeln!(out, "! {}:{} {}", warning.file, warning.line, warning.what.get(lang))?;
        }
        Ok(())
    }
}

fn duration(within: Within, lang: Lang) -> String {
    match within {
        Within::AtOnce => lang.pick("ngay", "at once").to_owned(),
        Within::Minutes(minutes) => format!("{minutes} {}", lang.pick("phút", "minutes")),
        Within::Hours(hours) => format!("{hours} {}", lang.pick("giờ", "hours")),
        Within::Days(days) => format!("{days} {}", lang.pick("ngày", "days")),
        Within::WorkingDays(days) => format!("{days} {}", lang.pick("ngày làm việc", "working days")),
    }
}

/// An ISO day as it is written here: 13/01/2022.
pub fn day(iso: &str) -> String {
    iso.rsplit('-').collect::<Vec<_>>().join("/")
}
