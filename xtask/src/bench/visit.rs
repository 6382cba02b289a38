//! Many people asking for pages at once, each over a connection of their own: as fast as they are answered, and as people
//! do who also read.

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

/// How long people read on average before they ask again.
const READING: Duration = Duration::from_secs(1);

/// Asks for each page in turn and prints how long the answers took.
pub async fn measure(server: &Server, seeded: &Seeded, users: usize, seconds: u64, only: Option<&str>) -> Result<()> {
    let mut visits = visits(seeded).await?;
    visits.retain(|visit| only.is_none_or(|only| visit.name.contains(only)));
    let length = Duration::from_secs(seconds);
    println!("{users} people at once, each asking again as soon as the answer is whole; milliseconds.\n");
    println!("| Page | p50 | p95 | p99 | slowest | pages a second | alone, p50 | processor | KiB |");
    println!("|---|---:|---:|---:|---:|---:|---:|---:|---:|");
    for visit in &visits {
        // The first answers fill caches; an hour of work does that once.
        crowd(server, seeded, visit, users, Duration::from_secs(2), None).await?;
        let alone = crowd(server, seeded, visit, 1, Duration::from_secs(2), None).await?;
        let (begun, used) = (Instant::now(), server.processor_time()?);
        let took = crowd(server, seeded, visit, users, length, None).await?;
        let rate = took.times.len() as f64 / begun.elapsed().as_secs_f64();
        let each = (server.processor_time()? - used).as_secs_f64() * 1000.0 / took.times.len() as f64;
        let (row, alone, kib) = (took.row(visit), quantile(&alone.times, 0.50), took.size / 1024);
        println!("{row} {rate:.0} | {alone:.1} | {each:.2} | {kib} |");
    }
    println!(
        "\n{users} people at once who read {} s between an answer and the next question; milliseconds.\n",
        READING.as_secs()
    );
    println!("| Page | p50 | p95 | p99 | slowest | pages a second |");
    println!("|---|---:|---:|---:|---:|---:|");
    for visit in &visits {
        let begun = Instant::now();
        let took = crowd(server, seeded, visit, users, length, Some(READING)).await?;
        let rate = took.times.len() as f64 / begun.elapsed().as_secs_f64();
        println!("{} {rate:.0} |", took.row(visit));
    }
    println!();
    Ok(())
}

/// How long answers took in milliseconds, sorted, and how long they were in bytes on average.
struct Took {
    times: Vec<f64>,
    size: usize,
}

impl Took {
    fn row(&self, visit: &Visit) -> String {
        let part = |part| quantile(&self.times, part);
        format!("| {} | {:.1} | {:.1} | {:.1} | {:.1} |", visit.name, part(0.50), part(0.95), part(0.99), part(1.0))
    }
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

/// Lets people ask for a page for some time; `reading` is how long each pauses on average before asking again.
async fn crowd(
    server: &Server,
    seeded: &Seeded,
    visit: &Visit,
    users: usize,
    length: Duration,
    reading: Option<Duration>,
) -> Result<Took> {
    let until = Instant::now() + length;
    let mut people = tokio::task::JoinSet::new();
    for user in 0..users {
        let (address, paths) = (server.address, visit.paths.clone());
        // Units see their own incidents only; one incident's page is asked for by those who see them all.
        let seers = if visit.name.starts_with("Incident,") || visit.name == "Incident" {
            &seeded.office
        } else {
            &seeded.sessions
        };
        let session = seers[user % seers.len()].clone();
        people.spawn(async move {
            let mut line = Line::to(address).await?;
            let (mut times, mut size) = (Vec::new(), 0);
            let mut turn = user * 37;
            if let Some(reading) = reading {
                // Not everybody begins at once.
                tokio::time::sleep(reading * user as u32 / users as u32).await;
            }
            while Instant::now() < until {
                let path = &paths[turn % paths.len()];
                let begun = Instant::now();
                let status = line.get(path, &session).await?;
                times.push(begun.elapsed().as_secs_f64() * 1000.0);
                size += line.size();
                if status != 200 {
                    bail!("{path} was answered with {status}");
                }
                turn += 1;
                if let Some(reading) = reading {
                    // Between half and one and a half times, spread evenly.
                    tokio::time::sleep(reading / 2 + reading * (turn * 61 % 100) as u32 / 100).await;
                }
            }
            anyhow::Ok((times, size))
        });
    }
    let (mut times, mut size) = (Vec::new(), 0);
    while let Some(took) = people.join_next().await {
        let (theirs, bytes) = took??;
        times.extend(theirs);
        size += bytes;
    }
    times.sort_by(f64::total_cmp);
    let count = times.len().max(1);
    Ok(Took { times, size: size / count })
}

pub fn quantile(sorted: &[f64], part: f64) -> f64 {
    let place = ((sorted.len() as f64 * part).ceil() as usize).clamp(1, sorted.len().max(1));
    sorted.get(place - 1).copied().unwrap_or(f64::NAN)
}
