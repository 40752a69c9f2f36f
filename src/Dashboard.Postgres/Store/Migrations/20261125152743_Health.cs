using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Dashboard.Postgres.Store.Migrations
{
    /// <inheritdoc />
    public partial class Health : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "health_own_checks",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    SubjectKind = table.Column<int>(type: "integer", nullable: false),
                    SubjectId = table.Column<Guid>(type: "uuid", nullable: false),
                    Kind = table.Column<int>(type: "integer", nullable: false),
                    Title = table.Column<string>(type: "character varying(120)", maxLength: 120, nullable: false),
                    Question = table.Column<string>(type: "text", nullable: false),
                    Low = table.Column<double>(type: "double precision", nullable: true),
                    High = table.Column<double>(type: "double precision", nullable: true),
                    Status = table.Column<int>(type: "integer", nullable: false),
                    Text = table.Column<string>(type: "text", nullable: false),
                    SlowMilliseconds = table.Column<int>(type: "integer", nullable: false),
                    TimeoutSeconds = table.Column<int>(type: "integer", nullable: false),
                    IsCritical = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_health_own_checks", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "health_runs",
                columns: table => new
                {
                    RunId = table.Column<Guid>(type: "uuid", nullable: false),
                    SubjectKind = table.Column<int>(type: "integer", nullable: false),
                    SubjectId = table.Column<Guid>(type: "uuid", nullable: false),
                    At = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    Quarter = table.Column<int>(type: "integer", nullable: false),
                    Verdict = table.Column<int>(type: "integer", nullable: false),
                    LastingVerdict = table.Column<int>(type: "integer", nullable: false),
                    LastingFinding = table.Column<string>(type: "text", nullable: true),
                    Passed = table.Column<int>(type: "integer", nullable: false),
                    Total = table.Column<int>(type: "integer", nullable: false),
                    CriticalPassed = table.Column<int>(type: "integer", nullable: false),
                    CriticalTotal = table.Column<int>(type: "integer", nullable: false),
                    Sentence = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_health_runs", x => x.RunId);
                    table.ForeignKey(
                        name: "FK_health_runs_runs_RunId",
                        column: x => x.RunId,
                        principalTable: "runs",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "health_settings",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    SubjectKind = table.Column<int>(type: "integer", nullable: false),
                    SubjectId = table.Column<Guid>(type: "uuid", nullable: false),
                    Check = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    IsOff = table.Column<bool>(type: "boolean", nullable: false),
                    IsCritical = table.Column<bool>(type: "boolean", nullable: true),
                    IsExpectedDown = table.Column<bool>(type: "boolean", nullable: false),
                    ExpectedUntil = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    ExpectedWhy = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    Values = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_health_settings", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "health_results",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    RunId = table.Column<Guid>(type: "uuid", nullable: false),
                    SubjectKind = table.Column<int>(type: "integer", nullable: false),
                    SubjectId = table.Column<Guid>(type: "uuid", nullable: false),
                    Check = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    Title = table.Column<string>(type: "character varying(120)", maxLength: 120, nullable: false),
                    At = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    Quarter = table.Column<int>(type: "integer", nullable: false),
                    Verdict = table.Column<int>(type: "integer", nullable: false),
                    Before = table.Column<int>(type: "integer", nullable: true),
                    Since = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    IsCritical = table.Column<bool>(type: "boolean", nullable: false),
                    Evidence = table.Column<string>(type: "text", nullable: false),
                    NextStep = table.Column<string>(type: "text", nullable: true),
                    TookMilliseconds = table.Column<long>(type: "bigint", nullable: false),
                    Position = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_health_results", x => x.Id);
                    table.ForeignKey(
                        name: "FK_health_results_health_runs_RunId",
                        column: x => x.RunId,
                        principalTable: "health_runs",
                        principalColumn: "RunId",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_health_own_checks_SubjectKind_SubjectId",
                table: "health_own_checks",
                columns: new[] { "SubjectKind", "SubjectId" });

            migrationBuilder.CreateIndex(
                name: "IX_health_results_changes",
                table: "health_results",
                columns: new[] { "SubjectKind", "SubjectId", "At" },
                filter: "\"Before\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_health_results_RunId",
                table: "health_results",
                column: "RunId");

            migrationBuilder.CreateIndex(
                name: "IX_health_results_SubjectKind_SubjectId_Quarter_Check_Verdict",
                table: "health_results",
                columns: new[] { "SubjectKind", "SubjectId", "Quarter", "Check", "Verdict" });

            migrationBuilder.CreateIndex(
                name: "IX_health_runs_SubjectKind_SubjectId_At",
                table: "health_runs",
                columns: new[] { "SubjectKind", "SubjectId", "At" });

            migrationBuilder.CreateIndex(
                name: "IX_health_settings_SubjectKind_SubjectId_Check",
                table: "health_settings",
                columns: new[] { "SubjectKind", "SubjectId", "Check" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "health_own_checks");

            migrationBuilder.DropTable(
                name: "health_results");

            migrationBuilder.DropTable(
                name: "health_settings");

            migrationBuilder.DropTable(
                name: "health_runs");
        }
    }
}
