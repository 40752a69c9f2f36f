using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Dashboard.Sqlite.Store.Migrations
{
    /// <inheritdoc />
    public partial class Samples : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // Not a part of EF Core's model: samples do not go through it.
            migrationBuilder.Sql(
                """
                CREATE TABLE series (
                    id INTEGER PRIMARY KEY,
                    subject_kind INTEGER NOT NULL,
                    subject_id TEXT NOT NULL,
                    metric TEXT NOT NULL,
                    part TEXT NOT NULL,
                    UNIQUE (subject_kind, subject_id, metric, part)
                );

                -- The last hours, in the order of time: a batch goes to its end.
                CREATE TABLE samples_hot (
                    at INTEGER NOT NULL,
                    series INTEGER NOT NULL,
                    value REAL NOT NULL,
                    PRIMARY KEY (at, series)
                ) WITHOUT ROWID;

                -- All before them, in the order of series: a chart reads neighbours.
                CREATE TABLE samples (
                    series INTEGER NOT NULL,
                    at INTEGER NOT NULL,
                    value REAL NOT NULL,
                    PRIMARY KEY (series, at)
                ) WITHOUT ROWID;

                CREATE TABLE samples_hourly (
                    series INTEGER NOT NULL,
                    at INTEGER NOT NULL,
                    last_after INTEGER NOT NULL,
                    count INTEGER NOT NULL,
                    min REAL NOT NULL,
                    max REAL NOT NULL,
                    sum REAL NOT NULL,
                    last REAL NOT NULL,
                    PRIMARY KEY (series, at)
                ) WITHOUT ROWID;

                CREATE TABLE samples_daily (
                    series INTEGER NOT NULL,
                    at INTEGER NOT NULL,
                    last_after INTEGER NOT NULL,
                    count INTEGER NOT NULL,
                    min REAL NOT NULL,
                    max REAL NOT NULL,
                    sum REAL NOT NULL,
                    last REAL NOT NULL,
                    PRIMARY KEY (series, at)
                ) WITHOUT ROWID;
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(
                """
                DROP TABLE samples_daily;
                DROP TABLE samples_hourly;
                DROP TABLE samples;
                DROP TABLE samples_hot;
                DROP TABLE series;
                """);
        }
    }
}
