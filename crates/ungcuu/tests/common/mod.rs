//! What the tests of the running program share: a server that serves, and an account with an API token.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use ungcuu_app::app::App;
use ungcuu_app::work::Work;
use ungcuu_kit::text::Text;
use ungcuu_kit::{args, sql};

/// A server over a folder, with more arguments, and where it answers: `127.0.0.1:40123`.
pub fn serve(folder: &Path, more: &[&OsStr]) -> (Child, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ungcuu"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(folder).args(more);
    let mut server = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().expect("starts");
    let mut lines = BufReader::new(server.stderr.take().expect("its words"));
    let mut said = String::new();
    let address = loop {
        let mut line = String::new();
        if lines.read_line(&mut line).expect("read") == 0 {
            let ended = server.wait().expect("ended");
            panic!("the server did not start ({ended}): {said}");
        }
        if let Some((_, address)) = line.split_once("http://") {
            break address.trim().to_owned();
        }
        said.push_str(&line);
    };
    // Somebody has to read on, or a full pipe would stop the server.
    std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
    (server, address)
}

/// An account with an API token, in an installation that is being prepared.
pub async fn add_token(app: &App, work: &mut Work, login: &str) -> String {
    let token = ungcuu_kit::chance::secret();
    let account: Option<(String,)> =
        work.tx.one(sql!("SELECT id FROM accounts WHERE login = $1"), args![login]).await.expect("asked");
    let account = account.expect("the account").0;
    let insert = sql!(
        "INSERT INTO api_tokens (id, account_id, name, hash, created_at, revoked)
         VALUES ('tok_1', $1, 'thử', $2, $3, FALSE)"
    );
    let values = args![&account, ungcuu_app::auth::token_hash(&token), app.now()];
    work.tx.run(insert, values).await.expect("a token");
    // A password that has to be changed does not bind a token, but the account must be beyond its first day.
    work.tx.run(sql!("UPDATE accounts SET one_time = FALSE WHERE id = $1"), args![&account]).await.expect("set");
    let rows = [("api_tokens", "tok_1"), ("accounts", account.as_str())];
    work.record("accounts", "token.created", Text::same("khoá API"), &rows);
    token
}
