//! One numbered list of migrations for both databases. A file `0007_search.sqlite.sql` beside `0007_search.postgres.sql`
//! holds the little that cannot be said the same way twice.

use std::borrow::Cow;

use anyhow::Context;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, SqlSafeStr};

use super::{Db, Engine};
use crate::error::Result;

/// A migration's file name and its text.
#[derive(Clone, Debug)]
pub struct MigrationFile {
    pub name: String,
    pub text: String,
}

impl Db {
    /// Brings the schema up to date. Refuses when an applied migration has been edited since.
    pub async fn migrate(&self, files: &[MigrationFile]) -> Result<()> {
        let migrations = for_engine(files, self.engine())?;
        let migrator = Migrator { migrations: Cow::Owned(migrations), ..Migrator::DEFAULT };
        match self {
            Db::Sqlite { writer, .. } => migrator.run(writer).await,
            Db::Postgres(pool) => migrator.run(pool).await,
        }
        .context("bringing the database schema up to date")?;
        Ok(())
    }
}

/// Picks the files meant for this engine, in order, numbers unique.
fn for_engine(files: &[MigrationFile], engine: Engine) -> Result<Vec<Migration>> {
    let foreign = match engine {
        Engine::Sqlite => ".postgres.sql",
        Engine::Postgres => ".sqlite.sql",
    };
    let mut migrations = Vec::new();
    for file in files.iter().filter(|file| !file.name.ends_with(foreign)) {
        let (number, title) = file.name.split_once('_').context("a migration is named 0001_title.sql")?;
        let number: i64 = number.parse().with_context(|| format!("the number of migration {}", file.name))?;
        // The driver looks at one migration at a time; a side file follows its namesake at once.
        let side = file.name.matches('.').count() == 2;
        let version = number * 10 + i64::from(side);
        let sql = AssertSqlSafe(file.text.clone()).into_sql_str();
        migrations.push(Migration::new(version, title.to_owned().into(), MigrationType::Simple, sql, false));
    }
    migrations.sort();
    if let Some(pair) = migrations.windows(2).find(|pair| pair[0].version == pair[1].version) {
        return Err(anyhow::anyhow!("two migrations have the number {}", pair[0].version / 10).into());
    }
    Ok(migrations)
}
