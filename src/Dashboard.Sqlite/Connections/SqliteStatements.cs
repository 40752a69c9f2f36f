using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Dashboard.Sqlite.Connections;

/// <summary>One statement at a time, each with the connection's timeout.</summary>
internal static class SqliteStatements
{
    extension(SqliteConnection connection)
    {
        public void Execute(string sql)
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            command.ExecuteNonQuery();
        }

        public long ReadLong(string sql) => Convert.ToInt64(connection.ReadValue(sql), CultureInfo.InvariantCulture);

        public string ReadText(string sql) => Convert.ToString(connection.ReadValue(sql), CultureInfo.InvariantCulture) ?? "";

        public IReadOnlyList<string> ReadTexts(string sql)
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            using var reader = command.ExecuteReader();

            var texts = new List<string>();
            while (reader.Read())
            {
                texts.Add(reader.IsDBNull(0) ? "" : reader.GetString(0));
            }

            return texts;
        }

        private object? ReadValue(string sql)
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            return command.ExecuteScalar();
        }
    }

    /// <summary>A name as SQL text: quotes doubled, so that any name is only a name.</summary>
    public static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>A value as SQL text, for the statements that take no parameter.</summary>
    public static string Text(string value) => $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";
}
