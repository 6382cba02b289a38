//! The kinds that code understands. A pack may combine them as it likes; a word outside these lists is a mistake in the
//! pack, or a pack for a newer program.

/// What the checker accepts. The default is what this program understands.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    pub permissions: &'static [&'static str],
    pub sections: &'static [&'static str],
    pub gates: &'static [&'static str],
    pub narratives: &'static [&'static str],
    pub measures: &'static [&'static str],
    pub anchors: &'static [&'static str],
    pub ends: &'static [&'static str],
    pub flags: &'static [&'static str],
    pub sources: &'static [&'static str],
    pub proofs: &'static [&'static str],
}

impl Default for Known {
    fn default() -> Known {
        Known {
            permissions: PERMISSIONS,
            sections: SECTIONS,
            gates: GATES,
            narratives: NARRATIVES,
            measures: MEASURES,
            anchors: ANCHORS,
            ends: ENDS,
            flags: FLAGS,
            sources: SOURCES,
            proofs: PROOFS,
        }
    }
}

/// Records that count as proof of a part of a task.
pub const PROOFS: &[&str] = &[
    // Closed campaigns of sweeping.
    "campaigns",
];

/// `feature.verb`.
pub const PERMISSIONS: &[&str] = &[
    "alert.read",
    "alert.create",
    "alert.triage",
    "incident.read",
    "incident.open",
    // Work on a step one leads.
    "incident.step",
    // Add to a step one supports.
    "incident.support",
    // The owner's approval of options.
    "incident.approve",
    // The board's direction, summons, spokesperson, approval of statements.
    "incident.direct",
    "incident.close",
    "incident.reopen",
    "evidence.read",
    "evidence.add",
    "report.read",
    "report.write",
    // The word of whoever signs, before a report is issued.
    "report.approve",
    "org.read",
    "org.write",
    "account.manage",
    "system.read",
    "system.write",
    "journal.read",
    // See the time limits of one's units; those of an incident also ask for the right to see it.
    "deadline.read",
    // Set a duty aside with a reason.
    "deadline.waive",
    // See sets of detection rules and campaigns of sweeping.
    "sensor.read",
    // Import and silence rules, keep campaigns.
    "sensor.write",
    "pack.read",
    "pack.write",
    "admin",
];

/// What a step's page can offer.
pub const SECTIONS: &[&str] = &[
    "intake",
    "checklist",
    "options",
    "direction",
    "summons",
    "statement",
    "disclosures",
    "documents",
    "requests",
    "sharing",
    "situations",
    "decisions",
    "evidence",
    "findings",
    "measures:containment",
    "measures:eradication",
    "measures:fix",
    "measures:recovery",
    "verification",
    "review",
    "tasks",
];

/// What can be asked for before a step is done.
pub const GATES: &[&str] = &[
    "verified",
    "checklist_done",
    "option_approved",
    "team_summoned",
    "spokesperson_named",
    "disclosure",
    // Nothing is owed any more: for the step before closing.
    "all_told",
    // Published situation reports; decisions that stand.
    "situation",
    "decision",
    // Key: a form id.
    "document",
    "request",
    "evidence",
    // Key: one of NARRATIVES.
    "narrative",
    // Key: one of MEASURES.
    "measure",
    "verification_stable",
    "lesson",
    "direction",
];

/// The texts of an incident that people write.
pub const NARRATIVES: &[&str] = &["summary", "scope", "origin", "cause", "harm", "result"];

/// What is done to a system.
pub const MEASURES: &[&str] = &["containment", "eradication", "fix", "recovery"];

/// What starts a clock.
pub const ANCHORS: &[&str] =
    &["detected", "classified", "exceeds_capability", "handling_ended", "breach_detected", "calendar"];

/// What ends a duty that comes again and again.
pub const ENDS: &[&str] = &["handling_ended"];

/// What narrows a rule down.
pub const FLAGS: &[&str] =
    &["exceeds_capability", "serious_interruption", "national_security", "personal_data", "sensitive_data", "complex"];

/// Where the first value of a form field comes from.
pub const SOURCES: &[&str] = &[
    "reporter.name",
    "reporter.address",
    "reporter.phone",
    "reporter.email",
    "contact.name",
    "contact.title",
    "contact.phone",
    "contact.email",
    "operator.name",
    "owner.name",
    "system.name",
    "system.level",
    "system.security_provider",
    "system.link_provider",
    "system.os_name",
    "system.os_version",
    "system.services",
    "system.safeguards",
    "system.public_ips",
    "system.domains",
    "system.purpose",
    "incident.code",
    "incident.title",
    "incident.summary",
    "incident.scope",
    "incident.origin",
    "incident.cause",
    "incident.harm",
    "incident.result",
    "incident.class",
    "incident.scenario",
    "incident.occurred_at",
    "incident.detected_on",
    "incident.detected_time",
    "incident.detected_at",
    "incident.status",
    "incident.detection_methods",
    "incident.notified",
    "incident.measures",
    "incident.measures_planned",
    "incident.recovered_at",
    "incident.evidence",
    "incident.attachments",
    "incident.confidential",
    "incident.requests",
    "incident.personal_data",
    "incident.breach_detected_at",
    "incident.data_subjects",
    "incident.lessons",
    "incident.commander",
    "incident.units",
    "incident.serious_conditions",
    "incident.at_once",
    "incident.timeline",
    "incident.custody",
    "option.title",
    "option.what",
    "option.reasons",
    "option.others",
    "direction.words",
    "team.members",
    "team.meeting",
    "spokesperson.name",
    "spokesperson.title",
    "spokesperson.unit",
    "statement.title",
    "statement.text",
    "verification.checks",
    "verification.verdict",
    "verification.note",
    "initial_report.number",
    "initial_report.date",
    "report.made_at",
    "report.next_at",
    "report.ordinal",
];
