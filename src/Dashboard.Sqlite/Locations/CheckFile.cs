using System.Globalization;
using Dashboard.Core.Databases;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Integrity;
using Dashboard.Sqlite.Schemas;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.Locations;

/// <summary>Looks into a file through SQLite: whether it is a database, whether it is sound, and what to know before it is registered.</summary>
internal static class CheckFile
{
    // In WAL mode nobody feels the check; else a writer waits for it.
    private static readonly TimeSpan WalCheckBudget = TimeSpan.FromMilliseconds(1500);
    private static readonly TimeSpan RollbackCheckBudget = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan LockPatience = TimeSpan.FromMilliseconds(600);

    public static LocationCheck Run(string file, string wasTyped, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            return Sidecars.Length(file) == 0 && Sidecars.Length(Sidecars.Wal(file)) == 0
                ? RefuseEmpty()
                : SqliteConnections.Watch(file, connection => Look(connection, file, wasTyped, time, cancellationToken));
        }
        catch (SqliteException error) when (error.SqliteErrorCode == raw.SQLITE_NOTADB)
        {
            return RefuseStranger(file);
        }
        catch (SqliteException error)
        {
            return Refuse(StaleWal.Name(SqliteErrors.Explain(error, file), file));
        }
        catch (DatabaseBusyException error)
        {
            return Busy(file, error);
        }
        catch (DatabaseException error)
        {
            return Refuse(error);
        }
    }

    /// <summary>A busy application is no reason to keep its database off the fleet: what the header tells without a lock is enough.</summary>
    private static LocationCheck Busy(string file, DatabaseBusyException busy)
    {
        using var unlocked = SqliteConnections.OpenUnlocked(file);
        var header = SqliteHeader.Read(unlocked);
        if (!header.IsSqlite)
        {
            return RefuseStranger(file);
        }

        return new LocationCheck(
            LocationVerdict.Warning,
            "An SQLite database that an application holds locked just now.",
            "It can be registered. Its tables and its structure are looked at when the lock is free.",
            file,
            NameFor(file),
            [
                new LocationFact("Size", Words.Bytes(Sidecars.Of(file).Append(file).Sum(Sidecars.Length))),
                new LocationFact("Lock", busy.Message, LocationVerdict.Warning),
                new LocationFact("Journal mode", JournalWords(header)),
                new LocationFact("Page size", Words.Bytes(header.PageSize)),
                .. Surroundings.Look(file, header),
            ]);
    }

    private static string JournalWords(SqliteHeader header) => header.IsWal
        ? "WAL: writers and readers do not block each other"
        : "Rollback: a writer and its readers wait for each other";

    private static LocationCheck RefuseEmpty() => LocationCheck.Refused(
        "The file is empty (0 bytes).",
        "It may have been created by a program that opened the wrong path. Check the path, or let the application write to it first.");

    private static LocationCheck Look(SqliteConnection connection, string file, string wasTyped, TimeProvider time, CancellationToken cancellationToken)
    {
        var header = SqliteHeader.Read(connection);
        Patience.HoldSnapshot(connection, file, LockPatience, time, cancellationToken);
        var tables = States.Tables.Read(connection).Count;
        var problem = CheckQuickly(connection, header.IsWal ? WalCheckBudget : RollbackCheckBudget, time, cancellationToken, out var isWholeChecked);

        var facts = new List<LocationFact>();
        if (file != wasTyped)
        {
            facts.Add(new LocationFact("Real path", file));
        }

        facts.Add(new LocationFact("Size", Words.Bytes(Sidecars.Of(file).Append(file).Sum(Sidecars.Length))));
        facts.Add(tables == 0 ? new LocationFact("Tables", EmptyDatabase.Sentence, LocationVerdict.Warning) : new LocationFact("Tables", tables.ToString(CultureInfo.InvariantCulture)));
        facts.Add(new LocationFact("Journal mode", JournalWords(header)));
        facts.Add(new LocationFact("Page size", Words.Bytes(connection.ReadLong("PRAGMA page_size"))));
        var gaps = problem is null ? FindUnchecked.Run(connection, VirtualTable.Read(connection)).Sentences : [];
        facts.Add((problem, gaps) switch
        {
            ({ } damage, _) => new LocationFact("Structure", damage, LocationVerdict.Warning),
            (_, [var one]) => new LocationFact("Structure", one, LocationVerdict.Warning),
            (_, { Count: > 1 }) => new LocationFact("Structure", $"{gaps[0]} And {gaps.Count - 1} more.", LocationVerdict.Warning),
            _ => new LocationFact("Structure", isWholeChecked ? "Sound" : "No fault found in the part that could be checked in a second"),
        });
        if (problem is not null && StaleWal.Find(file) is { } cause)
        {
            facts.Add(new LocationFact("WAL", $"{cause} {StaleWal.WayOut(file)}", LocationVerdict.Warning));
        }

        facts.AddRange(Surroundings.Look(file, header));

        var worst = facts.FirstOrDefault(fact => fact.Verdict == LocationVerdict.Warning);
        return new LocationCheck(
            worst is null ? LocationVerdict.Good : LocationVerdict.Warning,
            problem is null ? $"An SQLite database with {tables} {(tables == 1 ? "table" : "tables")}." : "An SQLite database that is damaged.",
            problem is null ? worst?.Value : "It can be registered, so that a backup can be restored into it. Backups of it will fail until then.",
            file,
            NameFor(file),
            facts);
    }

    private static string? CheckQuickly(SqliteConnection connection, TimeSpan budget, TimeProvider time, CancellationToken cancellationToken, out bool isWhole)
    {
        isWhole = false;
        using var interruption = Interruption.After(budget, connection, time, cancellationToken);
        try
        {
            var answer = connection.ReadText("PRAGMA quick_check(1)");
            isWhole = true;
            return answer == "ok" ? null : answer;
        }
        catch (SqliteException error) when (error.SqliteErrorCode is raw.SQLITE_INTERRUPT or raw.SQLITE_ERROR)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return null;
        }
        catch (SqliteException error) when (error.SqliteErrorCode == raw.SQLITE_CORRUPT)
        {
            return SqliteErrors.Said(error);
        }
    }

    private static LocationCheck RefuseStranger(string file)
    {
        Span<byte> start = stackalloc byte[4096];
        using var unlocked = SqliteConnections.OpenUnlocked(file);
        SqliteFile.Read(unlocked, 0, start);
        return Randomness.IsLikelyEncrypted(start, SqliteFile.Length(unlocked))
            ? LocationCheck.Refused("The file is encrypted, or is not an SQLite database.", "Encrypted databases (SQLCipher, SEE) can't be read by this dashboard. If it should not be encrypted, check the path.")
            : LocationCheck.Refused("The file is not an SQLite database.", "Check the path. A database ends in .db or .sqlite on most systems.");
    }

    private static LocationCheck Refuse(DatabaseException error) =>
        LocationCheck.Refused(error.Message, error.NextStep ?? "Check the path and try again.");

    /// <summary>The folder tells more than a name that every application uses.</summary>
    private static string NameFor(string file)
    {
        var stem = Path.GetFileNameWithoutExtension(file);
        var isCommon = stem.ToUpperInvariant() is "DB" or "DATA" or "DATABASE" or "APP" or "MAIN" or "SQLITE" or "STORE" or "";
        var folder = Path.GetFileName(Path.GetDirectoryName(file));
        return isCommon && !string.IsNullOrEmpty(folder) ? folder : stem;
    }
}
