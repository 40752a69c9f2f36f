using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Dashboard.Postgres.Store.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "databases",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    Slug = table.Column<string>(type: "character varying(80)", maxLength: 80, nullable: false),
                    Name = table.Column<string>(type: "character varying(120)", maxLength: 120, nullable: false),
                    Engine = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    Location = table.Column<string>(type: "text", nullable: false),
                    IsSample = table.Column<bool>(type: "boolean", nullable: false),
                    IsOwnStore = table.Column<bool>(type: "boolean", nullable: false),
                    BackupFolder = table.Column<string>(type: "text", nullable: true),
                    AlwaysAskForName = table.Column<bool>(type: "boolean", nullable: false),
                    Tags = table.Column<string>(type: "character varying(310)", maxLength: 310, nullable: false, defaultValue: ""),
                    AddedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    RemovedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_databases", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "logins",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    Engine = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    Server = table.Column<string>(type: "character varying(300)", maxLength: 300, nullable: false),
                    User = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    Secret = table.Column<string>(type: "text", nullable: false),
                    ChangedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_logins", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "restores",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    DatabaseId = table.Column<Guid>(type: "uuid", nullable: false),
                    BackupId = table.Column<Guid>(type: "uuid", nullable: true),
                    UndoBackupId = table.Column<Guid>(type: "uuid", nullable: true),
                    Kept = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    KeptBytes = table.Column<long>(type: "bigint", nullable: true),
                    KeptDroppedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    RunId = table.Column<Guid>(type: "uuid", nullable: false),
                    RestoredAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    UndoUntil = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    UndoneByRunId = table.Column<Guid>(type: "uuid", nullable: true),
                    IsUndo = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_restores", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "runs",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    Job = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    SubjectKind = table.Column<int>(type: "integer", nullable: false),
                    SubjectId = table.Column<Guid>(type: "uuid", nullable: false),
                    Arguments = table.Column<string>(type: "text", nullable: true),
                    AskedBy = table.Column<string>(type: "character varying(120)", maxLength: 120, nullable: false),
                    ScheduleId = table.Column<Guid>(type: "uuid", nullable: true),
                    DueAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    QueuedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    StartedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    EndedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    State = table.Column<int>(type: "integer", nullable: false),
                    Writes = table.Column<bool>(type: "boolean", nullable: false),
                    IsOneAtATime = table.Column<bool>(type: "boolean", nullable: false),
                    Summary = table.Column<string>(type: "text", nullable: true),
                    Problem = table.Column<string>(type: "text", nullable: true),
                    NextStep = table.Column<string>(type: "text", nullable: true),
                    Checkpoint = table.Column<string>(type: "text", nullable: true),
                    Owner = table.Column<string>(type: "text", nullable: true),
                    Epoch = table.Column<int>(type: "integer", nullable: false),
                    LeaseUntil = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    SeenAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_runs", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "schedules",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    Job = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    SubjectKind = table.Column<int>(type: "integer", nullable: false),
                    SubjectId = table.Column<Guid>(type: "uuid", nullable: false),
                    Cron = table.Column<string>(type: "character varying(120)", maxLength: 120, nullable: false),
                    Zone = table.Column<string>(type: "character varying(80)", maxLength: 80, nullable: false),
                    IsOn = table.Column<bool>(type: "boolean", nullable: false),
                    NextAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_schedules", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "backups",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    DatabaseId = table.Column<Guid>(type: "uuid", nullable: false),
                    RunId = table.Column<Guid>(type: "uuid", nullable: true),
                    Kind = table.Column<int>(type: "integer", nullable: false),
                    Folder = table.Column<string>(type: "text", nullable: false),
                    FileName = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    TakenAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    Took = table.Column<TimeSpan>(type: "interval", nullable: false),
                    AskedBy = table.Column<string>(type: "character varying(120)", maxLength: 120, nullable: false),
                    Compression = table.Column<int>(type: "integer", nullable: false),
                    SizeBytes = table.Column<long>(type: "bigint", nullable: false),
                    ContentBytes = table.Column<long>(type: "bigint", nullable: false),
                    Sha256 = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    ContentSha256 = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    EngineVersion = table.Column<string>(type: "text", nullable: false),
                    Rows = table.Column<string>(type: "text", nullable: false),
                    RowTotal = table.Column<long>(type: "bigint", nullable: false),
                    Level = table.Column<int>(type: "integer", nullable: false),
                    CheckedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    Problem = table.Column<string>(type: "text", nullable: true),
                    DeletedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    DeletedBy = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_backups", x => x.Id);
                    table.ForeignKey(
                        name: "FK_backups_databases_DatabaseId",
                        column: x => x.DatabaseId,
                        principalTable: "databases",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "run_lines",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    RunId = table.Column<Guid>(type: "uuid", nullable: false),
                    At = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    Level = table.Column<int>(type: "integer", nullable: false),
                    Text = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_run_lines", x => x.Id);
                    table.ForeignKey(
                        name: "FK_run_lines_runs_RunId",
                        column: x => x.RunId,
                        principalTable: "runs",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "run_phases",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    RunId = table.Column<Guid>(type: "uuid", nullable: false),
                    Name = table.Column<string>(type: "text", nullable: false),
                    StartedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    EndedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    Bytes = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_run_phases", x => x.Id);
                    table.ForeignKey(
                        name: "FK_run_phases_runs_RunId",
                        column: x => x.RunId,
                        principalTable: "runs",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "backup_sizes",
                columns: table => new
                {
                    BackupId = table.Column<Guid>(type: "uuid", nullable: false),
                    Sizes = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_backup_sizes", x => x.BackupId);
                    table.ForeignKey(
                        name: "FK_backup_sizes_backups_BackupId",
                        column: x => x.BackupId,
                        principalTable: "backups",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_backups_DatabaseId_TakenAt",
                table: "backups",
                columns: new[] { "DatabaseId", "TakenAt" });

            migrationBuilder.CreateIndex(
                name: "IX_backups_DeletedAt",
                table: "backups",
                column: "DeletedAt");

            migrationBuilder.CreateIndex(
                name: "IX_backups_Folder_FileName",
                table: "backups",
                columns: new[] { "Folder", "FileName" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_databases_Slug",
                table: "databases",
                column: "Slug",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_logins_Engine_Server_User",
                table: "logins",
                columns: new[] { "Engine", "Server", "User" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_restores_DatabaseId_RestoredAt",
                table: "restores",
                columns: new[] { "DatabaseId", "RestoredAt" });

            migrationBuilder.CreateIndex(
                name: "IX_restores_RunId",
                table: "restores",
                column: "RunId",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_run_lines_RunId",
                table: "run_lines",
                column: "RunId");

            migrationBuilder.CreateIndex(
                name: "IX_run_phases_RunId",
                table: "run_phases",
                column: "RunId");

            migrationBuilder.CreateIndex(
                name: "IX_runs_one_open_of_a_job",
                table: "runs",
                columns: new[] { "SubjectKind", "SubjectId", "Job" },
                unique: true,
                filter: "\"State\" IN (0, 1, 2) AND \"IsOneAtATime\"");

            migrationBuilder.CreateIndex(
                name: "IX_runs_one_open_writer",
                table: "runs",
                columns: new[] { "SubjectKind", "SubjectId" },
                unique: true,
                filter: "\"State\" IN (0, 1, 2) AND \"Writes\"");

            migrationBuilder.CreateIndex(
                name: "IX_runs_QueuedAt",
                table: "runs",
                column: "QueuedAt");

            migrationBuilder.CreateIndex(
                name: "IX_runs_ScheduleId_DueAt",
                table: "runs",
                columns: new[] { "ScheduleId", "DueAt" },
                unique: true,
                filter: "\"ScheduleId\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_runs_State_DueAt",
                table: "runs",
                columns: new[] { "State", "DueAt" });

            migrationBuilder.CreateIndex(
                name: "IX_runs_SubjectId_QueuedAt",
                table: "runs",
                columns: new[] { "SubjectId", "QueuedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_schedules_IsOn_NextAt",
                table: "schedules",
                columns: new[] { "IsOn", "NextAt" });

            migrationBuilder.CreateIndex(
                name: "IX_schedules_SubjectKind_SubjectId_Job",
                table: "schedules",
                columns: new[] { "SubjectKind", "SubjectId", "Job" },
                unique: true);

            // Not a part of EF Core's model: samples do not go through it.
            migrationBuilder.Sql(
                """
                -- A part may be as long as a table's name: an index takes no more than 2,700 bytes of it.
                CREATE TABLE series (
                    id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
                    subject_kind integer NOT NULL,
                    subject_id uuid NOT NULL,
                    metric text NOT NULL,
                    part text NOT NULL
                );

                CREATE UNIQUE INDEX series_key ON series (subject_kind, subject_id, metric, md5(part));

                -- The last hours, in the order of time: a batch goes to the end of the index. All of it is replaced within some hours, so it is
                -- vacuumed long before a fifth of it is dead.
                CREATE TABLE samples_hot (
                    at bigint NOT NULL,
                    value double precision NOT NULL,
                    series integer NOT NULL,
                    PRIMARY KEY (at, series)
                ) WITH (autovacuum_vacuum_scale_factor = 0.02);

                -- All before them. Whole hours come here in the order of series, so that a chart reads neighbours.
                CREATE TABLE samples (
                    at bigint NOT NULL,
                    value double precision NOT NULL,
                    series integer NOT NULL,
                    PRIMARY KEY (series, at)
                );

                CREATE TABLE samples_hourly (
                    at bigint NOT NULL,
                    count bigint NOT NULL,
                    min double precision NOT NULL,
                    max double precision NOT NULL,
                    sum double precision NOT NULL,
                    last double precision NOT NULL,
                    series integer NOT NULL,
                    last_after integer NOT NULL,
                    PRIMARY KEY (series, at)
                );

                CREATE TABLE samples_daily (
                    at bigint NOT NULL,
                    count bigint NOT NULL,
                    min double precision NOT NULL,
                    max double precision NOT NULL,
                    sum double precision NOT NULL,
                    last double precision NOT NULL,
                    series integer NOT NULL,
                    last_after integer NOT NULL,
                    PRIMARY KEY (series, at)
                );
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

            migrationBuilder.DropTable(
                name: "backup_sizes");

            migrationBuilder.DropTable(
                name: "logins");

            migrationBuilder.DropTable(
                name: "restores");

            migrationBuilder.DropTable(
                name: "run_lines");

            migrationBuilder.DropTable(
                name: "run_phases");

            migrationBuilder.DropTable(
                name: "schedules");

            migrationBuilder.DropTable(
                name: "backups");

            migrationBuilder.DropTable(
                name: "runs");

            migrationBuilder.DropTable(
                name: "databases");
        }
    }
}
