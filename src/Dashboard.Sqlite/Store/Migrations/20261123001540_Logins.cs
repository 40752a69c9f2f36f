using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Dashboard.Sqlite.Store.Migrations
{
    /// <inheritdoc />
    public partial class Logins : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "Kept",
                table: "restores",
                type: "TEXT",
                maxLength: 200,
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "KeptBytes",
                table: "restores",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<DateTime>(
                name: "KeptDroppedAt",
                table: "restores",
                type: "TEXT",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "logins",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    Engine = table.Column<string>(type: "TEXT", maxLength: 20, nullable: false),
                    Server = table.Column<string>(type: "TEXT", maxLength: 300, nullable: false),
                    User = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    Secret = table.Column<string>(type: "TEXT", nullable: false),
                    ChangedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    JoinsFrom = table.Column<string>(type: "TEXT", nullable: true),
                    JoinsWithBackup = table.Column<bool>(type: "INTEGER", nullable: false),
                    NotWanted = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_logins", x => x.Id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_logins_Engine_Server_User",
                table: "logins",
                columns: new[] { "Engine", "Server", "User" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "logins");

            migrationBuilder.DropColumn(
                name: "Kept",
                table: "restores");

            migrationBuilder.DropColumn(
                name: "KeptBytes",
                table: "restores");

            migrationBuilder.DropColumn(
                name: "KeptDroppedAt",
                table: "restores");
        }
    }
}
