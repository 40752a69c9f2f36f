using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Dashboard.Sqlite.Store.Migrations
{
    /// <inheritdoc />
    public partial class BackupNotes : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "Notes",
                table: "backups",
                type: "TEXT",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "Notes",
                table: "backups");
        }
    }
}
