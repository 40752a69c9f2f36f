using Npgsql;

namespace Dashboard.Postgres.Statements;

/// <summary>Takes the beginning of a value from the wire and lets the rest pass, so that one of hundreds of megabytes is never held here. For readers with sequential access.</summary>
internal static class ReadShort
{
    /// <param name="most">In characters.</param>
    /// <returns>With "…" at its end where it is longer; null for NULL.</returns>
    public static async Task<string?> TextAsync(NpgsqlDataReader reader, int column, int most, CancellationToken cancellationToken)
    {
        if (await reader.IsDBNullAsync(column, cancellationToken))
        {
            return null;
        }

        using var text = await reader.GetTextReaderAsync(column, cancellationToken);
        var signs = new char[most + 1];
        var length = await text.ReadBlockAsync(signs.AsMemory(), cancellationToken);
        return length <= most ? new string(signs, 0, length) : new string(signs, 0, most) + "…";
    }
}
