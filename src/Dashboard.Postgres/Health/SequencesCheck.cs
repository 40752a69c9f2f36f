using System.Globalization;
using Dashboard.Core.Databases;
using Dashboard.Core.Health;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Schemas;
using Npgsql;

namespace Dashboard.Postgres.Health;

/// <summary>How near each sequence is to its last number, or to the last that fits into the column it fills.</summary>
internal sealed class SequencesCheck(Watching watching) : PostgresCheck(watching)
{
    private const string Warn = "warn";
    private const string Fail = "fail";

    /// <summary>A sequence of 64 bits that fills a column of 32 ends with the column. Those that count down or begin anew are left out.</summary>
    private const string Question =
        $"""
        SELECT n.nspname,
               c.relname,
               CASE WHEN has_sequence_privilege(c.oid, 'USAGE, SELECT') THEN pg_sequence_last_value(c.oid) END,
               least(s.seqmax, CASE a.atttypid WHEN 'int2'::regtype THEN 32767 WHEN 'int4'::regtype THEN 2147483647 ELSE s.seqmax END),
               has_sequence_privilege(c.oid, 'USAGE, SELECT')
        FROM pg_sequence s
        JOIN pg_class c ON c.oid = s.seqrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
        LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
        WHERE {Catalogue.IsOfUsers} AND s.seqincrement > 0 AND NOT s.seqcycle
        """;

    public override HealthDescription Description { get; } = new(
        "keys",
        "Keys near their end",
        "The last number of each sequence, against the last that there can be: in the sequence, or in the column that it fills. After it no row can be added.",
        IsCritical: true)
    {
        NeedsOpenDatabase = true,
        Fields =
        [
            new HealthField(Warn, "Warn from", HealthFieldKind.Number, "70") { Unit = "% used", Min = 1, Max = 100 },
            new HealthField(Fail, "Fail from", HealthFieldKind.Number, "90") { Unit = "% used", Min = 1, Max = 100 },
        ],
    };

    protected override async Task<HealthAnswer> LookAsync(NpgsqlConnection connection, HealthValues values, CancellationToken cancellationToken)
    {
        var all = await connection.ListAsync(
            Question,
            row => (Name: new TableName(row.GetString(0), row.GetString(1)).ToString(), Last: row.IsDBNull(2) ? (long?)null : row.GetInt64(2), Limit: row.GetInt64(3), IsReadable: row.GetBoolean(4)),
            cancellationToken);
        var hidden = all.Where(sequence => !sequence.IsReadable).Select(sequence => sequence.Name).ToList();
        var used = all.Where(sequence => sequence.Last is not null).Select(sequence => (sequence.Name, Last: sequence.Last!.Value, Share: Math.Max(0, (double)sequence.Last.Value / sequence.Limit))).ToList();
        var answer = used.Count == 0
            ? HealthAnswer.Pass(all.Count == 0 ? "There is no sequence." : "No sequence has given a number yet.")
            : Judge(used.MaxBy(sequence => sequence.Share), values);
        return hidden.Count == 0 || answer.Verdict >= HealthVerdict.Warn
            ? answer
            : HealthAnswer.Unknown($"This login may not read {Words.Count(hidden.Count, "sequence")}: {Words.List(hidden)}. {answer.Evidence}", "Grant SELECT on them to this login, or make it a member of pg_read_all_data.");
    }

    private static HealthAnswer Judge((string Name, long Last, double Share) worst, HealthValues values) => HealthAnswer.By(
        worst.Share * 100,
        values.Number(Warn),
        values.Number(Fail),
        $"{worst.Name} is the nearest: it has given {worst.Last.ToString("N0", CultureInfo.InvariantCulture)}, {Words.Share(worst.Share)} of the last.",
        "Change the column to bigint, or plan keys of another kind, before the last number is given.");
}
