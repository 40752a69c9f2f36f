using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Dashboard.Sqlite.Store.Migrations
{
    /// <inheritdoc />
    public partial class LentLogins : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<Guid>(
                name: "LoginId",
                table: "restores",
                type: "TEXT",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "lent_logins",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    DatabaseId = table.Column<Guid>(type: "TEXT", nullable: false),
                    Server = table.Column<string>(type: "TEXT", maxLength: 300, nullable: false),
                    User = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    Secret = table.Column<string>(type: "TEXT", nullable: false),
                    LentAt = table.Column<DateTime>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_lent_logins", x => x.Id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_lent_logins_DatabaseId",
                table: "lent_logins",
                column: "DatabaseId");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "lent_logins");

            migrationBuilder.DropColumn(
                name: "LoginId",
                table: "restores");
        }
    }
}
