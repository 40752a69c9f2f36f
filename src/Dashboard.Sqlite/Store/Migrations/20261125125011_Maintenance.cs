using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Dashboard.Sqlite.Store.Migrations
{
    /// <inheritdoc />
    public partial class Maintenance : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_schedules_SubjectKind_SubjectId_Job",
                table: "schedules");

            migrationBuilder.AddColumn<string>(
                name: "Arguments",
                table: "schedules",
                type: "TEXT",
                maxLength: 200,
                nullable: false,
                defaultValue: "");

            migrationBuilder.CreateTable(
                name: "maintenance",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    DatabaseId = table.Column<Guid>(type: "TEXT", nullable: false),
                    RunId = table.Column<Guid>(type: "TEXT", nullable: false),
                    Task = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    At = table.Column<DateTime>(type: "TEXT", nullable: false),
                    TookMilliseconds = table.Column<long>(type: "INTEGER", nullable: false),
                    SizeBefore = table.Column<long>(type: "INTEGER", nullable: false),
                    SizeAfter = table.Column<long>(type: "INTEGER", nullable: false),
                    FreeBefore = table.Column<long>(type: "INTEGER", nullable: true),
                    FreeAfter = table.Column<long>(type: "INTEGER", nullable: true),
                    DeadBefore = table.Column<long>(type: "INTEGER", nullable: true),
                    DeadAfter = table.Column<long>(type: "INTEGER", nullable: true),
                    Sentence = table.Column<string>(type: "TEXT", nullable: false),
                    Problem = table.Column<string>(type: "TEXT", nullable: true),
                    Findings = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_maintenance", x => x.Id);
                    table.ForeignKey(
                        name: "FK_maintenance_databases_DatabaseId",
                        column: x => x.DatabaseId,
                        principalTable: "databases",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_schedules_SubjectKind_SubjectId_Job_Arguments",
                table: "schedules",
                columns: new[] { "SubjectKind", "SubjectId", "Job", "Arguments" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_maintenance_DatabaseId_At",
                table: "maintenance",
                columns: new[] { "DatabaseId", "At" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "maintenance");

            migrationBuilder.DropIndex(
                name: "IX_schedules_SubjectKind_SubjectId_Job_Arguments",
                table: "schedules");

            migrationBuilder.DropColumn(
                name: "Arguments",
                table: "schedules");

            migrationBuilder.CreateIndex(
                name: "IX_schedules_SubjectKind_SubjectId_Job",
                table: "schedules",
                columns: new[] { "SubjectKind", "SubjectId", "Job" },
                unique: true);
        }
    }
}
