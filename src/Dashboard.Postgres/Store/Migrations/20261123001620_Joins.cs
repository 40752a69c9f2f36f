using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Dashboard.Postgres.Store.Migrations
{
    /// <inheritdoc />
    public partial class Joins : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AlterColumn<Guid>(
                name: "BackupId",
                table: "restores",
                type: "uuid",
                nullable: false,
                defaultValue: new Guid("00000000-0000-0000-0000-000000000000"),
                oldClrType: typeof(Guid),
                oldType: "uuid",
                oldNullable: true);

            migrationBuilder.AddColumn<string>(
                name: "JoinsFrom",
                table: "logins",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "JoinsWithBackup",
                table: "logins",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "NotWanted",
                table: "logins",
                type: "text",
                nullable: false,
                defaultValue: "");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "JoinsFrom",
                table: "logins");

            migrationBuilder.DropColumn(
                name: "JoinsWithBackup",
                table: "logins");

            migrationBuilder.DropColumn(
                name: "NotWanted",
                table: "logins");

            migrationBuilder.AlterColumn<Guid>(
                name: "BackupId",
                table: "restores",
                type: "uuid",
                nullable: true,
                oldClrType: typeof(Guid),
                oldType: "uuid");
        }
    }
}
