//! The product as a process of its own, as an operator starts it.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use ungcuu_app::app::Place;

/// A running server; ended when dropped.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
}

impl Server {
    /// Starts the product on these records; says how long it took until it was ready.
    pub fn start(binary: &Path, place: &Place) -> Result<(Server, Duration)> {
        let mut command = Command::new(binary);
        command.args(["serve", "--listen", "127.0.0.1:0"]);
        match place {
            Place::Folder(folder) => command.arg("--data").arg(folder),
            Place::Postgres { url, files } => {
                command.args(["--database", url, "--data"]).arg(files.parent().unwrap_or(files))
            }
        };
        let begun = Instant::now();
        let mut child = command
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .with_context(|| format!("starting {}", binary.display()))?;
        let mut lines = BufReader::new(child.stderr.take().context("a server speaks")?);
        let mut said = String::new();
        let address = loop {
            let mut line = String::new();
            if lines.read_line(&mut line)? == 0 {
                child.wait()?;
                bail!("the server did not start: {said}");
            }
            if let Some((_, address)) = line.split_once("http://") {
                break address.trim().parse()?;
            }
            said.push_str(&line);
        };
        let ready = begun.elapsed();
        // Somebody has to read on, or a full pipe would stop the server.
        std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::stderr()));
        Ok((Server { child, address }, ready))
    }

    /// Resident memory now and at most, in MiB.
    pub fn resident(&self) -> Result<(u64, u64)> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let read = |name: &str| -> Result<u64> {
            let line = status.lines().find(|line| line.starts_with(name)).context("no such line")?;
            let kib: u64 = line.split_whitespace().nth(1).context("a number")?.parse()?;
            Ok(kib / 1024)
        };
        Ok((read("VmRSS:")?, read("VmHWM:")?))
    }
}

impl Server {
    /// How much time of a processor it has used so far.
    pub fn processor_time(&self) -> Result<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name in parentheses may hold blanks; behind it stand user and system time as 12th and 13th, in hundredths.
        let (_, behind) = stat.rsplit_once(") ").context("the name of a process")?;
        let hundredths = behind.split(' ').skip(11).take(2).map(str::parse::<u64>).sum::<Result<u64, _>>()?;
        Ok(Duration::from_millis(10 * hundredths))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
