//! Alerts over the API, each durable before it is acknowledged, against the bare database driver writing the same rows.

use std::time::Instant;

use anyhow::{Result, bail};
use ungcuu_app::app::Place;
use ungcuu_kit::db::{Arg, Db, Select};
use ungcuu_kit::{args, sql};

use super::line::Line;
use super::seed::Seeded;
use super::server::Server;

/// Alerts of one request, in the measurement of batches.
const BATCH: usize = 500;
const BATCHES: usize = 100;
/// Alerts that come one by one, and over how many connections.
const SINGLE: usize = 2000;
const CONNECTIONS: usize = 8;

/// Prints alerts a second: the driver alone and the product, in batches and one by one.
pub async fn measure(server: &Server, seeded: &Seeded) -> Result<()> {
    let run = ungcuu_kit::chance::secret();
    let product_batch = batches(server, seeded, &run).await?;
    let product_single = singles(server, seeded, &run).await?;
    let driver = Driver::open(seeded).await?;
    let driver_batch = driver.batches().await?;
    let driver_single = driver.singles().await?;
    driver.end().await?;
    println!("Alerts a second. The driver inserts the same rows into the same table, without anything else.\n");
    println!("| | the driver alone | the product | ratio |");
    println!("|---|---:|---:|---:|");
    let line = |name: &str, driver: f64, product: f64| {
        println!("| {name} | {driver:.0} | {product:.0} | {:.2} |", product / driver);
    };
    line(&format!("In batches of {BATCH}"), driver_batch, product_batch);
    line(
        "One by one, one after the other on the driver; eight connections on the product",
        driver_single,
        product_single,
    );
    println!();
    Ok(())
}

fn alert(run: &str, number: usize) -> String {
    format!(
        r#"{{"title":"Cảnh báo {number} của máy dò","description":"Nhiều lần đăng nhập sai","severity":{},"source":"sensor","external_id":"{run}-{number}"}}"#,
        number % 4 + 1
    )
}

async fn batches(server: &Server, seeded: &Seeded, run: &str) -> Result<f64> {
    let mut line = Line::to(server.address).await?;
    let begun = Instant::now();
    for batch in 0..BATCHES {
        let alerts: Vec<String> = (0..BATCH).map(|number| alert(run, batch * BATCH + number)).collect();
        accepted(&mut line, &seeded.token, &format!("[{}]", alerts.join(","))).await?;
    }
    Ok((BATCH * BATCHES) as f64 / begun.elapsed().as_secs_f64())
}

async fn singles(server: &Server, seeded: &Seeded, run: &str) -> Result<f64> {
    let begun = Instant::now();
    let mut senders = tokio::task::JoinSet::new();
    for sender in 0..CONNECTIONS {
        let mut line = Line::to(server.address).await?;
        let token = seeded.token.clone();
        let run = format!("{run}-single-{sender}");
        senders.spawn(async move {
            for number in 0..SINGLE / CONNECTIONS {
                accepted(&mut line, &token, &alert(&run, number)).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(sent) = senders.join_next().await {
        sent??;
    }
    Ok(SINGLE as f64 / begun.elapsed().as_secs_f64())
}

async fn accepted(line: &mut Line, token: &str, body: &str) -> Result<()> {
    let status = line.post("/api/v1/alerts", token, body).await?;
    if status != 200 {
        bail!("alerts were answered with {status}: {}", line.body());
    }
    Ok(())
}

/// The database without the product: its own file or database with the same table and the same indexes.
struct Driver {
    db: Db,
    folder: std::path::PathBuf,
}

const HEAD: &str = "INSERT INTO alerts (id, code, title, title_folded, description, severity, status, is_open, outcome,
    outcome_note, source, external_id, fingerprint, count, place, tile, indicators, reporter_name, reporter_phone,
    reporter_email, has_news, received_by, received_at, last_seen_at, version) VALUES";

impl Driver {
    async fn open(seeded: &Seeded) -> Result<Driver> {
        let folder = super::folder().join("driver");
        let _ = std::fs::remove_dir_all(&folder);
        let place = match &seeded.place {
            Place::Folder(_) => Place::Folder(folder.clone()),
            Place::Postgres { url, .. } => {
                let server = url.rsplit_once('/').map_or(url.as_str(), |(server, _)| server);
                let name = format!("driver_{}", &ungcuu_kit::chance::secret()[..12].to_lowercase());
                let admin = Db::open_postgres(&format!("{server}/postgres")).await?;
                admin.create_database(&name).await?;
                admin.close().await;
                Place::Postgres { url: format!("{server}/{name}"), files: folder.join("files") }
            }
        };
        let (db, _) = place.open().await?;
        Ok(Driver { db, folder })
    }

    fn row(number: usize) -> Vec<Arg> {
        let now = number as i64;
        args![
            format!("alr_{number:026}"),
            format!("CB-2026-{number:06}"),
            format!("Cảnh báo {number} của máy dò"),
            format!("canh bao {number} cua may do"),
            "Nhiều lần đăng nhập sai",
            (number % 4 + 1) as i64,
            "new",
            true,
            "",
            "",
            "sensor",
            format!("lần đo-{number}"),
            format!("02900{number:032}"),
            1,
            "",
            "",
            "",
            "",
            "",
            "",
            false,
            "bench",
            now,
            now,
            1
        ]
    }

    async fn batches(&self) -> Result<f64> {
        let begun = Instant::now();
        for batch in 0..BATCHES {
            let mut tx = self.db.write().await?;
            let rows = (0..BATCH).map(|number| Driver::row(batch * BATCH + number));
            tx.run_built("alerts", Select::new(HEAD, []).rows(rows)).await?;
            tx.commit().await?;
        }
        Ok((BATCH * BATCHES) as f64 / begun.elapsed().as_secs_f64())
    }

    async fn singles(&self) -> Result<f64> {
        let begun = Instant::now();
        for number in 0..SINGLE {
            let mut tx = self.db.write().await?;
            let row = Driver::row(BATCH * BATCHES + number);
            tx.run_built("alerts", Select::new(HEAD, []).rows([row])).await?;
            tx.commit().await?;
        }
        Ok(SINGLE as f64 / begun.elapsed().as_secs_f64())
    }

    async fn end(self) -> Result<()> {
        let written: Option<(i64,)> = self.db.read().await?.one(sql!("SELECT COUNT(*) FROM alerts"), args![]).await?;
        if written.map(|rows| rows.0) != Some((BATCH * BATCHES + SINGLE) as i64) {
            bail!("the driver did not write its rows");
        }
        self.db.close().await;
        let _ = std::fs::remove_dir_all(&self.folder);
        Ok(())
    }
}
