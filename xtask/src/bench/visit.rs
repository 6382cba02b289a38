//! Many people asking for pages at once, each over a connection of their own, as fast as they are answered.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use ungcuu_kit::{args, sql};

use super::line::Line;
use super::seed::Seeded;
use super::server::Server;

/// One page of the table and the addresses it is asked under.
struct Visit {
    name: &'static str,
    paths: Vec<String>,
}

/// Asks for each page in turn and prints how long the answers took.
pub async fn measure(server: &Server, seeded: &Seeded, users: usize, seconds: u64) -> Result<()> {
    println!("{users} people at once, each asking again as soon as the answer is whole; milliseconds.\n");
    println!("| Page | p50 | p95 | p99 | slowest | pages a second | alone, p50 |");
    println!("|---|---:|---:|---:|---:|---:|---:|");
    for visit in visits(seeded).await? {
        // The first answers fill caches; an hour of work does that once.
        crowd(server, seeded, &visit, users, Duration::from_secs(2)).await?;
        let alone = crowd(server, seeded, &visit, 1, Duration::from_secs(2)).await?;
        let begun = Instant::now();
        let took = crowd(server, seeded, &visit, users, Duration::from_secs(seconds)).await?;
        let rate = took.len() as f64 / begun.elapsed().as_secs_f64();
        println!(
            "| {} | {:.1} | {:.1} | {:.1} | {:.1} | {rate:.0} | {:.1} |",
            visit.name,
            quantile(&took, 0.50),
            quantile(&took, 0.95),
            quantile(&took, 0.99),
            quantile(&took, 1.0),
            quantile(&alone, 0.50)
        );
    }
    println!();
    Ok(())
}

async fn visits(seeded: &Seeded) -> Result<Vec<Visit>> {
    let deep = deep_in_the_queue(seeded).await?;
    let words = ["may bi khoa", "thu la", "mang cham", "SC-2025", "doi giao dien o may 123456", "198.51.7.3"];
    let search = words.iter().map(|words| format!("/search?q={}", words.replace(' ', "+"))).collect();
    let one = |name, path: &str| Visit { name, paths: vec![path.to_owned()] };
    Ok(vec![
        one("Dashboard", "/"),
        one("Queue, first page", "/alerts"),
        one("Queue, deep page", &deep),
        one("Queue, filtered", "/alerts?severity=4"),
        one("Incidents", "/incidents"),
        Visit { name: "Incident", paths: seeded.incidents.iter().map(|id| format!("/incidents/{id}")).collect() },
        Visit {
            name: "Incident, timeline",
            paths: seeded.incidents.iter().map(|id| format!("/incidents/{id}/timeline")).collect(),
        },
        Visit { name: "Search", paths: search },
    ])
}

/// The page in the middle of all that is open.
async fn deep_in_the_queue(seeded: &Seeded) -> Result<String> {
    let (db, _) = seeded.place.open().await?;
    let mut tx = db.read().await?;
    let open: Option<(i64,)> = tx.one(sql!("SELECT COUNT(*) FROM alerts WHERE is_open = TRUE"), args![]).await?;
    let skipped = open.map_or(0, |open| open.0 / 2);
    let middle: Option<(String,)> = tx
        .one(sql!("SELECT id FROM alerts WHERE is_open = TRUE ORDER BY id DESC LIMIT 1 OFFSET $1"), args![skipped])
        .await?;
    drop(tx);
    db.close().await;
    Ok(format!("/alerts?after=1.{}", middle.context("alerts")?.0))
}

/// How long each answer took, in milliseconds, sorted.
async fn crowd(server: &Server, seeded: &Seeded, visit: &Visit, users: usize, length: Duration) -> Result<Vec<f64>> {
    let until = Instant::now() + length;
    let mut people = tokio::task::JoinSet::new();
    for user in 0..users {
        let (address, paths) = (server.address, visit.paths.clone());
        // Units see their own incidents only; one incident's page is asked for by those who see them all.
        let people = if visit.name.starts_with("Incident,") || visit.name == "Incident" {
            &seeded.office
        } else {
            &seeded.sessions
        };
        let session = people[user % people.len()].clone();
        people.spawn(async move {
            let mut line = Line::to(address).await?;
            let mut took = Vec::new();
            let mut turn = user * 37;
            while Instant::now() < until {
                let path = &paths[turn % paths.len()];
                let begun = Instant::now();
                let status = line.get(path, &session).await?;
                took.push(begun.elapsed().as_secs_f64() * 1000.0);
                if status != 200 {
                    bail!("{path} was answered with {status}");
                }
                turn += 1;
            }
            anyhow::Ok(took)
        });
    }
    let mut all = Vec::new();
    while let Some(took) = people.join_next().await {
        all.extend(took??);
    }
    all.sort_by(f64::total_cmp);
    Ok(all)
}

pub fn quantile(sorted: &[f64], part: f64) -> f64 {
    let place = ((sorted.len() as f64 * part).ceil() as usize).clamp(1, sorted.len().max(1));
    sorted.get(place - 1).copied().unwrap_or(f64::NAN)
}
