//! The command line. One file per command; nothing of the product is decided here.
//!
//! Exit codes: 0 done, 1 the answer is "no" (invalid, altered), 2 could not do it. Words for people go to stderr, results
//! to stdout.

mod account;
mod demo;
mod examine_worker;
mod hunt;
mod pack;
mod place;
mod post;
mod render_worker;
mod send;
mod serve;
mod sweep;
mod tell;
mod verify;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Ứng cứu sự cố an toàn thông tin mạng cho một địa phương. Runs a locality's plan for cyber-incident response.
#[derive(Parser)]
#[command(version, about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Bản chạy thử có sẵn dữ liệu; in ra các tài khoản. A demonstration with people and work in it.
    Demo(demo::Demo),
    /// Chạy máy chủ. Serves the product.
    Serve(serve::Serve),
    /// Kiểm tra, xem, xuất gói kế hoạch. Checks, shows or exports a plan's pack.
    #[command(subcommand)]
    Pack(pack::PackCommand),
    /// Tài khoản: tạo, liệt kê, đặt lại mật khẩu, khoá. Accounts.
    #[command(subcommand)]
    Account(account::AccountCommand),
    /// Soát lại nhật ký, dữ liệu và tệp chứng cứ. 0 nguyên vẹn, 1 bị sửa, 2 không soát được. Checks that nothing was altered.
    Verify(verify::Verify),
    /// Dò nhật ký theo quy tắc Sigma. 0 không thấy gì, 1 có phát hiện, 2 chưa đầy đủ. Hunts through logs with Sigma rules.
    Hunt(Box<hunt::Hunt>),
    /// Quét tệp theo quy tắc YARA. 0 sạch, 1 có phát hiện hoặc thay đổi, 2 chưa đầy đủ. Sweeps files with YARA rules.
    Sweep(Box<sweep::Sweep>),
    /// Đưa cấu trúc cơ sở dữ liệu lên bản mới. Brings the database schema up to date.
    Migrate(place::PlaceArgs),
    /// In mô tả API (OpenAPI 3.1). Prints the API's description.
    Openapi,
    /// Tạo tệp tài liệu cho máy chủ. Makes documents for the server, which starts it by itself.
    #[command(hide = true)]
    RenderWorker(render_worker::RenderWorker),
    /// Looks at one picture from standard input; started by the product itself, bounded in memory and time.
    #[command(hide = true)]
    PictureWorker,
    /// Reads hostile logs and rules; started by the product itself, bounded in memory and time.
    #[command(hide = true)]
    ExamineWorker,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let command = match cli.command {
        // Before anything is begun that they do not need.
        Command::RenderWorker(worker) => return worker.run().unwrap_or_else(|cause| could_not(&cause)),
        Command::PictureWorker => return ungcuu_kit::picture::worker(),
        Command::ExamineWorker => return examine_worker::run(),
        Command::Hunt(hunt) => return hunt.run().unwrap_or_else(|cause| could_not(&cause)),
        Command::Sweep(sweep) => return sweep.run().unwrap_or_else(|cause| could_not(&cause)),
        command => command,
    };
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("UNGCUU_LOG").unwrap_or_else(|_| "warn,ungcuu=info".into()),
        )
        .with_writer(std::io::stderr)
        .init();
    // Two more than processors: SQLite answers on the thread that asks, and may have to wait for the disk.
    let threads = std::thread::available_parallelism().map_or(4, |processors| processors.get() + 2);
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build() {
        Ok(runtime) => runtime,
        Err(cause) => return could_not(&cause.into()),
    };
    let outcome = runtime.block_on(async {
        match command {
            Command::Demo(demo) => demo.run().await,
            Command::Serve(serve) => serve.run().await,
            Command::Pack(command) => command.run().await,
            Command::Account(command) => command.run().await,
            Command::Verify(verify) => verify.run().await,
            Command::Migrate(place) => place.open().await.map(|_| ExitCode::SUCCESS),
            Command::Openapi => {
                let document = ungcuu_app::web::openapi_document(&ungcuu_app::routes());
                println!("{}", serde_json::to_string_pretty(&document)?);
                Ok(ExitCode::SUCCESS)
            }
            // Gone their own way above.
            Command::RenderWorker(_) | Command::PictureWorker | Command::ExamineWorker | Command::Hunt(_) => {
                Ok(ExitCode::SUCCESS)
            }
            Command::Sweep(_) => Ok(ExitCode::SUCCESS),
        }
    });
    outcome.unwrap_or_else(|cause| could_not(&cause))
}

fn could_not(cause: &anyhow::Error) -> ExitCode {
    eprintln!("Không làm được (could not): {cause:#}");
    ExitCode::from(2)
}
