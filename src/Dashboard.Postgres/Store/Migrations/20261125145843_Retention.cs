using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Dashboard.Postgres.Store.Migrations
{
    /// <inheritdoc />
    public partial class Retention : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "row_archives",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    DatabaseId = table.Column<Guid>(type: "uuid", nullable: false),
                    Table = table.Column<string>(type: "text", nullable: false),
                    Folder = table.Column<string>(type: "text", nullable: false),
                    FileName = table.Column<string>(type: "text", nullable: false),
                    WrittenAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    Rows = table.Column<long>(type: "bigint", nullable: false),
                    SizeBytes = table.Column<long>(type: "bigint", nullable: false),
                    ContentBytes = table.Column<long>(type: "bigint", nullable: false),
                    Sha256 = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    Oldest = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    Newest = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    IsDone = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_row_archives", x => x.Id);
                    table.ForeignKey(
                        name: "FK_row_archives_databases_DatabaseId",
                        column: x => x.DatabaseId,
                        principalTable: "databases",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "row_removals",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    DatabaseId = table.Column<Guid>(type: "uuid", nullable: false),
                    Table = table.Column<string>(type: "text", nullable: false),
                    Cutoff = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    StartedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    EndedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    Planned = table.Column<long>(type: "bigint", nullable: false),
                    Total = table.Column<long>(type: "bigint", nullable: false),
                    Unreadable = table.Column<long>(type: "bigint", nullable: false),
                    Removed = table.Column<long>(type: "bigint", nullable: false),
                    Held = table.Column<long>(type: "bigint", nullable: false),
                    Purged = table.Column<long>(type: "bigint", nullable: false),
                    Archive = table.Column<string>(type: "text", nullable: true),
                    Problem = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_row_removals", x => x.Id);
                    table.ForeignKey(
                        name: "FK_row_removals_databases_DatabaseId",
                        column: x => x.DatabaseId,
                        principalTable: "databases",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "row_rules",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    DatabaseId = table.Column<Guid>(type: "uuid", nullable: false),
                    Table = table.Column<string>(type: "text", nullable: false),
                    Column = table.Column<string>(type: "text", nullable: false),
                    Kind = table.Column<int>(type: "integer", nullable: false),
                    Zone = table.Column<string>(type: "character varying(80)", maxLength: 80, nullable: false),
                    Days = table.Column<int>(type: "integer", nullable: false),
                    Condition = table.Column<string>(type: "text", nullable: true),
                    LetsKeysAct = table.Column<bool>(type: "boolean", nullable: false),
                    Archive = table.Column<int>(type: "integer", nullable: false),
                    ArchiveTable = table.Column<string>(type: "text", nullable: true),
                    PurgeDays = table.Column<int>(type: "integer", nullable: true),
                    MostPercent = table.Column<int>(type: "integer", nullable: false),
                    ChangedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    ChangedBy = table.Column<string>(type: "character varying(120)", maxLength: 120, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_row_rules", x => x.Id);
                    table.ForeignKey(
                        name: "FK_row_rules_databases_DatabaseId",
                        column: x => x.DatabaseId,
                        principalTable: "databases",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_row_archives_DatabaseId_WrittenAt",
                table: "row_archives",
                columns: new[] { "DatabaseId", "WrittenAt" });

            migrationBuilder.CreateIndex(
                name: "IX_row_removals_DatabaseId_StartedAt",
                table: "row_removals",
                columns: new[] { "DatabaseId", "StartedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_row_rules_DatabaseId_Table",
                table: "row_rules",
                columns: new[] { "DatabaseId", "Table" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "row_archives");

            migrationBuilder.DropTable(
                name: "row_removals");

            migrationBuilder.DropTable(
                name: "row_rules");
        }
    }
}
