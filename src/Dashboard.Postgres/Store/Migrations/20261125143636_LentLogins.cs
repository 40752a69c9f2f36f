using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Dashboard.Postgres.Store.Migrations
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
                type: "uuid",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "lent_logins",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    DatabaseId = table.Column<Guid>(type: "uuid", nullable: false),
                    Server = table.Column<string>(type: "character varying(300)", maxLength: 300, nullable: false),
                    User = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    Secret = table.Column<string>(type: "text", nullable: false),
                    LentAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
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
