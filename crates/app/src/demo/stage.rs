//! The stage of the demonstration: one clock for all scenes, read backwards from the present, and reports that come in
//! while something else goes on.

use serde_json::{Value, json};
use ungcuu_kit::error::Result;
use ungcuu_kit::time::{MINUTE, Time};

use super::hand::Hand;
use super::store;
use crate::actor::Actor;
use crate::app::App;
use crate::deadline::watch;
use crate::org::{Unit, UnitId, get_unit, unit_by_code};

/// A report that reaches the queue at its moment, whatever is played then.
pub struct Arrival {
    /// Minutes before the present.
    pub minutes: i64,
    pub alert: Value,
    pub then: Then,
}

/// What becomes of a report that came in.
pub enum Then {
    Waits,
    /// Taken by this account some minutes later.
    Taken(&'static str, i64),
    /// Dismissed by this account some minutes later, with an outcome of the pack and words.
    Dismissed(&'static str, i64, &'static str, &'static str),
}

/// Where the story is told.
pub struct Stage {
    pub hand: Hand,
    /// The present moment, at which the story ends.
    until: Time,
    /// The latest last.
    arrivals: Vec<Arrival>,
    /// Acts upon reports, by their moment: the latest first.
    after: Vec<(i64, &'static str, String, Value)>,
}

impl Stage {
    pub fn new(app: &App, until: Time) -> Stage {
        Stage { hand: Hand::new(app), until, arrivals: Vec::new(), after: Vec::new() }
    }

    /// The moment so many minutes before the present.
    pub fn moment(&self, minutes: i64) -> Time {
        self.until.plus(-minutes * MINUTE)
    }

    /// Moves on to so many minutes before the present. What was to come in until then comes in at its own moment.
    pub async fn at(&mut self, minutes: i64) -> Result<()> {
        loop {
            let next_arrival = self.arrivals.iter().map(|arrival| arrival.minutes).max().filter(|at| *at >= minutes);
            let next_act = self.after.iter().map(|(at, ..)| *at).max().filter(|at| *at >= minutes);
            match (next_arrival, next_act) {
                (None, None) => break,
                (Some(arrival), act) if act.is_none_or(|act| act < arrival) => self.receive(arrival).await?,
                (_, Some(act)) => self.act_upon(act).await?,
                (Some(arrival), None) => self.receive(arrival).await?,
            }
        }
        self.move_clock(minutes);
        // Reminders come at their moments, as they would have.
        watch::look_round(&self.hand.app).await?;
        crate::checkpoint::keep_up(&self.hand.app).await
    }

    /// Reports that will come in.
    pub fn expect(&mut self, arrivals: Vec<Arrival>) {
        self.arrivals.extend(arrivals);
    }

    fn move_clock(&self, minutes: i64) {
        let ahead = self.moment(minutes).0 - self.hand.app.now().0;
        self.hand.app.clock.advance(ahead.max(0));
    }

    async fn receive(&mut self, minutes: i64) -> Result<()> {
        let Some(place) = self.arrivals.iter().position(|arrival| arrival.minutes == minutes) else { return Ok(()) };
        let arrival = self.arrivals.remove(place);
        self.move_clock(minutes);
        let made = self.hand.act("lan", "/alerts", arrival.alert).await?;
        let id = made["result"]["alerts"][0]["id"].as_str().unwrap_or_default().to_owned();
        match arrival.then {
            Then::Waits => {}
            Then::Taken(login, later) => {
                self.after.push((minutes - later, login, format!("/alerts/{id}/take"), json!({})));
            }
            Then::Dismissed(login, later, outcome, note) => {
                let body = json!({ "outcome": outcome, "note": note });
                self.after.push((minutes - later, login, format!("/alerts/{id}/dismiss"), body));
            }
        }
        Ok(())
    }

    async fn act_upon(&mut self, minutes: i64) -> Result<()> {
        let Some(place) = self.after.iter().position(|(at, ..)| *at == minutes) else { return Ok(()) };
        let (_, login, path, body) = self.after.remove(place);
        self.move_clock(minutes);
        self.hand.act(login, &path, body).await?;
        Ok(())
    }

    /// The unit with this code in the pack.
    pub async fn unit(&self, code: &str) -> Result<UnitId> {
        let mut look = self.hand.app.look(Actor::system()).await?;
        unit_by_code(&mut look.tx, code).await?.ok_or_else(|| anyhow::anyhow!("the pack has no unit {code}").into())
    }

    pub async fn unit_facts(&self, code: &str) -> Result<Unit> {
        let id = self.unit(code).await?;
        let mut look = self.hand.app.look(Actor::system()).await?;
        get_unit(&mut look.tx, &id).await
    }

    /// The person behind an account.
    pub async fn person(&self, login: &str) -> Result<String> {
        let mut look = self.hand.app.look(Actor::system()).await?;
        Ok(store::person(&mut look.tx, login).await?.to_string())
    }
}
