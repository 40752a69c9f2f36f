using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;
using NpgsqlTypes;

namespace Dashboard.Postgres.Store;

/// <summary>A table of the store as <see cref="MoveStore"/> copies it. Its columns have the same names on every engine, and types that their readers agree on.</summary>
internal sealed class StoreTable
{
    /// <summary>Not known to EF Core.</summary>
    private static readonly (string Name, (string Name, Type Type)[] Columns)[] Samples =
    [
        ("series", [("id", typeof(int)), ("subject_kind", typeof(int)), ("subject_id", typeof(Guid)), ("metric", typeof(string)), ("part", typeof(string))]),
        ("samples_hot", [("at", typeof(long)), ("series", typeof(int)), ("value", typeof(double))]),
        ("samples", [("at", typeof(long)), ("series", typeof(int)), ("value", typeof(double))]),
        ("samples_hourly", RollUp),
        ("samples_daily", RollUp),
    ];

    private readonly Copy[] _columns;

    private StoreTable(string name, IReadOnlyList<(string Name, Type Type)> columns)
    {
        Name = name;
        Columns = string.Join(", ", columns.Select(column => $"\"{column.Name}\""));
        _columns = [.. columns.Select((column, number) => Of(column.Type, number))];
    }

    private delegate Task Copy(DbDataReader row, NpgsqlBinaryImporter to, CancellationToken cancellationToken);

    public string Name { get; }

    public string Quoted => $"\"{Name}\"";

    public string Columns { get; }

    /// <summary>All that the migrations make, and that they keep for themselves.</summary>
    public static string[] OurNames
    {
        get
        {
            using var store = new PostgresStoreDesign().CreateDbContext([]);
            return [.. All(store.Model).Select(table => table.Name), "__EFMigrationsHistory"];
        }
    }

    private static (string Name, Type Type)[] RollUp =>
    [
        ("series", typeof(int)), ("at", typeof(long)), ("last_after", typeof(int)), ("count", typeof(long)),
        ("min", typeof(double)), ("max", typeof(double)), ("sum", typeof(double)), ("last", typeof(double)),
    ];

    /// <summary>Each after those that it refers to.</summary>
    public static IReadOnlyList<StoreTable> All(IModel model)
    {
        var waiting = model.GetRelationalModel().Tables.OrderBy(table => table.Name, StringComparer.Ordinal).ToList();
        var ordered = new List<ITable>();
        while (waiting.Count > 0)
        {
            var next = waiting.First(table => table.ForeignKeyConstraints.All(key => key.PrincipalTable == table || ordered.Contains(key.PrincipalTable)));
            waiting.Remove(next);
            ordered.Add(next);
        }

        return
        [
            .. ordered.Select(table => new StoreTable(table.Name, [.. table.Columns.Select(column => (column.Name, Nullable.GetUnderlyingType(column.ProviderClrType) ?? column.ProviderClrType))])),
            .. Samples.Select(table => new StoreTable(table.Name, table.Columns)),
        ];
    }

    public async Task CopyRowAsync(DbDataReader row, NpgsqlBinaryImporter to, CancellationToken cancellationToken)
    {
        foreach (var copy in _columns)
        {
            await copy(row, to, cancellationToken);
        }
    }

    private static Copy Of(Type type, int number) =>
        type == typeof(string) ? As(number, row => OnlyWhatTextCanHold.Of(row.GetString(number)), NpgsqlDbType.Text)
        : type == typeof(Guid) ? As(number, row => row.GetGuid(number), NpgsqlDbType.Uuid)
        : type == typeof(DateTime) ? As(number, row => DateTime.SpecifyKind(row.GetDateTime(number), DateTimeKind.Utc), NpgsqlDbType.TimestampTz)
        : type == typeof(TimeSpan) ? As(number, row => row.GetFieldValue<TimeSpan>(number), NpgsqlDbType.Interval)
        : type == typeof(bool) ? As(number, row => row.GetBoolean(number), NpgsqlDbType.Boolean)
        : type == typeof(int) ? As(number, row => row.GetInt32(number), NpgsqlDbType.Integer)
        : type == typeof(long) ? As(number, row => row.GetInt64(number), NpgsqlDbType.Bigint)
        : type == typeof(double) ? As(number, row => row.GetDouble(number), NpgsqlDbType.Double)
        : throw new NotSupportedException($"No way is known to copy a {type.Name}.");

    private static Copy As<T>(int number, Func<DbDataReader, T> read, NpgsqlDbType type) =>
        (row, to, cancellationToken) => row.IsDBNull(number) ? to.WriteNullAsync(cancellationToken) : to.WriteAsync(read(row), type, cancellationToken);
}
