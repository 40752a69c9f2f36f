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

        public IReadOnlyList<string> ReadTexts(string sql) => connection.ReadRows(sql, row => row.IsDBNull(0) ? "" : row.GetString(0));

        /// <summary>Each row as <paramref name="read"/> sees it; values by their names "$table" and so on.</summary>
        public List<T> ReadRows<T>(string sql, Func<SqliteDataReader, T> read, params (string Name, object Value)[] values)
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            foreach (var (name, value) in values)
            {
                command.Parameters.AddWithValue(name, value);
            }

            using var reader = command.ExecuteReader();
            var rows = new List<T>();
            while (reader.Read())
            {
                rows.Add(read(reader));
            }

            return rows;
        }

        public void ReadRows(string sql, Action<SqliteDataReader> read)
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                read(reader);
            }
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
