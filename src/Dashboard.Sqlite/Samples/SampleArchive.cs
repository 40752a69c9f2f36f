using System.Globalization;
using System.Text;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Files;
using Microsoft.Data.Sqlite;

namespace Dashboard.Sqlite.Samples;

/// <summary>
/// A contract archive to try things on: the same rows each time, some of them pointing nowhere, some pages free,
/// so that every page of the product has something true to show.
/// </summary>
public static class SampleArchive
{
    private const int Contracts = 29;
    private const int Clauses = 41;
    private const int Documents = 220;
    private const int DocumentsRemoved = 40;
    private const int ParagraphsPerDocument = 44;

    private static readonly string[] Parties =
    [
        "Northwind Logistics", "Alder & Vale", "Brightwater Energy", "Cobalt Instruments", "Harbour Mutual", "Lindgren Timber",
        "Meridian Rail", "Oakfield Dairy", "Pinnacle Optics", "Quarry Lane Foods", "Silverbeck Hotels", "Tidewell Shipping",
    ];

    private static readonly string[] Kinds = ["Supply agreement", "Lease", "Service contract", "Licence", "Framework agreement", "Loan agreement"];

    private static readonly string[] Topics = ["Liability", "Termination", "Payment", "Confidentiality", "Warranty", "Delivery", "Data protection", "Force majeure"];

    private static readonly string[] Sentences =
    [
        "The supplier shall deliver the goods at the place and at the time that are named in the order.",
        "Neither party is liable for a delay that it could not foresee and could not prevent with reasonable care.",
        "Invoices are payable within thirty days of receipt and without deduction.",
        "Each party keeps confidential what it learns of the other in the course of this agreement.",
        "Notice of termination must be given in writing not later than three months before the end of a year.",
        "The customer may inspect the works during business hours after giving notice of two working days.",
        "Title passes to the customer when the price has been paid in full.",
        "Disputes are settled by the courts at the seat of the defendant.",
        "The parties review the prices once a year and take the published index as their basis.",
        "Amendments are valid only when both parties have signed them.",
    ];

