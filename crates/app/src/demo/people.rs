//! Who is there: some forty invented people in the plan's units, most with an account.

use serde::Deserialize;
use ungcuu_kit::error::Result;
use ungcuu_kit::password;
use ungcuu_kit::text::Text;

use crate::actor::Actor;
use crate::app::App;
use crate::auth::actions::{NewAccount, create};
use crate::install::scoped;
use crate::org::{NewPerson, enter_person, unit_by_code};

/// The password of every account of the demonstration.
pub const PASSWORD: &str = "ungcuu-2022";

/// An account that may be tried.
#[derive(Clone, Debug, serde::Serialize)]
pub struct DemoAccount {
    pub login: String,
    pub name: String,
    pub role: String,
    pub password: String,
}

/// The people as data, so that the demonstration speaks of the pack it belongs to and the code does not.
#[derive(Debug, Deserialize)]
struct Cast {
    people: Vec<Someone>,
    /// Where units without a line of their own sit.
    address: String,
    offices: Vec<Seat>,
}

/// Where a unit sits, by its code in the pack.
#[derive(Debug, Deserialize)]
struct Seat {
    unit: String,
    #[serde(default)]
    address: String,
    /// The part of its mail address before the @.
    mail: String,
}

/// How a unit can be reached.
pub struct Office {
    pub unit: String,
    pub address: String,
    pub phone: String,
    pub email: String,
}

/// How the units can be reached.
pub fn offices() -> Result<Vec<Office>> {
    let cast: Cast = toml::from_str(CAST).map_err(ungcuu_kit::Error::internal)?;
    let office = |(number, seat): (usize, &Seat)| Office {
        unit: seat.unit.clone(),
        address: if seat.address.is_empty() { cast.address.clone() } else { seat.address.clone() },
        phone: format!("0277 3 000 {number:03}"),
        email: format!("{}@demo.example", seat.mail),
    };
    Ok((500..).zip(&cast.offices).map(office).collect())
}

#[derive(Debug, Deserialize)]
struct Someone {
    name: String,
    unit: String,
    title: String,
    #[serde(default)]
    login: String,
    #[serde(default)]
    roles: Vec<String>,
    /// Shown among the accounts to try, with these words.
    #[serde(default)]
    shown: String,
}

const CAST: &str = include_str!("cast.toml");

/// Enters everyone, gives those with a login an account, and remembers which ones to show on the sign-in page.
pub async fn fill(app: &App) -> Result<Vec<DemoAccount>> {
    let cast: Cast = toml::from_str(CAST).map_err(ungcuu_kit::Error::internal)?;
    // One hash for all: the password is the same and public.
    let hash = password::hash(PASSWORD.to_owned()).await?;
    crate::install::begin_units(app).await?;
    let mut work = app.work(Actor::system()).await?;
    let mut accounts = Vec::new();
    for (number, someone) in (1..).zip(&cast.people) {
        let unit_id = unit_by_code(&mut work.tx, &someone.unit).await?.ok_or_else(|| {
            anyhow::anyhow!("{} is of the unit {} that the pack does not have", someone.name, someone.unit)
        })?;
        let address = ungcuu_kit::text::fold(&someone.name).replace(' ', ".");
        let person = NewPerson {
            unit_id,
            name: someone.name.clone(),
            title: someone.title.clone(),
            email: format!("{address}@demo.example"),
            phone: format!("0277 3 000 {number:03}"),
            phone_off_hours: format!("0900 000 {number:03}"),
        };
        let person_id = enter_person(&mut work, &person).await?;
        if someone.login.is_empty() {
            continue;
        }
        let roles = scoped(&mut work, &app.pack, &someone.unit, &someone.roles).await?;
        let new =
            NewAccount { person_id, login: someone.login.clone(), password_hash: hash.clone(), one_time: false, roles };
        create(&mut work, new).await?;
        if !someone.shown.is_empty() {
            accounts.push(DemoAccount {
                login: someone.login.clone(),
                name: someone.name.clone(),
                role: someone.shown.clone(),
                password: PASSWORD.to_owned(),
            });
        }
    }
    crate::setting::save(&mut work.tx, crate::auth::DEMO_ACCOUNTS, &serde_json::to_string(&accounts)?).await?;
    work.record("org", "demonstration.filled", Text::new("Tạo dữ liệu chạy thử", "Made the demonstration"), &[]);
    work.commit().await?;
    Ok(accounts)
}
