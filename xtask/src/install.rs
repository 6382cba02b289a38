//! Installs what the tests need where it is missing: PostgreSQL, Chromium with its driver, poppler, a font, axe-core.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Result, bail};

/// A program or file that tests need, and the Debian package that brings it.
const NEEDED: &[(&str, &str)] = &[
    ("chromium", "chromium"),
    ("chromedriver", "chromium-driver"),
    ("pdftotext", "poppler-utils"),
    ("pdftoppm", "poppler-utils"),
    ("unzip", "unzip"),
    ("npm", "npm"),
];

/// The npm package that judges whether pages can be used by everyone.
const AXE: &str = "axe-core@4";

/// A font with the metrics of the one that administrative documents prescribe.
const FONT: (&str, &str) = ("/usr/share/fonts/truetype/liberation2/LiberationSerif-Regular.ttf", "fonts-liberation2");

/// Makes sure that everything is there, or says what to install by hand.
pub fn run() -> Result<()> {
    let mut packages: Vec<&str> = Vec::new();
    for (program, package) in NEEDED {
        if find(program).is_none() && !packages.contains(package) {
            packages.push(package);
        }
    }
    if !Path::new(FONT.0).exists() {
        packages.push(FONT.1);
    }
    if server_program("initdb").is_none() {
        packages.push("postgresql");
    }
    if !packages.is_empty() {
        install_packages(&packages)?;
    }
    install_axe()
}

fn install_packages(packages: &[&str]) -> Result<()> {
    eprintln!("installing {}", packages.join(" "));
    if find("apt-get").is_none() {
        bail!("please install: {}", packages.join(" "));
    }
    let root = is_root();
    let apt = |arguments: &[&str]| -> Result<()> {
        let mut command = if root { Command::new("apt-get") } else { Command::new("sudo") };
        if !root {
            command.args(["-n", "apt-get"]);
        }
        let status = command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null()).status()?;
        if !status.success() {
            bail!("apt-get {} failed; please install by hand: {}", arguments.join(" "), packages.join(" "));
        }
        Ok(())
    };
    apt(&["update", "-qq"])?;
    let mut arguments = vec!["install", "-y", "-qq", "--no-install-recommends"];
    arguments.extend(packages);
    apt(&arguments)
}

/// Fetches axe-core to where the browser test looks for it.
fn install_axe() -> Result<()> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    let folder = target.join("browser-test");
    if folder.join("node_modules/axe-core/axe.min.js").is_file() {
        return Ok(());
    }
    eprintln!("installing {AXE}");
    std::fs::create_dir_all(&folder)?;
    let mut command = Command::new("npm");
    command.args(["install", "--no-audit", "--no-fund", "--silent", "--prefix"]).arg(&folder).arg(AXE);
    if !command.stdout(Stdio::null()).status()?.success() {
        bail!("npm could not fetch {AXE}; please run: npm install --prefix {} {AXE}", folder.display());
    }
    Ok(())
}

/// Whether this process may become another user.
pub fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// A program on the path.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// A program of the PostgreSQL server (15 or later); Debian keeps them off the path.
pub fn server_program(program: &str) -> Option<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path())))
        .filter(|(version, folder)| *version >= 15 && folder.join("bin").join(program).is_file())
        .collect();
    versions.sort();
    versions.pop().map(|(_, folder)| folder.join("bin").join(program)).or_else(|| find(program))
}