    /// <summary>Creates it; whatever stands at <paramref name="path"/> is not overwritten.</summary>
    /// <exception cref="IOException">When something stands there.</exception>
    public static Task CreateAsync(string path, TimeProvider time, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            var partial = NewFile.Partial(path);
            NewFile.Remove(partial);
            try
            {
                Fill(partial, time.GetUtcNow(), cancellationToken);
                NewFile.Publish(partial, path);
            }
            finally
            {
                NewFile.Remove(partial);
            }
        },
        cancellationToken);

    /// <summary>Does what a bad script would do, so that a restore has something to bring back. Returns what it did.</summary>
    public static Task<string> BreakAsync(string path, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            using var connection = SqliteConnections.Open(path, SqliteOpenMode.ReadWrite);
            connection.Execute("PRAGMA foreign_keys = OFF");
            cancellationToken.ThrowIfCancellationRequested();

            connection.Execute("BEGIN IMMEDIATE");
            var contracts = connection.ReadLong("SELECT COUNT(*) FROM contracts WHERE id % 2 = 0");
            var clauses = connection.ReadLong("SELECT COUNT(*) FROM clauses WHERE id % 2 = 1");
            connection.Execute(
                """
                DELETE FROM contracts WHERE id % 2 = 0;
                DELETE FROM clauses WHERE id % 2 = 1;
                UPDATE contracts SET title = '#' || hex(substr(title, 3, 9)) || '?';
                COMMIT;
                """);
            return $"Deleted {contracts} contracts and {clauses} clauses, and scrambled the titles of the contracts that are left.";
        },
        cancellationToken);

    private static void Fill(string file, DateTimeOffset now, CancellationToken cancellationToken)
    {
        using var connection = SqliteConnections.Open(file, SqliteOpenMode.ReadWriteCreate);
        connection.Execute("PRAGMA journal_mode = WAL");

        // Rows that point nowhere are a part of the sample, and a half-filled file is thrown away.
        connection.Execute("PRAGMA foreign_keys = OFF");
        connection.Execute("PRAGMA synchronous = OFF");

        connection.Execute("BEGIN");
        connection.Execute(SampleSchema.Sql);
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        FillContracts(connection, today);
        FillDetails(connection, today);
        FillDocuments(connection, cancellationToken);
        connection.Execute("COMMIT");

        connection.Execute($"DELETE FROM documents WHERE id > {Documents - DocumentsRemoved}");
        connection.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
    }

    private static void FillContracts(SqliteConnection connection, DateOnly today)
    {
        for (var id = 1; id <= Contracts; id++)
        {
            var begins = today.AddDays(-37 * id - 120);
            Insert(
                connection,
                "INSERT INTO contracts (id, reference, title, party, status, starts_on, ends_on, value_cents) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                id,
                $"CA-{2019 + id % 7}-{100 + id * 7}",
                $"{Kinds[id % Kinds.Length]} with {Parties[id % Parties.Length]}",
                Parties[id % Parties.Length],
                id % 9 == 0 ? "expired" : id % 5 == 0 ? "draft" : "active",
                Day(begins),
                Day(begins.AddYears(1 + id % 4)),
                id * 1_250_000L + id % 3 * 49_900);
        }
    }

    private static void FillDetails(SqliteConnection connection, DateOnly today)
    {
        for (var id = 1; id <= 20; id++)
        {
            Insert(connection, "INSERT INTO metadata (id, contract_id, key, value) VALUES ($1, $2, $3, $4)", id, id, id % 2 == 0 ? "owner" : "cost centre", id % 2 == 0 ? $"{Parties[id % Parties.Length]} desk" : $"{4000 + id * 10}");

            // Contracts 97 and 98 never existed: rows like these are what a foreign-key check finds.
            Insert(connection, "INSERT INTO context (id, contract_id, note) VALUES ($1, $2, $3)", id, id > 18 ? id + 78 : id, $"Negotiated with {Parties[(id + 3) % Parties.Length]}; see the minutes of {Day(today.AddDays(-11 * id))}.");
            Insert(connection, "INSERT INTO assessments (id, contract_id, assessed_on, score, summary) VALUES ($1, $2, $3, $4, $5)", id, id + 5, Day(today.AddDays(-9 * id)), 40 + id * 37 % 60, Sentences[id % Sentences.Length]);
        }

        for (var id = 1; id <= Clauses; id++)
        {
            Insert(connection, "INSERT INTO clauses (id, contract_id, number, topic, text) VALUES ($1, $2, $3, $4, $5)", id, id > 38 ? 90 + id : 1 + id * 5 % Contracts, $"§ {1 + id % 14}", Topics[id % Topics.Length], Paragraph(id, 3));
        }

        for (var id = 1; id <= 6; id++)
        {
            Insert(connection, "INSERT INTO risk_assessments (id, assessment_id, level, reason) VALUES ($1, $2, $3, $4)", id, id == 6 ? 77 : id * 3, id % 3 == 0 ? "high" : "medium", Sentences[id % Sentences.Length]);
        }
    }

    private static void FillDocuments(SqliteConnection connection, CancellationToken cancellationToken)
    {
        for (var id = 1; id <= Documents; id++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Insert(
                connection,
                "INSERT INTO documents (id, contract_id, file_name, kind, body) VALUES ($1, $2, $3, $4, $5)",
                id,
                1 + id % Contracts,
                $"contract-{1 + id % Contracts:00}-{id:000}.txt",
                id % 4 == 0 ? "annex" : "body",
                Paragraph(id, ParagraphsPerDocument * 10));
        }
    }

    /// <summary>Sentences in an order that the seed alone decides.</summary>
    private static string Paragraph(int seed, int sentences)
    {
        var text = new StringBuilder();
        var position = seed;
        for (var number = 0; number < sentences; number++)
        {
            position = (position * 31 + number * 7 + seed) % 9973;
            text.Append(Sentences[position % Sentences.Length]).Append(number % 10 == 9 ? '\n' : ' ');
        }

        return text.ToString();
    }

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static void Insert(SqliteConnection connection, string sql, params object[] values)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        for (var number = 0; number < values.Length; number++)
        {
            command.Parameters.AddWithValue($"${number + 1}", values[number]);
        }

        command.ExecuteNonQuery();
    }
}
