//! A PostgreSQL server of one's own for the length of the tests: fresh folder, free port, nothing flushed to the disk.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::install::{is_root, server_program};

/// A running server; stopped and removed when dropped.
pub struct Server {
    folder: PathBuf,
    port: u16,
}

impl Server {
    pub fn start() -> Result<Server> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let folder = std::env::temp_dir().join(format!("ungcuu-postgres-{port}"));
        std::fs::create_dir_all(&folder)?;
        if is_root() {
            // The server refuses to run as root.
            run(Command::new("chown").arg("postgres").arg(&folder))?;
        }
        let server = Server { folder, port };
        let data = server.folder.join("data");
        run(server.as_owner("initdb")?.arg("-D").arg(&data).args(["-A", "trust", "-U", "postgres"]).args([
            "--locale=C",
            "-E",
            "UTF8",
            "--no-sync",
        ]))?;
        let options = format!(
            "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={} -c fsync=off \
             -c synchronous_commit=off -c full_page_writes=off -c max_connections=2000",
            server.folder.display()
        );
        run(server
            .as_owner("pg_ctl")?
            .arg("-D")
            .arg(&data)
            .args(["-o", &options, "-w", "-l"])
            .arg(server.folder.join("log"))
            .arg("start"))?;
        Ok(server)
    }

    /// The address of a database on this server; with an empty name, of the server.
    pub fn url(&self, database: &str) -> String {
        let server = format!("postgres://postgres@127.0.0.1:{}", self.port);
        if database.is_empty() { server } else { format!("{server}/{database}") }
    }

    fn as_owner(&self, program: &str) -> Result<Command> {
        let program = server_program(program).with_context(|| format!("{program} is not installed"))?;
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir(&self.folder);
        Ok(command)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Ok(mut command) = self.as_owner("pg_ctl") {
            let data: &Path = &self.folder.join("data");
            let _ = run(command.arg("-D").arg(data).args(["-m", "immediate", "stop"]));
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn run(command: &mut Command) -> Result<()> {
    let output = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::inherit()).status();
    let status = output.with_context(|| format!("running {command:?}"))?;
    if !status.success() {
        bail!("{command:?} failed");
    }
    Ok(())
}
