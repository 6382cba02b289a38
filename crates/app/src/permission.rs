//! Every permission there is. Which role holds which is said by the pack, never here.

use std::str::FromStr;

macro_rules! permissions {
    ($($name:ident = $word:literal),+ $(,)?) => {
        /// Something an account may do, shown as `feature.verb`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Permission { $($name),+ }

        impl Permission {
            pub const ALL: &'static [Permission] = &[$(Permission::$name),+];

            pub fn word(self) -> &'static str {
                match self { $(Permission::$name => $word),+ }
            }
        }
    };
}

permissions! {
    AlertRead = "alert.read",
    AlertCreate = "alert.create",
    AlertTriage = "alert.triage",
    IncidentRead = "incident.read",
    IncidentOpen = "incident.open",
    // work on a step one leads
    IncidentStep = "incident.step",
    // add to a step one supports
    IncidentSupport = "incident.support",
    // the owner's word on a proposed option
    IncidentApprove = "incident.approve",
    // the board: directions, summons, spokesperson, statements
    IncidentDirect = "incident.direct",
    IncidentClose = "incident.close",
    IncidentReopen = "incident.reopen",
    EvidenceRead = "evidence.read",
    EvidenceAdd = "evidence.add",
    ReportRead = "report.read",
    ReportWrite = "report.write",
    // the word of whoever signs, before a report is issued
    ReportApprove = "report.approve",
    OrgRead = "org.read",
    OrgWrite = "org.write",
    AccountManage = "account.manage",
    SystemRead = "system.read",
    SystemWrite = "system.write",
    JournalRead = "journal.read",
    // see the time limits of one's units; those of an incident also ask for the right to see it
    DeadlineRead = "deadline.read",
    // set a duty aside with a reason
    DeadlineWaive = "deadline.waive",
    // see sets of detection rules and campaigns of sweeping
    SensorRead = "sensor.read",
    // import and silence rules, keep campaigns
    SensorWrite = "sensor.write",
    PackRead = "pack.read",
    PackWrite = "pack.write",
    Admin = "admin",
}

impl FromStr for Permission {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Permission::ALL.iter().copied().find(|permission| permission.word() == word).ok_or(())
    }
}
