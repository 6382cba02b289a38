//! One numbered list of migrations for both databases. A file `0007_search.sqlite.sql` beside `0007_search.postgres.sql`
//! holds the little that cannot be said the same way twice.

use std::borrow::Cow;

use anyhow::Context;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, SqlSafeStr};

use super::sqlite::Connections;
use super::{Db, Engine, Pools};
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
        match &self.pools {
            Pools::Sqlite { writer, .. } => run_on_sqlite(writer, &migrations).await?,
            Pools::Postgres(pool) => {
                let migrator = Migrator { migrations: Cow::Owned(migrations), ..Migrator::DEFAULT };
                migrator.run(pool).await.context("bringing the database schema up to date")?;
            }
        }
        Ok(())
    }
}

#[derive(sqlx::FromRow)]
struct Applied {
    version: i64,
    checksum: String,
}

/// The same on SQLite, in the same table that the driver keeps on PostgreSQL. All in one transaction: a schema is never
/// half new.
async fn run_on_sqlite(writer: &Connections, migrations: &[Migration]) -> Result<()> {
    let mut tx = writer.begin().await?;
    tx.run_script(
        "CREATE TABLE IF NOT EXISTS _sqlx_migrations (
             version BIGINT PRIMARY KEY,
             description TEXT NOT NULL,
             installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
             success BOOLEAN NOT NULL,
             checksum BLOB NOT NULL,
             execution_time BIGINT NOT NULL
         )",
    )?;
    let applied: Vec<Applied> = tx.rows(
        "SELECT version, HEX(checksum) AS checksum FROM _sqlx_migrations ORDER BY version",
        &[],
        false,
        usize::MAX,
    )?;
    let unknown = applied.iter().find(|one| !migrations.iter().any(|migration| migration.version == one.version));
    if let Some(unknown) = unknown {
        return Err(anyhow::anyhow!(
            "the database has migration {}, which this program does not know: it was used with a newer one",
            unknown.version / 10
        )
        .into());
    }
    for migration in migrations {
        let checksum = hex::encode_upper(&migration.checksum);
        match applied.iter().find(|one| one.version == migration.version) {
            Some(one) if one.checksum == checksum => {}
            Some(_) => {
                let number = migration.version / 10;
                return Err(anyhow::anyhow!("migration {number} was edited after it had been applied").into());
            }
            None => {
                tx.run_script(migration.sql.as_str())
                    .with_context(|| format!("migration {} ({})", migration.version / 10, migration.description))?;
                tx.run_script(&format!(
                    "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                     VALUES ({}, '{}', TRUE, x'{checksum}', 0)",
                    migration.version, migration.description
                ))?;
            }
        }
    }
    tx.commit()
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
